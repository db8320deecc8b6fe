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

from serinus.lab import bursts, delays
from serinus.lab.bursts import Bursts as Bursts
from serinus.lab.bursts import Counts
from serinus.lab.delays import Delays
from serinus.lab.faults import Fault, Wander
from serinus.lab.moment import Array, Moment, Rate
from serinus.lab.pods import Pod
from serinus.lab.scenario import DEFAULT_BOUNDS_MS, Wish

Ticks = Generator[Mapping[str, Any] | None, Wish, None]

OLD_S = 7 * 86_400.0
"""The age of the stable pods when the run begins."""

FEW, MANY = 16, 256
"""How many ticks are drawn at once: few after a change of mind, then more and more."""


@dataclass(frozen=True)
class Service:
    """
    A service; every part may be left out.

    ``candidate``: None for a version as good as stable. ``bursts`` hit the pods of both versions,
    ``candidate_bursts`` replace them in the candidate's. ``outbreaks``: bursts that hit requests at
    random, whoever serves them; their ``rate`` is per second.

    ``latency`` and ``candidate_latency``: how long requests take. ``lines``: by the name of a
    check, the shares of requests of stable and candidate that it counts. With either of them the
    true shares of errors are not told: they are not what the scenario is about.
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
    latency: Delays | None = None
    candidate_latency: Delays | None = None
    bounds_ms: tuple[int, ...] = DEFAULT_BOUNDS_MS
    lines: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def run(self, rng: Random) -> Ticks:
        """Return the ticks, as :mod:`serinus.lab.scenario` wants them."""
        world = World(self, rng)
        wish = yield {}
        while True:
            size = FEW
            wanted = wish
            while wish == wanted:
                wish = yield from world.serve(wanted, size)
                size = min(2 * size, MANY)


class _Drawn(NamedTuple):
    """Some ticks as drawn; ``owed``: what each pod still owes after each of them."""

    requests: list[list[int]]
    errors: list[list[int]]
    owed: Counts | None
    beside: list[Mapping[str, Any]]
    """What each tick holds beside its arms."""


class _Arms(NamedTuple):
    """Which columns are whose: the stable pods, the twins, then the candidate's."""

    pods: Sequence[Pod]
    twins: int
    candidates: int

    @property
    def each(self) -> tuple[tuple[str, slice], ...]:
        """Return the arms that have pods, and their columns."""
        edges = (0, self.twins, self.candidates, len(self.pods))
        arms = zip(("stable", "twin", "candidate"), edges, edges[1:], strict=False)
        return tuple((arm, slice(a, b)) for arm, a, b in arms if a < b)


