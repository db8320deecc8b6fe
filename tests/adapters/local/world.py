"""The local platform as the shared suites see it: real processes, behind a real Envoy."""

import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from serinus.adapters.local import portnumbers
from serinus.adapters.local.platform import Platform, Settings
from serinus.adapters.routers import envoy
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Mirror, Route
from serinus.core.state.workload import (
    Group,
    HealthProbe,
    Replica,
    ReplicaState,
    Revision,
    Workload,
)

APPLICATION = Path(__file__).with_name("application.py")
PATIENCE_S = 15.0
MARKS = (pytest.mark.envoy,)


def revision(version: str = "1", /, **changes: object) -> Revision:
    """Make a revision of the test application; ``env`` holds its faults."""
    workload = Workload(
        command=(sys.executable, "-S", str(APPLICATION)),
        workdir=str(APPLICATION.parent),
        health=HealthProbe(path="/healthz", every_s=0.2),
        grace_s=2.0,
    )
    workload = msgspec.structs.replace(workload, **changes)
    identity = sha256(msgspec.json.encode((version, workload))).hexdigest()
    return Revision(id=identity, version=version, workload=workload)


@dataclass
class World:
    """One platform and one application on it."""

    platform: Platform
    home: Path
    port: int
    key: Key = field(default_factory=lambda: Key("shop", "local"))
    router: envoy.Router = field(default_factory=envoy.Router)
    notified: list[Key] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"{self.key.application}.localhost"

    def revision(self, version: str = "1", /, **changes: object) -> Revision:
        return revision(version, **changes)

    async def eventually(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so; the real world takes its time."""
        with anyio.fail_after(PATIENCE_S):
            while True:
                if await holds():
                    return
                await anyio.sleep(0.02)

    async def ensure(self, *groups: tuple[Revision, Iterable[int]], drain_s: float = 5.0) -> None:
        await self.platform.ensure(
            self.key,
            [found for found, _ in groups],
            [Group(found.id, tuple(ordinals)) for found, ordinals in groups],
            drain_s,
        )

    async def run(self, *groups: tuple[Revision, Iterable[int]]) -> tuple[Replica, ...]:
        """Make replicas exist, and return them when exactly these are ready."""
        await self.ensure(*groups)
        wanted = sorted((found.id, ordinal) for found, ordinals in groups for ordinal in ordinals)

        async def ready() -> bool:
            found = await self.platform.replicas(self.key)
            return wanted == sorted((r.revision, r.ordinal) for r in found) and all(
                r.state is ReplicaState.READY for r in found
            )

        await self.eventually(ready)
        return await self.platform.replicas(self.key)

    async def route(self, *shares: tuple[Revision, int], timeout_s: float = 15.0) -> Route:
        """Route to all ready replicas of revisions, and wait until Envoy does."""
        wanted = await self.deliver(*shares, timeout_s=timeout_s)
        await self.carried(wanted)
        return wanted

    async def deliver(self, *shares: tuple[Revision, int], timeout_s: float = 15.0) -> Route:
        wanted = await self.planned(*shares, timeout_s=timeout_s)
        await self.put(wanted)
        return wanted

    async def planned(self, *shares: tuple[Revision, int], **further: Any) -> Route:
        """Return a route to all ready replicas of revisions."""
        replicas = await self.platform.replicas(self.key)
        return Route(
            application=self.key.application,
            environment=self.key.environment,
            host=self.host,
            backends=tuple(
                Backend(
                    revision=found.id,
                    weight=weight,
                    endpoints=tuple(
                        Endpoint(r.name, r.address)
                        for r in replicas
                        if r.revision == found.id and r.state is ReplicaState.READY
                    ),
                    health_path=found.workload.health.path,
                )
                for found, weight in shares
            ),
            **further,
        )

    async def mirrored(self, found: Revision, share: int, **further: Any) -> Mirror:
        """Return a mirror to all ready replicas of a revision."""
        (backend,) = (await self.planned((found, 1000))).backends
        return Mirror(
            found.id, share, endpoints=backend.endpoints, health_path=backend.health_path, **further
        )

    async def follow(self, wanted: Route) -> None:
        """Deliver a route, and wait until Envoy carries it out."""
        await self.put(wanted)
        await self.carried(wanted)

    async def put(self, wanted: Route | None) -> None:
        found = await self.platform.fetch(self.router.refs(self.key))
        await self.platform.deliver(self.key, self.router.render(self.key, wanted, found))

    async def seen(self) -> Route | None:
        return self.router.read(self.key, await self.platform.applied())

    async def carried(self, wanted: Route | None) -> None:
        async def so() -> bool:
            return await self.seen() == wanted

        await self.eventually(so)


def entrance() -> int:
    """Choose a port for Envoy, outside of those that replicas get."""
    with socket.create_server((portnumbers.LOOPBACK, 0)) as free:
        port: int = free.getsockname()[1]
        return port


@asynccontextmanager
async def world(home: Path) -> AsyncIterator[World]:
    """Start a platform in an empty home; end everything it started."""
    async with started(home, entrance()) as found:
        try:
            yield found
        finally:
            with anyio.CancelScope(shield=True):
                await found.platform.down(drain_s=0.0)


@asynccontextmanager
async def started(home: Path, port: int) -> AsyncIterator[World]:
    """Start a platform, or adopt what runs; let go of it at the end."""
    platform = Platform(home, Settings(port=port))
    found = World(platform, home, port)
    await platform.start()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(platform.run, found.notified.append)
        try:
            yield found
        finally:
            tasks.cancel_scope.cancel()
    await platform.close()
