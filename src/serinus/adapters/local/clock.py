"""The real time."""

from datetime import UTC, datetime

import anyio


class Clock:
    """Tell the time of this machine, and wait."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)
