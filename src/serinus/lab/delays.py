"""How long requests take: what share of them is slower than each bound."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator as Random
from numpy.typing import NDArray

from serinus.lab.moment import Array, Moment, Rate

SHORTEST = 1e-9
PLACES = np.linspace(-6.0, 6.0, 12_001)
BEYOND = np.array([0.5 * math.erfc(place / math.sqrt(2)) for place in PLACES])
"""The share of a normal distribution beyond each place: numpy has none of its own."""


@dataclass(frozen=True)
class Delays:
    """
    Log-normal with this median and standard deviation of the logarithm, ``times`` as slow.

    ``pareto``: instead, a Pareto distribution with this exponent from ``median_ms`` on. ``tail``:
    the share of requests that take ``tail_ms`` longer.
    """

    median_ms: float = 50.0
    sd: float = 0.8
    pareto: float | None = None
    times: Rate = 1.0
    tail: float = 0.0
    tail_ms: float = 500.0

    def slower(self, bounds_ms: tuple[int, ...], moment: Moment) -> Array:
        """Return the share beyond each bound (the last dimension) at each moment."""
        times = np.asarray(self.times(moment) if callable(self.times) else self.times, dtype=float)
        bounds = np.array(bounds_ms, dtype=float)
        common = self._beyond(bounds, times)
        if not self.tail:
            return common
        late = np.where(bounds > self.tail_ms, self._beyond(bounds - self.tail_ms, times), 1.0)
        return (1 - self.tail) * common + self.tail * late

    def _beyond(self, bounds: Array, times: Array) -> Array:
        ratio = np.maximum(bounds, SHORTEST) / (self.median_ms * times[..., None])
        if self.pareto is not None:
            return np.maximum(ratio, 1.0) ** -self.pareto
        beyond: Array = np.interp(np.log(ratio) / self.sd, PLACES, BEYOND)
        return beyond


def buckets(rng: Random, requests: NDArray[np.int64], slower: Array) -> NDArray[np.int64]:
    """Draw how many of the requests fall into each bucket; the last one has no bound."""
    edges = np.concatenate(
        [np.ones((*slower.shape[:-1], 1)), slower, np.zeros((*slower.shape[:-1], 1))], axis=-1
    )
    shares = np.clip(-np.diff(edges, axis=-1), 0.0, 1.0)
    return rng.multinomial(requests, shares / shares.sum(axis=-1, keepdims=True))
