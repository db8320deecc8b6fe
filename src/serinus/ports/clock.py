"""The one place where time comes from."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the time, and wait. Instants are aware UTC; ``now`` never goes back by itself."""

    def now(self) -> datetime:
        """Return the current instant."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait. Cancelling is allowed at any time."""
        ...
