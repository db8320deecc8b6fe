"""
Counters → ticks → judge → reading: what one turn learns from the newest scrape.

Beside the counters come samples: of metric sources, and of what the replicas take of the machine.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite, nan

import msgspec
from msgspec.structs import replace

from serinus.app import usage
from serinus.app.watch import Watch
from serinus.core.analysis import blocks, clean, judge
from serinus.core.spec.delivery import Delivery, MatchStep, MirrorStep, TrafficStep
from serinus.core.state.counts import CANDIDATE, MIRRORED, STABLE, Scrape, Tick, parted
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase, Release
from serinus.core.state.sample import Sample
from serinus.core.state.traffic import Route
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import Replica, belongs

HISTORY = timedelta(hours=1)
"""How much of stable's past the judge learns from."""

LATE_S = 60.0
"""What is older than the last scrape by more than this is no late scrape: the clock was set."""

WAITING = 2000
"""So many samples of stable are kept until the judge begins."""

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
    samples: Sequence[Sample] = (),
    wanted: Delivery | None = None,
    route: Route | None = None,
) -> Measured:
    """
    Take in one scrape, and what sources said. The same scrape twice is taken in once.

    ``wanted``: the delivery that the specs ask for, so that a release that begins finds what it
    needs of stable's past. ``route``: what the router was seen to carry out.
    """
    release = status.release
    active = release if release is not None and release.ended_at is None else None
    if watch.release != (active.number if active else 0):
        watch = Watch(
            release=active.number if active else 0,
            scrape=watch.scrape,
            memory=clean.forget(watch.memory),
            meter=watch.meter,
        )
    known = watch
    if watch.judge is None:
        watch, samples = _waiting(watch, active, samples), ()
    wondered = wonders(watch)
    watch = _turned(watch, active, history)
    if wondered and watch.judge is not None:
        watch = replace(watch, judge=judge.placebos(watch.judge, history))
    ticks: tuple[Tick, ...] = ()
    scrape = _believed(watch.scrape, scrape, replicas)
    if scrape is not None and watch.scrape is not None and scrape.at < watch.scrape.at:
        watch = _set_back(watch, scrape.at)
    if scrape is not None and (watch.scrape is None or scrape.at > watch.scrape.at):
        arms = _arms(status, active)
        tick, memory = clean.difference(
            watch.scrape,
            scrape,
            arms,
            _young(active, replicas, now) - _twins(active),
            watch.memory,
        )
        share = _share(active, route)
        kept = share if share == watch.share else None
        watch = replace(watch, scrape=scrape, memory=memory, share=share)
        if tick is not None:
            tick = parted(tick, _twins(active))
            tick = replace(tick, wanted=kept)
            ticks = (tick,)
            if watch.judge is not None:
                watch = replace(watch, judge=judge.advance(watch.judge, tick))
            watch, taken = _metered(
                watch, tick, arms, replicas, active.delivery if active else wanted
            )
            samples = (*samples, *taken)
    if watch.judge is not None and samples:
        watch = replace(watch, judge=judge.look(watch.judge, samples))
    reading = None if watch.judge is None else judge.reading(watch.judge)
    learned = watch.learned or watch is not known
    due = active is not None and learned and now.timestamp() - watch.written >= WRITE_S
    return Measured(_written(watch, now, learned=learned, due=due), ticks, reading, due)


def _written(watch: Watch, now: datetime, *, learned: bool, due: bool) -> Watch:
    """
    Note whether something of the watch is not written yet.

    One of many releases that start together learns nothing for long: then nothing is written.
    """
    if due:
        return replace(watch, written=now.timestamp(), learned=False)
    return replace(watch, learned=True) if learned and not watch.learned else watch


def wonders(watch: Watch) -> bool:
    """Tell whether the judge asks how often stable's own replicas would fail the probe at hand."""
    return watch.judge is not None and judge.wonders(watch.judge)


def _believed(
    before: Scrape | None, scrape: Scrape | None, replicas: Sequence[Replica]
) -> Scrape | None:
    """
    Return what of a scrape can be used, None if that is nothing.

    One without a time is nothing, and so is one that comes late: older than the last one, and its
    counters are, too. (Where only the clock was set back, they have grown.) What is counted of a
    replica under another revision than its own is left out.
    """
    if scrape is None or not isfinite(scrape.at):
        return None
    if before is not None and before.at - LATE_S <= scrape.at < before.at:
        then, now = _completed(before), _completed(scrape)
        if any(now[name] < then[name] for name in now.keys() & then.keys()):
            return None
    homes = {replica.name: replica.revision for replica in replicas}
    strange = {
        (revision, name)
        for revision, found in scrape.revisions.items()
        for name in found.replicas
        if homes.get(name, home := revision.removesuffix(MIRRORED)) != home
    }
    if not strange:
        return scrape
    revisions = {
        revision: replace(
            found,
            replicas={n: c for n, c in found.replicas.items() if (revision, n) not in strange},
        )
        for revision, found in scrape.revisions.items()
    }
    return replace(scrape, revisions=revisions)


