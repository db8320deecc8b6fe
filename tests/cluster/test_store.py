"""The store on a real API server: its schemas, its conflicts, its finalizers and its namespaces."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from cluster import kubectl
from serinus.adapters.kubernetes import crd, records
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.store import Kinds, Store
from serinus.adapters.local.clock import Clock
from serinus.adapters.memory.store import Specs
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.core.state.intent import Answer, Verb
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.ports import failures
from tests import builders

pytestmark = pytest.mark.anyio

ANSWER = "its replicas stop."


@pytest.fixture
async def client(cluster: Path) -> AsyncIterator[Client]:
    async with Client.connect(cluster) as client:
        for definition in crd.every():
            await client.apply(definition)
        yield client


@pytest.fixture(autouse=True)
def freed(namespace: str) -> Iterator[None]:
    """Let go of what a test leaves behind, as no controller will: its namespace would not end."""
    yield
    for name in kubectl.run("get", "applications", "-n", namespace, "-o", "name").split():
        patch = '{"metadata": {"finalizers": null}}'
        kubectl.run("patch", name, "-n", namespace, "--type=merge", "-p", patch)


@asynccontextmanager
async def opened(client: Client, namespace: str) -> AsyncIterator[Store]:
    clock, specs = Clock(), Specs()
    kinds = Kinds(
        Cache(client, clock, "Application", namespace),
        Cache(client, clock, "Release", namespace, trim=records.trim),
        Cache(client, clock, "Intent", namespace),
    )
    async with anyio.create_task_group() as tasks:
        for cache in kinds:
            tasks.start_soon(cache.run)
            await cache.ready.wait()
        store = Store(
            client, kinds, specs, clock, inner=MemoryStore(specs), environment=lambda _: "prod"
        )
        tasks.start_soon(store.run)
        yield store
        tasks.cancel_scope.cancel()


async def until(so: Callable[[], Any]) -> None:
    with anyio.fail_after(100):
        while not so():  # noqa: ASYNC110 - another program has no event
            await anyio.sleep(0.05)


def application(namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": namespace},
        "spec": {"version": "v1", "workload": {"image": "shop:1", "port": 8080}},
    }


def flying(key: Key, number: int = 1, **given: Any) -> Status:
    release = builders.release(
        number, application=key.application, environment="prod", created_at=builders.at(number)
    )
    return builders.status(key, release=release, releases=number, **given)


async def test_a_controller_goes_on_where_another_one_was(client: Client, namespace: str) -> None:
    key = Key(f"{namespace}/shop", "prod")
    await client.create(application(namespace))
    async with opened(client, namespace) as first:
        kept = await first.record(
            flying(key),
            events=[builders.event("one", release=1)],
            revisions=[builders.revision()],
            judge=b"evidence",
        )
        kept = await first.record(kept, judge=b"evidence that grows")
    async with opened(client, namespace) as store:
        assert kept == await store.status(key)
        assert b"evidence that grows" == await store.judge(key)
        assert builders.revision() == await store.revision(builders.NEW)
        assert ["one"] == [event.sentence for event in await store.events(key=key)]
        later = await store.record(flying(key, 2, version=kept.version))
        assert 3 == later.version
    app = await client.get("Application", "shop", namespace)
    assert "shop-2" == app["status"]["release"]
    assert app["metadata"]["generation"] == app["status"]["observedGeneration"]


async def test_of_two_controllers_the_slower_one_is_told(client: Client, namespace: str) -> None:
    key = Key(f"{namespace}/shop", "prod")
    async with opened(client, namespace) as one:
        kept = await one.record(flying(key))
        async with opened(client, namespace) as other:
            await other.record(kept)
        with pytest.raises(failures.Conflict):
            await one.record(kept)


async def test_nobody_changes_what_a_release_is(client: Client, namespace: str) -> None:
    key = Key(f"{namespace}/shop", "prod")
    async with opened(client, namespace) as store:
        kept = await store.record(flying(key))
        with pytest.raises(failures.Rejected):
            await client.patch("Release", "shop-1", namespace, {"spec": {"version": "v9"}})
        kubectl.run("label", "release", "shop-1", "seen=yes", "-n", namespace)
        assert 2 == (await store.record(kept)).version


async def test_a_wish_with_kubectl_is_answered_where_it_stands(
    client: Client, namespace: str
) -> None:
    key = Key(f"{namespace}/shop", "prod")
    async with opened(client, namespace) as store:
        kept = await store.record(flying(key))
        store.changed()
        kubectl.apply(
            {
                "apiVersion": "serinus.dev/v1alpha1",
                "kind": "Intent",
                "metadata": {"name": "wish", "namespace": namespace},
                "spec": {"application": "shop", "verb": "pause", "actor": "serinus-admin"},
            }
        )
        await until(store.changed)
        (wish,) = await store.intents(key)
        await store.record(kept, answers=[Answer(wish.id, done=True, sentence="paused at 5 %.")])
    answered = await client.get("Intent", "wish", namespace)
    assert "paused at 5 %." == answered["status"]["sentence"]


async def test_an_application_is_held_until_its_end_and_then_let_go(
    client: Client, namespace: str
) -> None:
    key = Key(f"{namespace}/shop", "prod")
    await client.create(application(namespace))
    async with opened(client, namespace) as store:
        kept = await store.record(flying(key))
        store.changed()
        await client.delete("Application", "shop", namespace)
        await until(store.changed)
        (wish,) = await store.intents(key)
        assert Verb.DELETE is wish.verb
        done = Answer(wish.id, done=True, sentence=ANSWER)
        await store.record(msgspec.structs.replace(kept, deleted=True), answers=[done])
        await store.forget(key)
    with pytest.raises(failures.Missing):
        await client.get("Application", "shop", namespace)


async def test_a_namespace_that_is_deleted_in_flight_does_not_hang(
    client: Client, namespace: str
) -> None:
    key = Key(f"{namespace}/shop", "prod")
    await client.create(application(namespace))
    async with opened(client, namespace) as store:
        kept = await store.record(flying(key))
        store.changed()
        kubectl.run("delete", "namespace", namespace, "--wait=false")
        await until(store.changed)
        await anyio.sleep(1)
        (wish,) = await store.intents(key)
        done = Answer(wish.id, done=True, sentence=ANSWER)
        now = await store.status(key)
        assert now is not None
        await store.record(msgspec.structs.replace(now, deleted=True), answers=[done])
        await store.forget(key)
        # The namespace itself goes when Kubernetes looks at it again, which takes a while.
        found = kubectl.run("get", "applications", "-n", namespace, "-o", "name")
        assert (1, "") == (kept.version, found.strip())
