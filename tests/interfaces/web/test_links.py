from serinus.interfaces.web import links


def test_a_release_in_a_cluster_has_its_namespace_in_its_address() -> None:
    assert "/r/prod-eu/team/shop/7?ask=pause" == links.release(
        "prod-eu", "team/shop", 7, ask="pause", tab=""
    )


def test_odd_names_stay_within_their_place() -> None:
    assert "/r/a%2Fb/x%3Fy%23/1" == links.release("a/b", "x?y#", 1)
    assert "/a/team/shop" == links.application("team/shop")
    assert "/_part/logs/local/shop/7" == links.part("logs", "local", "shop", 7)
    assert "/?q=a+b" == links.releases(q="a b")


def test_topics_are_those_of_live_updates() -> None:
    assert "release/local/team/shop/7" == links.topic("local", "team/shop", 7)
    assert "application/local/shop" == links.topic("local", "shop")
