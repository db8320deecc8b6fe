"""
Clean counts: from the router's raw counters to the tick that the judge reads.

A router counts a request when it ends. What hangs would therefore be seen last, although it is the
worst. Two things are read from the gauge of active requests:

- a request that was started, is not active and never completed has *vanished* (the caller gave
  up, the connection broke): an error;
- of ``active`` requests at most as many are young as were started within the last seconds, the
  others are *overdue*: errors, and slower than every bound, as soon as they are. They are charged
  once. When they end after all, as many endings are not counted again.

Some applications hold requests open on purpose. What stable shows of that is usual: only what
the candidate has beyond stable's part of overdue requests is charged, and stable itself never is.
When stable no longer serves, what was usual in its last minutes goes on counting.

Counters are read one after the other while requests go on, so that a small difference may be gone
with the next scrape: a vanished request is believed when two scrapes agree (or there are many),
and an error that was counted before its completion waits for it.

What cannot be true is not used, and no guess is put in its place:

==============================================  ====================================================
a counter fell to less than half of it          the process began anew: counted from nothing
it fell by less, or came back to where it was;
errors alone fell; counts                       the counts of *all* arms are dropped for this tick:
that are negative, broken, or no numbers; more  dropping only one arm's would make the other look
errors than requests; a replica of one arm      better or worse
that is said to be of the other
a replica, or a histogram, vanished and came    what it did meanwhile is not counted: the others'
back                                            counts of that time have been used already
the bounds of a histogram changed, or its       nothing is said about latency
buckets are no buckets
==============================================  ====================================================
"""

from collections.abc import Collection, Mapping
from itertools import pairwise

import msgspec

from serinus.core.analysis import logs
from serinus.core.state.counts import (
    MIRRORED,
    STABLE,
    Arm,
    ReplicaCounters,
    RevisionCounters,
    Scrape,
    Tick,
)

OVERDUE_S = 5.0
"""How long a request may be active before it can count as overdue."""

_USUAL_HALF_LIFE_S = 60.0

_REMEMBERED = 4
"""Of so many revisions it is remembered who was seen, the newest ones."""

_SKEW = 4
"""So many requests may be between two counters while they are read."""

BOUNCES = -1
"""The peak of counters that fell and came back: they fall for another reason than a restart."""

_ABSENT = ReplicaCounters(started=0, completed=0, errors=0, active=0)
_UNSEEN = RevisionCounters(replicas={})


class Trace(msgspec.Struct, frozen=True, array_like=True):
    """
    What is remembered of one replica.

    ``started``: the counter at earlier instants, oldest first. ``vanished``: how many vanished
    requests were counted. ``charged``: overdue ones that were counted and have not ended.
    ``ahead``: errors whose completion was not counted yet. ``peak``: what was completed when the
    counters began anew, :data:`BOUNCES` once they came back from there.
    """

    started: tuple[tuple[float, int], ...] = ()
    vanished: int = 0
    charged: int = 0
    ahead: int = 0
    peak: int = 0


class Memory(msgspec.Struct, frozen=True):
    """
    Traces by revision and replica; ``slow``: charged as slow by revision, not yet timed.

    A replica that vanished leaves an empty trace. ``timed``: whose histograms were seen.
    ``usual``: fading sums, over the time in which stable served, of the part of its active requests
    that was overdue, and of seconds.
    """

    traces: Mapping[str, Mapping[str, Trace]] = {}
    slow: Mapping[str, int] = {}
    usual: tuple[float, float] = (0.0, 0.0)
    timed: tuple[str, ...] = ()


class _Flow(msgspec.Struct, frozen=True):
    """
    What one replica did between two scrapes, before overdue requests are charged.

    ``begun``: requests that started; ``known``: it was watched long enough to tell what is overdue.
    """

    ended: int
    errors: int
    active: int
    overdue: int
    trace: Trace
    begun: int = 0
    known: bool = False
    sound: bool = True


def forget(memory: Memory) -> Memory:
    """Begin anew, but remember who was seen: who comes back later is not new."""
    last = list(memory.traces.items())[-_REMEMBERED:]
    seen = {revision: dict.fromkeys(found, Trace()) for revision, found in last}
    return Memory(traces=seen, usual=memory.usual, timed=memory.timed)


