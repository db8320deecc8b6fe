"""
Simulating a release: many films of the same delivery in the same world, each with its own seed.

::

    stable serves alone ──▶ a change ──▶ the real loop decides ──▶ what became of it, and of whom

A film is the production loop on a manual clock (:mod:`serinus.boot.simulation`): observe, decide,
act, record. What is measured is what the pretended platform really did, not what the loop thinks.
"""

import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from enum import StrEnum
from multiprocessing import get_context

import anyio
import msgspec

from serinus.boot.simulation import Film, ended
from serinus.core.analysis import intervals
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase, Release
from serinus.lab import world
from serinus.lab.sabotage import TICK_S, Fault, From
from serinus.lab.scenario import DEFAULT_BOUNDS_MS as BOUNDS_MS
from serinus.lab.subject import Subject
from serinus.lab.world import CANDIDATE, STABLE, Traffic, World

HISTORY_S = 3600.0
"""For how long stable serves alone before the change: the judge learns from an hour of it."""

LONGEST, BESIDE_S = 4.0, 3600.0
"""A release that takes longer than so many times its plan, and an hour, is stopped as open."""

PATIENCE_S = 1800.0
"""A release that holds for so long with nothing to wait for but a person is held."""

MOST = 24 * 3600.0
"""A plan that is longer than this cannot be simulated in a reasonable time."""

TAIL = 0.01
"""*Slow* is slower than the first bound that at most so many of the usual requests miss."""

_FEW = 4
"""So many runs for each process at least."""


class Ending(StrEnum):
    """
    How a release ended.

    Switched back: it served everybody already, and was taken back while it settled.
    """

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    SWITCHED_BACK = "switched back"
    HELD = "held"
    CONCLUDED = "concluded"
    FAILED = "failed to start"
    OPEN = "still open"


ENDINGS = {
    Phase.SUCCEEDED: Ending.PROMOTED,
    Phase.SETTLING: Ending.PROMOTED,
    Phase.ROLLED_BACK: Ending.ROLLED_BACK,
    Phase.HELD: Ending.HELD,
    Phase.HOLDING: Ending.HELD,
    Phase.CONCLUDED: Ending.CONCLUDED,
    Phase.FAILED: Ending.FAILED,
}


class Setting(msgspec.Struct, frozen=True):
    """What is simulated: a delivery, what is usual, what goes wrong, and after which history."""

    subject: Subject
    traffic: Traffic = Traffic()
    faults: tuple[Fault, ...] = ()
    history_s: float = HISTORY_S


class Run(msgspec.Struct, frozen=True, rename="camel"):
    """
    What became of one release. Times are seconds since the change.

    ``requests``, ``bad`` (failed, or never answered), ``slow``: the candidate's, until it ended or
    served everybody. ``off_s``: when traffic was taken from it for the first time (None: never);
    ``end_s``: when it ended, or served everybody. ``retreats``: how often traffic was taken away.
    ``asleep``: faults that never began.
    """

    seed: int
    ending: Ending
    verified: bool
    requests: int
    bad: int
    slow: int
    off_s: float | None
    end_s: float
    retreats: int
    sentence: str
    asleep: tuple[str, ...] = ()


def slow_ms(traffic: Traffic) -> int:
    """Return the bound above which a request is called slow."""
    fitting = (b for b in BOUNDS_MS if world.tail(b, traffic.median_ms) <= TAIL)
    return next(fitting, BOUNDS_MS[-1])


def each(setting: Setting, seeds: Sequence[int], jobs: int = 1) -> Iterator[Run]:
    """Simulate a release once for each seed, in the order of the seeds."""
    return many([(setting, seed) for seed in seeds], jobs)


