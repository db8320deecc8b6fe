"""
The guard: what replicas take, looked at on time; and the memory of those that no kernel limits.

A replica that takes more memory than it may is ended where no control group does it. The look is
once a second, so that one which grows fast may take more for a moment.
"""

import time
from collections.abc import Callable, Sequence

import anyio
from anyio import to_thread

from serinus.adapters.local import confinement, usage
from serinus.adapters.local.confinement import Confinement
from serinus.adapters.local.life import Life

_EVERY_S = 1.0


class Guard:
    """Measure replicas; ``lives`` are all of them."""

    def __init__(self, lives: Callable[[], Sequence[Life]], limits: Confinement) -> None:
        self._lives = lives
        self._limits = limits
        self._meter = usage.Meter()
        self._looking = anyio.Lock()

    async def look(self, lives: Sequence[Life]) -> None:
        """Measure replicas, which remember it."""
        leaders = {life.record.process: life for life in lives if life.record.process is not None}
        if not leaders:
            return
        async with self._looking:
            found = await to_thread.run_sync(self._meter.look, tuple(leaders), time.time())
        for process, life in leaders.items():
            if life.record.process == process:
                life.usage = found.get(process)

    async def run(self) -> None:
        """End what takes more memory than it may, until cancelled."""
        while True:
            await anyio.sleep(_EVERY_S)
            self._limits.tidy()
            unheld = [
                life
                for life in self._lives()
                if life.ceiling.memory is not None and not confinement.is_held(life.record)
            ]
            if unheld:
                await self.look(unheld)
            for life in unheld:
                await self._judge(life)

    async def _judge(self, life: Life) -> None:
        limit, process, seen = life.ceiling.memory, life.record.process, life.usage
        if limit is None or process is None or seen is None or seen.memory <= limit:
            return
        # Pages that several processes share were counted for each of them: look closer.
        used = await to_thread.run_sync(usage.proportional, process.pid)
        if used > limit and life.record.process == process:
            life.exceed(used)
