"""
The probe: a short test of one stream on a fresh replica, with little traffic.

An alarm says that something was bad. It does not say whether it was the version or that one
replica's bad luck. The probe asks a fresh replica, and it knows what to look for: θ̂, the share
that the alarm pointed at, and θ₂, half-way (geometrically) between θ̂ and the limit. With two fixed
bets instead of many it decides in about a minute, at the smallest share of traffic that suffices.

======  ===========================================================================
fail    ½ LR(θ̂) + ½ LR(θ₂) ≥ probe, or what is still lacking to give up, if that is more
pass    LR(θ₂) ≤ 1 / probe after at least 15 s, or the time limit is over
======  ===========================================================================

The time begins with the first counts: without any the probe stays open, and whoever waits for it
decides how long.
"""

from math import ceil, log, sqrt
from typing import NamedTuple

from serinus.core.analysis import eprocess, safety
from serinus.core.spec.delivery import FULL
from serinus.core.spec.wayback import RetreatPolicy
from serinus.core.state.verdict import Outcome

FRESH = (0.0, 0.0)
_LEAST_S = 15.0
_TOP = 0.98
_LEAST_TIMES = 1.4
_EVERYTHING = 0.99


def targets(theta: float, limit: float) -> tuple[float, float]:
    """Return both shares to bet on. ``theta`` 0: nobody knows, then the middle of what is bad."""
    high = theta or sqrt(limit * _TOP)
    high = min(max(high, _LEAST_TIMES * limit), max(_TOP, (1 + limit) / 2))
    return high, sqrt(high * limit)


def step(  # noqa: PLR0917  the letters of one formula
    ratios: tuple[float, float],
    counts: tuple[float, float, float, float],
    theta: float,
    theta_p: float,
    line: tuple[float, float],
    phi: float,
) -> tuple[float, float]:
    """
    Count one block of (candidate's requests, bad, stable's requests, bad).

    Where stable fails so often that everything is allowed, there is nothing to bet on.
    """
    limit = line[0] * theta_p + line[1]
    if limit >= _EVERYTHING:
        return ratios
    bets = targets(theta, limit)
    first, second = eprocess.gains(counts, bets, theta_p, *line)
    return ratios[0] + first / phi, ratios[1] + second / phi


def evidence(ratios: tuple[float, float]) -> float:
    """Return the logarithm of the probe's evidence."""
    return eprocess.mean(ratios)


class Terms(NamedTuple):
    """
    What a probe goes by: its level, and how long it takes at most, in seconds.

    ``needed``: the logarithm of the evidence that it takes to fail, if that is more than usual. A
    version that is bad is bad from the first second on: the longer a probe takes beyond what it
    needs, the more it asks of the luck of its replica.
    """

    level: float
    limit_s: float
    needed: float = 0.0


def outcome(ratios: tuple[float, float], seconds: float, terms: Terms) -> Outcome:
    """Decide the probe, ``seconds`` after its first counts; INCONCLUSIVE: it goes on."""
    level = log(terms.level)
    if evidence(ratios) >= max(level, terms.needed):
        return Outcome.FAIL
    if (seconds >= _LEAST_S and ratios[1] <= -level) or seconds >= terms.limit_s:
        # Out of time, but clearly bad: it failed, only not so clearly as was hoped for.
        return Outcome.FAIL if evidence(ratios) >= level else Outcome.PASS
    return Outcome.INCONCLUSIVE


PATIENCE = 3.0
"""How much longer than the target time a probe may take to pass than to fail."""


def requests(theta: float, limit: float, phi: float, policy: RetreatPolicy) -> float:
    """Return how many requests a probe needs within its target time."""
    high, low = targets(theta, limit)
    level = phi * log(policy.probe)
    return max(
        level / max(safety.distance(high, limit), 1e-12),
        level / max(safety.distance(limit, low), 1e-12) / PATIENCE,
    )


def share(theta: float, limit: float, phi: float, rate: float, policy: RetreatPolicy) -> int:
    """
    Return the smallest share (per mille) at which a probe decides in about the target time.

    A fresh replica that is as bad fails within the target time; one that is well may take
    :data:`PATIENCE` times as long to pass. Few healthy releases are ever probed, and everything
    that a probe of a bad one is given beyond what it needs to fail is given to users as errors.

    ``rate``: requests each second, of all arms together.
    """
    if rate <= 0.0:
        return FULL
    needed = requests(theta, limit, phi, policy)
    wanted = ceil(FULL * needed / (rate * policy.probe_target_s))
    return min(max(wanted, policy.min_share), FULL)
