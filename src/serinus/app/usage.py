"""
Usage → samples: what the replicas of both arms take of the machine, once for each block.

Memory is the mean over the replicas of an arm; CPU is seconds for each request, over as many blocks
as it takes until there are enough requests. Only replicas count that are ready, old enough, and
have answered requests in that time: an idle process is no measure of one that works. A replica
whose usage is not newer than the last time is not seen, and says nothing. Where requests are
counted for all replicas of a revision together, all of them have to be seen for a figure of CPU.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from serinus.core.analysis import blocks
from serinus.core.spec.delivery import Delivery, UsageCheck
from serinus.core.state.counts import STABLE, Tick, whole
from serinus.core.state.sample import Sample
from serinus.core.state.workload import Replica, ReplicaState, belongs

MEMORY = "memory"
CPU = "cpu"

ENOUGH = 20
"""Requests of an arm that a figure of CPU for each of them needs."""

LONGEST_BLOCKS = 12
"""After so many blocks an arm without enough requests has no figure of CPU."""

PAST = 720
"""So much of stable's past is kept while nothing is released: an hour of blocks of five seconds."""


class Meter(msgspec.Struct, frozen=True):
    """
    What was read so far.

    ``at``: end of the last block; ``cpu_at``: when the current figure of CPU began. ``requests``,
    ``cpu_requests``: of each replica since then. ``seen``: by replica when its usage was read last;
    ``base``: its seconds of CPU at ``cpu_at``. ``stable``: the revision whose ``past`` it is; of
    each block (end, memory, CPU), 0 for what was not known.
    """

    at: float = 0.0
    cpu_at: float = 0.0
    requests: Mapping[str, int] = {}
    cpu_requests: Mapping[str, int] = {}
    seen: Mapping[str, float] = {}
    base: Mapping[str, float] = {}
    stable: str = ""
    past: tuple[tuple[float, float, float], ...] = ()


class Taken(msgspec.Struct, frozen=True):
    """What one block says by arm; ``cpu`` None: that figure is not complete yet."""

    at: float
    memory: Mapping[str, float]
    cpu: Mapping[str, float] | None = None


def wanted(delivery: Delivery | None) -> bool:
    """Tell whether a delivery looks at what replicas take."""
    return delivery is not None and any(isinstance(one, UsageCheck) for one in delivery.looks)


def read(
    meter: Meter, tick: Tick, arms: Mapping[str, str], replicas: Sequence[Replica], length_s: float
) -> tuple[Meter, Taken | None]:
    """Take in a tick; at the end of a block, say what was taken. ``arms``: revisions by name."""
    meter = replace(
        meter,
        requests=_added(meter.requests, tick),
        cpu_requests=_added(meter.cpu_requests, tick),
    )
    if not blocks.full(tick.at - meter.at, length_s):
        return meter, None
    sighted = [one for one in replicas if _counts(one, tick, meter.seen)]
    groups = {
        arm: [one for one in sighted if belongs(one.name, revision)]
        for arm, revision in arms.items()
    }
    together = {
        arm: _together(meter.cpu_requests, revision, groups[arm], replicas)
        for arm, revision in arms.items()
    }
    longest = tick.at - meter.cpu_at >= LONGEST_BLOCKS * length_s
    cpu = _cpu(meter, groups, together, longest=longest)
    taken = Taken(tick.at, _memory(meter, groups), cpu)
    meter = replace(
        meter,
        at=tick.at,
        requests={},
        seen={one.name: one.usage.at for one in sighted if one.usage},
    )
    if cpu is not None or not meter.base:
        base = {one.name: one.usage.cpu_s for one in sighted if one.usage}
        meter = replace(meter, cpu_at=tick.at, cpu_requests={}, base=base)
    return meter, taken


def again(meter: Meter) -> Meter:
    """Begin all figures anew: no figure is about two tests."""
    return replace(meter, requests={}, cpu_requests={}, base={})


def _added(known: Mapping[str, int], tick: Tick) -> Mapping[str, int]:
    found = dict(known)
    for arm in tick.arms.values():
        for name, (n, _) in arm.replicas.items():
            found[name] = found.get(name, 0) + n
    return found


def _counts(one: Replica, tick: Tick, seen: Mapping[str, float]) -> bool:
    if one.usage is None or one.state is not ReplicaState.READY or one.name in tick.masked:
        return False
    return one.usage.at > seen.get(one.name, 0.0)


def _memory(meter: Meter, groups: Mapping[str, list[Replica]]) -> dict[str, float]:
    found = {}
    for arm, group in groups.items():
        sizes = [
            one.usage.memory
            for one in group
            if one.usage
            and (meter.requests.get(one.name) or meter.requests.get(whole(one.revision)))
        ]
        if sizes:
            found[arm] = sum(sizes) / len(sizes)
    return found


def _together(
    requests: Mapping[str, int], revision: str, seen: list[Replica], replicas: Sequence[Replica]
) -> int | None:
    """
    Return the requests of a revision where they are counted for all of its replicas together.

    None where they are counted apart; none at all while one of those that may have had some is not
    seen.
    """
    if whole(revision) not in requests:
        return None
    names = {one.name for one in seen}
    own = [one for one in replicas if belongs(one.name, revision) and one.ready_at is not None]
    return requests[whole(revision)] if all(one.name in names for one in own) else 0


def _cpu(
    meter: Meter,
    groups: Mapping[str, list[Replica]],
    together: Mapping[str, int | None],
    *,
    longest: bool,
) -> dict[str, float] | None:
    """Return seconds for each request by arm, None while an arm may still get enough requests."""
    found = {}
    for arm, group in groups.items():
        added = {
            one.name: one.usage.cpu_s - meter.base[one.name]
            for one in group
            if one.usage and one.name in meter.base and one.usage.cpu_s >= meter.base[one.name]
        }
        joint = together[arm]
        if joint is None:
            answered = sum(meter.cpu_requests.get(name, 0) for name in added)
        else:
            answered = joint if len(added) == len(group) else 0
        spent = sum(added.values())
        if answered >= ENOUGH:
            found[arm] = spent / answered
        elif not longest:
            return None
    return found


# --- what becomes of it --------------------------------------------------------------------------


def samples(delivery: Delivery, taken: Taken) -> tuple[Sample, ...]:
    """Return the samples of a delivery's checks."""
    found = []
    for look in delivery.looks:
        if isinstance(look, UsageCheck):
            values = taken.memory if look.what == MEMORY else taken.cpu
            if values is not None:
                found.append(Sample(look.name, taken.at, values))
    return tuple(found)


def remember(meter: Meter, taken: Taken, stable: str) -> Meter:
    """Keep what stable took for the release that comes; another revision begins its own past."""
    past = meter.past if meter.stable == stable else ()
    memory = taken.memory.get(STABLE, 0.0)
    cpu = (taken.cpu or {}).get(STABLE, 0.0)
    if memory or cpu:
        past = (*past, (taken.at, memory, cpu))[-PAST:]
    return replace(meter, stable=stable, past=past)


def recalled(meter: Meter, delivery: Delivery, stable: str | None) -> Iterable[Sample]:
    """Return stable's past as samples of a delivery's checks, oldest first."""
    if meter.stable != stable:
        return
    for at, memory, cpu in meter.past:
        taken = Taken(at, {STABLE: memory} if memory else {}, {STABLE: cpu} if cpu else None)
        yield from samples(delivery, taken)
