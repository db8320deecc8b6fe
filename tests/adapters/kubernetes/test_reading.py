"""A cluster as people see it from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from serinus.adapters.kubernetes import reading, records
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.reading import Reading
from serinus.adapters.kubernetes.store import Kinds
from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.store import Specs
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.core.state.notice import Key
from serinus.core.state.workload import ReplicaState
from serinus.ports import failures
from tests import builders
from tests.adapters.kubernetes import samples, stores
from tests.adapters.kubernetes.apiserver import FakeApiServer

pytestmark = pytest.mark.anyio

SHOP = Key("team/shop", "local")


@asynccontextmanager
async def opened(server: FakeApiServer, namespace: str = "team") -> AsyncIterator[Reading]:
    client, clock = Client.connect(transport=server), Clock()
    kinds = Kinds(
        Cache(client, clock, "Application", namespace),
        Cache(client, clock, "Release", namespace, trim=records.trim),
        Cache(client, clock, "Intent", namespace),
    )
    async with anyio.create_task_group() as tasks:
        for cache in kinds:
            tasks.start_soon(cache.run)
            await cache.ready.wait()
        yield Reading(client, kinds, clock, inner=MemoryStore(), environment="kubernetes")
        tasks.cancel_scope.cancel()


def pod(name: str, ordinal: int, *, ready: bool = True, **meta: Any) -> dict[str, Any]:
    labels = {
        "serinus.dev/application": "shop",
        "serinus.dev/revision": builders.NEW[:10],
        "serinus.dev/ordinal": str(ordinal),
    }
    condition = {
        "type": "Ready",
        "status": "True" if ready else "False",
        "lastTransitionTime": "2026-03-02T12:00:00Z",
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "team", "labels": labels, **meta},
        "spec": {"containers": [{"name": "app", "image": "shop:1"}]},
        "status": {"phase": "Running", "podIP": "10.0.0.1", "conditions": [condition]},
    }


@pytest.fixture
async def server() -> FakeApiServer:
    """A cluster in which a controller was at work."""
    server, specs = FakeApiServer(), Specs()
    server.add(samples.application("shop"))
    specs.want("team/shop", None, "unknown field `replica`")
    async with stores.opened(server, specs) as store:
        first = await store.record(
            builders.status(SHOP, release=builders.ended(number=6, application="team/shop")),
            events=[builders.event("one", release=6)],
        )
        flying = builders.release(7, application="team/shop")
        await store.put_reading(
            SHOP, builders.reading(), (), builders.route(), at=builders.at(4), release=7
        )
        await store.record(
            builders.status(SHOP, release=flying, version=first.version),
            events=[builders.event("two"), builders.event("three")],
            judge=b"evidence",
        )
    return server


async def test_everything_about_a_release_is_read_without_a_controller(
    server: FakeApiServer,
) -> None:
    async with opened(server) as store:
        status = await store.status(SHOP)

        assert (SHOP,) == await store.keys()
        assert status is not None
        assert status.release is not None
        assert 7 == status.release.number
        assert b"evidence" == await store.judge(SHOP)
        assert [7, 6] == [release.number for release in await store.releases()]
        assert "unknown field `replica`" == (await store.asked(SHOP)).problem
        assert builders.reading() == await store.reading(SHOP, 7)


async def test_decisions_are_numbered_through_the_releases(server: FakeApiServer) -> None:
    async with opened(server) as store:
        found = await store.events(key=SHOP)

        assert ["one", "two", "three"] == [event.sentence for event in found]
        assert ["three"] == [e.sentence for e in await store.events(found[1].sequence, SHOP)]
        assert ["one"] == [e.sentence for e in await store.events(key=SHOP, release=6)]
        assert found[-1].sequence == await store.newest()


async def test_replicas_are_the_pods_as_they_are_now(server: FakeApiServer) -> None:
    server.add(pod("a", 0), pod("b", 1, ready=False), pod("c", 2))
    server.edit("Pod", "c", "team", {"metadata": {"labels": {"serinus.dev/ordinal": None}}})
    async with opened(server) as store:
        seen = await store.snapshot(SHOP)

        assert seen is not None
        assert builders.at(4) == seen.at
        assert [(builders.NEW, 0), (builders.NEW, 1)] == [
            (one.revision, one.ordinal) for one in seen.replicas
        ]
        assert ReplicaState.READY is seen.replicas[0].state
        before = len(server.requests)
        await store.snapshot(SHOP)
        assert before == len(server.requests)


async def test_whoever_may_not_see_pods_sees_the_release(server: FakeApiServer) -> None:
    server.fail("list", "Pod", status=403)
    async with opened(server) as store:
        seen = await store.snapshot(SHOP)

        assert seen is not None
        assert () == seen.replicas


async def test_an_application_without_a_release_is_there_too(server: FakeApiServer) -> None:
    server.add(samples.application("new"))
    async with opened(server) as store:
        assert (Key("team/new", "kubernetes"), SHOP) == await store.keys()
        assert await store.status(Key("team/new", "kubernetes")) is None
        assert await store.snapshot(Key("team/new", "kubernetes")) is None
        assert "" == store.standing(Key("team/new", "kubernetes")).sentence


async def test_nothing_is_decided_from_outside(server: FakeApiServer) -> None:
    async with opened(server) as store:
        status = await store.status(SHOP)
        assert status is not None
        for work in (store.record(status), store.forget(SHOP)):
            with pytest.raises(failures.Rejected, match="from outside the cluster"):
                await work
        await store.prune(builders.at(9))
        assert () == await store.intents(SHOP)


def test_a_pod_that_ends_is_a_replica_that_stops() -> None:
    going = pod("a", 0, deletionTimestamp="2026-03-02T12:00:00Z")
    going["metadata"]["creationTimestamp"] = "2026-03-02T11:00:00Z"
    found = reading.replica(going, [builders.NEW])

    assert found is not None
    assert ReplicaState.STOPPING is found.state
    assert reading.replica(going, [builders.OLD]) is None
