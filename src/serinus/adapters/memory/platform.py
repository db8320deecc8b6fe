"""
A platform in memory: replicas that start, crash and answer as a scenario says.

Small, deterministic and real enough for the loop: replicas take time to get ready, requests are
drawn at random (seeded) and sent along the route that was delivered, counters only grow.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from serinus.adapters.memory.chance import Chance
from serinus.adapters.memory.clock import Clock
from serinus.core.state.cohort import Visit
from serinus.core.state.counts import MIRRORED, ReplicaCounters, RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Ref, Route
from serinus.core.state.workload import LIVED_S, Group, Replica, ReplicaState, Revision, Usage
from serinus.ports import failures

BOUNDS_MS = (50, 100, 250, 500, 1000)
PLACES = 1000
_SPREAD = 2_654_435_761
"""A factor that scatters the numbers of users over the places (Knuth, TAOCP 3, 6.4)."""


class Behaviour(NamedTuple):
    """
    How one replica answers: shares of requests that fail, are slow (slower than 250 ms) or hang.

    ``converts``: the share of visits in which a user reaches ``/checkout``. ``lines``: the share of
    requests for which a line is logged, of the kind ``kind``. ``memory``: bytes, ``cpu_s``: seconds
    of CPU for each request. ``alive`` False: the process ends at once and is restarted with
    back-off. ``ready`` False: it runs and fails its health check. ``slower``: the shares of
    requests that are slower than each of the platform's own bounds, where it has some, in place of
    ``slow``.
    """

    errors: float = 0.0
    slow: float = 0.0
    hang: float = 0.0
    alive: bool = True
    ready: bool = True
    converts: float = 0.0
    lines: float = 0.0
    kind: str = "ERROR"
    memory: int = 0
    cpu_s: float = 0.0
    slower: tuple[float, ...] = ()


class Circumstance(NamedTuple):
    """What a replica's behaviour may depend on. ``at``, ``age``: seconds; ``share``: per mille."""

    version: str
    ordinal: int
    at: float
    age: float
    share: int


Behave = Callable[[Circumstance], Behaviour]


class Served(NamedTuple):
    """
    What a revision was ever asked, by users alone: mirrored copies do not count.

    ``bad``: failed, or never answered; ``slower``: than each of the platform's own bounds.
    """

    requests: int
    bad: int
    slower: tuple[int, ...] = ()


