"""A Deployment is given back: no pod restarts, and no controller's death leaves a half."""

import contextlib
import copy
from collections.abc import AsyncIterator

import pytest

from serinus.adapters.kubernetes import existing
from serinus.ports.failures import Conflict, PortFailure, Unavailable
from tests.adapters.kubernetes import clusters
from tests.adapters.kubernetes.clusters import cluster, promoted, revision, uids, user
from tests.adapters.kubernetes.world import World, made, started, template


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with started(cluster()) as found:
        yield found


async def leave(world: World) -> None:
    """Do what the loop does for an application that is to be let go."""
    for _ in range(50):
        try:
            await world.put(None)
            break
        except (Unavailable, Conflict):
            await world.settle()
    else:
        raise AssertionError("it was not handed back")
    await world.settle()
    await world.ensure()
    await world.settle()
    await world.platform.delete(world.key)
    await world.settle()


async def test_leaving_what_was_never_changed_restarts_nothing(world: World) -> None:
    before, was = uids(world.server), copy.deepcopy(user(world.server))
    service = copy.deepcopy(world.server.find("Service", "shop", "team")["spec"])
    one = revision(world.server)
    await world.run((one, [0, 1]))
    await world.route((one, 1000))

    await leave(world)

    after = user(world.server)
    assert was["spec"] == after["spec"] | {"paused": was["spec"].get("paused", False)} or (
        not after["spec"]["paused"]
    )
    assert was["metadata"]["labels"] == after["metadata"]["labels"]
    assert not after["metadata"].get("annotations")
    assert before == uids(world.server)
    assert service == world.server.find("Service", "shop", "team")["spec"]
    assert ["shop"] == world.server.names("Service")
    marks = {label for pod in world.server.all("Pod") for label in pod["metadata"]["labels"]}
    assert {"app", "pod-template-hash"} == marks


async def test_leaving_after_a_promotion_goes_on_with_what_serves(world: World) -> None:
    await promoted(world)

    await leave(world)

    after = user(world.server)
    assert ["shop"] == world.server.names("Deployment")
    assert "shop:2" == after["spec"]["template"]["spec"]["containers"][0]["image"]
    assert (2, False) == (after["spec"]["replicas"], after["spec"]["paused"])
    images = [p["spec"]["containers"][0]["image"] for p in world.server.all("Pod")]
    assert ["shop:2", "shop:2"] == images
    assert not world.server.find("Application", "shop", "team")["metadata"].get("finalizers")


async def test_leaving_in_flight_goes_on_with_stable_and_not_with_the_candidate(
    world: World,
) -> None:
    one, before = revision(world.server), uids(world.server)
    await world.run((one, [0, 1]))
    await world.route((one, 1000))
    world.server.edit("Deployment", "shop", "team", {"spec": {"template": template("2")}})
    two = made("2", template=existing.of_deployment(user(world.server)))
    await world.run((one, [0, 1]), (two, [0]))
    await world.route((one, 900), (two, 100))

    await leave(world)

    assert before == uids(world.server)
    assert one.workload.template == existing.of_deployment(user(world.server))


async def test_nothing_that_users_see_changes_before_all_pods_are_ready(world: World) -> None:
    await promoted(world)
    service = copy.deepcopy(world.server.find("Service", "shop", "team")["spec"])

    with pytest.raises(Unavailable, match="takes over again: 0 of 2 pods are ready"):
        await world.put(None)

    assert service == world.server.find("Service", "shop", "team")["spec"]
    assert world.server.all("HTTPRoute") != []


async def test_our_pods_step_aside_when_the_others_are_ready(world: World) -> None:
    two = await promoted(world)
    with pytest.raises(Unavailable):
        await world.put(None)
    world.server.settle()
    await world.breathe()

    await world.put(None)

    own = [p for p in world.server.all("Pod") if "serinus.dev/revision" in p["metadata"]["labels"]]
    assert {two.short} == {p["metadata"]["labels"]["serinus.dev/revision"] for p in own}
    assert not any("app" in p["metadata"]["labels"] for p in own)


async def test_an_autoscaler_goes_and_comes_back_with_it(world: World) -> None:
    one = revision(world.server)
    await world.run((one, [0, 1]))
    await world.route((one, 1000))
    scaler = world.server.find("HorizontalPodAutoscaler", "shop", "team")
    assert "Application" == scaler["spec"]["scaleTargetRef"]["kind"]

    await leave(world)

    scaler = world.server.find("HorizontalPodAutoscaler", "shop", "team")
    assert "Deployment" == scaler["spec"]["scaleTargetRef"]["kind"]


async def test_it_goes_on_with_the_number_of_replicas_that_is_wanted_now(world: World) -> None:
    two = await promoted(world)
    world.server.edit("Application", "shop", "team", {"spec": {"workload": {"replicas": 4}}})
    await world.run((two, range(4)))

    await leave(world)

    assert 4 == user(world.server)["spec"]["replicas"]


async def test_an_application_is_kept_until_everything_is_back(world: World) -> None:
    one = revision(world.server)
    await world.run((one, [0, 1]))
    await world.route((one, 1000))

    world.server.remove("Application", "shop", "team")
    await world.breathe()
    assert ["shop"] == world.server.names("Application")
    await leave(world)

    assert [] == world.server.names("Application")


async def test_a_deployment_that_is_gone_keeps_nobody(world: World) -> None:
    one = revision(world.server)
    await world.run((one, [0, 1]))
    await world.route((one, 1000))
    world.server.remove("Deployment", "shop", "team")
    world.server.remove("Application", "shop", "team")
    await world.settle()

    await leave(world)

    assert [] == world.server.names("Application")


@pytest.mark.parametrize("number", range(16))
async def test_a_controller_that_dies_while_leaving_goes_on(number: int) -> None:
    server = cluster()
    async with started(server) as world:
        await promoted(world)
        clusters.die_after(server, number)
        with contextlib.suppress(PortFailure, AssertionError):
            await leave(world)
    clusters.revive(server)

    async with started(server) as world:
        await leave(world)

        after = user(server)
        assert (2, False) == (after["spec"]["replicas"], after["spec"]["paused"])
        assert (["shop"], ["shop"]) == (server.names("Deployment"), server.names("Service"))
        assert 2 == len(server.all("Pod"))
        assert {"app": "shop"} == server.find("Service", "shop", "team")["spec"]["selector"]
