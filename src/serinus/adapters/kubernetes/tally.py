"""
Adding up: from the series of a router, or of pods, to the counters of revisions.

Totals are kept here and grow only, whatever happens to what they are read from::

    a router begins anew            its counters start from nothing: all that they say is new
    one of several routers is gone  what it said stays counted
    a Service changes its revision  (the one that people call): from then on it counts for the other
    a controller begins anew        totals are those of the routers, as far as they remember

A router counts by Service, so what all replicas of a revision did together stands under one name
(:data:`serinus.core.state.counts.WHOLE`): no number is made up for a single one of them. Where
series tell pods apart, each replica has its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf, isfinite
from typing import Any, NamedTuple, Protocol

from serinus.core.state import counts, labels
from serinus.core.state.counts import NETWORK, ReplicaCounters, RevisionCounters
from serinus.core.state.meaning import Meaning, Place, What
from serinus.core.state.notice import Key

MANY = 20_000
"""So many series of a source are remembered, although they are not there any more."""


class Crew(NamedTuple):
    """
    Who serves for an application right now.

    ``services``: by the name of a Service (and of a Deployment), the revision whose requests it
    takes: each revision's own, and the one that people call. One that gets copies only stands with
    :data:`serinus.core.state.counts.MIRRORED` behind it. ``pods``: by the name of a pod, its
    revision and its replica's name. ``addresses``: by the name of a pod that is ready,
    ``host:port`` where it serves. ``containers``: by the name of a pod, the container that serves.
    """

    services: Mapping[str, str] = {}
    pods: Mapping[str, tuple[str, str]] = {}
    addresses: Mapping[str, str] = {}
    containers: Mapping[str, str] = {}


class Roster(Protocol):
    """Know who serves: what the platform tells those who count."""

    def crew(self, key: Key) -> Crew:
        """Return who serves for an application now; nobody for one that is not known."""
        ...


class Owner(NamedTuple):
    """Whom a series counts for. ``borrowed``: a Service that may be another revision's later."""

    key: Key
    revision: str
    replica: str
    borrowed: bool = False


class _Series:
    """One series: what it means, whose it was found to be, and its last value."""

    __slots__ = ("last", "meaning", "place")

    def __init__(self, meaning: Meaning, last: float) -> None:
        self.meaning = meaning
        self.last = last
        self.place: Place | None = None


class _Total:
    """
    What one replica, or all of a revision's together, did so far.

    ``active``: by source what is in flight, ``before``: what was at the look before, less what has
    ended since. ``lost``: requests that are no longer in flight, and never ended.
    """

    __slots__ = ("active", "before", "broken", "ended", "failed", "lost")

    def __init__(self) -> None:
        self.ended = self.failed = self.broken = self.lost = 0.0
        self.active: dict[str, float] = {}
        self.before: dict[str, float] = {}

    def open(self) -> None:
        """Begin a look. A source that is not read says nothing of what is in flight there."""
        self.before, self.active = self.active, {}

    def close(self) -> None:
        """End a look: what was in flight at a source, and neither ended nor is there, is lost."""
        for source, active in self.active.items():
            self.lost += max(0.0, self.before.get(source, 0.0) - active)

    @property
    def started(self) -> float:
        """What was begun, as far as can be told."""
        return self.ended + self.lost + sum(self.active.values())


class _Times:
    """The histogram of one revision, by bound."""

    __slots__ = ("bounds", "counts")

    def __init__(self) -> None:
        self.bounds: frozenset[float] = frozenset()
        self.counts: dict[float, float] = {}


class Known(NamedTuple):
    """Owners by the places that series may name; pods stand apart, as names may be equal."""

    services: Mapping[Place, Owner]
    pods: Mapping[Place, Owner]
    keys: Mapping[Key, Crew]


def known(crews: Mapping[Key, Crew]) -> Known:
    """Return whose each Service and each pod is."""
    services: dict[Place, Owner] = {}
    pods: dict[Place, Owner] = {}
    for key, crew in crews.items():
        namespace = labels.parted(key.application).namespace
        for name, revision in crew.services.items():
            home = revision.removesuffix(counts.MIRRORED)
            borrowed = name != labels.of_revision(key.application, home)
            owner = Owner(key, revision, counts.whole(home), borrowed)
            services[Place(namespace, name)] = owner
        for name, (revision, replica) in crew.pods.items():
            pods[Place(namespace, name)] = Owner(key, revision, replica)
    return Known(services, pods, crews)


Read = Callable[[Any], Meaning | None]
"""What a series is called, in whatever form → what it means. Asked once for each."""