class Platform:
    """
    Run pretended replicas behind a pretended router.

    ``bounds_ms``: its own bounds of latency, of which behaviours tell all the shares.
    """

    def __init__(
        self,
        clock: Clock,
        behave: Behave,
        *,
        rate: float = 100.0,
        start_s: float = 1.0,
        seed: int = 1,
        users: int = 10_000,
        bounds_ms: tuple[int, ...] = (),
    ) -> None:
        self.clock, self.behave, self.rate, self.start_s = clock, behave, rate, start_s
        self.bounds_ms = bounds_ms
        self.users, self.matching = users, 0.1
        self.blind = ""
        self.dark = self.lags = ""
        self.refuses = ""
        self._chance = Chance(seed)
        self._began = clock.now()
        self._replicas: dict[Key, dict[str, Replica]] = {}
        self._versions: dict[str, str] = {}
        self._revisions: dict[str, Revision] = {}
        self._documents: dict[Ref, Document] = {}
        self._counters: dict[tuple[str, str], ReplicaCounters] = {}
        self._histogram: dict[str, tuple[int, int]] = {}
        self._slower: dict[str, tuple[int, ...]] = {}
        self._counted_at: dict[Key, datetime] = {}
        self._patterns: dict[Key, dict[str, str]] = {}
        self._visits: dict[Key, list[Visit]] = {}
        self._cpu: dict[str, float] = {}
        self._kinds: dict[str, dict[str, int]] = {}

    # --- the port --------------------------------------------------------------------------------

    async def ensure(
        self, key: Key, revisions: Sequence[Revision], groups: Sequence[Group], drain_s: float
    ) -> None:
        """Start what is missing; what is not named is gone at once."""
        del drain_s
        if self.refuses:
            raise failures.Rejected(self.refuses)
        self._versions.update((r.id, r.version) for r in revisions)
        self._revisions.update((r.id, r) for r in revisions)
        mine = self._replicas.setdefault(key, {})
        wanted = {f"{g.revision[:10]}-{o}": (g.revision, o) for g in groups for o in g.ordinals}
        for name in [n for n in mine if n not in wanted]:
            del mine[name]
        for name, (revision, ordinal) in wanted.items():
            if name not in mine:
                mine[name] = Replica(
                    revision=revision,
                    ordinal=ordinal,
                    state=ReplicaState.STARTING,
                    started_at=self.clock.now(),
                    address=f"127.0.0.1:{20000 + ordinal}",
                )

    async def replicas(self, key: Key) -> tuple[Replica, ...]:
        """Return the replicas as they are by now."""
        mine = self._replicas.get(key, {})
        for name, replica in mine.items():
            mine[name] = self._lived(key, replica)
        return tuple(mine.values())

    async def revision(self, revision: str) -> Revision | None:
        """Return a revision that was given once."""
        return self._revisions.get(revision)

    async def fetch(self, refs: Sequence[Ref]) -> Documents:
        """Return the documents that exist."""
        asked = [r for r in refs if r.name.endswith("*")]
        several = {
            r: d for r, d in self._documents.items() if asked and any(a.covers(r) for a in asked)
        }
        return {r: self._documents[r] for r in refs if r in self._documents} | several

    async def deliver(self, key: Key, documents: dict[Ref, Document | None]) -> None:
        """Take the documents; they are carried out at once."""
        self._count(key)
        for ref, document in documents.items() if not self.lags else ():
            if document is None:
                self._documents.pop(ref, None)
            else:
                self._documents[ref] = document

    async def applied(self) -> Documents:
        """Return what was delivered."""
        if self.dark:
            raise failures.Unavailable(self.dark)
        return self._documents

    async def lag(self, key: Key) -> str:
        """Return what a test says; as long as it says something, nothing is carried out."""
        return self.lags if key in self._replicas else ""

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """Return the counters as they are by now."""
        if self.blind:
            raise failures.Unavailable(self.blind)
        return {key: self._scrape(key) for key in keys if key in self._replicas}

    async def listen(self, key: Key, patterns: Mapping[str, str]) -> None:
        """Count the lines that replicas are told to log, for each of the checks."""
        self._patterns[key] = dict(patterns)

    async def visits(self, key: Key) -> tuple[Visit, ...]:
        """Return who came since the last call."""
        return tuple(self._visits.pop(key, ()))

    async def delete(self, key: Key) -> None:
        """Forget the application."""
        self._replicas.pop(key, None)

    # --- replicas --------------------------------------------------------------------------------

    def _behaviour(self, key: Key, replica: Replica, at: datetime) -> Behaviour:
        route = self._route(key)
        return self.behave(
            Circumstance(
                version=self._versions[replica.revision],
                ordinal=replica.ordinal,
                at=(at - self._began).total_seconds(),
                age=(at - replica.started_at).total_seconds(),
                share=0 if route is None else route.weight(replica.revision),
            )
        )

    def _lived(self, key: Key, replica: Replica) -> Replica:
        """Return a replica as it is by now: ready, unready, or restarted."""
        now = self.clock.now()
        behaviour = self._behaviour(key, replica, now)
        if not behaviour.alive:
            return self._crashed(replica, now)
        if (now - replica.started_at).total_seconds() < self.start_s:
            return replica
        if not behaviour.ready:
            state = ReplicaState.UNREADY if replica.ready_at else ReplicaState.STARTING
            return replace(replica, state=state, note="the health check fails")
        ready_at = replica.ready_at or replica.started_at + timedelta(seconds=self.start_s)
        usage = None
        if behaviour.memory:
            used = self._cpu.get(replica.name, 0.0)
            usage = Usage(at=now.timestamp(), memory=behaviour.memory, cpu_s=used)
        return replace(replica, state=ReplicaState.READY, ready_at=ready_at, note="", usage=usage)

    def _crashed(self, replica: Replica, now: datetime) -> Replica:
        if replica.state is ReplicaState.BACKING_OFF and now < replica.started_at:
            return replica
        wait = timedelta(seconds=2.0**replica.restarts)
        return replace(
            replica,
            state=ReplicaState.BACKING_OFF,
            ready_at=None,
            started_at=now + wait,
            restarts=replica.restarts + 1,
            deaths=replica.deaths + ((now - replica.started_at).total_seconds() >= LIVED_S),
            note="exited with 1",
        )

    # --- requests --------------------------------------------------------------------------------

    def _route(self, key: Key) -> Route | None:
        for document in self._documents.values():
            route = document.get("route")
            if isinstance(route, Route) and route.application == key.application:
                return route
        return None

    def _count(self, key: Key) -> None:
        """Send the requests of the time that has passed along the route."""
        now = self.clock.now()
        seconds = (now - self._counted_at.get(key, now)).total_seconds()
        route = self._route(key)
        self._counted_at[key] = now
        if seconds <= 0 or route is None:
            return
        rest = self.rate * seconds
        if route.matches:
            rest -= (chosen := rest * self.matching)
            self._send(key, route.matched, route.serving(route.matched), chosen, now)
        for backend in route.backends:
            names = route.serving(backend.revision)
            self._send(key, backend.revision, names, rest * backend.weight / PLACES, now)
        if route.mirror is not None:
            names = tuple(e.replica for e in route.mirror.endpoints)
            copies = self.rate * seconds * route.mirror.share / PLACES
            self._send(key, f"{route.mirror.revision}{MIRRORED}", names, copies, now)
        if route.visits:
            self._come(key, route, self._chance.poisson(self.rate * seconds), now)

    def _send(
        self, key: Key, place: str, names: Sequence[str], expected: float, now: datetime
    ) -> None:
        """Send requests to those of the replicas that are ready; ``place``: where they count."""
        mine = self._replicas.get(key, {})
        ready = [mine[n] for n in names if n in mine and mine[n].state is ReplicaState.READY]
        for replica in ready:
            behaviour = self._behaviour(key, replica, now)
            number = self._chance.poisson(expected / len(ready))
            self._answer(key, place, replica, behaviour, number)

    def _answer(
        self, key: Key, place: str, replica: Replica, behaviour: Behaviour, requests: int
    ) -> None:
        hanging = self._chance.binomial(requests, behaviour.hang)
        errors = self._chance.binomial(requests - hanging, behaviour.errors)
        slow = self._chance.binomial(requests - hanging, behaviour.slow)
        lines = self._lines(key, replica, behaviour, requests)
        where = (place, replica.name)
        was = self._counters.get(where, ReplicaCounters(0, 0, 0, 0))
        done = requests - hanging
        self._counters[where] = ReplicaCounters(
            *(was.started + requests, was.completed + done, was.errors + errors),
            active=was.active + hanging,
            lines={name: was.lines.get(name, 0) + number for name, number in lines.items()},
        )
        timed, late = self._histogram.get(place, (0, 0))
        self._histogram[place] = (timed + done, late + slow)
        if self.bounds_ms:
            self._slower[place] = self._tails(place, behaviour, done)
        self._cpu[replica.name] = self._cpu.get(replica.name, 0.0) + requests * behaviour.cpu_s

    def _tails(self, place: str, behaviour: Behaviour, done: int) -> tuple[int, ...]:
        """Draw how many requests were slower than each bound: of those that miss the one below."""
        left, before, found = done, 1.0, []
        for share in behaviour.slower:
            left = self._chance.drawn(left, share / before) if left else 0
            before = share
            found.append(left)
        known = self._slower.get(place, (0,) * len(found))
        return tuple([was + more for was, more in zip(known, found, strict=True)])

    def served(self, revision: str) -> Served:
        """Return what a revision was ever asked, as counted so far."""
        mine = [c for (place, _), c in self._counters.items() if place == revision]
        return Served(
            requests=sum(c.started for c in mine),
            bad=sum(c.errors + c.active for c in mine),
            slower=self._slower.get(revision, ()),
        )

    def _lines(
        self, key: Key, replica: Replica, behaviour: Behaviour, requests: int
    ) -> dict[str, int]:
        found = {}
        for name in self._patterns.get(key, {}):
            number = self._chance.binomial(requests, behaviour.lines)
            found[name] = number
            kinds = self._kinds.setdefault(replica.revision, {})
            if number:
                kinds[behaviour.kind] = kinds.get(behaviour.kind, 0) + number
        return found

    def _come(self, key: Key, route: Route, number: int, now: datetime) -> None:
        """Let users come, each to his side: the places are divided in the order of the backends."""
        mine = self._replicas.get(key, {})
        seen = self._visits.setdefault(key, [])
        for _ in range(number):
            user = self._chance.one(self.users) + 1
            revision = self._side(route, user * _SPREAD % PLACES)
            names = [n for n in route.serving(revision) if n in mine]
            if not names:
                continue
            behaviour = self._behaviour(key, mine[names[0]], now)
            known = user if route.sticky else 0
            seen.append(Visit(known, revision, "GET", "/", 200))
            if self._chance.happens(behaviour.converts):
                seen.append(Visit(known, revision, "POST", "/checkout", 200))

    def _side(self, route: Route, place: int) -> str:
        if route.matches and self._chance.happens(self.matching):
            return route.matched
        for backend in route.backends:
            if place < backend.weight:
                return backend.revision
            place -= backend.weight
        return route.backends[0].revision

    def _scrape(self, key: Key) -> Scrape:
        self._count(key)
        mine = self._replicas.get(key, {})
        revisions: dict[str, dict[str, ReplicaCounters]] = {
            replica.revision: {} for replica in mine.values()
        }
        for name, replica in mine.items():
            empty = ReplicaCounters(0, 0, 0, 0, dict.fromkeys(self._patterns.get(key, {}), 0))
            counted = self._counters.get((replica.revision, name), empty)
            revisions[replica.revision][name] = counted
            copies = self._counters.get((f"{replica.revision}{MIRRORED}", name))
            if copies is not None:
                revisions.setdefault(f"{replica.revision}{MIRRORED}", {})[name] = copies
        return Scrape(
            at=self.clock.now().timestamp(),
            revisions={r: self._revision(key, r, c) for r, c in revisions.items()},
        )

    def _revision(
        self, key: Key, revision: str, counters: dict[str, ReplicaCounters]
    ) -> RevisionCounters:
        timed, late = self._histogram.get(revision, (0, 0))
        bounds = self.bounds_ms or BOUNDS_MS
        if self.bounds_ms:
            tails = self._slower.get(revision, (0,) * len(bounds))
            buckets = tuple([timed - tail for tail in tails])
        else:
            fast = timed - late
            buckets = (fast // 2, fast * 9 // 10, fast, timed, timed)
        kinds = self._kinds.get(revision.removesuffix(MIRRORED), {})
        said = {name: dict(kinds) for name in self._patterns.get(key, {})}
        return RevisionCounters(counters, bounds, buckets, timed, said)
