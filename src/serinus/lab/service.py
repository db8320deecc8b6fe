"""
A service with its traffic and errors: what the scenarios that ship are made of.

::

    from serinus.lab.service import Service

    def run(rng):
        return Service(rps=100, stable=0.001, candidate=lambda m: 0.05 * (m.age > 900)).run(rng)

Arrivals are Poisson. The candidate gets ``weight`` of the requests, equally spread over its pods;
the stable pods share the rest with the twins, fresh pods of the old version. A request fails with
the share of errors of its version (a number or a function of the moment), with the luck of its pod
(:mod:`serinus.lab.faults`), or in a burst. ``truth`` in each tick tells the shares that belong to
the versions, bursts as their mean, without the luck of single pods.

Many ticks are drawn at once as long as the policy wants the same. When it changes its mind, what
was drawn and not yet seen is thrown away: nobody knows it, so that nothing is lost.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator as Random
from numpy.typing import NDArray

from serinus.lab.faults import Fault, Wander
from serinus.lab.moment import Array, Moment, Rate
from serinus.lab.scenario import Wish

OLD_S = 7 * 86_400.0
"""The age of the stable pods when the run begins."""

FEW, MANY = 16, 256
"""How many ticks are drawn at once: few after a change of mind, then more and more."""

Counts = NDArray[np.int64]


class Bursts(NamedTuple):
    """Errors that come together: how often for each request, and their mean (geometric) size."""

    rate: float
    mean: float


@dataclass(frozen=True)
class Service:
    """
    A service; every part may be left out.

    ``candidate``: None for a version as good as stable. ``bursts`` hit the pods of both versions,
    ``candidate_bursts`` replace them in the candidate's. ``outbreaks``: bursts that hit requests at
    random, whoever serves them; their ``rate`` is per second.
    """

    rps: Rate = 100.0
    stable: Rate = 0.001
    candidate: Rate | None = None
    pods: int = 10
    tick_s: float = 5.0
    faults: Sequence[Fault] = ()
    bursts: Bursts | None = None
    candidate_bursts: Bursts | None = None
    outbreaks: Bursts | None = None

    def run(self, rng: Random) -> Generator[Mapping[str, Any] | None, Wish, None]:
        """Return the ticks, as :mod:`serinus.lab.scenario` wants them."""
        world = World(self, rng)
        wish = yield {}
        while True:
            size = FEW
            wanted = wish
            while wish == wanted:
                wish = yield from world.serve(wanted, size)
                size = min(2 * size, MANY)


@dataclass
class _Pod:
    """One pod: when it was first named, and its luck so far."""

    name: str
    born: int
    fresh: bool
    rng: Random
    service: Service
    times: Array = field(default_factory=lambda: np.ones(0))
    plus: Array = field(default_factory=lambda: np.zeros(0))
    owed: int = 0
    """Errors of a burst that are still to come."""

    def __post_init__(self) -> None:
        self._lucks = [
            (fault.factor, fault.luck(self.rng, self.service.tick_s, fresh=self.fresh))
            for fault in self.service.faults
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


class _Drawn(NamedTuple):
    """Some ticks as drawn: requests, errors, and what each pod still owes after each tick."""

    requests: list[list[int]]
    errors: list[list[int]]
    owed: Counts | None
    truth: list[tuple[float, float]]


class World:
    """A service that runs: its pods, its clock, and whether the candidate ever had traffic."""

    def __init__(self, service: Service, rng: Random) -> None:
        self.service, self.rng = service, rng
        self.tick = 0
        self.first: int | None = None
        self._pods: dict[str, _Pod] = {}
        self.stable = [self._pod(f"s{number}", fresh=False) for number in range(service.pods)]

    def _pod(self, name: str, *, fresh: bool = True) -> _Pod:
        pod = self._pods.get(name)
        if pod is None:
            pod = _Pod(name, self.tick, fresh, self.rng, self.service)
            self._pods[name] = pod
        return pod

    def serve(self, wish: Wish, size: int) -> Generator[Mapping[str, Any] | None, Wish, Wish]:
        """Yield ticks as wished, at most ``size``; return the first wish that is another one."""
        twins = [self._pod(name) for name in wish.twin_pods]
        candidates = [self._pod(name) for name in wish.candidate_pods]
        if self.first is None and candidates and wish.weight > 0:
            self.first = self.tick
        pods = [*self.stable, *twins, *candidates]
        drawn = self.draw(pods, len(candidates), wish.weight, size)
        names = [pod.name for pod in pods]
        old, new = len(self.stable), len(self.stable) + len(twins)
        arms = [("stable", 0, old), ("twin", old, new), ("candidate", new, len(pods))]
        arms = [arm for arm in arms if arm[1] < arm[2]]
        next_wish = wish
        done = 0
        for requests, errors, truth in zip(drawn.requests, drawn.errors, drawn.truth, strict=True):
            counts = list(zip(requests, errors, strict=True))
            tick: dict[str, Any] = {
                arm: dict(zip(names[a:b], counts[a:b], strict=True)) for arm, a, b in arms
            }
            tick["truth"] = {"stable": truth[0], "candidate": truth[1]}
            next_wish = yield tick
            done += 1
            if next_wish is not wish and next_wish != wish:
                break
        self.tick += done
        if drawn.owed is not None:
            for pod, owed in zip(pods, drawn.owed[done - 1].tolist(), strict=True):
                pod.owed = owed
        return next_wish

    # --- drawing ---------------------------------------------------------------------------------

    def draw(self, pods: Sequence[_Pod], new: int, weight: float, size: int) -> _Drawn:
        """Draw some ticks in which the last ``new`` of the pods are the candidate's."""
        service, rng = self.service, self.rng
        old = len(pods) - new
        weight = weight if new else 0.0
        moment = self.moment(pods, weight, size)
        theirs, its = (
            moment._replace(age=moment.age[:, :old]),
            moment._replace(age=moment.age[:, old:] if new else moment.since),
        )
        candidate = service.stable if service.candidate is None else service.candidate
        stable_share, candidate_share = _of(service.stable, theirs), _of(candidate, its)
        rps = _of(service.rps, moment._replace(age=moment.since))
        expected = np.broadcast_to(rps * service.tick_s, (size, 1))
        requests = rng.poisson(expected * _shares(old, new, weight))
        share = np.empty((size, len(pods)))
        share[:, :old] = stable_share
        share[:, old:] = candidate_share if new else 0.0
        errors = rng.binomial(requests, self._with_luck(share, pods))
        truth = [_mean(stable_share, size), _mean(candidate_share, size)]
        owed = self._bursts(requests, errors, pods, old, truth)
        self._outbreaks(requests, errors, expected, truth)
        return _Drawn(
            requests.tolist(),
            errors.tolist(),
            owed,
            list(zip(truth[0].tolist(), truth[1].tolist(), strict=True)),
        )

    def moment(self, pods: Sequence[_Pod], weight: float, size: int) -> Moment:
        """Return what rates may depend on for the next ticks."""
        tick_s = self.service.tick_s
        ticks = np.arange(self.tick, self.tick + size, dtype=float)[:, None]
        since = np.full_like(ticks, -1.0) if self.first is None else ticks - self.first
        births = [pod.born if pod.fresh else -OLD_S / tick_s for pod in pods]
        return Moment(ticks * tick_s, since * tick_s, (ticks - births) * tick_s, weight, tick_s)

    def _with_luck(self, share: Array, pods: Sequence[_Pod]) -> Array:
        if self.service.faults:
            lucks = [pod.luck(self.tick, self.tick + len(share)) for pod in pods]
            times = np.stack([luck[0] for luck in lucks], axis=1)
            plus = np.stack([luck[1] for luck in lucks], axis=1)
            share = np.minimum(share * times, 1.0)
            share = share + plus - share * plus
        return np.clip(share, 0.0, 1.0)

    def _bursts(
        self,
        requests: Counts,
        errors: Counts,
        pods: Sequence[_Pod],
        old: int,
        truth: list[Array],
    ) -> Counts | None:
        """Add bursts to the errors; return what is owed after each tick, if anything is."""
        stable = self.service.bursts
        candidate = self.service.candidate_bursts or stable
        if stable is None and candidate is None:
            return None
        due = np.zeros_like(requests)
        for arm, bursts, columns in (
            (0, stable, slice(0, old)),
            (1, candidate, slice(old, len(pods))),
        ):
            if bursts is not None:
                due[:, columns] = _burst_errors(self.rng, requests[:, columns], bursts)
                truth[arm] = truth[arm] + bursts.rate * bursts.mean
        due[0] += [pod.owed for pod in pods]
        room = requests - errors
        owed = np.zeros_like(due)
        for column in np.flatnonzero((due > room).any(axis=0)):
            _spill(due[:, column], room[:, column], owed[:, column])
        errors += np.minimum(due, room)
        return owed

    def _outbreaks(
        self, requests: Counts, errors: Counts, expected: Array, truth: list[Array]
    ) -> None:
        """Add bursts that hit requests at random, whoever serves them."""
        outbreaks = self.service.outbreaks
        if outbreaks is None:
            return
        number = self.rng.poisson(outbreaks.rate * self.service.tick_s, len(requests))
        size = _geometric(self.rng, number, outbreaks.mean)
        for tick in np.flatnonzero(size):
            room = requests[tick] - errors[tick]
            hit = min(int(size[tick]), int(room.sum()))
            errors[tick] += self.rng.multivariate_hypergeometric(room, hit)
        for arm, share in enumerate(truth):
            truth[arm] = np.minimum(share + size / expected[:, 0], 1.0)


