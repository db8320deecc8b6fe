"""The pods of a scenario: since when each serves, and the luck that it has drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator as Random

from serinus.lab.faults import Fault
from serinus.lab.moment import Array


@dataclass
class Pod:
    """One pod: when it was first named, and its luck so far."""

    name: str
    born: int
    fresh: bool
    rng: Random
    tick_s: float
    faults: Sequence[Fault] = ()
    times: Array = field(default_factory=lambda: np.ones(0))
    plus: Array = field(default_factory=lambda: np.zeros(0))
    owed: int = 0
    """Errors of a burst that are still to come."""

    def __post_init__(self) -> None:
        self._lucks = [
            (fault.factor, fault.luck(self.rng, self.tick_s, fresh=self.fresh))
            for fault in self.faults
        ]

    def luck(self, begin: int, end: int) -> tuple[Array, Array]:
        """Return the factors and the shares beside for some ticks of the run."""
        while len(self.times) < end - self.born:
            times: Array = np.ones(1)
            good: Array = np.ones(1)
            for factor, series in self._lucks:
                if factor:
                    times = times * next(series)
                else:
                    good = good * (1 - next(series))
            longest = max(len(times), len(good))
            self.times = np.append(self.times, np.broadcast_to(times, longest))
            self.plus = np.append(self.plus, np.broadcast_to(1 - good, longest))
        mine = slice(begin - self.born, end - self.born)
        return self.times[mine], self.plus[mine]
