"""
A platform in memory: replicas that start, crash and answer as a scenario says.

Small, deterministic and real enough for the loop: replicas take time to get ready, requests are
drawn at random (seeded) and sent along the route that was delivered, counters only grow.
"""

import math
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from serinus.adapters.memory.clock import Clock
from serinus.core.state.counts import ReplicaCounters, RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Ref, Route
from serinus.core.state.workload import Group, Replica, ReplicaState, Revision
from serinus.ports import failures

BOUNDS_MS = (50, 100, 250, 500, 1000)
SMALL = 30.0


class Behaviour(NamedTuple):
    """
    How one replica answers: shares of requests that fail, are slow (slower than 250 ms) or hang.

    ``alive`` False: the process ends at once and is restarted with back-off. ``ready`` False: it
    runs and fails its health check.
    """

    errors: float = 0.0
    slow: float = 0.0
    hang: float = 0.0
    alive: bool = True
    ready: bool = True


class Circumstance(NamedTuple):
    """What a replica's behaviour may depend on. ``at``, ``age``: seconds; ``share``: per mille."""

    version: str
    ordinal: int
    at: float
    age: float
    share: int


Behave = Callable[[Circumstance], Behaviour]


class Platform:
    """Run pretended replicas behind a pretended router."""

    def __init__(
        self,
        clock: Clock,
        behave: Behave,
        *,
        rate: float = 100.0,
        start_s: float = 1.0,
        seed: int = 1,
    ) -> None:
        self.clock, self.behave, self.rate, self.start_s = clock, behave, rate, start_s
        self.blind = ""
        self.dark = ""
        self.refuses = ""
        self._random = random.Random(seed)  # noqa: S311 - a simulation, not a secret
        self._began = clock.now()
        self._replicas: dict[Key, dict[str, Replica]] = {}
        self._versions: dict[str, str] = {}
        self._revisions: dict[str, Revision] = {}
        self._documents: dict[Ref, Document] = {}
        self._counters: dict[str, ReplicaCounters] = {}
        self._histogram: dict[str, tuple[int, int]] = {}
        self._counted_at: dict[Key, datetime] = {}

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
        return {r: self._documents[r] for r in refs if r in self._documents}

    async def deliver(self, key: Key, documents: dict[Ref, Document | None]) -> None:
        """Take the documents; they are carried out at once."""
        self._count(key)
        for ref, document in documents.items():
            if document is None:
                self._documents.pop(ref, None)
            else:
                self._documents[ref] = document

    async def applied(self) -> Documents:
        """Return what was delivered."""
        if self.dark:
            raise failures.Unavailable(self.dark)
        return self._documents

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """Return the counters as they are by now."""
        if self.blind:
            raise failures.Unavailable(self.blind)
        return {key: self._scrape(key) for key in keys if key in self._replicas}

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
        return replace(replica, state=ReplicaState.READY, ready_at=ready_at, note="")

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
        mine = self._replicas.get(key, {})
        for backend in route.backends:
            ready = [
                mine[e.replica]
                for e in backend.endpoints
                if e.replica in mine and mine[e.replica].state is ReplicaState.READY
            ]
            for replica in ready:
                expected = self.rate * seconds * backend.weight / 1000 / len(ready)
                self._answer(replica, self._behaviour(key, replica, now), self._poisson(expected))

    def _answer(self, replica: Replica, behaviour: Behaviour, requests: int) -> None:
        hanging = self._binomial(requests, behaviour.hang)
        errors = self._binomial(requests - hanging, behaviour.errors)
        slow = self._binomial(requests - hanging, behaviour.slow)
        name = replica.name
        was = self._counters.get(name, ReplicaCounters(0, 0, 0, 0))
        done = requests - hanging
        self._counters[name] = ReplicaCounters(
            was.started + requests, was.completed + done, was.errors + errors, was.active + hanging
        )
        timed, late = self._histogram.get(replica.revision, (0, 0))
        self._histogram[replica.revision] = (timed + done, late + slow)

    def _scrape(self, key: Key) -> Scrape:
        self._count(key)
        revisions: dict[str, dict[str, ReplicaCounters]] = {}
        for name, replica in self._replicas.get(key, {}).items():
            counters = self._counters.get(name, ReplicaCounters(0, 0, 0, 0))
            revisions.setdefault(replica.revision, {})[name] = counters
        return Scrape(
            at=self.clock.now().timestamp(),
            revisions={r: self._revision(r, c) for r, c in revisions.items()},
        )

    def _revision(self, revision: str, counters: dict[str, ReplicaCounters]) -> RevisionCounters:
        timed, late = self._histogram.get(revision, (0, 0))
        fast = timed - late
        buckets = (fast // 2, fast * 9 // 10, fast, timed, timed)
        return RevisionCounters(counters, BOUNDS_MS, buckets, timed)

    def _poisson(self, mean: float) -> int:
        """Draw from a Poisson distribution (by products of uniforms; normal where it is large)."""
        if mean > SMALL:
            return max(0, round(self._random.gauss(mean, math.sqrt(mean))))
        limit, number, product = math.exp(-mean), 0, self._random.random()
        while product > limit:
            number += 1
            product *= self._random.random()
        return number

    def _binomial(self, trials: int, share: float) -> int:
        """Draw from a binomial distribution."""
        if share <= 0 or trials <= 0:
            return 0
        if share >= 1:
            return trials
        if trials * share < SMALL and trials > SMALL:
            return min(trials, self._poisson(trials * share))
        if trials > 10 * SMALL:
            spread = math.sqrt(trials * share * (1 - share))
            return min(trials, max(0, round(self._random.gauss(trials * share, spread))))
        return sum(self._random.random() < share for _ in range(trials))