def difference(
    before: Scrape | None,
    after: Scrape,
    arms: Mapping[str, str],
    masked: Collection[str],
    memory: Memory,
) -> tuple[Tick | None, Memory]:
    """
    Make the tick between two scrapes; ``arms`` maps names of arms to revisions.

    None when there is no earlier scrape, or no time has passed. Where counts are dropped, kinds of
    lines are kept, as nobody counts how often they come for each request.
    """
    if before is not None and after.at <= before.at:
        return None, memory
    flows = {
        name: _flows(revision, before, after, memory.traces.get(revision, {}))
        for name, revision in sorted(arms.items())
    }
    seen = _seen(after, arms, memory.timed)
    if before is None:
        traces = dict(memory.traces)
        for name, flow in flows.items():
            known = memory.traces.get(arms[name], {})
            traces[arms[name]] = {**known, **{r: f.trace for r, f in flow.items()}}
        return None, Memory(traces=traces, usual=memory.usual, timed=seen)
    usual, kept_usual = _usual(flows.get(STABLE, {}), memory.usual, after.at - before.at)
    sound = all(flow.sound for arm in flows.values() for flow in arm.values())
    sound = sound and not _swapped(before, after, arms)
    bounds = _bounds(after, arms)
    found: dict[str, Arm] = {}
    current = set(arms.values())
    traces = {r: kept for r, kept in memory.traces.items() if r not in current}
    slow = {}
    for name, revision in sorted(arms.items()):
        replicas, kept, charged, returned = _charge(flows[name], usual, charge=name != STABLE)
        owed = memory.slow.get(revision, 0)
        old = before.revisions.get(revision, _UNSEEN)
        before_now = revision in memory.timed
        timed = _timed(old, after.revisions.get(revision), bounds, known=before_now)
        arm, owed = _late(timed, charged, owed, returned)
        kinds = logs.kinds(before, after, revision)
        found[name] = Arm({}, kinds=kinds)
        if sound:
            found[name] = Arm(replicas, *arm, logs.lines(before, after, revision), kinds)
        gone = dict.fromkeys(memory.traces.get(revision, {}), Trace())
        traces[revision], slow[revision] = {**gone, **kept}, owed
    present = {replica for arm in flows.values() for replica in arm}
    tick = Tick(
        at=after.at,
        seconds=after.at - before.at,
        arms=found,
        bounds_ms=bounds,
        masked=tuple(sorted(present & set(masked))),
    )
    return tick, Memory(traces=traces, slow=slow, usual=kept_usual, timed=seen)


def _swapped(before: Scrape, after: Scrape, arms: Mapping[str, str]) -> bool:
    """
    Tell whether a replica of one arm is said to be of another one now, or has another one's counts.

    Then one has fallen, and another has risen to where that one was.
    """
    homes = {revision.removesuffix(MIRRORED) for revision in arms.values()}
    if len(homes) < 2:  # noqa: PLR2004  one arm has nobody to be confused with
        return False
    was = _placed(before, homes)
    now = _placed(after, homes)
    both = [(was[n], now[n]) for n in now.keys() & was.keys()]
    fallen = [old[1] for old, new in both if 2 * new[1] <= old[1] and old[1]]
    risen = [new[1] for old, new in both if new[1] > 2 * old[1]]
    exchanged = bool(fallen and risen) and max(risen) >= min(fallen)
    return exchanged or any(old[0] != new[0] for old, new in both)


def _placed(scrape: Scrape, homes: Collection[str]) -> dict[str, tuple[str, int]]:
    """Return of each replica its revision and what it completed."""
    return {
        name: (home, counters.completed)
        for home in homes
        for name, counters in scrape.revisions.get(home, _UNSEEN).replicas.items()
    }


def _seen(after: Scrape, arms: Mapping[str, str], before: tuple[str, ...]) -> tuple[str, ...]:
    """Return whose histograms were seen by now."""
    revisions = after.revisions
    new = {r for r in arms.values() if r in revisions and revisions[r].bounds_ms}
    return tuple(sorted(new.union(before)))


# --- requests of each replica ------------------------------------------------------------------


def _flows(
    revision: str, before: Scrape | None, after: Scrape, traces: Mapping[str, Trace]
) -> dict[str, _Flow]:
    new = after.revisions.get(revision, _UNSEEN).replicas
    old = before.revisions.get(revision, _UNSEEN).replicas if before else new
    found = {}
    for name in sorted(new):
        was = old.get(name)
        if was is None:
            # One that was seen before and is seen again: nobody knows what of it was new when.
            was = new[name] if name in traces else _ABSENT
        found[name] = _flow(was, new[name], traces.get(name), after.at)
    return found


def _flow(old: ReplicaCounters, new: ReplicaCounters, trace: Trace | None, at: float) -> _Flow:
    if not (_whole(old) and _whole(new)):
        return _Flow(0, 0, 0, 0, Trace(), sound=False)
    fell = new.started < old.started or new.completed < old.completed
    back = fell or new.errors < old.errors
    peak = 0 if trace is None else trace.peak
    anew = fell and 2 * new.completed <= old.completed and peak != BOUNCES
    returned = new.completed >= peak > 0 and 2 * (new.completed - old.completed) > peak
    if returned or (peak == BOUNCES and new.completed > 2 * old.completed):
        back, peak = True, BOUNCES
    elif anew:
        peak = old.completed
    if back:
        old, trace = (_ABSENT if anew else new), None
    if trace is None or not trace.started:
        # What had vanished before the first look is none of this release's business.
        trace = Trace(vanished=max(0, _gone(old)))
    gone = max(min(_gone(old), _gone(new)), _gone(new) - _SKEW)
    vanished = max(0, gone - trace.vanished)
    completed = new.completed - old.completed
    errors = new.errors - old.errors + trace.ahead
    counted = min(errors, completed)
    started = (*trace.started, (at, new.started))
    while len(started) > 1 and started[1][0] <= at - OVERDUE_S:
        started = started[1:]
    since, then = started[0]
    overdue = new.active - (new.started - then) if since <= at - OVERDUE_S else 0
    kept = Trace(
        started=started,
        vanished=trace.vanished + vanished,
        charged=trace.charged,
        ahead=min(errors - counted, _SKEW),
        peak=peak,
    )
    return _Flow(
        ended=completed + vanished,
        errors=counted + vanished,
        active=new.active,
        overdue=max(0, overdue),
        trace=kept,
        begun=new.started - old.started,
        known=since <= at - OVERDUE_S,
        sound=errors - counted <= _SKEW and (anew or not back),
    )


