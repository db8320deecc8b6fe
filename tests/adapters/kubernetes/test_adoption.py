"""A Deployment is adopted: no pod restarts, and no controller's death leaves a half."""

import copy
from collections.abc import AsyncIterator

import pytest

from serinus.adapters.kubernetes import existing
from serinus.core.state.workload import ReplicaState
from serinus.ports.failures import PortFailure, Unavailable
from tests.adapters.kubernetes import clusters
from tests.adapters.kubernetes.clusters import cluster, promoted, revision, uids, user
from tests.adapters.kubernetes.world import World, made, started, template


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with started(cluster()) as found:
        yield found


async def test_the_pods_of_an_adopted_deployment_go_on_as_they_are(world: World) -> None:
    one, before = revision(world.server), uids(world.server)

    replicas = await world.run((one, [0, 1]))

    assert [f"{one.short}-0", f"{one.short}-1"] == [r.name for r in replicas]
    assert all(r.state is ReplicaState.READY for r in replicas)
    assert before == uids(world.server)
    assert ["shop"] == world.server.names("Deployment")
    assert user(world.server)["spec"]["paused"]
    assert one == await world.platform.revision(one.id)


async def test_a_change_of_the_template_rolls_nothing_and_is_a_revision_of_its_own(
    world: World,
) -> None:
    one = revision(world.server)
    await world.run((one, [0, 1]))
    before = uids(world.server)

    world.server.edit("Deployment", "shop", "team", {"spec": {"template": template("2")}})
    await world.settle()
    assert before == uids(world.server)
    two = made("2", template=existing.of_deployment(user(world.server)))
    await world.run((one, [0, 1]), (two, [0]))

    assert before < uids(world.server)
    own = world.server.find("Deployment", f"shop-{two.short}", "team")
    assert not own["metadata"].get("ownerReferences")


async def test_the_service_of_an_adopted_revision_finds_pods_that_nobody_has_marked(
    world: World,
) -> None:
    one = revision(world.server)
    await world.run((one, [0, 1]))

    await world.route((one, 1000))

    for name in ("shop", f"shop-{one.short}"):
        selector = world.server.find("Service", name, "team")["spec"]["selector"]
        assert {"app", "pod-template-hash"} == set(selector)


async def test_a_deployment_that_rolls_is_adopted_when_it_is_done(world: World) -> None:
    world.server.edit("Deployment", "shop", "team", {"spec": {"template": template("2")}})
    two = made("2", template=existing.of_deployment(user(world.server)))

    with pytest.raises(Unavailable, match="is rolling"):
        await world.ensure((two, [0, 1]))
    assert not user(world.server)["spec"].get("paused")

    await world.settle()
    await world.run((two, [0, 1]))


async def test_a_deployment_that_changed_since_is_not_adopted_as_what_it_was(world: World) -> None:
    one = revision(world.server)
    world.server.edit("Deployment", "shop", "team", {"spec": {"template": template("2")}})

    with pytest.raises(Unavailable, match="has changed since"):
        await world.ensure((one, [0, 1]))


async def test_what_a_pod_lived_through_before_us_counts_for_nothing(world: World) -> None:
    pod = world.server.all("Pod")[0]
    status = copy.deepcopy(pod["status"])
    status["containerStatuses"][0]["restartCount"] = 9
    world.server.edit("Pod", pod["metadata"]["name"], "team", {"status": status})

    replicas = await world.run((revision(world.server), [0, 1]))

    assert [0, 0] == [r.restarts for r in replicas]


async def test_a_pod_that_the_deployment_makes_anew_is_known_again(world: World) -> None:
    one = revision(world.server)
    await world.run((one, [0, 1]))

    world.server.remove("Pod", world.server.names("Pod")[0], "team")
    await world.settle()

    assert {f"{one.short}-0", f"{one.short}-1"} == set(world.pods())


async def test_whoever_lets_it_go_on_finds_it_paused_again(world: World) -> None:
    await world.run((revision(world.server), [0, 1]))

    world.server.edit("Deployment", "shop", "team", {"spec": {"paused": False}})
    await world.settle()

    assert user(world.server)["spec"]["paused"]


async def test_whoever_scales_it_is_understood(world: World) -> None:
    await world.run((revision(world.server), [0, 1]))

    world.server.edit("Deployment", "shop", "team", {"spec": {"replicas": 5}})
    await world.settle()

    assert 5 == existing.replicas(user(world.server))
    assert 2 == user(world.server)["spec"]["replicas"]


def scaled(world: World) -> str:
    scaler = world.server.find("HorizontalPodAutoscaler", "shop", "team")
    return str(scaler["spec"]["scaleTargetRef"]["kind"])


async def test_whoever_points_the_autoscaler_back_finds_it_pointed_at_the_application_again(
    world: World,
) -> None:
    await world.run((revision(world.server), [0, 1]))
    assert "Application" == scaled(world)

    world.server.edit("HorizontalPodAutoscaler", "shop", "team", {"spec": clusters.SCALER["spec"]})
    assert "Deployment" == scaled(world)
    await world.breathe()

    assert "Application" == scaled(world)


async def test_an_autoscaler_that_comes_later_scales_the_application(world: World) -> None:
    world.server.remove("HorizontalPodAutoscaler", "shop", "team")
    await promoted(world)

    world.server.add(clusters.SCALER)
    await world.settle()

    assert "Application" == scaled(world)
    shop = world.server.find("Application", "shop", "team")
    assert 2 == shop["spec"]["workload"]["replicas"]


async def test_after_a_promotion_the_deployment_rests_without_pods(world: World) -> None:
    two = await promoted(world)

    assert 0 == user(world.server)["spec"]["replicas"]
    assert 2 == existing.replicas(user(world.server))
    assert {f"{two.short}-0", f"{two.short}-1"} == set(world.pods())


async def test_an_adopted_revision_that_comes_back_gets_a_deployment_of_its_own(
    world: World,
) -> None:
    one = revision(world.server)
    two = await promoted(world)

    await world.run((two, [0, 1]), (one, [2]))

    assert 0 == user(world.server)["spec"]["replicas"]
    assert f"shop-{one.short}" in world.server.names("Deployment")


@pytest.mark.parametrize("number", range(10))
async def test_a_controller_that_dies_while_adopting_goes_on(number: int) -> None:
    server = cluster()
    one, before = revision(server), uids(server)
    async with started(server) as world:
        clusters.die_after(server, number)
        try:
            await world.ensure((one, [0, 1]))
            await world.breathe()
        except PortFailure:
            pass
    clusters.revive(server)

    async with started(server) as world:
        await world.run((one, [0, 1]))
        await world.route((one, 1000))

        assert before == uids(server)
