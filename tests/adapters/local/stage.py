"""Replicas as real processes, without an Envoy in front of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel

from serinus.adapters.local import procfs
from serinus.adapters.local.places import Places
from serinus.adapters.local.processes import Processes
from serinus.adapters.local.records import OWNER
from serinus.core.state.notice import Key
from serinus.core.state.workload import Group, Replica, ReplicaState, Revision

KEY = Key("shop", "local")


class Stage:
    """Replicas, and a router that is idle whenever it is asked."""

    def __init__(self, home: Path) -> None:
        self.places = Places(home)
        self.places.prepare()
        self.left: list[Key] = []
        self.notified: list[Key] = []
        self.processes = Processes(self.places, self._leave, self._idle)

    async def _leave(self, key: Key) -> None:
        self.left.append(key)

    async def _idle(self, _: str) -> bool:
        return True

    async def ensure(self, found: Revision, *ordinals: int, drain_s: float = 5.0) -> None:
        await self.processes.ensure(KEY, [found], [Group(found.id, ordinals)], drain_s)

    def replicas(self) -> list[Replica]:
        return [life.replica(0) for life in self.processes.of(KEY)]

    async def until(self, holds: Callable[[list[Replica]], bool]) -> list[Replica]:
        with anyio.fail_after(10):
            while not holds(self.replicas()):  # noqa: ASYNC110  processes have no events
                await anyio.sleep(0.01)
        return self.replicas()

    def pid(self, index: int = 0) -> int:
        process = self.processes.of(KEY)[index].record.process
        assert process is not None
        return process.pid

    async def ready(self, count: int = 1) -> list[Replica]:
        return await self.until(
            lambda found: [ReplicaState.READY] * count == [r.state for r in found]
        )


@asynccontextmanager
async def staged(home: Path) -> AsyncIterator[Stage]:
    """Watch replicas in a home, and end all of them."""
    found = Stage(home)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(found.processes.tend, found.notified.append)
        await anyio.lowlevel.checkpoint()
        try:
            yield found
        finally:
            with anyio.CancelScope(shield=True):
                await found.processes.stop_all(0.0)
            tasks.cancel_scope.cancel()
    assert [] == list(procfs.leaders(OWNER, str(home)))