class Tally:
    """Add up what is read; ``network``: it is told which requests met a broken connection."""

    def __init__(self, *, network: bool) -> None:
        self._network = network
        self._series: dict[str, dict[object, _Series | None]] = {}
        self._totals: dict[Key, dict[str, dict[str, _Total]]] = {}
        self._times: dict[Key, dict[str, _Times]] = {}

    def add(
        self, found: Mapping[str, Iterable[tuple[object, float]]], who: Known, read: Read
    ) -> None:
        """
        Take in all samples of all sources at one instant.

        A series that was not there when its source was first looked at has begun since then.
        """
        seen: dict[_Times, set[float]] = {}
        for total in self._of(who):
            total.open()
        for source, samples in found.items():
            for series, value in self._known(source, samples, read):
                owner = _owner(series, who)
                if owner is not None and isfinite(value) and value >= 0.0:
                    times = self._count(source, series, value, owner)
                    if times is not None:
                        seen.setdefault(times, set()).add(series.meaning.bound_ms)
        for times, bounds in seen.items():
            times.bounds = frozenset(bounds)
        for total in self._of(who):
            total.close()

    def revisions(self, key: Key, who: Known) -> dict[str, RevisionCounters]:
        """Return what is known of an application; one that got no request has counted nothing."""
        found = {
            revision: {name: self._counters(total) for name, total in totals.items()}
            for revision, totals in self._totals.get(key, {}).items()
        }
        crew = who.keys.get(key, Crew())
        apart = any(name.rpartition("-")[2] != counts.WHOLE for r in found.values() for name in r)
        for revision in crew.services.values():
            alone = {} if apart else {counts.whole(revision): self._counters(_Total())}
            found.setdefault(revision, alone)
        return {
            revision: RevisionCounters(replicas, *self._histogram(key, revision))
            for revision, replicas in found.items()
        }

    def forget(self, keys: Iterable[Key]) -> None:
        """Keep nothing of other applications than these."""
        kept = set(keys)
        for totals in (self._totals, self._times):
            for key in totals.keys() - kept:
                del totals[key]

    def _of(self, who: Known) -> Iterable[_Total]:
        for key in who.keys:
            for replicas in self._totals.get(key, {}).values():
                yield from replicas.values()

    def _known(
        self, source: str, samples: Iterable[tuple[object, float]], read: Read
    ) -> Iterator[tuple[_Series, float]]:
        """Yield the series that mean something, with their values; new ones are read first."""
        fresh = 0.0 if source in self._series else -1.0
        series = self._series.setdefault(source, {})
        there: set[object] = set()
        for name, value in samples:
            there.add(name)
            if name not in series:
                meaning = read(name)
                series[name] = None if meaning is None else _Series(meaning, fresh)
            found = series[name]
            if found is not None:
                yield found, value
        if len(series) > MANY + 2 * len(there):
            self._series[source] = {name: series[name] for name in there}

    def _count(self, source: str, series: _Series, value: float, owner: Owner) -> _Times | None:
        """Add what is new of a series; returns the histogram that it belongs to, if it does."""
        what, last = series.meaning.what, series.last
        totals = self._totals.setdefault(owner.key, {}).setdefault(owner.revision, {})
        total = totals.setdefault(owner.replica, _Total())
        if what is What.ACTIVE:
            total.active[source] = total.active.get(source, 0.0) + value
            return None
        series.last = value
        if last < 0.0:  # what a Service counted before we looked may be another revision's
            last = value if owner.borrowed else 0.0
        more = value - last if value >= last else value
        if what is What.WITHIN:
            times = self._times.setdefault(owner.key, {}).setdefault(owner.revision, _Times())
            bound = series.meaning.bound_ms
            times.counts[bound] = times.counts.get(bound, 0.0) + more
            return times
        if What.ENDED in what:
            total.ended += more
            if source in total.before:
                total.before[source] -= more
        if What.FAILED in what:
            total.failed += more
        if What.BROKEN in what:
            total.broken += more
        return None

    def _counters(self, total: _Total) -> ReplicaCounters:
        ended = round(total.ended)
        lines = {NETWORK: min(round(total.broken), ended)} if self._network else {}
        failed = min(round(total.failed), ended)
        active = round(sum(total.active.values()))
        return ReplicaCounters(max(ended, round(total.started)), ended, failed, active, lines)

    def _histogram(self, key: Key, revision: str) -> tuple[tuple[int, ...], tuple[int, ...], int]:
        times = self._times.get(key, {}).get(revision)
        if times is None:
            return (), (), 0
        bounds = sorted(b for b in times.bounds if b < inf and b == int(b) > 0)
        buckets = tuple(round(times.counts.get(bound, 0.0)) for bound in bounds)
        timed = round(times.counts.get(inf, 0.0))
        return tuple(int(bound) for bound in bounds), buckets, max((timed, *buckets))


def _owner(series: _Series, who: Known) -> Owner | None:
    """Return whose a series is now, None for nobody of those who are looked at."""
    meaning = series.meaning
    if meaning.pod is not None:
        return who.pods.get(meaning.pod)
    if series.place is not None:
        return who.services.get(series.place)
    for place in meaning.places:
        owner = who.services.get(place)
        if owner is not None:
            series.place = place
            return owner
    return None
