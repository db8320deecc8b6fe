"""
When something happens in a scenario: what rates may depend on.

A rate is a number or a function of a :class:`Moment`, which covers many ticks at once: its fields
are arrays of numpy, one row for each tick and one column for each pod, and what the function
returns is one, too (or a number).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Moment(NamedTuple):
    """
    Some ticks, each told by how it begins.

    ``t``: seconds since the run began, history included. ``since``: seconds since the candidate
    first had traffic, negative before. ``age``: of each pod of the arm, in seconds; the stable pods
    that were there from the first are days old. ``weight``: the share of requests that the
    candidate gets.
    """

    t: Array
    since: Array
    age: Array
    weight: float
    tick_s: float

    def during(self, begin: float, end: float) -> Array:
        """Return the part of each tick within so many seconds since the first traffic."""
        return self._part(self.since, begin, end)

    def aged(self, begin: float, end: float = np.inf) -> Array:
        """Return the part of each tick in which each pod is within so many seconds of age."""
        return self._part(self.age, begin, end)

    def every(self, period: float, lasts: float, phase: float = 0.0) -> Array:
        """Return the part of each tick within spells that come once a period, by the wall clock."""
        begin = self.t - phase
        spent = _spent(begin + self.tick_s, period, lasts) - _spent(begin, period, lasts)
        return spent / self.tick_s

    def _part(self, clock: Array, begin: float, end: float) -> Array:
        lasting = np.minimum(clock + self.tick_s, end) - np.maximum(clock, begin)
        return np.clip(lasting / self.tick_s, 0.0, 1.0)


Rate = float | Callable[[Moment], NDArray[Any] | float]
"""A number, or a function of the moment."""


def _spent(clock: Array, period: float, lasts: float) -> Array:
    """Return the seconds within spells until so many seconds of the clock."""
    whole = np.floor(clock / period)
    spent: Array = whole * lasts + np.minimum(clock - whole * period, lasts)
    return spent