def many(wanted: Sequence[tuple[Setting, int]], jobs: int = 1) -> Iterator[Run]:
    """Simulate one release for each setting and seed, in their order."""
    jobs = min(jobs, max(1, len(wanted) // _FEW))
    if jobs <= 1:
        yield from (run(setting, seed) for setting, seed in wanted)
        return
    # A fresh interpreter: nothing of this process (a terminal, an event loop) is shared by chance.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        size = max(1, min(8, len(wanted) // (jobs * _FEW)))
        yield from pool.map(run, *zip(*wanted, strict=True), chunksize=size)


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def run(setting: Setting, seed: int) -> Run:
    """Simulate one release."""
    return anyio.run(_play, setting, seed)[0]


def film(setting: Setting, seed: int) -> tuple[str, ...]:
    """Return the film of one release, from the change on: one line for each event."""
    return tuple(anyio.run(_play, setting, seed)[1])


# --- one release ---------------------------------------------------------------------------------


class _Watch:
    """Looks at a film after each turn, and notes what matters."""

    def __init__(self, film: Film, revision: str, place: int) -> None:
        self._film, self._revision, self._place = film, revision, place
        self.off: float | None = None
        self.done: tuple[float, int, int, int] | None = None
        self.verified = self.served = False
        self._shared = False
        self._held_since: float | None = None

    def now(self) -> float:
        return (self._film.clock.now() - self._film.began).total_seconds()

    def counted(self) -> tuple[int, int, int]:
        """Return the candidate's requests, bad ones and slow ones so far."""
        served = self._film.platform.served(self._revision)
        slow = served.slower[self._place] if served.slower else 0
        return served.requests, served.bad, slow

    def over(self, status: Status) -> bool:
        """Take in a status; tell whether nothing more can happen by itself."""
        release = status.release
        if release is None or release.candidate != self._revision:
            return False
        self._note(release)
        return ended(status) or self._stuck(release)

    def _note(self, release: Release) -> None:
        share, phase = release.progress.share, release.progress.phase
        self._shared = self._shared or share > 0
        if self._shared and not share and self.off is None:
            self.off = self.now()
        serving = phase in {Phase.SETTLING, Phase.SUCCEEDED}
        self.served = self.served or serving
        if serving and self.done is None:
            self.done = (self.now(), *self.counted())
            self.verified = bool(release.progress.verified)
        elif not serving and (self.done is not None or release.ended_at is None):
            self.done = None

    def _stuck(self, release: Release) -> bool:
        """Tell whether a person is needed."""
        phase = release.progress.phase
        if phase is Phase.HELD:
            return True
        waits = phase is Phase.HOLDING and release.progress.wait.until is None
        self._held_since = (self._held_since or self.now()) if waits else None
        return self._held_since is not None and self.now() - self._held_since > PATIENCE_S


async def _play(setting: Setting, seed: int) -> tuple[Run, list[str]]:
    found = World(setting.traffic, setting.faults, seed)
    played = Film(
        *(found, setting.subject.delivery),
        replicas=setting.traffic.replicas,
        rate=setting.traffic.rate,
        seed=seed,
        tick_s=TICK_S,
        bounds_ms=BOUNDS_MS,
    )
    played.deploy(STABLE)
    await played.finish()
    await played.run(setting.history_s)
    found.begin((played.clock.now() - played.began).total_seconds())
    played.cut()
    revision = played.deploy(CANDIDATE)
    watch = _Watch(played, revision, BOUNDS_MS.index(slow_ms(setting.traffic)))
    await played.run(LONGEST * setting.subject.fastest_s + BESIDE_S, until=watch.over)
    release = (await played.status()).release
    assert release is not None  # noqa: S101 - it was asked for, and the loop had its turns
    return _ran(setting, found, watch, release, seed), played.lines


def _ran(setting: Setting, found: World, watch: _Watch, release: Release, seed: int) -> Run:
    progress = release.progress
    ending = ENDINGS.get(progress.phase, Ending.OPEN)
    if ending is Ending.ROLLED_BACK and watch.served:
        ending = Ending.SWITCHED_BACK
    at, requests, bad, slow = watch.done or (watch.now(), *watch.counted())
    return Run(
        seed=seed,
        ending=ending,
        verified=watch.verified and watch.done is not None,
        requests=requests,
        bad=bad,
        slow=slow,
        off_s=watch.off,
        end_s=at,
        retreats=progress.retreat.count,
        sentence=progress.sentence,
        asleep=tuple(
            fault.text
            for fault in setting.faults
            if fault.start is not None and fault.start.by is From.SHARE and not found.reached(fault)
        ),
    )


# --- many of them --------------------------------------------------------------------------------


class Share(msgspec.Struct, frozen=True, rename="camel"):
    """How many of the runs ended so; the share, and where it lies with 95 % confidence."""

    ending: Ending
    runs: int
    share: float
    low: float
    high: float


class Spread(msgspec.Struct, frozen=True, rename="camel"):
    """A number over all runs: half of them have at most the median, 95 % at most ``p95``."""

    median: float
    p95: float
    most: float


class Summary(msgspec.Struct, frozen=True, rename="camel"):
    """
    What became of all runs.

    ``off``: of the runs in which traffic was taken away; ``delay``: how much later than at best
    those that were promoted served everybody. ``retreated``: runs in which traffic was taken away
    at least once. ``typical``: the seed of the run to look at, a median one of the most frequent
    ending.
    """

    runs: int
    endings: tuple[Share, ...]
    verified: int
    retreated: int
    requests: Spread
    bad: Spread
    slow: Spread
    slow_ms: int
    off: Spread | None
    end: Spread
    delay: Spread | None
    typical: int
    asleep: tuple[str, ...] = ()


def summary(setting: Setting, runs: Sequence[Run]) -> Summary:
    """Return what became of all runs."""
    counted = Counter(one.ending for one in runs)
    off = [one.off_s for one in runs if one.off_s is not None]
    promoted = [one for one in runs if one.ending is Ending.PROMOTED]
    late = [max(0.0, one.end_s - setting.subject.fastest_s) for one in promoted]
    return Summary(
        runs=len(runs),
        endings=tuple(
            Share(ending, number, number / len(runs), *intervals.wilson((number, len(runs))))
            for ending, number in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        ),
        verified=sum(one.verified for one in promoted),
        retreated=sum(one.off_s is not None for one in runs),
        requests=spread([one.requests for one in runs]),
        bad=spread([one.bad for one in runs]),
        slow=spread([one.slow for one in runs]),
        slow_ms=slow_ms(setting.traffic),
        off=spread(off) if off else None,
        end=spread([one.end_s for one in runs]),
        delay=spread(late) if late else None,
        typical=typical(runs).seed,
        asleep=tuple(
            fault.text for fault in setting.faults if all(fault.text in r.asleep for r in runs)
        ),
    )


def typical(runs: Sequence[Run]) -> Run:
    """Return a median run, by its time, of those with the most frequent ending."""
    counted = Counter(one.ending for one in runs)
    most = max(counted, key=lambda ending: counted[ending])
    alike = sorted(
        (one for one in runs if one.ending is most), key=lambda one: (one.end_s, one.bad)
    )
    return alike[(len(alike) - 1) // 2]


def spread(values: Sequence[float]) -> Spread:
    """Return the median and the 95th percentile, each a value that there was (nearest rank)."""
    ordered = sorted(values)

    def at(share: float) -> float:
        return ordered[math.ceil(share * len(ordered)) - 1]

    return Spread(at(0.5), at(0.95), ordered[-1])


__all__: Sequence[str] = ("Ending", "Run", "Setting", "Summary", "each", "summary")
