"""Exact bounds of a share that was counted: one-sided, by Clopper and Pearson."""

import functools
import math

ERROR = 0.05
"""The bounds hold in 95 of 100 cases."""


@functools.lru_cache(maxsize=4096)
def upper(found: int, runs: int, error: float = ERROR) -> float:
    """Return the upper bound of a share of which ``found`` in ``runs`` were seen."""
    if found >= runs:
        return 1.0
    low, high = found / runs, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(found, runs, middle) > error else (low, middle)
    return high


def lower(found: int, runs: int, error: float = ERROR) -> float:
    """Return the lower bound of a share of which ``found`` in ``runs`` were seen."""
    return 1.0 - upper(runs - found, runs, error) if runs else 0.0


def at_most(found: int, runs: int, share: float) -> float:
    """Return the probability of at most so many in a binomial distribution."""
    if share <= 0.0 or found >= runs:
        return 1.0
    if share >= 1.0:
        return 0.0
    if found > runs / 2:
        return max(0.0, 1.0 - at_most(runs - found - 1, runs, 1.0 - share))
    logs = (
        math.lgamma(runs + 1)
        - math.lgamma(k + 1)
        - math.lgamma(runs - k + 1)
        + k * math.log(share)
        + (runs - k) * math.log1p(-share)
        for k in range(found + 1)
    )
    return min(1.0, sum(map(math.exp, logs)))
