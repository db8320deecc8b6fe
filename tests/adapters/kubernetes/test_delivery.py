"""Documents are written where they differ, and count when the cluster carries them out."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from serinus.adapters.kubernetes import delivery
from serinus.adapters.routers import replicas
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Ref, Route
from serinus.ports.failures import Conflict, Unavailable
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import World, application, made, started

ROOT = Ref("Service", "team/shop")
ROUTE = Ref("HTTPRoute", "team/shop")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        yield found


def writes(server: FakeApiServer) -> list[tuple[str, str]]:
    reading = {"get", "list", "watch"}
    return [(verb, kind) for verb, kind, _ in server.requests if verb not in reading]


def test_a_difference_names_what_changes_and_removes_what_is_left_out() -> None:
    found = {"a": {"b": 1, "c": 2}, "list": [1], "same": {"x": 1}, "gone": 1}
    wanted = {"a": {"b": 1, "c": 3}, "list": [2], "same": {"x": 1}, "new": {"y": 1}}

    assert {"a": {"c": 3}, "list": [2], "gone": None, "new": {"y": 1}} == (
        delivery.difference(found, wanted)
    )
    assert {} == delivery.difference(found, found)


def test_a_document_is_what_somebody_wrote_of_an_object() -> None:
    found = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "shop", "namespace": "team", "labels": {}, "uid": "u"},
        "spec": {},
        "status": {},
    }

    assert {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "shop", "namespace": "team", "labels": {}},
        "spec": {},
    } == delivery.document(found)


async def test_what_is_there_already_is_not_written_again(world: World) -> None:
    one = made()
    await world.run((one, [0]))
    wanted = await world.route((one, 1000))
    world.server.requests.clear()

    await world.put(wanted)

    assert [] == writes(world.server)


async def test_pods_may_get_requests_before_anybody_is_sent_there(world: World) -> None:
    one, two = made("1"), made("2")
    await world.run((one, [0]), (two, [0]))
    await world.route((one, 1000))
    world.server.requests.clear()

    await world.put(await world.planned((one, 500), (two, 500)))

    made_ready = writes(world.server)
    assert ("patch", "Pod") == made_ready[0]
    assert made_ready.index(("apply", "Service")) < made_ready.index(("apply", "HTTPRoute"))


async def test_a_route_is_not_carried_out_before_the_slices_hold_the_pods(world: World) -> None:
    one = made()
    await world.run((one, [0]))
    wanted = await world.planned((one, 1000))

    await world.put(wanted)
    await world.breathe()

    assert await world.seen() is None
    world.server.settle()
    await world.breathe()
    assert wanted == await world.seen()


async def test_until_then_the_route_of_before_holds_but_is_not_sure(world: World) -> None:
    one, two = made("1"), made("2")
    await world.run((one, [0]), (two, [0]))
    before = await world.route((one, 1000))

    await world.put(await world.planned((one, 500), (two, 500)))
    await world.breathe()
    between = await world.seen()

    assert between is not None
    assert [b.weight for b in before.backends] == [b.weight for b in between.backends]
    assert before != between  # Who wants it back delivers it again.


class Blind:
    """See nothing of the data plane until it is told so."""

    def __init__(self) -> None:
        self.sees = False
        self.moved: list[tuple[int, int]] = []

    def changed(self, key: Key, before: Route | None, after: Route | None) -> None:
        del key
        pair = (before, after)
        self.moved.append(tuple(0 if r is None else r.backends[0].weight for r in pair))  # type: ignore[arg-type]  # two of them

    def follows(self, key: Key) -> bool:
        del key
        return self.sees

    def lag(self, key: Key) -> str:
        return "" if self.sees else f"the router of {key.application} lags"

    def forget(self, key: Key) -> None:
        del key
        self.moved.clear()


async def test_a_data_plane_that_does_not_follow_carries_nothing_out() -> None:
    server = FakeApiServer()
    server.add(application())
    one = made()
    async with started(server) as world:
        blind = world.platform._delivery._following = Blind()
        await world.run((one, [0]))
        wanted = await world.planned((one, 1000))
        await world.put(wanted)
        await world.settle()

        assert await world.seen() is None
        assert "the router of team/shop lags" == await world.platform.lag(world.key)
        assert [(0, 1000)] == blind.moved
        blind.sees = True
        assert wanted == await world.seen()
        await world.platform.delete(world.key)
        assert [] == blind.moved


async def test_what_others_change_is_seen_and_put_right(world: World) -> None:
    one, two = made("1"), made("2")
    await world.run((one, [0]), (two, [0]))
    wanted = await world.route((one, 750), (two, 250))
    rules = world.server.find("HTTPRoute", "shop", "team")["spec"]["rules"]
    changed = [{**r, "backendRefs": [dict(b) for b in r["backendRefs"]]} for r in rules]
    changed[0]["backendRefs"][0]["weight"] = 1

    world.server.edit("HTTPRoute", "shop", "team", {"spec": {"rules": changed}})
    await world.breathe()

    assert wanted != await world.seen()
    await world.put(wanted)
    await world.carried(wanted)


async def test_what_somebody_has_added_to_rules_of_ours_is_taken_away_again(world: World) -> None:
    one = made()
    await world.run((one, [0]))
    wanted = await world.route((one, 1000))
    rules = world.server.find("HTTPRoute", "shop", "team")["spec"]["rules"]
    redirect = {"type": "RequestRedirect", "requestRedirect": {"hostname": "elsewhere"}}
    added = [{**rule, "filters": [redirect]} for rule in rules]
    world.server.edit("HTTPRoute", "shop", "team", {"spec": {"rules": added}})
    await world.breathe()

    assert wanted != await world.seen()
    await world.put(wanted)
    await world.breathe()

    assert rules == world.server.find("HTTPRoute", "shop", "team")["spec"]["rules"]


def theirs(kind: str, version: str, spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": "shop", "namespace": "team", "labels": {"team": "tea"}},
        "spec": spec,
    }


async def test_the_service_of_a_user_is_changed_in_its_selector_alone_and_put_back() -> None:
    server = FakeApiServer()
    spec = {"selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": 8080}]}
    server.add(application(), theirs("Service", "v1", spec))
    async with started(server) as world:
        one = made()
        await world.run((one, [0]))

        await world.route((one, 1000))

        found = server.find("Service", "shop", "team")
        assert spec["ports"] == found["spec"]["ports"]
        assert {"serinus.dev/application", "serinus.dev/revision", "serinus.dev/serving"} == set(
            found["spec"]["selector"]
        )
        assert ["serinus.dev/hand-back"] == (
            server.find("Application", "shop", "team")["metadata"]["finalizers"]
        )

        await world.put(None)

        found = server.find("Service", "shop", "team")
        assert spec == found["spec"]
        assert {"team": "tea"} == found["metadata"]["labels"]
        assert not found["metadata"].get("annotations")

        # Who else is selected by a user's own words is none of ours, and is not waited for.
        world.server.add(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {
                    "name": "shop-x",
                    "namespace": "team",
                    "labels": {"kubernetes.io/service-name": "shop"},
                },
                "endpoints": [{"addresses": ["10.0.0.9"], "targetRef": {"name": "foreign"}}],
            }
        )
        await world.breathe()
        assert await world.seen() is None


async def test_who_was_faster_with_a_users_object_is_not_overwritten() -> None:
    server = FakeApiServer()
    spec = {"selector": {"app": "shop"}, "ports": [{"port": 80}]}
    server.add(application(), theirs("Service", "v1", spec))
    async with started(server) as world:
        one = made()
        await world.run((one, [0]))
        wanted = await world.planned((one, 1000))
        world.platform.world.caches["Service"]._take = lambda *_: None  # type: ignore[method-assign]  # the watch is late
        server.edit("Service", "shop", "team", {"spec": {"selector": {"app": "other"}}})

        with pytest.raises(Conflict):
            await world.put(wanted)

        found = server.find("Service", "shop", "team")
        assert {"app": "other"} == found["spec"]["selector"]


async def test_what_is_not_ours_is_never_deleted(world: World) -> None:
    world.server.add(theirs("HTTPRoute", "gateway.networking.k8s.io/v1", {"rules": []}))
    await world.breathe()

    await world.platform.deliver(world.key, {ROUTE: None})

    assert ["shop"] == world.server.names("HTTPRoute")


async def test_names_may_stand_for_many_documents(world: World) -> None:
    one, two = made("1"), made("2")
    await world.run((one, [0]), (two, [0]))
    await world.route((one, 500), (two, 500))

    found = await world.platform.fetch([Ref("Service", "team/shop-*"), Ref("Nothing", "x")])

    assert {f"team/shop-{one.short}", f"team/shop-{two.short}"} == {ref.name for ref in found}


async def test_all_documents_that_are_carried_out_can_be_listed(world: World) -> None:
    one = made()
    await world.run((one, [0]))
    await world.route((one, 1000))

    found = await world.platform.applied()

    assert {ROOT, ROUTE, Ref("Service", f"team/shop-{one.short}")} == set(found)
    assert 3 == len(found)


async def test_nothing_is_told_before_everything_was_read(world: World) -> None:
    world.platform.world.caches["HTTPRoute"].ready = anyio.Event()

    with pytest.raises(Unavailable, match="HTTPRoute objects were not read yet"):
        await world.platform.applied()


async def test_nothing_is_told_while_the_api_server_is_away(world: World) -> None:
    world.platform.world.caches["EndpointSlice"].problem = "connection refused"

    with pytest.raises(Unavailable, match="cannot be seen: connection refused"):
        await world.platform.applied()


async def test_a_split_by_replicas_is_carried_out_by_the_pods_that_serve() -> None:
    server = FakeApiServer()
    server.add(application())
    router = replicas.Router(site=Site(host="shop.example"))
    async with started(server, router=router) as world:
        one, two = made("1"), made("2")
        await world.run((one, [0, 1, 2, 3]), (two, [0]))
        await world.route((one, 1000), (two, 0))

        await world.route((one, 750), (two, 250))

        serving = [
            pod["metadata"]["labels"]["serinus.dev/revision"]
            for pod in world.pods().values()
            if pod["metadata"]["labels"]["serinus.dev/serving"] == "true"
        ]
        assert sorted([one.short] * 3 + [two.short]) == sorted(serving)


async def once(world: World, wanted: Route) -> None:
    """Deliver a route, as one turn of the loop does."""
    found = await world.platform.fetch(world.router.refs(world.key))
    await world.platform.deliver(world.key, world.router.render(world.key, wanted, found))
    await world.breathe()


def named(world: World) -> set[str]:
    """Return the Services that the routing object names."""
    (rule,) = world.server.find("HTTPRoute", "shop", "team")["spec"]["rules"]
    return {backend["name"] for backend in rule["backendRefs"]}


def weights(world: World) -> list[int]:
    """Return the weights of the routing object."""
    (rule,) = world.server.find("HTTPRoute", "shop", "team")["spec"]["rules"]
    return [backend["weight"] for backend in rule["backendRefs"]]


async def test_a_router_is_told_of_a_service_when_it_had_time_to_hear_of_it(world: World) -> None:
    one, two = made("1"), made("2")
    await world.run((one, [0]), (two, [0]))
    await world.route((one, 1000))
    before, wanted = named(world), await world.planned((one, 900), (two, 100))

    await once(world, wanted)

    assert f"shop-{two.short}" in world.server.names("Service", "team")
    assert before == named(world)
    assert wanted != await world.seen()

    world.clock.move(delivery.SETTLED.total_seconds())
    await once(world, wanted)
    assert before | {f"shop-{two.short}"} == named(world)


async def test_a_router_has_time_to_hear_of_the_first_pod_of_a_service(world: World) -> None:
    one, two = made("1"), made("2")
    await world.run((one, [0]))
    await world.route((one, 1000), (two, 0))
    await world.run((one, [0]), (two, [0]))
    await world.settle()
    wanted = await world.planned((one, 900), (two, 100))

    await once(world, wanted)

    assert [1000, 0] == weights(world)
    world.clock.move(delivery.SETTLED.total_seconds())
    await once(world, wanted)
    assert [900, 100] == weights(world)


async def test_a_second_pod_of_a_service_is_waited_for_by_nobody(world: World) -> None:
    one, two = made("1"), made("2")
    await world.run((one, [0]), (two, [0]))
    await world.route((one, 900), (two, 100))
    await world.settle()
    await world.run((one, [0]), (two, [0, 1]))

    await once(world, await world.planned((one, 500), (two, 500)))

    assert [500, 500] == weights(world)


async def test_a_service_goes_after_the_router_names_it_no_more(world: World) -> None:
    one, two = made("1"), made("2")
    await world.run((one, [0]), (two, [0]))
    await world.route((one, 0), (two, 1000))
    alone = await world.planned((two, 1000))

    await once(world, alone)

    assert f"shop-{one.short}" not in named(world)
    assert f"shop-{one.short}" in world.server.names("Service", "team")

    await once(world, alone)
    assert f"shop-{one.short}" not in world.server.names("Service", "team")
