"""
What befalls a single pod, whatever its version: each pod draws its own luck.

===============  =================================================================
Hiccups          now and then, for some seconds, part of the requests fail
Sessions         users stay at a pod, and some of them fail often
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


class Lengths(Protocol):
    """How long spells are; with ``rest``, how long those go on that have begun before."""

    def __call__(self, rng: Random, number: int, *, rest: bool = False) -> Array:
        """Draw a number of them."""
        ...


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
        begun = 0.0 if fresh else self.lasts_s / self.every_s
        for piece in _spells(rng, tick_s, self.every_s, self._lengths, begun=begun):
            piece[:quiet] = 0.0
            quiet = max(0, quiet - PIECE)
            yield np.minimum(piece, 1.0) * self.errors

    def _lengths(self, rng: Random, number: int, *, rest: bool = False) -> Array:
        if self.spread:
            return rng.exponential(self.lasts_s, number)
        return np.full(number, self.lasts_s) * (rng.random(number) if rest else 1.0)


@dataclass(frozen=True)
class Sessions:
    """
    Users stay where they are: a pod is as good as the sessions that it happens to have.

    Of its ``number`` sessions, each of which lasts ``lasts_s`` on average, a share is ``unlucky``
    and fails in ``errors`` of what it asks.
    """

    number: int
    unlucky: float
    errors: float
    lasts_s: float
    factor: bool = False

    def luck(self, rng: Random, tick_s: float, *, fresh: bool) -> Iterator[Array]:  # noqa: ARG002  every fault is asked alike
        """Return the share that the unlucky sessions of each tick add."""
        every_s = self.lasts_s / (self.number * self.unlucky)
        for piece in _spells(rng, tick_s, every_s, self._lengths, begun=self.number * self.unlucky):
            yield np.minimum(piece * self.errors / self.number, 1.0)

    def _lengths(self, rng: Random, number: int, *, rest: bool = False) -> Array:  # noqa: ARG002  what is left is as long
        return rng.exponential(self.lasts_s, number)


def _spells(
    rng: Random, tick_s: float, every_s: float, lengths: Lengths, *, begun: float
) -> Iterator[Array]:
    """Return how many spells each tick is in; so many have ``begun`` before, on average."""
    length = PIECE * tick_s
    spells: list[tuple[float, float]] = []
    if begun:
        left = lengths(rng, rng.poisson(begun), rest=True)
        spells = [(0.0, lasts) for lasts in left.tolist()]
    while True:
        number = rng.poisson(length / every_s)
        begins = rng.uniform(0.0, length, number)
        spells += zip(begins.tolist(), lengths(rng, number).tolist(), strict=True)
        piece = np.zeros(PIECE)
        rest = []
        for begin, lasts in spells:
            _cover(piece, begin / tick_s, (begin + lasts) / tick_s)
            if begin + lasts > length:
                rest.append((0.0, begin + lasts - length))
        spells = rest
        yield piece


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