class World:
    """A service that runs: its pods, its clock, and whether the candidate ever had traffic."""

    def __init__(self, service: Service, rng: Random) -> None:
        self.service, self.rng = service, rng
        self.tick = 0
        self.first: int | None = None
        self._pods: dict[str, Pod] = {}
        self.stable = [self._pod(f"s{number}", fresh=False) for number in range(service.pods)]

    def _pod(self, name: str, *, fresh: bool = True) -> Pod:
        pod = self._pods.get(name)
        if pod is None:
            pod = Pod(name, self.tick, fresh, self.rng, self.service.tick_s, self.service.faults)
            self._pods[name] = pod
        return pod

    def serve(self, wish: Wish, size: int) -> Generator[Mapping[str, Any] | None, Wish, Wish]:
        """Yield ticks as wished, at most ``size``; return the first wish that is another one."""
        twins = [self._pod(name) for name in wish.twin_pods]
        candidates = [self._pod(name) for name in wish.candidate_pods]
        if self.first is None and candidates and wish.weight > 0:
            self.first = self.tick
        pods = [*self.stable, *twins, *candidates]
        arms = _Arms(pods, len(self.stable), len(self.stable) + len(twins))
        drawn = self.draw(arms, wish.weight, size)
        names = [pod.name for pod in pods]
        columns = arms.each
        next_wish = wish
        done = 0
        for requests, errors, beside in zip(
            drawn.requests, drawn.errors, drawn.beside, strict=True
        ):
            counts = list(zip(requests, errors, strict=True))
            tick: dict[str, Any] = {
                arm: dict(zip(names[mine], counts[mine], strict=True)) for arm, mine in columns
            }
            tick.update(beside)
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

    def draw(self, arms: _Arms, weight: float, size: int) -> _Drawn:
        """Draw some ticks in which nobody changes his mind."""
        service, rng = self.service, self.rng
        old, new = arms.candidates, len(arms.pods) - arms.candidates
        weight = weight if new else 0.0
        moment = self.moment(arms.pods, weight, size)
        theirs = moment._replace(age=moment.age[:, :old])
        its = moment._replace(age=moment.age[:, old:] if new else moment.since)
        candidate = service.stable if service.candidate is None else service.candidate
        stable_share, candidate_share = _of(service.stable, theirs), _of(candidate, its)
        rps = _of(service.rps, moment._replace(age=moment.since))
        expected = np.broadcast_to(rps * service.tick_s, (size, 1))
        requests = rng.poisson(expected * _shares(old, new, weight))
        share = np.empty((size, len(arms.pods)))
        share[:, :old] = stable_share
        share[:, old:] = candidate_share if new else 0.0
        errors = rng.binomial(requests, self._with_luck(share, arms.pods))
        truth = [_mean(stable_share, size), _mean(candidate_share, size)]
        owed = self._bursts(requests, errors, arms, truth)
        self._outbreaks(requests, errors, expected, truth)
        if service.latency or service.lines:
            beside = self._latency(requests, arms, (theirs, its)) or self._lines(requests, arms)
        else:
            pairs = zip(truth[0].tolist(), truth[1].tolist(), strict=True)
            beside = [{"truth": {"stable": a, "candidate": b}} for a, b in pairs]
        return _Drawn(requests.tolist(), errors.tolist(), owed, beside)

    def _latency(
        self, requests: Counts, arms: _Arms, moments: tuple[Moment, Moment]
    ) -> list[Mapping[str, Any]]:
        """Return the buckets of each tick; those of an arm stand under one name."""
        service = self.service
        if service.latency is None:
            return []
        found: list[dict[str, Any]] = [{} for _ in requests]
        for arm, columns in arms.each:
            mine = arm == "candidate"
            shape = (service.candidate_latency if mine else None) or service.latency
            moment = moments[1] if mine else moments[0]
            slower = shape.slower(service.bounds_ms, moment)
            if slower.ndim > len(("tick", "bound")):
                slower = slower.mean(axis=1)
            drawn = delays.buckets(self.rng, requests[:, columns].sum(axis=1), slower)
            for tick, buckets in zip(found, drawn.tolist(), strict=True):
                tick[arm] = {"every": buckets}
        return [{"latency": tick} for tick in found]

    def _lines(self, requests: Counts, arms: _Arms) -> list[Mapping[str, Any]]:
        """Return what each check counts in each tick, for each pod."""
        drawn = []
        for stable, candidate in self.service.lines.values():
            share = np.full(len(arms.pods), stable)
            share[arms.candidates :] = candidate
            drawn.append(self.rng.binomial(requests, share))
        counts = np.stack(drawn, axis=-1).tolist()
        names, checks = [pod.name for pod in arms.pods], list(self.service.lines)
        found: list[Mapping[str, Any]] = []
        for tick in counts:
            bad = [dict(zip(checks, one, strict=True)) for one in tick]
            found.append(
                {"lines": {a: dict(zip(names[m], bad[m], strict=True)) for a, m in arms.each}}
            )
        return found

    def moment(self, pods: Sequence[Pod], weight: float, size: int) -> Moment:
        """Return what rates may depend on for the next ticks."""
        tick_s = self.service.tick_s
        ticks = np.arange(self.tick, self.tick + size, dtype=float)[:, None]
        since = np.full_like(ticks, -1.0) if self.first is None else ticks - self.first
        births = [pod.born if pod.fresh else -OLD_S / tick_s for pod in pods]
        return Moment(ticks * tick_s, since * tick_s, (ticks - births) * tick_s, weight, tick_s)

    def _with_luck(self, share: Array, pods: Sequence[Pod]) -> Array:
        if self.service.faults:
            lucks = [pod.luck(self.tick, self.tick + len(share)) for pod in pods]
            times = np.stack([luck[0] for luck in lucks], axis=1)
            plus = np.stack([luck[1] for luck in lucks], axis=1)
            share = np.minimum(share * times, 1.0)
            share = share + plus - share * plus
        return np.clip(share, 0.0, 1.0)

    def _bursts(
        self, requests: Counts, errors: Counts, arms: _Arms, truth: list[Array]
    ) -> Counts | None:
        """Add bursts to the errors; return what is owed after each tick, if anything is."""
        stable = self.service.bursts
        candidate = self.service.candidate_bursts or stable
        if stable is None and candidate is None:
            return None
        due = np.zeros_like(requests)
        for arm, kind, columns in (
            (0, stable, slice(0, arms.candidates)),
            (1, candidate, slice(arms.candidates, None)),
        ):
            if kind is not None:
                due[:, columns] = bursts.errors(self.rng, requests[:, columns], kind)
                truth[arm] = np.minimum(truth[arm] + kind.rate * kind.mean, 1.0)
        due[0] += [pod.owed for pod in arms.pods]
        room = requests - errors
        owed = np.zeros_like(due)
        for column in np.flatnonzero((due > room).any(axis=0)):
            bursts.spill(due[:, column], room[:, column], owed[:, column])
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
        size = bursts.geometric(self.rng, number, outbreaks.mean)
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
