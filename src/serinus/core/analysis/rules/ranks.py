"""
Ranks: how far one sample is shifted against another, by Mann and Whitney's test.

The shift is estimated after Hodges and Lehmann: the median of all differences of a value of the one
and a value of the other. Its interval holds all shifts that the test does not reject, with the
normal approximation, the correction for ties and the one for continuity. The statistic, as a
function of the shift, is a staircase that steps down at each of the differences, so that both ends
are found among them and nothing has to be searched for.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf, sqrt
from statistics import NormalDist, median
from typing import NamedTuple


class Shift(NamedTuple):
    """By how much the first sample is above the second, and the ends of its interval."""

    low: float
    high: float
    estimate: float


def shift(first: Sequence[float], second: Sequence[float], confidence: float) -> Shift:
    """
    Estimate the shift of two samples that are not empty.

    Where all values of each are the same, nothing is left to chance: the interval is a point.
    """
    differences = sorted([x - y for x in first for y in second])
    low, high, estimate = differences[0], differences[-1], median(differences)
    if low == high:
        return Shift(low, high, estimate)
    quantile = NormalDist().inv_cdf((1 + confidence) / 2)
    sizes, spread = (len(first), len(second)), _spread(first, second)
    ends = []
    for wanted in (quantile, -quantile):
        if _score(differences, low, sizes, _tied(first, second, low)) <= wanted:
            ends.append(low)
        elif _score(differences, high, sizes, _tied(first, second, high)) >= wanted:
            ends.append(high)
        else:
            ends.append(_step(differences, sizes, spread, wanted))
    return Shift(ends[0], ends[1], estimate)


def _step(
    differences: Sequence[float], sizes: tuple[int, int], spread: float, wanted: float
) -> float:
    """Return the difference at which the score falls from above a number to it or below."""
    n, count = sizes[0] * sizes[1], len(differences)
    for place, value in enumerate(differences):
        if place + 1 < count and differences[place + 1] == value:
            continue
        centred = (count - place - 1) - n / 2
        if _standard(centred, spread) <= wanted:
            return value
    return differences[-1]


def _score(
    differences: Sequence[float], shifted: float, sizes: tuple[int, int], spread: float
) -> float:
    """Return the standardised statistic when the first sample is moved down by a shift."""
    above = len(differences) - bisect_right(differences, shifted)
    equal = len(differences) - above - bisect_left(differences, shifted)
    return _standard(above + equal / 2 - sizes[0] * sizes[1] / 2, spread)


def _standard(centred: float, spread: float) -> float:
    correction = 0.5 if centred > 0 else -0.5 if centred < 0 else 0.0
    if not spread:
        return inf if centred > 0 else -inf if centred < 0 else 0.0
    return (centred - correction) / spread


def _spread(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the standard deviation of the statistic where the samples have no value in common."""
    return _deviation(len(first), len(second), [*_groups(first), *_groups(second)])


def _tied(first: Sequence[float], second: Sequence[float], shifted: float) -> float:
    """Return the same where the first sample is moved down onto the second."""
    # A difference was made by the same subtraction, but x - (x - y) need not be y: ties are those
    # pairs whose difference is the shift.
    groups = Counter(second)
    own: Counter[float] = Counter()
    for x in first:
        meets = next((y for y in groups if x - y == shifted), None)
        own[x - shifted if meets is None else meets] += 1
    return _deviation(len(first), len(second), (groups + own).values())


def _groups(values: Iterable[float]) -> Iterable[int]:
    return Counter(values).values()


def _deviation(n: int, m: int, groups: Iterable[int]) -> float:
    whole = n + m
    ties = sum([size**3 - size for size in groups])
    return sqrt(max(n * m / 12 * (whole + 1 - ties / (whole * (whole - 1))), 0.0))
