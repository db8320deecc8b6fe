"""A store of a cluster on an API server that is only pretended, with its caches running."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel

from serinus.adapters.kubernetes import records
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.store import Kinds, Store
from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.ports.store import Specs
from serinus.ports.store import Store as Inner
from tests.adapters.kubernetes.apiserver import FakeApiServer

ENVIRONMENT = "local"


@asynccontextmanager
async def opened(
    server: FakeApiServer,
    specs: Specs,
    *,
    inner: Inner | None = None,
    client: Client | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Store]:
    """Open a store as a controller does that starts: it knows what the API server has."""
    used, time = client or Client.connect(transport=server), clock or Clock()
    kinds = Kinds(
        Cache(used, time, "Application"),
        Cache(used, time, "Release", trim=records.trim),
        Cache(used, time, "Intent"),
    )
    async with anyio.create_task_group() as tasks:
        for cache in kinds:
            tasks.start_soon(cache.run)
            await cache.ready.wait()
        yield Store(
            used,
            kinds,
            specs,
            time,
            inner=inner or MemoryStore(specs),
            environment=lambda _: ENVIRONMENT,
        )
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[None]:
    """Let the store repair beside, as in a controller."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(store.run)
        yield
        tasks.cancel_scope.cancel()


async def breath() -> None:
    """Let the watches tell what they have."""
    for _ in range(5):
        await anyio.lowlevel.checkpoint()


async def until(so: Callable[[], bool]) -> None:
    """Wait until something is so; it must be soon."""
    for _ in range(200):
        if so():
            return
        await breath()
    message = "it never was so"
    raise AssertionError(message)
