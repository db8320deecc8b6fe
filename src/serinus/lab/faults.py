"""
What befalls a single pod, whatever its version: each pod draws its own luck.

===============  =================================================================
Hiccups          now and then, for some seconds, part of the requests fail
BadPods          some pods are bad from their birth and stay it
WarmUp           a fresh pod fails more, the less the older it gets
Uneven           pods differ by a factor that stays
Wander           each pod's rate wanders by a factor, with a memory
===============  =================================================================

A fault gives the luck of one pod as an endless series of pieces, each :data:`PIECE` ticks long,
from the pod's first tick on. Factors have the mean 1, so that the share of errors of a version is
what the scenario says.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator as Random

from serinus.lab.moment import Array

PIECE = 1024


class Fault(Protocol):
    """What befalls pods."""

    @property
    def factor(self) -> bool:
        """Whether the luck is a factor on the version's share of errors; else a share beside it."""
        ...

    def luck(self, rng: Random, tick_s: float, *, fresh: bool) -> Iterator[Array]:
        """Return the luck of one pod; ``fresh`` when it begins to serve now."""
        ...


@dataclass(frozen=True)
class Hiccups:
    """
    A Poisson process in time for each pod: every so often, for some seconds, a share of errors.

    With ``spread`` their length is exponential with the mean ``lasts_s``. Pods that were there from
    the first have none for the first ``quiet_s`` seconds of the run.
    """

    every_s: float
    lasts_s: float
    errors: float
    spread: bool = False
    quiet_s: float = 0.0
    factor: bool = False

    def luck(self, rng: Random, tick_s: float, *, fresh: bool) -> Iterator[Array]:
        """Return the part of each tick within a hiccup, times its share of errors."""
        quiet = 0 if fresh else round(self.quiet_s / tick_s)
        length = PIECE * tick_s
        gone = rng.poisson(self.lasts_s / self.every_s) if not fresh else 0
        left = self._lengths(rng, gone) * (1.0 if self.spread else rng.random(gone))
        spells = [(0.0, lasts) for lasts in left.tolist()]
        while True:
            number = rng.poisson(length / self.every_s)
            begins = rng.uniform(0.0, length, number)
            spells += zip(begins.tolist(), self._lengths(rng, number).tolist(), strict=True)
            piece = np.zeros(PIECE)
            rest = []
            for begin, lasts in spells:
                _cover(piece, begin / tick_s, (begin + lasts) / tick_s)
                if begin + lasts > length:
                    rest.append((0.0, begin + lasts - length))
            spells = rest
            piece[:quiet] = 0.0
            quiet = max(0, quiet - PIECE)
            yield np.minimum(piece, 1.0) * self.errors

    def _lengths(self, rng: Random, number: int) -> Array:
        if self.spread:
            return rng.exponential(self.lasts_s, number)
        return np.full(number, self.lasts_s)


def _cover(piece: Array, begin: float, end: float) -> None:
    """Add to each tick the part of it between two instants (in ticks)."""
    first, last = int(begin), min(int(np.ceil(end)), len(piece))
    edges = np.arange(first, last)
    piece[first:last] += np.minimum(edges + 1, end) - np.maximum(edges, begin)


@dataclass(frozen=True)
class BadPods:
    """Each pod is bad with a chance, and stays so."""

    chance: float
    errors: float
    factor: bool = False

    def luck(self, rng: Random, tick_s: float, *, fresh: bool) -> Iterator[Array]:  # noqa: ARG002  every fault is asked alike
        """Return the same share for ever."""
        yield from itertools.repeat(np.full(PIECE, self.errors * (rng.random() < self.chance)))


@dataclass(frozen=True)
class WarmUp:
    """A fresh pod of either version fails more: a share that decays with its age."""

    errors: float
    decay_s: float
    factor: bool = False

    def luck(self, rng: Random, tick_s: float, *, fresh: bool) -> Iterator[Array]:  # noqa: ARG002  every fault is asked alike
        """Return what is left of the share at each age."""
        for number in itertools.count():
            age = (np.arange(PIECE) + number * PIECE) * tick_s
            yield self.errors * fresh * np.exp(-age / self.decay_s)


@dataclass(frozen=True)
class Uneven:
    """Pods differ: log-normal factors with this standard deviation of the logarithm."""

    sd: float
    factor: bool = True

    def luck(self, rng: Random, tick_s: float, *, fresh: bool) -> Iterator[Array]:  # noqa: ARG002  every fault is asked alike
        """Return the same factor for ever."""
        mine = np.exp(self.sd * rng.standard_normal() - self.sd**2 / 2)
        yield from itertools.repeat(np.full(PIECE, mine))


@dataclass(frozen=True)
class Wander:
    """
    The logarithm of the rate is AR(1): this standard deviation, and a memory.

    ``memory_s`` is the time after which e⁻¹ of the correlation is left.
    """

    sd: float
    memory_s: float
    factor: bool = True

    def luck(self, rng: Random, tick_s: float, *, fresh: bool = False) -> Iterator[Array]:  # noqa: ARG002  every fault is asked alike
        """Return the factor at each tick."""
        kept = float(np.exp(-tick_s / self.memory_s))
        at = float(rng.standard_normal()) * self.sd
        while True:
            steps = rng.normal(0.0, self.sd * np.sqrt(1 - kept**2), PIECE).tolist()
            path = list(itertools.accumulate(steps, lambda a, step: kept * a + step, initial=at))
            at = path[-1]
            yield np.exp(np.array(path[:-1]) - self.sd**2 / 2)
