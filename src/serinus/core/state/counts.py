"""
What was counted: raw counters as scraped, and the ticks that the judge reads.

Arms are a mapping by name (``stable``, ``candidate``), so that a third one fits.
"""

from collections.abc import Collection, Mapping

import msgspec

STABLE = "stable"
CANDIDATE = "candidate"
TWIN = "twin"
"""Fresh replicas of the stable version, beside fresh ones of the candidate."""

MIRRORED = "~mirror"
"""Behind a revision's id: what it did with copies of requests, counted apart from all else."""

WHOLE = "all"
"""
In the place of a number: ``<ten digits of the revision>-all`` is all of its replicas together,
where a router counts by Service and cannot tell one from another.
"""

NETWORK = "~network"
"""Beside the names of checks on log lines: requests that met a broken connection."""


class ReplicaCounters(msgspec.Struct, frozen=True, array_like=True):
    """
    One replica's counters as the router holds them, growing from the router's start.

    ``started``: requests sent to it; ``completed``: of these, ended in any way; ``errors``: of the
    completed ones, 5xx, reset or timed out; ``active``: in flight right now (a gauge).
    ``lines``: by the name of a check, the lines of its log that match (they grow as well); and
    under :data:`NETWORK` the requests of which the connection broke, where the router tells.
    """

    started: int
    completed: int
    errors: int
    active: int
    lines: Mapping[str, int] = {}


class RevisionCounters(msgspec.Struct, frozen=True):
    """
    One revision's counters.

    ``buckets`` are cumulative: how many timed requests took at most ``bounds_ms[i]``;
    ``timed`` is the number of all timed requests. Empty when the router keeps no histogram (yet).
    ``kinds``: by the name of a check, kinds of log lines (what changes in them masked) and how
    often each came; at most a few hundred.
    """

    replicas: Mapping[str, ReplicaCounters]
    bounds_ms: tuple[int, ...] = ()
    buckets: tuple[int, ...] = ()
    timed: int = 0
    kinds: Mapping[str, Mapping[str, int]] = {}


class Scrape(msgspec.Struct, frozen=True):
    """All raw counters of one application at one instant (``at``: seconds since the epoch)."""

    at: float
    revisions: Mapping[str, RevisionCounters]


class Arm(msgspec.Struct, frozen=True, array_like=True):
    """
    What one arm did within one tick.

    ``replicas``: for each replica (requests, errors). ``slower``: how many of the ``timed``
    requests were slower than each of the tick's bounds. ``lines``: by replica and check, the lines
    of its log that match; ``kinds``: by check, kinds of lines and how often each came.
    """

    replicas: Mapping[str, tuple[int, int]]
    timed: int = 0
    slower: tuple[int, ...] = ()
    lines: Mapping[str, Mapping[str, int]] = {}
    kinds: Mapping[str, Mapping[str, int]] = {}

    @property
    def requests(self) -> int:
        """Return the requests of all replicas."""
        return sum([n for n, _ in self.replicas.values()])

    @property
    def errors(self) -> int:
        """Return the failed requests of all replicas."""
        return sum([x for _, x in self.replicas.values()])


class Tick(msgspec.Struct, frozen=True, array_like=True):
    """
    A closed, non-overlapping window of counts, ``seconds`` long and ending ``at`` (epoch seconds).

    ``masked``: replicas too young to be judged; their counts are shown, never used as evidence.
    ``wanted``: the share (per mille) that the router was asked to give the candidate, all the time
    and by chance alone; None where that changed, or is not known.
    """

    at: float
    seconds: float
    arms: Mapping[str, Arm]
    bounds_ms: tuple[int, ...] = ()
    masked: tuple[str, ...] = ()
    wanted: int | None = None


def whole(revision: str) -> str:
    """Return the name under which all replicas of a revision are counted together."""
    return f"{revision[:10]}-{WHOLE}"


def parted(tick: Tick, twins: Collection[str]) -> Tick:
    """Return a tick in which those replicas of stable are an arm of their own, the twins."""
    stable = tick.arms.get(STABLE)
    if not twins or stable is None or not any(name in twins for name in stable.replicas):
        return tick
    arms = dict(tick.arms)
    for name, own in ((STABLE, False), (TWIN, True)):
        replicas = {r: c for r, c in stable.replicas.items() if (r in twins) is own}
        lines = {r: c for r, c in stable.lines.items() if (r in twins) is own}
        if own:
            arms[name] = Arm(replicas, lines=lines)
        else:
            arms[name] = msgspec.structs.replace(stable, replicas=replicas, lines=lines)
    return msgspec.structs.replace(tick, arms=arms)
