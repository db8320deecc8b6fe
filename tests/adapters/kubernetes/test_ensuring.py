"""Revisions become Deployments, and what they refer to is copied with them."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from serinus.adapters.kubernetes import configs
from serinus.core.state.workload import Revision
from serinus.ports.failures import Conflict, Missing, PortFailure, Rejected, Unavailable
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import World, application, made, started, template

PRICES = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "prices", "namespace": "team"},
    "data": {"tea": "2"},
}
DIGEST = configs.digest(PRICES)
COPY = configs.copied("prices", DIGEST)
VOLUMES = [{"name": "prices", "configMap": {"name": "prices"}}]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    server = FakeApiServer()
    server.add(application(), PRICES)
    async with started(server) as found:
        yield found


def priced(version: str = "1", digest: str = DIGEST) -> Revision:
    return made(
        version,
        template=template(version, volumes=VOLUMES),
        files={"ConfigMap/prices": digest},
    )


def owners(found: dict[str, Any]) -> list[str]:
    return [owner["name"] for owner in found["metadata"]["ownerReferences"]]


async def test_a_revision_is_a_deployment_that_goes_with_its_application(world: World) -> None:
    one = made()

    await world.ensure((one, [0, 1]))

    found = world.server.find("Deployment", f"shop-{one.short}", "team")
    assert ["shop"] == owners(found)
    assert 2 == found["spec"]["replicas"]
    assert {"serinus.dev/application": "shop", "serinus.dev/revision": one.short} == (
        found["spec"]["selector"]["matchLabels"]
    )


async def test_pods_use_copies_that_the_deployment_owns(world: World) -> None:
    one = priced()

    await world.run((one, [0]))

    copy = world.server.find("ConfigMap", COPY, "team")
    assert ([f"shop-{one.short}"], True, {"tea": "2"}) == (
        *(owners(copy), copy["immutable"], copy["data"]),
    )
    (pod,) = world.server.all("Pod")
    assert COPY == pod["spec"]["volumes"][0]["configMap"]["name"]


async def test_revisions_that_use_the_same_share_its_copy(world: World) -> None:
    one, two = priced("1"), priced("2")

    await world.run((one, [0]), (two, [0]))

    assert {f"shop-{one.short}", f"shop-{two.short}"} == set(
        owners(world.server.find("ConfigMap", COPY, "team"))
    )


async def test_no_pod_is_made_before_the_copies_are_there(world: World) -> None:
    world.server.fail("create", "ConfigMap")
    one = priced()

    with pytest.raises(Unavailable):
        await world.ensure((one, [0]))
    await world.settle()

    assert [] == world.server.names("Pod")
    await world.run((one, [0]))


async def test_what_is_missing_is_refused_by_name(world: World) -> None:
    world.server.remove("ConfigMap", "prices", "team")

    with pytest.raises(Rejected, match="ConfigMap team/prices is missing"):
        await world.ensure((priced(), [0]))


async def test_what_has_changed_since_is_not_taken_for_what_it_was(world: World) -> None:
    world.server.edit("ConfigMap", "prices", "team", {"data": {"tea": "3"}})

    with pytest.raises(Unavailable, match="has changed since"):
        await world.ensure((priced(), [0]))


async def test_the_copy_serves_when_the_original_has_changed_or_is_gone(world: World) -> None:
    one, two = priced("1"), priced("2")
    await world.run((one, [0]))
    world.server.remove("ConfigMap", "prices", "team")

    await world.run((one, [0]), (two, [0]))


async def test_a_revision_from_elsewhere_is_refused(world: World) -> None:
    with pytest.raises(Rejected, match="has no pod template"):
        await world.ensure((made(template={}), [0]))


async def test_nothing_is_run_for_an_application_that_is_gone(world: World) -> None:
    world.server.remove("Application", "shop", "team")
    await world.breathe()

    with pytest.raises(Missing, match="team/shop"):
        await world.ensure((made(), [0]))


async def test_a_new_label_of_a_known_revision_restarts_nothing(world: World) -> None:
    one = made()
    before = await world.run((one, [0]))
    relabelled = Revision(id=one.id, version="one", workload=one.workload)

    after = await world.run((relabelled, [0]))

    assert before == after
    assert relabelled == await world.platform.revision(one.id)


@pytest.mark.parametrize("number", range(6))
async def test_a_controller_that_dies_at_any_write_goes_on_where_it_was(number: int) -> None:
    server = FakeApiServer()
    server.add(application(), PRICES)
    one, two = priced("1"), priced("2")
    writes = 0

    def died(verb: str, _: object) -> None:
        nonlocal writes
        writes += 1
        if writes == number + 1:
            server.fail("*", "*", times=1_000)

    async with started(server) as world:
        await world.run((one, [0, 1]))
        server.admit = died
        with contextlib.suppress(PortFailure):
            await world.ensure((one, [1]), (two, [0]))
    server.heal()
    server.admit = lambda *_: None

    async with started(server) as world:
        try:
            replicas = await world.run((one, [1]), (two, [0]))
        except Conflict:
            replicas = await world.run((one, [1]), (two, [0]))

        assert {f"{one.short}-1", f"{two.short}-0"} == {r.name for r in replicas}
        await world.settle()
        assert {f"{one.short}-1", f"{two.short}-0"} == set(world.pods())