def _shares(old: int, new: int, weight: float) -> Array:
    """Return each pod's share of the requests."""
    return np.array([(1 - weight) / old] * old + [weight / max(new, 1)] * new)


def _of(rate: Rate, moment: Moment) -> Array:
    return np.asarray(rate(moment) if callable(rate) else rate, dtype=float)


def _mean(share: Array, size: int) -> Array:
    """Return the mean over the pods in each tick."""
    mean = np.clip(share, 0.0, 1.0)
    mean = mean.mean(axis=1) if mean.ndim > 1 else mean
    return np.broadcast_to(mean, size)


def _geometric(rng: Random, number: Counts, mean: float) -> Counts:
    """Return the sums of so many geometric sizes, drawing only where there is any."""
    total = np.zeros_like(number)
    some = number > 0
    if some.any():
        total[some] = number[some]
        if mean > 1:
            total[some] += rng.negative_binomial(number[some], 1 / mean)
    return total


def _burst_errors(rng: Random, requests: Counts, bursts: Bursts) -> Counts:
    return _geometric(rng, rng.poisson(requests * bursts.rate), bursts.mean)


def _spill(due: Counts, room: Counts, owed: Counts) -> None:
    """Let what has no room in a tick come in the next one."""
    left = 0
    for tick in range(len(due)):
        due[tick] += left
        left = max(0, int(due[tick] - room[tick]))
        owed[tick] = left


class Shared:
    """A factor that wanders for everybody, as a part of rates: ``walk(moment)``."""

    def __init__(self, rng: Random, sd: float, memory_s: float) -> None:
        self._rng, self._wander = rng, Wander(sd, memory_s)
        self._series: Iterator[Array] | None = None
        self._path: Array = np.ones(0)

    def __call__(self, moment: Moment) -> Array:
        """Return the factor at each tick (its mean over time is 1)."""
        if self._series is None:
            self._series = self._wander.luck(self._rng, moment.tick_s)
        ticks = np.rint(moment.t / moment.tick_s).astype(int)
        while len(self._path) <= ticks.max():
            self._path = np.append(self._path, next(self._series))
        path: Array = self._path[ticks]
        return path
