"""
From Envoy's counters to a scrape.

Two sources, because neither is enough alone:

=============================  =========================================================
endpoint ``rq_total``          requests sent to a replica; health checks are not among them
endpoint ``rq_active``         of these, in flight now
``serinus.failed`` by replica  5xx, reset, timed out, broken off; and given up by the caller
``upstream_rq_time``           whole milliseconds to the end of the answer, by revision
=============================  =========================================================

The endpoint's ``rq_error`` is not used: it counts each refused attempt, also those that a second
attempt made good. A request that reached no replica at all (nobody healthy) is counted for a
replica named ``<revision>-none``, so that an outage of a whole revision is seen.

Copies of requests leave no line in any log, so that for them the endpoint has to do, which is right
here, because a copy is sent once and never again:

=============================  =========================================================
endpoint ``rq_success``        its head came, and was no 5xx
endpoint ``rq_error``          5xx, reset or timed out before a head, or not to be sent
endpoint ``rq_timeout``        timed out, before a head (which is an error too) or after it
``upstream_cx_none_healthy``   nobody was there to send it to, by revision
=============================  =========================================================

A copy whose answer breaks off in the middle counts as a success, unless by the clock.
"""

import re
from collections.abc import Mapping

import msgspec

from serinus.adapters.local import bootstrap
from serinus.adapters.local.admin import Bucket, Cluster, Counted, Host
from serinus.core.state.counts import (
    MIRRORED,
    NETWORK,
    ReplicaCounters,
    RevisionCounters,
    Scrape,
)
from serinus.core.state.notice import Key

NOBODY = "none"
COUNTED = {
    "errors": (
        "Envoy, each replica: requests are rq_total less rq_active; bad ones are serinus.failed"
        " (5xx, reset, timed out, broken off, or given up by the caller)"
    ),
    "latency": "Envoy, each revision: upstream_rq_time, whole milliseconds to the end of an answer",
    "network": (
        "Envoy, each replica: requests are rq_total less rq_active; bad ones are serinus.failed"
        " with a response flag of a broken connection"
    ),
    "logs": "lines of each replica's log that match",
}
"""What a check is counted by, by its kind: for people who want to look for themselves."""

_FAILED = re.compile(r"serinus\.failed\.c\.([^.]*)\.h\.(.*)\.s\.(\d+)\.f\.(.*)")
_SERVER_ERROR = 500
_BROKEN = {"UC", "UT", "UPE", "UR", "LR", "UF", "UO", "UH", "NC", "SI", "DT"}
_UNSENT = {"UF", "UO", "UH", "NC"}
_LEFT = {"DC", "DR", "DPE"}


class Failures(msgspec.Struct):
    """
    Requests of one replica that did not go well.

    ``broken`` of the ``errors`` met a broken connection, ``unsent`` of them never reached it.
    ``abandoned``: the caller left before an answer began. One who leaves later has had his answer:
    a stream ends in no other way.
    """

    errors: int = 0
    unsent: int = 0
    broken: int = 0
    abandoned: int = 0


class Owner(msgspec.Struct, frozen=True):
    """Whose a cluster is, and whether it gets copies only."""

    key: Key
    revision: str
    mirrored: bool = False


