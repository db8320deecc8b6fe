"""
Noise: how much a number wanders by itself, learnt from stable alone.

Numbers that come every few seconds remember each other: one that is high stays high for a while,
and ten of them say less than ten independent ones. What counts is the *long-run variance*: the
variance, times a factor for this memory (:attr:`Noise.wander`). The factor is the largest of three
estimates, none of which may be too small by much: that of an autoregression, taken at the upper end
of its own uncertainty, and what the means of 12 and of 36 neighbouring numbers show.

Single wild numbers are clipped before, at 2.5 robust standard deviations.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import fmean, median

import msgspec

CLIP = 2.5
"""What is further off than so many standard deviations counts as if it were there."""

LEAST = 12
"""Numbers without which nothing is estimated."""

_MAD = 1.4826
_HIGHEST = 0.995
_BLOCKS = (12, 36)
_FEWEST_BLOCKS = 4
_YOUNG = 4.0
_FEW = 60.0


class Noise(msgspec.Struct, frozen=True, array_like=True):
    """
    What was estimated from ``count`` numbers.

    ``sd``: standard deviation of one; ``wander``: the factor for their memory, at least 1;
    ``short``: the standard deviation that the differences of neighbours show, a lower one where
    numbers remember each other.
    """

    count: int = 0
    sd: float = 0.0
    wander: float = 1.0
    short: float = 0.0

    @property
    def long_run(self) -> float:
        """Return the long-run variance, larger where little is known."""
        if not self.count:
            return 0.0
        young = 1.0 + (_YOUNG * self.wander + _FEW) / self.count
        return self.sd * self.sd * self.wander * young


def estimate(numbers: Sequence[float]) -> Noise:
    """Estimate the noise of consecutive numbers."""
    count = len(numbers)
    if count < LEAST:
        return Noise(count=count)
    centre = median(numbers)
    spread = _MAD * median([abs(x - centre) for x in numbers])
    if not spread:
        spread = sqrt(fmean([(x - centre) ** 2 for x in numbers]))
    if not spread:
        return Noise(count=count)
    most = CLIP * spread
    rest = [min(max(x - centre, -most), most) for x in numbers]
    middle = fmean(rest)
    rest = [x - middle for x in rest]
    variance = fmean([x * x for x in rest])
    if not variance:
        return Noise(count=count)
    neighbours = fmean([a * b for a, b in pairwise(rest)]) / variance
    short = shortly([b - a for a, b in pairwise(numbers)])
    wander = max(1.0, _memory(neighbours, count), *[_joint(rest, variance, b) for b in _BLOCKS])
    return Noise(count=count, sd=max(sqrt(variance), spread), wander=wander, short=short)


def shortly(jumps: Sequence[float]) -> float:
    """Return the standard deviation that differences of neighbours show; wild ones do not count."""
    found = _MAD * median([abs(jump) for jump in jumps])
    return (found or sqrt(fmean([jump * jump for jump in jumps]))) / sqrt(2)


def _memory(neighbours: float, count: int) -> float:
    """Return the factor of an autoregression; its estimate is known to be too low on average."""
    phi = min(max(neighbours, 0.0), _HIGHEST)
    phi += (1 + 3 * phi) / count + sqrt((1 - phi * phi) / count)
    phi = min(phi, _HIGHEST)
    return (1 + phi) / (1 - phi)


def _joint(rest: Sequence[float], variance: float, length: int) -> float:
    """Return the factor that the means of so many neighbours show."""
    blocks = [fmean(rest[i : i + length]) for i in range(0, len(rest) - length + 1, length)]
    if len(blocks) < _FEWEST_BLOCKS:
        return 1.0
    return length * fmean([b * b for b in blocks]) / variance
