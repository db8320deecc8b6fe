"""Numbers that are no counts, sampled for each arm: with a memory, spikes or heavy tails."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator as Random

from serinus.lab.moment import Array
from serinus.lab.scenario import Wish
from serinus.lab.service import Ticks

PIECE = 1024


@dataclass(frozen=True)
class Gauge:
    """
    A number around ``level`` in each arm.

    Its noise is AR(1), ``memory`` from tick to tick, so wide that the difference of the arms has
    the standard deviation ``sd``; ``spikes`` are a share of ticks with one of 15 ``sd`` more.
    ``tails``: innovations follow Student's t with so many degrees of freedom. In the candidate it
    is ``shift`` times ``sd`` higher.
    """

    level: float = 100.0
    sd: float = 1.0
    memory: float = 0.0
    spikes: float = 0.0
    tails: float | None = None
    shift: float = 0.0

    def values(self, rng: Random) -> Iterator[float]:
        """Return the values of one arm, without the shift, tick by tick."""
        at = float(rng.standard_normal())
        wide = self.sd / np.sqrt(2)
        while True:
            steps = self._innovations(rng) * np.sqrt(1 - self.memory**2)
            path = itertools.accumulate(
                steps.tolist(), lambda a, step: self.memory * a + step, initial=at
            )
            *before, at = path
            spikes = 15 * self.sd * (rng.random(PIECE) < self.spikes)
            yield from (self.level + wide * np.array(before) + spikes).tolist()

    def _innovations(self, rng: Random) -> Array:
        if self.tails is None:
            return rng.standard_normal(PIECE)
        steps: Array = rng.standard_t(self.tails, PIECE) * np.sqrt((self.tails - 2) / self.tails)
        return steps


def sampled(rng: Random, run: Ticks, check: str, gauge: Gauge) -> Ticks:
    """
    Add the samples of a check to every tick: of stable, and of a candidate that has traffic.

    What is true of errors is not told any more: it is not what the scenario is about.
    """
    next(run)
    stable, candidate = gauge.values(rng), gauge.values(rng)
    wish: Wish = yield {}
    while True:
        tick = dict(run.send(wish) or {})
        tick.pop("truth", None)
        values = {"stable": next(stable)}
        its = next(candidate) + gauge.shift * gauge.sd
        if any(n for n, _ in tick.get("candidate", {}).values()):
            values["candidate"] = its
        wish = yield {**tick, "samples": {check: values}}
