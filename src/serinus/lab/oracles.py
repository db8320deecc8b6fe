"""
Oracles: what could be decided by somebody who knows more than anybody can.

``oracle`` knows the true shares of errors of both versions in every tick and asks only when the
first of the two is certain enough: Wald's one-sided sequential test of the candidate's true share
against what it may have. ``oracle2`` knows what to bet on, but must learn from the counts of stable
what is usual, as everybody must. Neither can be built. The others are measured by them.

An oracle tests in ticks in which the candidate is truly worse than allowed, and in no other. Both
are about the shares of errors: where a scenario has no such check, or does not tell what is true,
they never stop.
"""

from collections.abc import Mapping, Sequence
from math import inf, log

from serinus.core.analysis import eprocess
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.lab.play import Truth
from serinus.lab.rules import Make
from serinus.lab.scenario import Scenario

LEVEL = 100.0
"""The evidence at which an oracle stops: wrong in one release of a hundred at most."""

NO_LINE = (inf, 0.0)
"""Everything is allowed."""

_NO_ARM = Arm({})
_LEAST = 1e-12
_MOST = 0.999999


class Known:
    """Wald's one-sided sequential test, both true shares known."""

    name = "oracle"

    def __init__(self, scenario: Scenario, _: Sequence[Tick] = ()) -> None:
        self._line = scenario.checks.get("errors", NO_LINE)
        self._evidence = 0.0

    def tick(self, tick: Tick, _: float, truth: Truth | None) -> bool:
        """Take in a tick, and tell whether to roll back."""
        arm = tick.arms.get(CANDIDATE)
        if truth is not None and arm is not None and worse(self._line, truth):
            allowed = max(self._line[0] * truth.stable + self._line[1], _LEAST)
            n, x = arm.requests, arm.errors
            self._evidence += x * log(truth.candidate / allowed) - n * (truth.candidate - allowed)
        return self._evidence >= log(LEVEL)


class Compared:
    """The e-process of two samples, with the alternative known and stable's share not."""

    name = "oracle2"

    def __init__(self, scenario: Scenario, _: Sequence[Tick] = ()) -> None:
        self._line = scenario.checks.get("errors", NO_LINE)
        self._evidence = 0.0

    def tick(self, tick: Tick, _: float, truth: Truth | None) -> bool:
        """Take in a tick, and tell whether to roll back."""
        candidate, stable = tick.arms.get(CANDIDATE, _NO_ARM), tick.arms.get(STABLE, _NO_ARM)
        n_c, n_p = candidate.requests, stable.requests
        if truth is not None and n_c and n_p and worse(self._line, truth):
            theta_p = min(max(truth.stable, _LEAST), _MOST)
            counts = (n_c, candidate.errors, n_p, stable.errors)
            self._evidence += eprocess.gains(counts, (truth.candidate,), theta_p, *self._line)[0]
        return self._evidence >= log(LEVEL)


def worse(line: tuple[float, float], truth: Truth) -> bool:
    """Tell whether the candidate is truly worse than ``line`` (ratio, plus) allows."""
    return line[0] < inf and truth.candidate > line[0] * truth.stable + line[1] + _LEAST


RULES: Mapping[str, Make] = {"oracle": Known, "oracle2": Compared}
