"""
The world of a simulation: how replicas answer, by what is usual and by the faults.

Replicas are asked at the end of each tick how they answered within it, so that nothing here is
finer than a tick. Everything random comes from one seed: the same seed is the same world.
"""

import bisect
import functools
import math
import random
from collections.abc import Sequence
from typing import assert_never

import msgspec

from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.core.spec.delivery import FULL
from serinus.lab.sabotage import Fault, From
from serinus.lab.scenario import DEFAULT_BOUNDS_MS as BOUNDS_MS

STABLE, CANDIDATE = "v1", "v2"
"""The two versions of a simulation."""

SPREAD = 0.8
"""The standard deviation of the logarithm of a request's time: p99 is about 6 times the median."""

MEMORY, CPU_S, CONVERTS = 128 * 2**20, 0.002, 0.05
"""What a replica takes, and how often a user reaches a goal: the same in both versions."""


class Traffic(msgspec.Struct, frozen=True):
    """
    What is usual: requests for each second, the share that fails, the median time of a request.

    ``replicas``: of the stable version.
    """

    rate: float = 100.0
    errors: float = 0.001
    median_ms: float = 40.0
    replicas: int = 3


class World:
    """
    Tells how a replica behaves. It remembers when the candidate first had which share, so that it
    belongs to one run.
    """

    def __init__(self, traffic: Traffic, faults: Sequence[Fault], seed: int) -> None:
        self._traffic, self._faults, self._seed = traffic, tuple(faults), seed
        self._begun: float | None = None
        self._reached: dict[float, float] = {}
        self._first: int | None = None
        self._moments: dict[tuple[object, ...], _Moments] = {}

    def begin(self, at: float) -> None:
        """Let the release begin, so many seconds after the platform did."""
        self._begun = at

    def reached(self, fault: Fault) -> bool:
        """Tell whether a fault that begins at a share has begun."""
        return fault.start is not None and fault.start.at in self._reached

    def __call__(self, c: Circumstance) -> Behaviour:
        """Return how a replica behaves."""
        if c.version == CANDIDATE:
            self._look(c)
        errors, hang, far = self._traffic.errors, 0.0, 0.0
        factor, more = 1.0, 0.0
        alive = ready = True
        for fault in self._faults:
            elapsed = self._elapsed(fault, c)
            if elapsed is None:
                continue
            if fault.kind == "latency":
                factor *= fault.factor or 1.0
                more += fault.more_s * 1000
                far = _both(far, fault.share)
            elif fault.kind == "hang":
                hang = _both(hang, fault.share)
            elif fault.kind == "crash":
                alive = False
            elif fault.kind == "unhealthy":
                ready = False
            else:
                errors = _both(errors, self._failing(fault, elapsed))
        slower = _slower(self._traffic.median_ms * factor, more, far)
        return _behaviour(errors, hang, slower, alive, ready)

    # --- when ------------------------------------------------------------------------------------

    def _look(self, c: Circumstance) -> None:
        """Notice what the candidate has reached."""
        if self._first is None:
            self._first = c.ordinal
        for fault in self._faults:
            start = fault.start
            if start is not None and start.by is From.SHARE and c.share >= start.at * FULL:
                self._reached.setdefault(start.at, c.at)

    def _elapsed(self, fault: Fault, c: Circumstance) -> float | None:
        """Return for how long a fault has acted on a replica, None while it does not."""
        if not self._hits(fault, c):
            return None
        if fault.random:
            return 0.0 if self._moment(fault, c) else None
        since = self._since(fault, c)
        if since is None or since < 0:
            return None
        if fault.kind == "leak":
            return since
        if fault.every_s:
            since %= fault.every_s
        return since if not fault.length_s or since < fault.length_s else None

    def _hits(self, fault: Fault, c: Circumstance) -> bool:
        """Tell whether a fault is about this replica at all."""
        if fault.kind in {"burst", "hiccup", "warmup"} or fault.whom == "shared":
            return True
        if fault.whom == "stable":
            return c.version == STABLE
        if fault.kind == "one-bad-pod" and c.ordinal != self._first:
            return False
        return c.version == CANDIDATE

    def _since(self, fault: Fault, c: Circumstance) -> float | None:
        start = fault.start
        if fault.kind == "warmup" or (fault.kind == "leak" and start is None):
            return c.age
        if self._begun is None:
            return None
        if start is None:
            return c.at - self._begun
        passed = c.at - self._begun
        match start.by:
            case From.AGE:
                return c.age - start.at
            case From.TIME:
                return passed - start.at
            case From.WHILE:
                return passed if c.share >= start.at * FULL else None
            case From.SHARE:
                reached = self._reached.get(start.at)
                return None if reached is None else c.at - reached
            case _:
                assert_never(start.by)

    # --- how -------------------------------------------------------------------------------------

    def _failing(self, fault: Fault, elapsed: float) -> float:
        """Return the share of requests that fail by a fault."""
        if fault.kind == "outage":
            return 1.0
        if fault.kind == "leak":
            return fault.share * min(1.0, elapsed / fault.length_s)
        if fault.factor:
            return min(1.0, self._traffic.errors * max(0.0, fault.factor - 1))
        return fault.share

    def _moment(self, fault: Fault, c: Circumstance) -> bool:
        """Tell whether a random moment of a fault is now."""
        place: tuple[object, ...] = (self._seed, self._faults.index(fault))
        if fault.kind == "hiccup":
            place += (c.version, c.ordinal, round(c.at - c.age))
        if place not in self._moments:
            self._moments[place] = _Moments(repr(place), fault.length_s, fault.every_s)
        return self._moments[place].now(c.at)


class _Moments:
    """Random moments of a certain length, once in so many seconds on average."""

    def __init__(self, seed: str, length_s: float, every_s: float) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a simulation, not a secret
        self._length, self._gap = length_s, every_s - length_s
        self._starts = [self._random.expovariate(1 / self._gap)]

    def now(self, at: float) -> bool:
        while self._starts[-1] <= at:
            gap = self._random.expovariate(1 / self._gap)
            self._starts.append(self._starts[-1] + self._length + gap)
        before = bisect.bisect_right(self._starts, at) - 1
        return before >= 0 and at < self._starts[before] + self._length


def _both(one: float, other: float) -> float:
    """Return the share that at least one of two independent causes hits."""
    return 1 - (1 - one) * (1 - other) if one else other


@functools.lru_cache(maxsize=4096)
def _slower(median_ms: float, more_ms: float, far: float) -> tuple[float, ...]:
    """Return the shares of requests that are slower than each of the bounds."""
    return tuple(_both(far, tail(bound - more_ms, median_ms)) for bound in BOUNDS_MS)


def tail(bound_ms: float, median_ms: float) -> float:
    """Return the share of requests that are slower than a bound: a log-normal distribution."""
    if bound_ms <= 0:
        return 1.0
    return 0.5 * math.erfc(math.log(bound_ms / median_ms) / (SPREAD * math.sqrt(2)))


@functools.lru_cache(maxsize=4096)
def _behaviour(
    errors: float,
    hang: float,
    slower: tuple[float, ...],
    alive: bool,  # noqa: FBT001 - lru_cache is quickest by position, and the call is beside it
    ready: bool,  # noqa: FBT001 - the same
) -> Behaviour:
    return Behaviour(
        errors=errors,
        slower=slower,
        hang=hang,
        alive=alive,
        ready=ready,
        converts=CONVERTS,
        lines=errors,
        memory=MEMORY,
        cpu_s=CPU_S,
    )
