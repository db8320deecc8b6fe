"""
The latency bounds: which of the router's histogram bounds a check is judged by.

They are chosen once, from stable alone and before anything is compared, and stay. One bound each
near the middle, the slowest tenth, the slowest hundredth and the slowest five-hundredth of the
requests: a shift of everything shows at the first, a rare hang at the last.
"""

from collections.abc import Sequence
from math import log

TAILS = (0.5, 0.1, 0.01, 0.002)
SHOWN = 0.01
"""Of several bounds, people are shown the one whose tail was nearest to this."""

ENOUGH = 100
"""Timed requests without which nothing is chosen."""


def choose(bounds_ms: Sequence[int], timed: int, slower: Sequence[int]) -> tuple[int, ...]:
    """Choose up to four bounds by how many of ``timed`` requests were slower than each."""
    found = {bounds_ms[nearest(timed, slower, tail)] for tail in TAILS}
    return tuple(sorted(found))


def nearest(timed: int, slower: Sequence[int], tail: float) -> int:
    """Return the place of the bound whose share of slower requests is nearest to ``tail``."""
    away = [abs(log((x + 0.5) / (timed + 1) / tail)) for x in slower]
    return away.index(min(away))
