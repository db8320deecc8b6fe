"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


class Clock:
    """Tell a time that only :meth:`move` and :meth:`sleep` change."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the instant to which the clock was moved last."""
        return self._now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)

    def move_to(self, instant: datetime) -> None:
        """Let time pass until an instant; never back."""
        self._now = max(self._now, instant)

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.move(seconds)
