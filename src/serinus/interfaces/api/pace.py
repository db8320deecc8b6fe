"""How often one person may ask for something: a bucket of wishes that fills again with time."""

import math
from datetime import datetime

from starlette.exceptions import HTTPException

from serinus.ports.clock import Clock

BURST = 30
EVERY_S = 2.0
"""A wish more every so many seconds, up to the burst."""

MOST = 10_000
"""So many people are remembered; whoever was away long enough has a full bucket anyway."""


class Pace:
    """A bucket for each person."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, datetime]] = {}

    def take(self, name: str) -> None:
        """Take a wish out of a person's bucket; refused, with the time to wait, when empty."""
        now = self._clock.now()
        left, then = self._left.get(name, (BURST, now))
        left = min(float(BURST), left + (now - then).total_seconds() / EVERY_S)
        if left < 1:
            wait_s = math.ceil((1 - left) * EVERY_S)
            raise HTTPException(
                429,
                f"{name} has asked for {BURST} things within a minute, so this was not done",
                headers={"Retry-After": str(wait_s)},
            )
        if len(self._left) >= MOST:
            self._left.clear()
        self._left[name] = (left - 1, now)
