"""
The rules of others in the bench, with the settings that their documentation begins with.

====================  ==========================================================================
``flagger``           99 % good requests in each minute, five failures, back at the next minute
``argo``              99 % good requests in each minute, three failures allowed
``kayenta5m``         a rank test on points of a minute, every five minutes, errors critical
``msprt``             a mixture test of the difference of the shares of all requests so far
``LMbeta``            a mixture test of the candidate's part of the errors so far
====================  ==========================================================================

The first three are :mod:`serinus.core.analysis.rules`, and take a window without requests as the
others take it. The last two are the textbook's tests for counts and stop at a hundred to one:
neither knows a margin, and both take requests for independent.
"""

from collections.abc import Mapping, Sequence
from math import exp, log, pi, sin

from serinus.core.analysis.rules import chosen
from serinus.core.spec.rules import Argo, Flagger, Kayenta, NoValues, Rule
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.lab.play import Truth
from serinus.lab.rules import Make
from serinus.lab.scenario import Scenario

FLAGGER = Flagger(no_values=NoValues.THEIRS)
ARGO = Argo(failure_limit=3, no_values=NoValues.THEIRS)
KAYENTA = Kayenta(no_values=NoValues.THEIRS)

LEVEL = 100.0
"""The evidence at which the textbook's tests stop."""

TAU = 0.01
"""The standard deviation of the differences that ``msprt`` looks for: one percentage point."""

POINTS = 64
"""So many alternatives stand for the mixture of ``LMbeta``."""

_NOBODY = Arm({})


class Published:
    """A rule of :mod:`serinus.core.analysis.rules`."""

    def __init__(self, name: str, rule: Rule) -> None:
        self.name = name
        self._rule = rule
        self._state = chosen.open(rule)

    def tick(self, tick: Tick, _: float, __: Truth | None) -> bool:
        """Take in a tick, and tell whether to roll back."""
        self._state = chosen.advance(self._rule, self._state, tick)
        return bool(chosen.failed(self._rule, self._state))


class Differences:
    """
    A mixture sequential probability ratio test of the difference of two shares.

    The difference is taken for normal, its alternatives for normal around 0, and all requests of an
    arm are thrown together, whatever share of the traffic and whatever time they came from.
    """

    name = "msprt"

    def __init__(self, _: Scenario, __: Sequence[Tick] = ()) -> None:
        self._own = self._stable = (0, 0)

    def tick(self, tick: Tick, _: float, __: Truth | None) -> bool:
        """Take in a tick, and tell whether to roll back."""
        self._own = _add(self._own, tick, CANDIDATE)
        self._stable = _add(self._stable, tick, STABLE)
        (n, x), (m, y) = self._own, self._stable
        if not n or not m:
            return False
        variance = _variance(n, x) + _variance(m, y)
        difference = x / n - y / m
        whole = variance + TAU**2
        evidence = 0.5 * log(variance / whole) + (TAU * difference) ** 2 / (2 * variance * whole)
        return difference > 0 and evidence >= log(LEVEL)


class Parts:
    """
    A mixture test of which part of all errors is the candidate's, as Lindon and Malek propose.

    Where both versions fail as often, an error is the candidate's with the chance that a request
    is. The alternatives multiply the odds of that by ``u / (1 - u)`` with u from Beta(½, ½), so
    that the parts may change from tick to tick. What is improbable in both directions is evidence;
    it rolls back where the errors are more than there should be.
    """

    name = "LMbeta"

    def __init__(self, _: Scenario, __: Sequence[Tick] = ()) -> None:
        # The arcsine law in equal parts: u = sin²(π q / 2).
        shares = [sin(pi * (place + 0.5) / POINTS / 2) ** 2 for place in range(POINTS)]
        self._odds = [u / (1 - u) for u in shares]
        self._logs = [0.0] * POINTS
        self._over = 0.0

    def tick(self, tick: Tick, _: float, __: Truth | None) -> bool:
        """Take in a tick, and tell whether to roll back."""
        (n, x), (m, y) = _add((0, 0), tick, CANDIDATE), _add((0, 0), tick, STABLE)
        if not n or not m or not x + y:
            return False
        part = n / (n + m)
        self._over += x - (x + y) * part
        for place, odds in enumerate(self._odds):
            moved = part * odds / (part * odds + 1 - part)
            self._logs[place] += x * log(moved / part) + y * log((1 - moved) / (1 - part))
        top = max(self._logs)
        mean = top + log(sum([exp(one - top) for one in self._logs]) / POINTS)
        return self._over > 0 and mean >= log(LEVEL)


def _variance(requests: int, errors: int) -> float:
    """Return the variance of a share, as far as it can be told when all or none failed."""
    share = (errors + 0.5) / (requests + 1)
    return share * (1 - share) / requests


def _add(before: tuple[int, int], tick: Tick, name: str) -> tuple[int, int]:
    arm = tick.arms.get(name, _NOBODY)
    return before[0] + arm.requests, before[1] + arm.errors


def flagger(_: Scenario, __: Sequence[Tick] = ()) -> Published:
    """Make Flagger's rule for a run."""
    return Published("flagger", FLAGGER)


def argo(_: Scenario, __: Sequence[Tick] = ()) -> Published:
    """Make Argo Rollouts' rule for a run."""
    return Published("argo", ARGO)


def kayenta(_: Scenario, __: Sequence[Tick] = ()) -> Published:
    """Make Kayenta's rule for a run."""
    return Published("kayenta5m", KAYENTA)


RULES: Mapping[str, Make] = {
    "flagger": flagger,
    "argo": argo,
    "kayenta5m": kayenta,
    "msprt": Differences,
    "LMbeta": Parts,
}
"""The rules of others, by the name in the tables."""

WORDS: Mapping[str, str] = {
    "flagger": "Flagger: below 99 % in five minutes in all, then the next minute",
    "argo": "Argo Rollouts: below 99 % in more than three minutes",
    "kayenta5m": "Kayenta: a rank test on points of a minute, every five minutes",
    "msprt": "a mixture test of the difference of all requests so far; at 100",
    "LMbeta": "a mixture test of the candidate's part of the errors (Lindon, Malek); at 100",
}
"""What each is, in a few words."""
