from typing import Any

from msgspec.structs import replace

from serinus.adapters.routers.kubernetes_parts import seen, services
from serinus.core.state import labels
from serinus.core.state.traffic import Documents, Endpoint, Mirror, Route
from tests.adapters.routers.kubernetes_parts.documents import (
    KEY,
    NEW,
    NEWS,
    OLD,
    ROOT,
    SITE,
    apply,
    split,
)

NAMES = ("shop-0123456789", "shop-9876543210")


def delivered(route: Route) -> dict[Any, Any]:
    return dict(apply({}, services.wanted(SITE, route, {})))


def read(found: Documents, *weights: int) -> Route:
    route = seen.route(KEY, SITE, found, dict(zip((*NAMES, "foreign"), weights, strict=False)))

    assert route is not None
    return route


def test_a_route_that_was_delivered_is_read_back() -> None:
    assert split(100) == read(delivered(split(100)), 900, 100)


def test_weights_are_those_of_the_product() -> None:
    assert split(250) == read(delivered(split(100)), 750, 250)


def test_weights_of_another_whole_are_shares_of_it() -> None:
    assert split(100) == read(delivered(split(100)), 90, 10)
    assert split(0) == read(delivered(split(0)), 1, 0)


def test_what_goes_elsewhere_is_missing_from_the_whole() -> None:
    route = read(delivered(split(100)), 900, 100, 1000)

    assert (450, 50) == (route.weight(OLD), route.weight(NEW))


def test_nobody_has_a_weight_where_there_is_none() -> None:
    assert (0, 0) == tuple(b.weight for b in read(delivered(split(100)), 0, 0).backends)


def test_there_is_no_route_without_a_root_that_tells_of_one() -> None:
    found = delivered(split(100))

    assert seen.route(KEY, SITE, {}, {}) is None
    assert seen.route(KEY, SITE, {ROOT: services.marked(found[ROOT], {labels.ROUTE: "?"})}, {}) is (
        None
    )


def test_a_service_that_was_removed_is_no_backend() -> None:
    found = delivered(split(100))
    del found[NEWS]

    assert (OLD,) == tuple(b.revision for b in read(found, 900, 100).backends)


def test_a_root_that_selects_others_shows_as_a_route_without_a_host() -> None:
    found = delivered(split(100))
    found[ROOT] = {**found[ROOT], "spec": {"selector": {"app": "shop"}}}

    assert replace(split(100), host="") == read(found, 900, 100)


def test_the_platform_may_select_the_pods_of_a_users_deployment_by_their_hash() -> None:
    found = delivered(split(100))
    found[ROOT] = {**found[ROOT], "spec": {"selector": {"app": "shop", services.HASH: "7f"}}}

    assert split(100) == read(found, 900, 100)


def test_copies_are_read_from_their_own_service() -> None:
    mirror = Mirror(NEW, 100, ("GET",), (Endpoint("9876543210-1", "10.0.0.3:9090"),), "/ready")
    found = delivered(replace(split(0), mirror=mirror))

    assert mirror == read(found, 1000, 0).mirror

    del found[SITE.named("Service", "shop-9876543210-copies")]

    assert read(found, 1000, 0).mirror is None


def test_the_weights_of_a_route_stand_by_the_names_of_its_services() -> None:
    assert dict(zip(NAMES, (900, 100), strict=True)) == seen.weights(SITE, split(100).backends)