def _whole(counters: ReplicaCounters) -> bool:
    """Tell whether these can be counts: whole numbers, none negative, no more errors than ends."""
    four = (counters.started, counters.completed, counters.errors, counters.active)
    return _numbers(four) and min(four) >= 0 and counters.errors <= counters.completed + _SKEW


def _numbers(found: Collection[float]) -> bool:
    """Tell whether all are whole numbers: what a source sends is not always what it should be."""
    return all(isinstance(n, int) for n in found)


def _gone(counters: ReplicaCounters) -> int:
    return counters.started - counters.completed - counters.active


def _usual(
    flows: Mapping[str, _Flow], known: tuple[float, float], seconds: float
) -> tuple[float, tuple[float, float]]:
    """Return the overdue part of stable's active requests, and the sums to remember."""
    active = sum(flow.active for flow in flows.values())
    now = sum(flow.overdue for flow in flows.values()) / active if active else 0.0
    if not all(flow.known for flow in flows.values()):
        return now, known
    if not any(flow.begun for flow in flows.values()):
        # It serves nobody: what is still active there are only the longest ones, or none.
        return max(now, known[0] / known[1] if known[1] else 0.0), known
    fade = 0.5 ** (seconds / _USUAL_HALF_LIFE_S)
    return now, (known[0] * fade + now * seconds, known[1] * fade + seconds)


def _charge(
    flows: Mapping[str, _Flow], usual: float, *, charge: bool
) -> tuple[dict[str, tuple[int, int]], dict[str, Trace], int, int]:
    """Return counts and traces by replica, and how many were charged and returned in all."""
    counts, traces = {}, {}
    all_charged = all_returned = 0
    for name, flow in flows.items():
        owed = flow.trace.charged
        late = max(0, flow.overdue - int(usual * flow.active + 0.999)) if charge else 0
        charged = max(0, late - owed)
        # Endings of requests that were charged before: they have been counted.
        returned = min(max(0, owed - late), flow.ended)
        n = flow.ended + charged - returned
        x = flow.errors + charged - min(returned, flow.errors)
        counts[name] = (n, min(x, n))
        traces[name] = msgspec.structs.replace(flow.trace, charged=owed + charged - returned)
        all_charged += charged
        all_returned += returned
    return counts, traces, all_charged, all_returned


# --- latency of each revision ------------------------------------------------------------------


def _bounds(after: Scrape, arms: Mapping[str, str]) -> tuple[int, ...]:
    """Return the bounds that all arms share; none when they differ."""
    seen = {after.revisions[r].bounds_ms for r in arms.values() if r in after.revisions}
    seen.discard(())
    return seen.pop() if len(seen) == 1 else ()


def _timed(
    old: RevisionCounters, new: RevisionCounters | None, bounds: tuple[int, ...], *, known: bool
) -> tuple[int, tuple[int, ...]]:
    """
    Return (timed, slower than each bound); nothing when the histogram is missing or odd.

    ``known``: it was seen before, so that one that appears has only been away.
    """
    if not bounds or new is None or new.bounds_ms != bounds or not _histogram(new):
        return 0, ()
    base, buckets = 0, (0,) * len(bounds)
    if old.bounds_ms == bounds and _histogram(old):
        whole = all(b >= a for a, b in zip(old.buckets, new.buckets, strict=True))
        if new.timed >= old.timed and whole:
            base, buckets = old.timed, old.buckets
        elif 2 * new.timed > old.timed:
            return 0, ()
    elif old.bounds_ms or known:
        return 0, ()
    timed = new.timed - base
    slower = tuple(timed - (b - a) for a, b in zip(buckets, new.buckets, strict=True))
    falling = all(a >= b for a, b in zip(slower, (*slower[1:], 0), strict=True))
    return (timed, slower) if falling else (0, ())


def _histogram(counters: RevisionCounters) -> bool:
    """Tell whether buckets are whole numbers that grow, up to all that was timed."""
    found = (0, *counters.buckets, counters.timed)
    fits = len(counters.buckets) == len(counters.bounds_ms)
    return fits and _numbers(found) and all(a <= b for a, b in pairwise(found))


def _late(
    timed: tuple[int, tuple[int, ...]], charged: int, owed: int, returned: int
) -> tuple[tuple[int, tuple[int, ...]], int]:
    """Count overdue requests as slow, and those that were, not again when they are timed."""
    n, slower = timed
    if not slower:
        return timed, max(0, owed - returned)
    again = min(owed, returned, *slower)
    change = charged - again
    owed = max(0, owed - returned) + charged
    return (n + change, tuple(x + change for x in slower)), owed
