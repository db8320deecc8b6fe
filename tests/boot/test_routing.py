from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from serinus.adapters.kubernetes import kinds, rights
from serinus.adapters.routers import replicas
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.boot import routing
from serinus.boot.routing import Placed, Routers
from serinus.core.spec import limits, problems
from serinus.core.spec.application import Environment, EnvironmentSpec
from serinus.core.spec.template import Metadata
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Mirror, Ref, Route
from serinus.ports import failures

KEY = Key("team/shop", "prod")
ROUTE = Route(
    application="team/shop",
    environment="prod",
    host="shop.example",
    backends=(Backend("0" * 64, 1000, (Endpoint("0000000000-0", "10.0.0.1:8080"),)),),
)


class Map:
    """Where applications are, as a test says."""

    def __init__(self) -> None:
        self.placed: dict[Key, Placed] = {}

    def __call__(self, key: Key) -> Placed:
        if key not in self.placed:
            raise failures.Missing(f"{key} is not there")
        return self.placed[key]


@pytest.fixture
def world() -> Map:
    world = Map()
    world.placed[KEY] = Placed("replicas", {}, Site("team", "shop"))
    return world


def environment(router: dict[str, Any] | None) -> Environment:
    spec = EnvironmentSpec(router=router)
    return Environment("serinus.dev/v1alpha1", "Environment", Metadata("prod"), spec)


def wrong(written: Mapping[str, Any]) -> str:
    return problems.text(routing.review(written))


def test_an_environment_without_a_router_splits_by_replicas() -> None:
    assert ("replicas", {}) == routing.chosen(None)
    assert ("replicas", {}) == routing.chosen(environment(None))


def test_an_environment_names_its_router_and_the_settings() -> None:
    assert ("replicas", {}) == routing.chosen(environment({"replicas": None}))


def test_envoy_belongs_to_this_machine() -> None:
    assert "replicas" in routing.names()
    assert "envoy" not in routing.names()


def test_an_unknown_router_is_told_with_those_that_there_are() -> None:
    assert "unknown router 'nothing-like-it'; known: " in wrong({"nothing-like-it": {}})
    assert "replicas" in wrong({"nothing-like-it": {}})


def test_two_routers_are_one_too_many() -> None:
    assert "an environment has one router, found replicas, nginx" in wrong(
        {"replicas": {}, "nginx": {}}
    )


def test_settings_that_a_router_does_not_know_are_told_with_their_place() -> None:
    assert "replicas.speed" in wrong({"replicas": {"speed": 9}})


def test_what_a_router_can_do_is_said_in_the_words_of_the_specs() -> None:
    assert routing.features("replicas") <= frozenset(limits.FEATURES)
    assert frozenset() == routing.features("nothing-like-it")


def test_what_a_router_can_do_follows_from_its_settings_and_from_whose_route_it_is() -> None:
    theirs = Site(ref=Ref("HTTPRoute", "web"))

    assert "mirror" not in routing.features("gatewayapi")
    assert "mirror" in routing.features("gatewayapi", {"mirror": True})
    assert "header" not in routing.features("gatewayapi", {"mirror": True}, theirs)
    assert not routing.limits("istio", 3, {"protocol": "tcp"}).can("cookie")


def test_a_route_is_written_and_read_by_the_router_of_the_application(world: Map) -> None:
    routers = Routers(world)

    rendered = {r: d for r, d in routers.render(KEY, ROUTE, {}).items() if d is not None}

    assert ROUTE == routers.read(KEY, rendered)
    assert routers.refs(KEY) == replicas.Router(site=Site("team", "shop")).refs(KEY)


def test_a_router_is_made_again_only_when_something_of_it_changed(world: Map) -> None:
    routers = Routers(world)
    first = routers.of(KEY)

    assert first is routers.of(KEY)

    world.placed[KEY] = Placed("replicas", {}, Site("team", "shop", port=8080))
    assert first is not routers.of(KEY)


def test_an_application_that_is_gone_has_no_route(world: Map) -> None:
    routers = Routers(world)

    assert routers.read(Key("team/gone", "prod"), {}) is None
    with pytest.raises(failures.Missing):
        routers.refs(Key("team/gone", "prod"))


def test_a_router_that_is_not_known_is_refused_with_the_environment(world: Map) -> None:
    world.placed[KEY] = Placed("ngnix", {}, Site("team", "shop"))

    with pytest.raises(failures.Rejected, match="environment 'prod': unknown router 'ngnix'"):
        Routers(world).of(KEY)


def test_wrong_settings_are_refused_with_their_place(world: Map) -> None:
    world.placed[KEY] = Placed("replicas", {"speed": 9}, Site("team", "shop"))

    with pytest.raises(failures.Rejected, match=r"spec\.router\.replicas\.speed"):
        Routers(world).of(KEY)


def test_the_limits_of_a_cluster_are_those_of_the_router() -> None:
    by_pods = routing.limits("replicas", 10)

    assert (100.0, True, "replicas") == (by_pods.finest, by_pods.rounds, by_pods.router)
    assert not by_pods.can("header")
    assert 1 == routing.limits("traefik", 10).finest
    assert routing.limits("traefik", 10).can("header")


def test_a_router_that_is_not_known_can_do_nothing() -> None:
    assert not routing.limits("nothing-like-it", 3).can("weight")


@pytest.mark.parametrize("router", routing.names())
def test_all_that_a_router_writes_is_known_and_may_be_written(router: str) -> None:
    written = {"Service"} | {
        kind.name
        for group, plurals in rights.ROUTERS[router]
        for plural in plurals
        if (kind := kinds.of_resource(group, plural)) is not None
    }
    world = {KEY: Placed(router, {}, Site("team", "shop"))}

    assert {ref.kind for ref in Routers(world.__getitem__).refs(KEY)} <= written


def test_a_route_that_the_router_cannot_write_is_refused_with_the_reason(world: Map) -> None:
    copied = replace(ROUTE, mirror=Mirror("1" * 64, 100, endpoints=(Endpoint("x", "10.0.0.2:1"),)))

    with pytest.raises(failures.Rejected, match="this router cannot do: mirror"):
        Routers(world).render(KEY, copied, {})


def test_a_route_is_written_also_where_nobody_notes_who_came(world: Map) -> None:
    routers, noted = Routers(world), replace(ROUTE, visits=True)

    rendered = {r: d for r, d in routers.render(KEY, noted, {}).items() if d is not None}

    assert noted == routers.read(KEY, rendered)
    assert ROUTE == Routers(world).read(KEY, rendered)

    routers.render(KEY, ROUTE, rendered)
    assert ROUTE == routers.read(KEY, rendered)
