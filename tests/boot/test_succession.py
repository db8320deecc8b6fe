"""Another router in an environment: what the one before has left goes when its heir is followed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from serinus.adapters.routers.kubernetes_parts import services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.boot import succession
from serinus.boot.routing import Placed, Routers
from serinus.boot.succession import Writer
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Ref, Route
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import KEY, World, application, made, started

HERE = Site(host="shop.example")
GATEWAY = {"gateway": {"name": "web"}}
OURS = Placed("gatewayapi", GATEWAY, HERE)
THEIRS = Placed("gatewayapi", {}, Site(host="shop.example", ref=Ref("HTTPRoute", "web")))
NGINX = Placed("nginx", {}, HERE)
PODS = Placed("replicas", {}, HERE)
WEB = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "web", "namespace": "team"},
    "spec": {"rules": [{"backendRefs": [{"name": "shop", "port": 80}]}]},
}


class Places:
    """Where the application is, as its environment says by now."""

    def __init__(self) -> None:
        self.now = OURS

    def __call__(self, _: Key) -> Placed:
        return self.now


@pytest.fixture
def places() -> Places:
    return Places()


@pytest.fixture
async def world(places: Places) -> AsyncIterator[World]:
    server = FakeApiServer()
    server.add(application(), WEB)
    async with started(server, router=Routers(places)) as found:
        yield found


def names(server: FakeApiServer, kind: str) -> set[str]:
    return {one["metadata"]["name"] for one in server.all(kind)}


def spec(server: FakeApiServer, kind: str, name: str) -> Any:
    return server.find(kind, name, "team")["spec"]


async def served(world: World) -> Route:
    """Let two revisions have the traffic, as in the middle of a release."""
    one, two = made("1"), made("2")
    await world.run((one, [0, 1]), (two, [2]))
    return await world.route((one, 900), (two, 100))


async def turns(world: World, wanted: Route) -> Route | None:
    """Do what the loop does: deliver a route as long as another one is seen."""
    for _ in range(8):
        await world.settle()
        seen = await world.seen()
        if seen == wanted:
            return seen
        await world.put(wanted)
    return None


async def test_the_old_documents_stay_until_the_new_ones_are_carried_out(
    world: World, places: Places
) -> None:
    wanted = await served(world)
    places.now = NGINX

    assert wanted != await world.seen()
    await world.put(wanted)

    assert {"shop", "web"} == names(world.server, "HTTPRoute")
    assert {"shop", "shop-serinus"} <= names(world.server, "Ingress")

    assert wanted == await turns(world, wanted)
    assert {"web"} == names(world.server, "HTTPRoute")
    assert WEB["spec"] == spec(world.server, "HTTPRoute", "web")
    assert (Writer("nginx"),) == succession.written(world.server.find("Service", "shop", "team"))


async def test_a_users_route_is_restored_when_another_router_has_taken_over(
    world: World, places: Places
) -> None:
    places.now = THEIRS
    wanted = await served(world)
    assert WEB["spec"] != spec(world.server, "HTTPRoute", "web")

    places.now = NGINX

    assert wanted == await turns(world, wanted)
    assert WEB["spec"] == spec(world.server, "HTTPRoute", "web")
    assert not world.server.find("HTTPRoute", "web", "team")["metadata"].get("annotations")


async def test_another_controller_takes_away_what_was_left_before_its_time(
    world: World, places: Places
) -> None:
    wanted = await served(world)
    world.router = Routers(places)
    places.now = NGINX

    assert wanted == await turns(world, wanted)
    assert {"web"} == names(world.server, "HTTPRoute")


async def test_one_that_dies_between_the_two_is_followed_by_one_that_goes_on(
    world: World, places: Places
) -> None:
    wanted = await served(world)
    places.now = NGINX
    await world.put(wanted)
    world.router = Routers(places)

    assert wanted == await turns(world, wanted)
    assert {"web"} == names(world.server, "HTTPRoute")


async def test_there_and_back_again_leaves_the_documents_of_the_first(
    world: World, places: Places
) -> None:
    wanted = await served(world)
    places.now = NGINX
    await world.put(wanted)
    places.now = OURS

    assert wanted == await turns(world, wanted)
    assert {"shop", "web"} == names(world.server, "HTTPRoute")
    assert set() == names(world.server, "Ingress")


async def test_other_settings_of_the_same_router_leave_nothing_to_take_away(
    world: World, places: Places
) -> None:
    wanted = await served(world)
    places.now = Placed("gatewayapi", {"gateway": {"name": "web", "sectionName": "https"}}, HERE)

    assert wanted == await turns(world, wanted)
    (parent,) = spec(world.server, "HTTPRoute", "shop")["parentRefs"]
    assert "https" == parent["sectionName"]


async def test_an_application_that_goes_takes_the_documents_of_all_routers_along(
    world: World, places: Places
) -> None:
    wanted = await served(world)
    places.now = NGINX
    await world.put(wanted)

    await world.put(None)

    assert {"web"} == names(world.server, "HTTPRoute")
    assert set() == names(world.server, "Ingress")


async def test_a_users_service_forgets_who_has_written(places: Places) -> None:
    server = FakeApiServer()
    service: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "shop", "namespace": "team"},
        "spec": {"selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    server.add(application(), service)
    places.now = PODS
    async with started(server, router=Routers(places)) as world:
        await served(world)
        assert (Writer("replicas"),) == succession.written(server.find("Service", "shop", "team"))

        await world.put(None)

    assert service["spec"]["selector"] == spec(server, "Service", "shop")["selector"]
    assert not server.find("Service", "shop", "team")["metadata"].get("annotations")


def test_what_somebody_else_has_written_there_is_nobody() -> None:
    odd = services.marked({}, {labels.WRITERS: "me"})

    assert () == succession.written(None)
    assert () == succession.written({})
    assert () == succession.written(odd)


def test_a_router_that_nobody_knows_any_more_leaves_nothing(places: Places) -> None:
    routers = Routers(places)
    root = succession.root(HERE.of(KEY))
    note = succession.noted({}, (Writer("caddy"), Writer("gatewayapi", GATEWAY)))

    assert {root} == routers.render(KEY, None, {root: note}).keys()
