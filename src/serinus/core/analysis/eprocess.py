"""
The evidence: an e-process for "the candidate is worse than allowed", in closed form.

Nothing is assumed about stable's share of bad requests, which may change from block to block. Only
the relation is judged, in each block by itself: *the candidate's share is at most ratio × stable's
+ plus*. For a bet on the shares ``theta_c`` and ``theta_p``, fixed before the block is seen,
:func:`project` finds the pair on the line that is nearest to the bet (Kullback–Leibler distance of
Poisson counts). The likelihood ratio between bet and projection multiplies the capital::

            θ_c │        × the bet
                │       ╱
                │     ○╱   its projection (p*, q*)         q* = ratio · p* + plus
                │     ╱
                │   ╱    allowed
                └────────────── θ_p

If the release is no worse than allowed, the expectation of each factor is at most 1. So is that of
their product at any moment at which somebody chooses to look: the chance that it ever reaches 10
is at most one in ten. That holds for independent requests, and for whatever correlation of the
outcomes as long as requests are routed at random.

Many bets run side by side (:data:`BETS`). Capital comes in two ways: part at once, the rest in
small amounts over the plan, so that a regression which begins late meets fresh capital.
Everything is kept as logarithms: :data:`EMPTY` stands for the logarithm of no capital at all,
because JSON has no infinity.
"""

from collections.abc import Sequence
from math import exp, log, log1p, sqrt

GRID = 8
"""How many bets lie on a grid between a small regression and a total outage."""

BETS = GRID + 1
"""The grid, and one bet on what the candidate did so far."""

FIRST = 0.6
"""The part of the capital that is there from the first block on; the rest comes over the plan."""

EMPTY = -1e18
FRESH = (EMPTY,) * BETS
LOG_PRIOR = (log(0.7 / GRID),) * GRID + (log(0.3),)

_TOP = 0.98
_CEILING = 0.999
_FLOOR = 1e-7
_LEAST = 1e-12


def baseline(requests: float, bad: float) -> float:
    """Estimate stable's share from its past."""
    return min(max((bad + 0.5) / (requests + 1.0), _FLOOR), _TOP)


def bets(limit: float, requests: float, bad: float) -> tuple[float, ...]:
    """
    Choose the candidate's shares to bet on; ``requests`` and ``bad`` are its past in this test.

    Empty when the limit leaves no room for a regression.
    """
    if limit >= _TOP - 0.01:
        return ()
    low = min(1.4 * limit, (limit + _TOP) / 2)
    ratio = (_TOP / low) ** (1 / (GRID - 1))
    grid = [low]
    for _ in range(GRID - 2):
        grid.append(grid[-1] * ratio)
    prior = 0.5 / limit
    learnt = (bad + 1.5) / (requests + prior)
    learnt = min(max(learnt, 1.05 * limit, limit + 1e-9), _CEILING)
    return (*grid, _TOP, learnt)


def project(  # noqa: PLR0917  the letters of one formula
    n_c: float, n_p: float, theta_c: float, theta_p: float, ratio: float, plus: float
) -> tuple[float, float]:
    """Find the pair (stable, candidate) on the line ``q = ratio · p + plus`` nearest to a bet."""
    if ratio == 0.0:
        return theta_p, plus
    weight = n_c * ratio + n_p
    a = weight * ratio
    b = weight * plus - n_c * ratio * theta_c - n_p * ratio * theta_p
    c = -n_p * theta_p * plus
    root = sqrt(b * b - 4 * a * c)
    # Of the two forms of the same root, the one that does not subtract nearly equal numbers.
    p = (root - b) / (2 * a) if b <= 0 else -2 * c / (b + root)
    p = max(p, _LEAST)
    return p, ratio * p + plus


def gains(
    counts: tuple[float, float, float, float],
    thetas: Sequence[float],
    theta_p: float,
    ratio: float,
    plus: float,
) -> list[float]:
    """
    Return the logarithm of each bet's factor for one block.

    ``counts``: candidate's requests and bad ones, then stable's.
    """
    n_c, x_c, n_p, x_p = counts
    if ratio == 0.0:
        return [x_c * log(t / plus) + n_c * (plus - t) for t in thetas]
    # The same as `project`, with all that the bets have in common taken out of the loop.
    a = 2 * (n_c * ratio + n_p) * ratio
    common = (n_c * ratio + n_p) * plus - n_p * ratio * theta_p
    slope = n_c * ratio
    four = 2 * a * n_p * theta_p * plus
    minus_two_c = 2 * n_p * theta_p * plus
    found = []
    for theta_c in thetas:
        b = common - slope * theta_c
        root = sqrt(b * b + four)
        p = (root - b) / a if b <= 0.0 else minus_two_c / (b + root)
        p = max(p, _LEAST)
        q = ratio * p + plus
        gain = n_c * (q - theta_c) + n_p * (p - theta_p)
        if x_c:
            gain += x_c * log(theta_c / q)
        if x_p:
            gain += x_p * log(theta_p / p)
        found.append(gain)
    return found


def inject(weights: tuple[float, ...], share: float) -> tuple[float, ...]:
    """Add ``share`` of the capital to all bets, before a block is seen."""
    if share <= 0.0:
        return weights
    extra = log(share)
    return tuple([add(w, p + extra) for w, p in zip(weights, LOG_PRIOR, strict=True)])


def bet(weights: tuple[float, ...], gained: Sequence[float], phi: float) -> tuple[float, ...]:
    """Multiply the capital of each bet by its factor, tempered by the dispersion ``phi``."""
    return tuple([w + g / phi for w, g in zip(weights, gained, strict=True)])


def total(weights: Sequence[float], cash: float) -> float:
    """Return the logarithm of all capital, ``cash`` being the part not yet injected."""
    top = max(weights)
    if cash > 0.0:
        top = max(top, log(cash))
        return top + log(sum([exp(w - top) for w in weights]) + cash * exp(-top))
    return top + log(sum([exp(w - top) for w in weights]))


def belief(weights: Sequence[float], thetas: Sequence[float]) -> float:
    """Return the share that the capital points at: the geometric mean of the bets."""
    top = max(weights)
    shares = [exp(w - top) for w in weights]
    return exp(sum(s * log(t) for s, t in zip(shares, thetas, strict=True)) / sum(shares))


def add(a: float, b: float) -> float:
    """Return ``log(exp(a) + exp(b))``."""
    if a < b:
        a, b = b, a
    return a + log1p(exp(b - a))


def mean(logs: Sequence[float]) -> float:
    """Return the logarithm of the mean of values given by their logarithms."""
    top = max(logs)
    return top + log(sum([exp(v - top) for v in logs]) / len(logs))


def value(log_value: float) -> float:
    """Return the number behind a logarithm; what no float can hold becomes a very large one."""
    return exp(min(log_value, 700.0))
