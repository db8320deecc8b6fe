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
"""

from collections.abc import Collection, Mapping

import msgspec

from serinus.core.analysis import logs
from serinus.core.state.counts import (
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

_SKEW = 4
"""So many requests may be between two counters while they are read."""

_ABSENT = ReplicaCounters(started=0, completed=0, errors=0, active=0)
_UNSEEN = RevisionCounters(replicas={})


class Trace(msgspec.Struct, frozen=True, array_like=True):
    """
    What is remembered of one replica.

    ``started``: the counter at earlier instants, oldest first. ``vanished``: how many vanished
    requests were counted. ``charged``: overdue ones that were counted and have not ended.
    ``ahead``: errors whose completion was not counted yet.
    """

    started: tuple[tuple[float, int], ...] = ()
    vanished: int = 0
    charged: int = 0
    ahead: int = 0


class Memory(msgspec.Struct, frozen=True):
    """
    Traces by revision and replica; ``slow``: charged as slow by revision, not yet timed.

    ``usual``: fading sums, over the time in which stable served, of the part of its active requests
    that was overdue, and of seconds.
    """

    traces: Mapping[str, Mapping[str, Trace]] = {}
    slow: Mapping[str, int] = {}
    usual: tuple[float, float] = (0.0, 0.0)


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


def difference(
    before: Scrape | None,
    after: Scrape,
    arms: Mapping[str, str],
    masked: Collection[str],
    memory: Memory,
) -> tuple[Tick | None, Memory]:
    """
    Make the tick between two scrapes; ``arms`` maps names of arms to revisions.

    None when there is no earlier scrape, or no time has passed. A damaged count drops the counts
    of all arms: dropping only one arm's would make the other look better or worse. Kinds of lines
    are kept, as nobody counts how often they come for each request.
    """
    if before is not None and after.at <= before.at:
        return None, memory
    flows = {
        name: _flows(revision, before, after, memory.traces.get(revision, {}))
        for name, revision in sorted(arms.items())
    }
    if before is None:
        traces = {arms[name]: {r: f.trace for r, f in flow.items()} for name, flow in flows.items()}
        return None, Memory(traces=traces, usual=memory.usual)
    usual, kept_usual = _usual(flows.get(STABLE, {}), memory.usual, after.at - before.at)
    sound = all(flow.sound for arm in flows.values() for flow in arm.values())
    bounds = _bounds(after, arms)
    found: dict[str, Arm] = {}
    traces, slow = {}, {}
    for name, revision in sorted(arms.items()):
        replicas, kept, charged, returned = _charge(flows[name], usual, charge=name != STABLE)
        owed = memory.slow.get(revision, 0)
        timed = _timed(before.revisions.get(revision), after.revisions.get(revision), bounds)
        arm, owed = _late(timed, charged, owed, returned)
        kinds = logs.kinds(before, after, revision)
        found[name] = Arm({}, kinds=kinds)
        if sound:
            found[name] = Arm(replicas, *arm, logs.lines(before, after, revision), kinds)
        traces[revision], slow[revision] = kept, owed
    present = {replica for arm in flows.values() for replica in arm}
    tick = Tick(
        at=after.at,
        seconds=after.at - before.at,
        arms=found,
        bounds_ms=bounds,
        masked=tuple(sorted(present & set(masked))),
    )
    return tick, Memory(traces=traces, slow=slow, usual=kept_usual)


# --- requests of each replica ------------------------------------------------------------------


def _flows(
    revision: str, before: Scrape | None, after: Scrape, traces: Mapping[str, Trace]
) -> dict[str, _Flow]:
    new = after.revisions.get(revision, _UNSEEN).replicas
    old = before.revisions.get(revision, _UNSEEN).replicas if before else new
    return {
        name: _flow(old.get(name, _ABSENT), new[name], traces.get(name), after.at)
        for name in sorted(new)
    }


def _flow(old: ReplicaCounters, new: ReplicaCounters, trace: Trace | None, at: float) -> _Flow:
    reset = new.started < old.started or new.completed < old.completed or new.errors < old.errors
    if reset:
        old, trace = _ABSENT, None
    if trace is None:
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
    )
    return _Flow(
        ended=completed + vanished,
        errors=counted + vanished,
        active=new.active,
        overdue=max(0, overdue),
        trace=kept,
        begun=new.started - old.started,
        known=since <= at - OVERDUE_S,
        sound=errors - counted <= _SKEW and min(new.started, completed, new.active) >= 0,
    )


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
    old: RevisionCounters | None, new: RevisionCounters | None, bounds: tuple[int, ...]
) -> tuple[int, tuple[int, ...]]:
    """Return (timed, slower than each bound); nothing when the histogram is missing or odd."""
    if not bounds or new is None or new.bounds_ms != bounds or len(new.buckets) != len(bounds):
        return 0, ()
    base, buckets = 0, (0,) * len(bounds)
    if old is not None and old.bounds_ms == bounds and len(old.buckets) == len(bounds):
        whole = all(b >= a for a, b in zip(old.buckets, new.buckets, strict=True))
        if new.timed >= old.timed and whole:
            base, buckets = old.timed, old.buckets
    elif old is not None and old.bounds_ms:
        return 0, ()
    timed = new.timed - base
    slower = tuple(timed - (b - a) for a, b in zip(buckets, new.buckets, strict=True))
    return (timed, slower) if all(x >= 0 for x in slower) else (0, ())


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
