import pytest
from msgspec.structs import replace

from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Backend, Endpoint, Feature, Mirror, Ref, Route, Sticky
from tests.builders import NEW, OLD, route

HEADER = Match((Condition(Part.HEADER, "x-canary"),))
BOTH = Match((Condition(Part.COOKIE, "beta"), Condition(Part.QUERY, "preview")))


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


def test_a_route_to_one_place_needs_no_feature() -> None:
    assert Feature.NONE == route(0).needs()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (route(250), Feature.WEIGHT),
        (replace(route(0), matches=(HEADER,)), Feature.HEADER),
        (
            replace(route(0), matches=(BOTH,)),
            Feature.COOKIE | Feature.QUERY | Feature.COMBINED,
        ),
        (replace(route(0), matches=(HEADER, HEADER)), Feature.HEADER | Feature.COMBINED),
        (replace(route(0), sticky=Sticky("user", 60)), Feature.STICKY),
        (replace(route(0), visits=True), Feature.VISITS),
        (replace(route(0), mirror=Mirror(NEW, 10)), Feature.MIRROR),
        (
            replace(route(0), mirror=Mirror(NEW, 10, edits=Edits(remove=("x-debug",)))),
            Feature.MIRROR | Feature.EDITS,
        ),
        (
            replace(route(0), backends=(Backend(OLD, 1000, edits=Edits((("x-a", "b"),))),)),
            Feature.EDITS,
        ),
        (
            replace(route(0), backends=(Backend(OLD, 500), Backend(NEW, 300), Backend("c", 200))),
            Feature.WEIGHT | Feature.MANY,
        ),
        (
            replace(
                route(250),
                backends=(*route(250).backends, Backend("c", 0)),
                matches=(HEADER,),
                matched="c",
            ),
            Feature.WEIGHT | Feature.HEADER | Feature.MANY,
        ),
    ],
)
def test_a_route_knows_what_a_router_must_be_able_to_do(changed: Route, expected: Feature) -> None:
    assert expected == changed.needs()


def test_a_name_with_a_star_is_that_of_all_that_begin_so() -> None:
    mask = Ref("Service", "team/shop-*")

    assert mask.covers(Ref("Service", "team/shop-3f2a9c01d4"))
    assert not mask.covers(Ref("Service", "team/shop"))
    assert not mask.covers(Ref("Ingress", "team/shop-3f2a9c01d4"))


def test_a_name_without_a_star_is_that_of_one() -> None:
    assert Ref("Service", "team/shop").covers(Ref("Service", "team/shop"))
    assert not Ref("Service", "team/shop").covers(Ref("Service", "team/shop-blue"))
