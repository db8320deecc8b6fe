"""How many turns there were, how they came out, and how long they took: for the own metrics."""

from dataclasses import dataclass, field

import anyio


@dataclass(slots=True)
class Turns:
    """
    Counts that only grow.

    ``by``: turns by how they came out: ``ok``, ``conflict`` (somebody was faster), ``failed`` (a
    port did not do what was asked); ``seconds``: what all of them took. ``given`` is set by the
    next turn, and another one then takes its place.
    """

    by: dict[str, int] = field(default_factory=lambda: {"ok": 0, "conflict": 0, "failed": 0})
    seconds: float = 0.0
    given: anyio.Event = field(default_factory=anyio.Event)

    def count(self, outcome: str, seconds: float) -> None:
        """Count one turn; a clock that was set back makes none shorter than nothing."""
        self.by[outcome] += 1
        self.seconds += max(0.0, seconds)
        self.given.set()
        self.given = anyio.Event()
