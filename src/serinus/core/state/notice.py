"""What passes between the loop and the world: keys, and events that people can watch."""

import enum
from datetime import datetime

import msgspec


class Key(msgspec.Struct, frozen=True, order=True):
    """What the loop works on: one application in one environment."""

    application: str
    environment: str

    def __str__(self) -> str:
        """Write it as people do: ``shop/local``."""
        return f"{self.application}/{self.environment}"


class Kind(enum.StrEnum):
    """What an event is about."""

    RELEASE = "release"
    STEP = "step"
    VERDICT = "verdict"
    RETREAT = "retreat"
    REPLICA = "replica"
    INTENT = "intent"
    PROBLEM = "problem"
    RESULT = "result"


class Event(msgspec.Struct, frozen=True):
    """
    One thing that happened, in one sentence.

    ``sequence`` is global and given by the store (0 before it is stored). ``release`` is the
    release's number, None for what concerns the application alone.
    """

    at: datetime
    application: str
    environment: str
    kind: Kind
    reason: str
    sentence: str
    release: int | None = None
    sequence: int = 0
