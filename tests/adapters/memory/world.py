"""The memory platform as the shared suites see it: one application, and a clock to move."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.platform import Behaviour, Platform
from serinus.adapters.memory.router import Router
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.workload import Group, Replica, ReplicaState, Revision, Workload

MARKS = ()
PATIENCE = 100


class World:
    """One platform and one application on it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.platform = Platform(self.clock, lambda _: Behaviour())
        self.router = Router()
        self.key = Key("shop", "local")

    def revision(self, version: str = "1") -> Revision:
        identity = sha256(version.encode()).hexdigest()
        return Revision(id=identity, version=version, workload=Workload(command=("./shop",)))

    async def eventually(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Move the clock until something is so."""
        for _ in range(PATIENCE):
            if await holds():
                return
            self.clock.move(0.1)
        raise AssertionError("it did not come to be so")

    async def ensure(self, *groups: tuple[Revision, Iterable[int]]) -> None:
        await self.platform.ensure(
            self.key,
            [found for found, _ in groups],
            [Group(found.id, tuple(ordinals)) for found, ordinals in groups],
            5.0,
        )

    async def run(self, *groups: tuple[Revision, Iterable[int]]) -> tuple[Replica, ...]:
        await self.ensure(*groups)

        async def ready() -> bool:
            found = await self.platform.replicas(self.key)
            return all(r.state is ReplicaState.READY for r in found)

        await self.eventually(ready)
        return await self.platform.replicas(self.key)

    async def route(self, *shares: tuple[Revision, int]) -> Route:
        replicas = await self.platform.replicas(self.key)
        wanted = Route(
            application=self.key.application,
            environment=self.key.environment,
            host="shop.localhost",
            backends=tuple(
                Backend(
                    found.id,
                    weight,
                    tuple(Endpoint(r.name, r.address) for r in replicas if r.revision == found.id),
                )
                for found, weight in shares
            ),
        )
        await self.put(wanted)
        return wanted

    async def put(self, wanted: Route | None) -> None:
        found = await self.platform.fetch(self.router.refs(self.key))
        await self.platform.deliver(self.key, self.router.render(self.key, wanted, found))

    async def seen(self) -> Route | None:
        return self.router.read(self.key, await self.platform.applied())

    async def carried(self, wanted: Route | None) -> None:
        assert wanted == await self.seen()


@asynccontextmanager
async def world(home: Path) -> AsyncIterator[World]:
    """Make a platform in memory; the home stays empty."""
    del home
    yield World()
