"""The one place where time comes from."""

from datetime import datetime
from typing import Protocol

import anyio


class Clock(Protocol):
    """Tell the time, and wait. Instants are aware UTC; ``now`` never goes back by itself."""

    def now(self) -> datetime:
        """Return the current instant."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait. Cancelling is allowed at any time."""
        ...


async def until(event: anyio.Event, clock: Clock, most_s: float) -> None:
    """Wait until something happens, but not longer than this by the clock."""
    async with anyio.create_task_group() as tasks:

        async def wake() -> None:
            await clock.sleep(most_s)
            tasks.cancel_scope.cancel()

        tasks.start_soon(wake)
        await event.wait()
        tasks.cancel_scope.cancel()
