from serinus.core.state.notice import Key


def test_keys_are_written_as_people_do_and_have_an_order() -> None:
    assert "shop/local" == str(Key("shop", "local"))
    assert [Key("a", "z"), Key("b", "a")] == sorted([Key("b", "a"), Key("a", "z")])
