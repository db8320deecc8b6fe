"""Errors that come together, and what becomes of those that do not fit into a tick."""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator as Random
from numpy.typing import NDArray

Counts = NDArray[np.int64]


class Bursts(NamedTuple):
    """Errors that come together: how often for each request, and their mean (geometric) size."""

    rate: float
    mean: float


def geometric(rng: Random, number: Counts, mean: float) -> Counts:
    """Return the sums of so many geometric sizes, drawing only where there is any."""
    total = np.zeros_like(number)
    some = number > 0
    if some.any():
        total[some] = number[some]
        if mean > 1:
            total[some] += rng.negative_binomial(number[some], 1 / mean)
    return total


def errors(rng: Random, requests: Counts, bursts: Bursts) -> Counts:
    """Return the errors of the bursts that begin with so many requests."""
    return geometric(rng, rng.poisson(requests * bursts.rate), bursts.mean)


def spill(due: Counts, room: Counts, owed: Counts) -> None:
    """Let what has no room in a tick come in the next one."""
    left = 0
    for tick in range(len(due)):
        due[tick] += left
        left = max(0, int(due[tick] - room[tick]))
        owed[tick] = left
