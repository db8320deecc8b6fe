from serinus.core.state.traffic import Backend, Endpoint, Feature, Route
from tests.builders import NEW, OLD, route


def test_a_route_knows_the_share_of_each_revision() -> None:
    assert (750, 250, 0) == tuple(route(250).weight(r) for r in (OLD, NEW, "c"))


def test_a_route_knows_who_serves() -> None:
    two = (Endpoint("a-1", "127.0.0.1:2"), Endpoint("a-0", "127.0.0.1:1"))
    split = Route("shop", "local", "shop.localhost", (Backend(OLD, 1000, two),))

    assert ("a-0", "a-1") == split.serving(OLD)
    assert () == split.serving(NEW)


def test_features_are_a_set() -> None:
    assert Feature.WEIGHT in Feature.WEIGHT | Feature.HEADER
    assert Feature.COOKIE not in Feature.WEIGHT | Feature.HEADER