def _completed(scrape: Scrape) -> dict[str, int]:
    return {
        f"{revision} {name}": counters.completed
        for revision, found in scrape.revisions.items()
        for name, counters in found.replicas.items()
    }


def _set_back(watch: Watch, at: float) -> Watch:
    """
    Count anew from here: the clock was set back, and how long ago the last scrape was is unknown.

    Else nothing would be counted until the clock is where it was, and nobody would be judged.
    """
    return replace(
        watch,
        scrape=None,
        memory=clean.forget(watch.memory),
        judge=None if watch.judge is None else judge.set_back(watch.judge, at),
        written=min(watch.written, at),
        meter=usage.again(watch.meter),
    )


def _metered(
    watch: Watch,
    tick: Tick,
    arms: Mapping[str, str],
    replicas: Sequence[Replica],
    delivery: Delivery | None,
) -> tuple[Watch, tuple[Sample, ...]]:
    """Read what the replicas take; while nothing is judged, stable's is kept for later."""
    if delivery is None or not usage.wanted(delivery):
        return watch, ()
    length = max(blocks.LEAST_S, delivery.every_s)
    meter, taken = usage.read(watch.meter, tick, arms, replicas, length)
    if taken is None:
        return replace(watch, meter=meter), ()
    if watch.judge is None and STABLE in arms:
        meter = usage.remember(meter, taken, arms[STABLE])
    return replace(watch, meter=meter), usage.samples(delivery, taken)


def _young(active: Release | None, found: Sequence[Replica], now: datetime) -> set[str]:
    """Return the replicas that are too young, by the delivery and by what was seen of others."""
    if active is None:
        return masked(Delivery, found, now)
    seen = active.progress.retreat.young_s
    delivery = replace(active.delivery, warmup_s=max(active.delivery.warmup_s, seen))
    return masked(delivery, found, now)


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


def _twins(release: Release | None) -> set[str]:
    """Return the names of the fresh replicas of stable that serve beside a probe."""
    if release is None or release.stable is None:
        return set()
    return {f"{release.stable[:10]}-{ordinal}" for ordinal in release.progress.twins}


def _share(release: Release | None, route: Route | None) -> int | None:
    """Return the share (per mille) that the router draws for the candidate, None if it does not."""
    if release is None or route is None or release.stable is None:
        return None
    drawn = route.sticky is None and route.mirror is None and not route.matches
    return route.weight(release.candidate) if drawn else None


def _arms(status: Status, release: Release | None) -> dict[str, str]:
    """Return which revision is which arm; of a mirrored candidate, what it did with the copies."""
    if release is None:
        return {STABLE: status.stable} if status.stable else {}
    steps = release.delivery.steps
    step = steps[min(release.progress.step, len(steps) - 1)] if steps else None
    promoted = release.progress.phase in {Phase.PROMOTING, Phase.SETTLING}
    copies = MIRRORED if isinstance(step, MirrorStep) and not promoted else ""
    arms = {CANDIDATE: f"{release.candidate}{copies}"}
    return {STABLE: release.stable, **arms} if release.stable else arms


def _waiting(watch: Watch, release: Release | None, samples: Sequence[Sample]) -> Watch:
    """Keep what is said of stable until the judge begins."""
    if release is None or not samples:
        return watch
    own = [one for one in samples if isfinite(one.values.get(STABLE, nan))]
    return replace(watch, waiting=(*watch.waiting, *own)[-WAITING:])


def _turned(watch: Watch, release: Release | None, history: Sequence[Tick]) -> Watch:
    """Open the judge, or let it begin the test that the planner asks for."""
    if release is None or not release.progress.test.number:
        return watch
    test = release.progress.test
    if watch.judge is None:
        opened = judge.open(
            release.delivery,
            history,
            plan_seconds=plan_seconds(release.delivery),
            test=test,
            since=since(history, release.stable or ""),
            past=_past(watch, release),
        )
        meter = replace(watch.meter, past=())
        return replace(watch, judge=opened, meter=meter, waiting=())
    if watch.judge.test.number != test.number:
        turned = judge.turn(watch.judge, test)
        return replace(watch, judge=turned, meter=usage.again(watch.meter))
    return watch


def _past(watch: Watch, release: Release) -> judge.Past:
    """Return what else is known of stable: numbers, and the kinds of lines that it wrote."""
    recalled = usage.recalled(watch.meter, release.delivery, release.stable)
    counters = watch.scrape.revisions.get(release.stable or "") if watch.scrape else None
    samples = sorted((*watch.waiting, *recalled), key=lambda one: one.at)
    return judge.Past(samples, counters.kinds if counters else {})


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
