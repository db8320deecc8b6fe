"""Replica arithmetic: how many a share needs, and which of them are fit to serve."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from serinus.core.spec.delivery import FULL
from serinus.core.state.workload import Replica, ReplicaState


def needed(share: int, replicas: int) -> int:
    """Return how many replicas a share (per mille) needs: its part of stable's, at least one."""
    return max(1, -(-share * replicas // FULL)) if share else 0


def left(share: int, replicas: int) -> int:
    """
    Return how many replicas stable needs beside a candidate with a share (per mille).

    A share is known to a tenth of a percent: what is less than that is not worth a replica, or
    those of both would never add up to the whole.
    """
    if share <= 0:
        return replicas
    return max(0, (FULL - 1 - share) * replicas // FULL + 1)


def carries(found: int, replicas: int) -> int:
    """Return the greatest share (per mille) for which so many of the replicas are enough."""
    return min(FULL, FULL * found // max(1, replicas))


def part(per_mille: int, replicas: int) -> int:
    """Return a part of the replicas, rounded up."""
    return -(-per_mille * replicas // FULL)


def of(found: Iterable[Replica], revision: str | None, ordinals: Iterable[int]) -> list[Replica]:
    """Return the found replicas of a revision with these ordinals, oldest first; none stops."""
    wanted = set(ordinals)
    mine = (
        r
        for r in found
        if r.revision == revision and r.ordinal in wanted and r.state is not ReplicaState.STOPPING
    )
    return sorted(mine, key=lambda r: r.ordinal)


def ready(found: Iterable[Replica]) -> list[Replica]:
    """Return those that answer their health check."""
    return [r for r in found if r.state is ReplicaState.READY]


def warm(found: Iterable[Replica], now: datetime, warmup_s: float) -> list[Replica]:
    """Return those that have been ready for at least the warm-up."""
    return [
        r
        for r in ready(found)
        if r.ready_at is not None and (now - r.ready_at).total_seconds() >= warmup_s
    ]


def warm_at(found: Iterable[Replica], warmup_s: float) -> datetime | None:
    """Return when the last of the ready ones is warm, None without any."""
    times = [r.ready_at for r in found if r.ready_at is not None]
    return max(times) + timedelta(seconds=warmup_s) if times else None