class Counters:
    """Turn what Envoy counted into scrapes; counters of requests never go back."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, str, str], ReplicaCounters] = {}

    def scrapes(
        self, counted: Counted, owners: Mapping[str, Owner], at: float
    ) -> dict[Key, Scrape]:
        """Return the counters of every application that has a cluster."""
        failures = failures_by_host(counted.failed)
        found: dict[Key, dict[str, RevisionCounters]] = {}
        for cluster in counted.clusters:
            owner = owners.get(cluster.name)
            if owner is None:
                continue
            bounds, buckets, timed = _timed(counted.histograms.get(_histogram(cluster.name), []))
            revision = owner.revision + (MIRRORED if owner.mirrored else "")
            lost = counted.failed.get(f"cluster.{cluster.name}.{bootstrap.LOST}", 0)
            found.setdefault(owner.key, {})[revision] = RevisionCounters(
                replicas=self._copies(cluster, owner, lost)
                if owner.mirrored
                else self._replicas(cluster, owner, failures.get(cluster.name, {})),
                bounds_ms=bounds,
                buckets=buckets,
                timed=timed,
            )
        return {key: Scrape(at=at, revisions=revisions) for key, revisions in found.items()}

    def _replicas(
        self, cluster: Cluster, owner: Owner, failures: Mapping[str, Failures]
    ) -> dict[str, ReplicaCounters]:
        replicas = {
            host.hostname: self._steady(
                cluster.name, host, counters(host, failures.get(host.where, Failures()))
            )
            for host in cluster.host_statuses
        }
        nobody = failures.get("", Failures())
        return replicas | _nobody(owner, nobody.errors)

    def _copies(self, cluster: Cluster, owner: Owner, lost: int) -> dict[str, ReplicaCounters]:
        replicas = {
            host.hostname: self._steady(cluster.name, host, copies(host))
            for host in cluster.host_statuses
        }
        return replicas | _nobody(owner, lost)

    def _steady(self, cluster: str, host: Host, now: ReplicaCounters) -> ReplicaCounters:
        """
        Return the counters of one replica.

        Envoy reads what was sent and what is active one after the other, so that a request which
        begins or ends in between may seem to end twice: what was once completed stays so.
        """
        place = (cluster, host.hostname, host.where)
        before = self._before.get(place)
        if before is not None and before.started <= now.started:
            now = ReplicaCounters(
                started=now.started,
                completed=max(now.completed, before.completed),
                errors=max(now.errors, before.errors),
                active=now.active,
                lines={n: max(x, before.lines.get(n, 0)) for n, x in now.lines.items()},
            )
        self._before[place] = now
        return now


def counters(host: Host, failures: Failures) -> ReplicaCounters:
    """Return one replica's counters as they stand."""
    started = host.count("rq_total") + failures.unsent
    active = host.count("rq_active")
    completed = max(started - active - failures.abandoned, 0)
    return ReplicaCounters(
        started=started,
        completed=completed,
        errors=failures.errors,
        active=active,
        lines={NETWORK: failures.broken},
    )


def copies(host: Host) -> ReplicaCounters:
    """Return the counters of one replica that gets copies, as they stand."""
    failed, active = host.count("rq_error"), host.count("rq_active")
    # What could not be sent is an error of the endpoint, and not among those that were sent.
    started = max(host.count("rq_total"), host.count("rq_success") + failed)
    completed = max(started - active, 0)
    errors = min(max(failed, host.count("rq_timeout")), completed)
    return ReplicaCounters(started=started, completed=completed, errors=errors, active=active)


def failures_by_host(failed: Mapping[str, int]) -> dict[str, dict[str, Failures]]:
    """Return failures by cluster and ``host:port`` (empty: no replica was chosen)."""
    found: dict[str, dict[str, Failures]] = {}
    for name, count in failed.items():
        told = _FAILED.fullmatch(name)
        if told is None:
            continue
        cluster, where, status, flags = told[1], told[2], int(told[3]), set(told[4].split(","))
        entry = found.setdefault(cluster, {}).setdefault("" if where == "-" else where, Failures())
        if status >= _SERVER_ERROR or flags & _BROKEN:
            entry.errors += count
            entry.unsent += count if flags & _UNSENT else 0
            entry.broken += count if flags & _BROKEN else 0
        elif flags & _LEFT and not status:
            entry.abandoned += count
    return found


def _nobody(owner: Owner, lost: int) -> dict[str, ReplicaCounters]:
    """Return the requests of a revision that reached none of its replicas."""
    name = f"{owner.revision[:10]}-{NOBODY}"
    lines = {} if owner.mirrored else {NETWORK: lost}
    return {name: ReplicaCounters(lost, lost, lost, 0, lines)} if lost else {}


def _histogram(cluster: str) -> str:
    return f"cluster.{cluster}.upstream_rq_time"


def _timed(buckets: list[Bucket]) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    if not buckets:
        return (), (), 0
    kept = [b for b in buckets if b.upper_bound < bootstrap.CATCH_ALL_MS]
    return (
        tuple(int(b.upper_bound) for b in kept),
        tuple(b.cumulative for b in kept),
        buckets[-1].cumulative,
    )
