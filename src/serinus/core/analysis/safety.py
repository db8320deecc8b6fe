"""
Safety: evidence that the candidate is *not* worse, and how small a regression could be seen.

Not finding a regression is no proof of safety: nothing is found where nobody looked. For a
promotion the question is turned round. The hypothesis to be defeated is now *the candidate is
worse than the margin allows*, and the bets are that it is as good as stable, better, or a little
worse. There is no late capital: evidence of safety must not be started anew.
"""

from collections.abc import Sequence
from math import log, sqrt

from serinus.core.analysis import eprocess

FRESH = (log(0.6), log(0.2), log(0.2))
_TIMES = (1.0, 0.6, 1.35)
PRICE = 1.5 - log(eprocess.FIRST)
"""What mixing many bets and holding capital back costs, in nats."""

PROOF = -FRESH[0]
"""What mixing the bets on safety costs, in nats."""


def step(
    weights: tuple[float, ...],
    counts: tuple[float, float, float, float],
    theta_p: float,
    margin: tuple[float, float],
    phi: float,
) -> tuple[float, ...]:
    """Count one block of (candidate's requests, bad, stable's requests, bad)."""
    ratio, plus = margin
    middle = (theta_p + ratio * theta_p + plus) / 2 if ratio else plus / 2
    thetas = [min(t * theta_p, middle) for t in _TIMES]
    return eprocess.bet(weights, eprocess.gains(counts, thetas, theta_p, ratio, plus), phi)


def evidence(weights: Sequence[float]) -> float:
    """Return the logarithm of the evidence of safety."""
    return eprocess.total(weights, 0.0)


def smallest(
    counts: tuple[float, float], share: float, line: tuple[float, float], phi: float, level: float
) -> float:
    """
    Return the smallest share of bad requests that would have been detected with 50 % probability.

    ``counts``: requests of candidate and stable; ``share``: stable's bad ones; ``line``: ratio and
    plus; ``level``: logarithm of the evidence at which the stream alone raises the alarm.
    """
    needed = (level + PRICE) * phi
    low = min(max(line[0] * share + line[1], 1e-9), 1.0)
    high = 1.0
    if _expected(counts, high, share, line) < needed:
        return 1.0
    while high > low * 1.05:
        middle = sqrt(low * high)
        if _expected(counts, middle, share, line) < needed:
            low = middle
        else:
            high = middle
    return high


def _expected(
    counts: tuple[float, float], theta_c: float, theta_p: float, line: tuple[float, float]
) -> float:
    n_c, n_p = counts
    p, q = eprocess.project(n_c, n_p, theta_c, theta_p, *line)
    return n_c * distance(theta_c, q) + n_p * distance(theta_p, p)


def distance(a: float, b: float) -> float:
    """Return the evidence for each request that a share ``a`` yields against a share ``b``."""
    return a * log(a / b) - a + b
