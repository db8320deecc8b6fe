"""Counters → ticks → judge → reading: what one turn learns from the newest scrape."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from serinus.app.watch import Watch
from serinus.core.analysis import clean, judge
from serinus.core.analysis.clean import Memory
from serinus.core.planner import cohorts
from serinus.core.spec.delivery import Delivery, MatchStep, MirrorStep, TrafficStep
from serinus.core.state.counts import CANDIDATE, MIRRORED, STABLE, Scrape, Tick
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import Replica, belongs

HISTORY = timedelta(hours=1)
"""How much of stable's past the judge learns from."""

WRITE_S = 5.0
"""How often the judge's memory is stored, in seconds: once for each block."""


class Measured(msgspec.Struct, frozen=True):
    """What was learnt: the watch to keep, the ticks to store, the reading to decide by."""

    watch: Watch
    ticks: tuple[Tick, ...] = ()
    reading: Reading | None = None
    due: bool = False


def measure(
    status: Status,
    watch: Watch,
    scrape: Scrape | None,
    replicas: Sequence[Replica],
    *,
    history: Sequence[Tick],
    now: datetime,
) -> Measured:
    """Take in one scrape. The same scrape twice is taken in once."""
    release = status.release
    active = release if release is not None and release.ended_at is None else None
    if watch.release != (active.number if active else 0):
        kept = Memory(usual=watch.memory.usual)
        watch = Watch(release=active.number if active else 0, scrape=watch.scrape, memory=kept)
    watch = _turned(watch, active, history)
    ticks: tuple[Tick, ...] = ()
    if scrape is not None and (watch.scrape is None or scrape.at > watch.scrape.at):
        tick, memory = clean.difference(
            watch.scrape,
            scrape,
            _arms(status, active),
            masked(active.delivery if active else Delivery, replicas, now),
            watch.memory,
        )
        watch = replace(watch, scrape=scrape, memory=memory)
        if tick is not None:
            ticks = (tick,)
            if watch.judge is not None:
                watch = replace(watch, judge=judge.advance(watch.judge, tick))
    reading = None if watch.judge is None else judge.reading(watch.judge)
    due = active is not None and now.timestamp() - watch.written >= WRITE_S
    if due:
        watch = replace(watch, written=now.timestamp())
    return Measured(watch, ticks, reading, due)


def masked(
    delivery: Delivery | type[Delivery], found: Sequence[Replica], now: datetime
) -> set[str]:
    """Return the names of the replicas that are too young to be judged."""
    warmup = delivery.warmup_s if isinstance(delivery, Delivery) else 0.0
    return {
        r.name
        for r in found
        if r.ready_at is not None and (now - r.ready_at).total_seconds() < warmup
    }


def _arms(status: Status, release: Release | None) -> dict[str, str]:
    """Return which revision is which arm."""
    if release is None:
        return {STABLE: status.stable} if status.stable else {}
    copied = cohorts.mirror(release) is not None
    arms = {CANDIDATE: f"{release.candidate}{MIRRORED}" if copied else release.candidate}
    return {STABLE: release.stable, **arms} if release.stable else arms


def _turned(watch: Watch, release: Release | None, history: Sequence[Tick]) -> Watch:
    """Open the judge, or let it begin the test that the planner asks for."""
    if release is None or not release.progress.test.number:
        return watch
    test = release.progress.test
    if watch.judge is None:
        length = plan_seconds(release.delivery)
        opened = judge.open(
            release.delivery,
            history,
            plan_seconds=length,
            test=test,
            since=since(history, release.stable or ""),
        )
        return replace(watch, judge=opened)
    if watch.judge.test.number != test.number:
        return replace(watch, judge=judge.turn(watch.judge, test))
    return watch


def joined(
    rest: Sequence[Tick], ticks: Sequence[Tick], before: Release, stable: str
) -> tuple[Tick, ...]:
    """
    Return stable's past in order: at rest, and in the release before, which counted it as an arm.

    A version that was promoted a minute ago has its past there alone.
    """
    arm = CANDIDATE if before.candidate == stable else STABLE
    own = [replace(tick, arms={STABLE: tick.arms[arm]}) for tick in ticks if arm in tick.arms]
    return tuple(sorted((*rest, *own), key=lambda tick: tick.at))


def since(history: Sequence[Tick], stable: str) -> float:
    """Return from when on (epoch seconds) the history is that of the version that is stable now."""
    for tick in reversed(history):
        arm = tick.arms.get(STABLE)
        if arm is not None and not all(belongs(name, stable) for name in arm.replicas):
            return tick.at
    return 0.0


def plan_seconds(delivery: Delivery) -> float:
    """Return how long the steps of a delivery hold in all, a minute at least."""
    lasting = TrafficStep | MirrorStep | MatchStep
    holds = (s.hold.for_s for s in delivery.steps if isinstance(s, lasting))
    return max(60.0, sum(holds))
