"""The platform of a cluster as the shared suites see it: a pretended API server that settles."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel

from serinus.adapters.kubernetes import delivery
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.platform import Platform
from serinus.adapters.kubernetes.world import World as Objects
from serinus.adapters.kubernetes.world import caches
from serinus.adapters.memory.clock import Clock
from serinus.adapters.routers import gatewayapi
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state import revision
from serinus.core.state.counts import ReplicaCounters, RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.workload import Group, Replica, ReplicaState, Revision, Workload
from tests.adapters.kubernetes.apiserver import FakeApiServer

MARKS = ()
PATIENCE = 200
BREATHS = 30

KEY = Key("team/shop", "prod")


def application(**spec: Any) -> dict[str, Any]:
    """Return an Application as somebody wrote it."""
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": "team"},
        "spec": spec,
    }


def template(version: str = "1", **spec: Any) -> dict[str, Any]:
    """Return the pod template of a version, as somebody wrote it."""
    container = {"name": "app", "image": f"shop:{version}", "ports": [{"containerPort": 8080}]}
    return {
        "metadata": {"labels": {"app": "shop"}},
        "spec": {"containers": [container], **spec},
    }


def made(version: str = "1", **changes: Any) -> Revision:
    """Return the revision of a version."""
    fields: dict[str, Any] = {"command": (), "port": 8080, "template": template(version)}
    return revision.of(Workload(**(fields | changes)), version)


class Counting:
    """Count nothing, for whoever is there."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.platform: Platform | None = None

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        assert self.platform is not None
        return {key: await self._counted(self.platform, key) for key in keys}

    async def _counted(self, platform: Platform, key: Key) -> Scrape:
        found: dict[str, dict[str, ReplicaCounters]] = {}
        for replica in await platform.replicas(key):
            mine = found.setdefault(replica.revision, {})
            mine[replica.name] = ReplicaCounters(0, 0, 0, 0)
        counters = {name: RevisionCounters(mine) for name, mine in found.items()}
        return Scrape(self.clock.now().timestamp(), counters)


@dataclass
class World:
    """One platform and one application on it."""

    server: FakeApiServer
    clock: Clock
    platform: Platform
    router: Any
    key: Key = KEY
    notified: list[Key] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)

    def revision(self, version: str = "1", **changes: Any) -> Revision:
        return made(version, **changes)

    async def breathe(self) -> None:
        """Let watches and the platform's own task do what is due; no time passes."""
        for _ in range(BREATHS):
            await anyio.lowlevel.checkpoint()

    async def eventually(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Let the cluster do its part until something is so."""
        for _ in range(PATIENCE):
            await self.breathe()
            if await holds():
                return
            self.server.settle(self.broken)
        raise AssertionError("it did not come to be so")

    async def settle(self) -> None:
        """Let the cluster and the platform do all that they do by themselves."""
        for _ in range(4):
            self.server.settle(self.broken)
            await self.breathe()

    async def ensure(self, *groups: tuple[Revision, Iterable[int]], drain_s: float = 5.0) -> None:
        await self.platform.ensure(
            self.key,
            [found for found, _ in groups],
            [Group(found.id, tuple(ordinals)) for found, ordinals in groups],
            drain_s,
        )

    async def run(self, *groups: tuple[Revision, Iterable[int]]) -> tuple[Replica, ...]:
        await self.ensure(*groups)
        wanted = sorted((found.id, ordinal) for found, ordinals in groups for ordinal in ordinals)

        async def ready() -> bool:
            found = await self.platform.replicas(self.key)
            return wanted == sorted((r.revision, r.ordinal) for r in found) and all(
                r.state is ReplicaState.READY for r in found
            )

        await self.eventually(ready)
        return await self.platform.replicas(self.key)

    async def planned(self, *shares: tuple[Revision, int]) -> Route:
        replicas = await self.platform.replicas(self.key)
        return Route(
            application=self.key.application,
            environment=self.key.environment,
            host="shop.example",
            backends=tuple(
                Backend(
                    found.id,
                    weight,
                    tuple(
                        Endpoint(r.name, r.address)
                        for r in replicas
                        if r.revision == found.id and r.state is ReplicaState.READY
                    ),
                )
                for found, weight in shares
            ),
        )

    async def route(self, *shares: tuple[Revision, int]) -> Route:
        """Route to all ready replicas of revisions, and wait until that is so."""
        wanted = await self.planned(*shares)
        await self.put(wanted)
        await self.carried(wanted)
        return wanted

    async def put(self, wanted: Route | None) -> None:
        """Deliver a route, and once more when routers have heard of its Services, as the loop."""
        for _ in range(2):
            found = await self.platform.fetch(self.router.refs(self.key))
            await self.platform.deliver(self.key, self.router.render(self.key, wanted, found))
            self.clock.move(delivery.SETTLED.total_seconds())

    async def seen(self) -> Route | None:
        route: Route | None = self.router.read(self.key, await self.platform.applied())
        return route

    async def carried(self, wanted: Route | None) -> None:
        async def so() -> bool:
            return await self.seen() == wanted

        await self.eventually(so)

    def pods(self) -> dict[str, dict[str, Any]]:
        """Return the pods that are there by replica name."""
        found = {}
        for pod in self.server.all("Pod"):
            said = pod["metadata"]["labels"]
            name = f"{said.get('serinus.dev/revision')}-{said.get('serinus.dev/ordinal')}"
            found[name] = pod
        return found


@asynccontextmanager
async def started(
    server: FakeApiServer, *, clock: Clock | None = None, router: Any = None
) -> AsyncIterator[World]:
    """Start a platform over an API server; it is let go of at the end."""
    clock = clock or Clock(server.shelf.now)
    client = Client.connect(transport=server)
    kept = caches(client, clock, routing=("HTTPRoute", "Ingress"))
    async with anyio.create_task_group() as tasks:
        for cache in kept.values():
            tasks.start_soon(cache.run)
        for cache in kept.values():
            await cache.ready.wait()
        counting = Counting(clock)
        platform = Platform(
            Objects.over(client, kept, clock), counting=counting, routing_kinds=("HTTPRoute",)
        )
        counting.platform = platform
        found = World(server, clock, platform, router or _router())
        tasks.start_soon(platform.run, found.notified.append)
        try:
            yield found
        finally:
            tasks.cancel_scope.cancel()
    await client.close()


def _router() -> gatewayapi.Router:
    settings = gatewayapi.Settings(gateway=gatewayapi.Gateway("web"))
    return gatewayapi.Router(settings, Site(host="shop.example"))


@asynccontextmanager
async def world(home: Path) -> AsyncIterator[World]:
    """Make a cluster with one application; the home stays empty."""
    del home
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        yield found
