"""
Rules: what only ever says *roll back now*, so that all of them can watch one and the same run.

A rule is made anew for each run, by a function that gets the scenario and the ticks from before the
release. It is shown every tick once, in order, until it has said yes.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from serinus.core.state.counts import Tick
from serinus.lab.play import Truth
from serinus.lab.scenario import Scenario


class Rule(Protocol):
    """What decides by watching."""

    name: str

    def tick(self, tick: Tick, weight: float, truth: Truth | None) -> bool:
        """
        Take in a tick of the release, and tell whether to roll back now.

        ``weight`` is what the plan gave the candidate in it (a fraction). ``truth`` are the true
        shares of errors where the scenario tells them: oracles may look at it, nobody else.
        """
        ...


Make = Callable[[Scenario, Sequence[Tick]], Rule]
"""Makes a rule for one run of a scenario; the ticks are those from before the release."""
