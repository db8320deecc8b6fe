"""Pods get ordinals, requests and farewells; the cluster is pretended and its time stands still."""

import copy
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from serinus.adapters.kubernetes import pods, tending
from serinus.core.state.labels import Name
from serinus.core.state.workload import Group
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import World, application, made, started

PLACE = Name("team", "shop")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        yield found


def said(pod: dict[str, Any]) -> tuple[str, str, str]:
    meta = pod["metadata"]
    notes = meta.get("annotations", {})
    return (
        meta["labels"].get("serinus.dev/serving", ""),
        notes.get("serinus.dev/drained-at", ""),
        notes.get(pods.COST, ""),
    )


async def test_only_pods_that_the_route_names_may_get_requests(world: World) -> None:
    one = made()
    await world.run((one, [0]))
    await world.route((one, 1000))

    await world.run((one, [0, 1]))

    found = world.pods()
    assert "true" == said(found[f"{one.short}-0"])[0]
    assert "false" == said(found[f"{one.short}-1"])[0]


async def test_the_pods_of_a_first_release_are_written_once_and_later_ones_are_kept_apart() -> None:
    server = FakeApiServer()
    server.add(application(route={"host": "shop.example"}))
    async with started(server) as world:
        one, two = made(), made("2")
        await world.run((one, [0, 1]))
        await world.route((one, 1000))
        written = [asked for asked in server.requests if asked[:2] == ("patch", "Pod")]

        await world.run((one, [0, 1]), (two, [0]))

    found = world.pods()
    assert 2 == len(written)
    assert ["true", "true"] == [said(found[f"{one.short}-{n}"])[0] for n in (0, 1)]
    assert "false" == said(found[f"{two.short}-0"])[0]


async def test_a_pod_that_comes_in_place_of_another_takes_its_ordinal(world: World) -> None:
    one = made()
    await world.run((one, [0, 3]))
    before = world.pods()[f"{one.short}-3"]

    world.server.remove("Pod", before["metadata"]["name"], "team")
    await world.settle()

    after = world.pods()
    assert {f"{one.short}-0", f"{one.short}-3"} == set(after)
    assert before["metadata"]["uid"] != after[f"{one.short}-3"]["metadata"]["uid"]


async def test_the_restarts_of_the_pod_before_are_not_forgotten(world: World) -> None:
    one = made()
    await world.run((one, [0]))
    pod = world.pods()[f"{one.short}-0"]
    status = copy.deepcopy(pod["status"])
    status["containerStatuses"][0]["restartCount"] = 2
    world.server.edit("Pod", pod["metadata"]["name"], "team", {"status": status})
    await world.settle()

    world.server.remove("Pod", pod["metadata"]["name"], "team")
    await world.settle()

    (replica,) = await world.platform.replicas(world.key)
    assert 2 == replica.restarts


async def test_a_serving_pod_drains_before_the_deployment_may_keep_fewer(world: World) -> None:
    one = made()
    await world.run((one, [0, 1]))
    await world.route((one, 1000))
    place = world.platform._place(world.key)

    async with world.platform._tending.lock(place):  # nobody else tends now
        (held,) = world.platform.world.held(place)
        application = world.platform.world.application(place)
        assert application is not None
        await world.platform._ensuring.ensure(application, [one], [Group(one.id, (1,))], 5.0)
        again = await world.platform._tending.tend(place)

        assert (world.clock.now().timestamp() + 5.0) == (again.timestamp() if again else 0)
        assert ("false", again.isoformat() if again else "", "-1000") == (
            said(world.pods()[f"{one.short}-0"])
        )
        assert 2 == world.server.find("Deployment", held.name, "team")["spec"]["replicas"]

        world.clock.move(5.0)
        await world.platform._tending.tend(place)

        assert 1 == world.server.find("Deployment", held.name, "team")["spec"]["replicas"]


async def test_a_pod_that_never_served_has_nothing_to_finish(world: World) -> None:
    one = made()
    began = world.clock.now()
    await world.run((one, [0, 1]))

    await world.run((one, [1]))

    assert began == world.clock.now()
    assert {f"{one.short}-1"} == set(world.pods())


async def test_a_pod_that_is_wanted_again_stays(world: World) -> None:
    one = made()
    await world.run((one, [0, 1]))
    await world.route((one, 1000))
    before = world.pods()
    world.clock.sleep = forever  # type: ignore[method-assign]  # no time passes by itself

    await world.ensure((one, [0]), drain_s=60.0)
    assert "-1000" == said(world.pods()[f"{one.short}-1"])[2]
    await world.ensure((one, [0, 1]), drain_s=60.0)
    await world.settle()

    after = world.pods()
    assert before.keys() == after.keys()
    assert ("true", "", "") == said(after[f"{one.short}-1"])


async def forever(seconds: float) -> None:
    del seconds
    await anyio.sleep_forever()


async def test_the_pod_that_should_go_goes_though_others_are_less_fit(world: World) -> None:
    one, fresh = made(), "shop:1"
    await world.run((one, [0]))
    gone = world.pods()[f"{one.short}-0"]["metadata"]["uid"]
    world.broken[fresh] = "ImagePullBackOff"  # a new pod will not get ready
    kept = world.server.all("Pod")[0]

    await world.ensure((one, [1]))
    await world.settle()

    assert {f"{one.short}-1"} == set(world.pods())
    assert gone != world.pods()[f"{one.short}-1"]["metadata"]["uid"]
    assert kept["metadata"]["name"] not in world.server.names("Pod")


async def test_what_somebody_scales_is_scaled_back(world: World) -> None:
    one = made()
    await world.run((one, [0]))
    name = f"shop-{one.short}"

    world.server.edit("Deployment", name, "team", {"spec": {"replicas": 7}})
    await world.settle()

    assert 1 == world.server.find("Deployment", name, "team")["spec"]["replicas"]
    assert {f"{one.short}-0"} == set(world.pods())


async def test_the_newest_revisions_are_kept_for_the_way_back(world: World) -> None:
    versions = [made(str(number)) for number in range(tending.KEPT + 2)]
    for version in versions:
        await world.run((version, [0]))
        world.clock.move(1.0)
        world.server.move(1.0)

    await world.run((versions[-1], [0]))
    await world.settle()

    kept = [f"shop-{v.short}" for v in versions[-tending.KEPT - 1 :]]
    assert sorted(kept) == world.server.names("Deployment", "team")


async def test_a_write_that_fails_is_done_a_little_later(world: World) -> None:
    one = made()
    await world.ensure((one, [0]))
    world.server.settle()
    world.server.fail("patch", "Pod", times=2)

    async def named() -> bool:
        return f"{one.short}-0" in world.pods()

    await world.eventually(named)


async def test_every_change_of_a_pod_is_told(world: World) -> None:
    await world.run((made(), [0]))
    world.notified.clear()

    name = world.server.names("Pod", "team")[0]
    world.server.edit("Pod", name, "team", {"status": {"phase": "Running", "x": 1}})
    await world.breathe()

    assert {world.key} == set(world.notified)


async def test_a_platform_that_comes_back_tends_what_it_finds() -> None:
    server = FakeApiServer()
    server.add(application())
    one = made()
    async with started(server) as world:
        await world.ensure((one, [0, 1]))
    server.settle()

    async with started(server) as world:
        await world.settle()

        assert {f"{one.short}-0", f"{one.short}-1"} == set(world.pods())
