"""
The store of a cluster: what decides is kept by the API server, what is bulky beside it.

::

    record ──▶ Release.status       status, progress, the judge's memory: one write, one decision
           ──▶ Application.status   a summary for people; made again when it was not written
           ──▶ Intent.status        answers; they stand with the Release until they are written
           ──▶ Events               for people who describe the Application; nobody misses one
           ──▶ the inner store      events, ticks, readings, counts: bulk of this controller

A controller that starts with an empty disk goes on where the last one was. What it misses is what
nothing depends on: readings and explanations of the past, and the counts of error budgets.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import anyio
import structlog

from serinus.adapters.kubernetes import wishes
from serinus.adapters.kubernetes.annals import Annals, Page
from serinus.adapters.kubernetes.applications import Applications
from serinus.adapters.kubernetes.bulk import Bulk
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.events import Events
from serinus.adapters.kubernetes.pasts import Pasts
from serinus.adapters.kubernetes.specs import leaving
from serinus.adapters.kubernetes.wishes import Wishes
from serinus.core.spec.requests import Goal
from serinus.core.state import labels
from serinus.core.state.cohort import Cohort, Visit
from serinus.core.state.counts import Tick
from serinus.core.state.explanation import Explanation
from serinus.core.state.intent import Answer, Intent
from serinus.core.state.labels import Name
from serinus.core.state.notice import Event, Key, Kind
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.rollup import Rollup, Sum
from serinus.core.state.traffic import Route
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import Replica, Revision
from serinus.ports import failures
from serinus.ports.clock import Clock
from serinus.ports.store import Asked, Snapshot, Specs
from serinus.ports.store import Store as Inner

ANSWERED = timedelta(days=90)
"""How long answered intents are kept."""

FORGOTTEN = timedelta(days=30)
"""How long the releases of a deleted application are kept as objects."""

log = structlog.get_logger()


class Kinds(NamedTuple):
    """The caches that the store reads from; of Releases with ``records.trim``."""

    applications: Cache
    releases: Cache
    intents: Cache


class Store:
    """
    Keep everything; see :class:`serinus.ports.store.Store` for the contract.

    ``environment`` returns the environment of an application by its name. ``inner`` keeps the bulk.
    :meth:`run` has to run beside the loop.
    """

    def __init__(
        self,
        client: Client,
        kinds: Kinds,
        specs: Specs,
        clock: Clock,
        *,
        inner: Inner,
        environment: Callable[[str], str],
    ) -> None:
        self.specs = specs
        self._clock = clock
        self._inner = inner
        self._environment = environment
        self._stirred = False
        self._wanted: dict[str, Revision] = {}
        self._problems: dict[Key, str] = {}
        self._locks: dict[Key, anyio.Lock] = {}
        self._seen: dict[Key, tuple[int | None, Snapshot]] = {}
        self._apps = Applications(client, kinds.applications, clock, self._stir)
        self._wishes = Wishes(client, kinds.intents, clock, self._stir)
        self._pasts = Pasts(kinds.releases, self._apps.owner, self._apps.touch)
        self._annals = Annals(client, kinds.releases, clock, self._pasts)
        self._bulk = Bulk(inner, self._pasts)
        self._people = Events(client, clock)

    def _stir(self) -> None:
        self._stirred = True

    def _lock(self, key: Key) -> anyio.Lock:
        return self._locks.setdefault(key, anyio.Lock())

    def _key(self, application: str) -> Key:
        return Key(application, self._environment(application))

    async def run(self) -> None:
        """Keep the status of Applications as it should be, and tell people, until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._people.run)
            tasks.start_soon(self._apps.run, self._repair)

    async def _repair(self, place: Name) -> None:
        """Make up for what was not written, or was removed by somebody."""
        key = self._key(str(place))
        await self._settle(key)
        past, app = self._pasts.past(key), self._apps.get(place)
        if past.lost() and app is not None and not leaving(app):
            status = self._pasts.status(key)
            if status is not None and status.version:
                log.warning("a release was deleted and is written anew", application=str(place))
                await self._annals.write(Page(status))
        await self._show(key)

    async def _settle(self, key: Key, now: Sequence[Answer] = ()) -> None:
        """Write the answers on their intents that do not stand there yet."""
        past = self._pasts.past(key)
        for answer in dict.fromkeys((*self._pasts.account(key).answers, *now)):
            if answer.intent not in past.settled and await self._wishes.settle(key, answer):
                past.settled.add(answer.intent)

    async def _show(self, key: Key) -> None:
        place = labels.parted(key.application)
        await self._apps.show(place, self._pasts.status(key), await self.asked(key))

    # --- what is wanted, and what is so ---------------------------------------------------------

    async def keys(self) -> tuple[Key, ...]:
        """Return every application with a spec or a status, sorted."""
        names = {*self._pasts.applications(), *self.specs.applications(), *self._apps.going()}
        return tuple(sorted(self._key(name) for name in names))

    async def asked(self, key: Key) -> Asked:
        """Return what is asked for; nothing of an Application that is being deleted."""
        app = self._apps.get(labels.parted(key.application))
        if app is not None and leaving(app):
            return Asked()
        asked = self.specs.asked(key.application, key.environment)
        if asked.wanted is not None:
            revision = asked.wanted.revision
            self._wanted[key.application] = revision
        if self._problems.get(key, "") != asked.problem:
            self._problems[key] = asked.problem
            self._apps.touch(labels.parted(key.application))
        return asked

    async def status(self, key: Key) -> Status | None:
        """Return the stored status; a forgotten application only goes on counting."""
        found = self._pasts.status(key)
        if found is not None and (found.version or found.release):
            return found
        last = await self._inner.releases(key, limit=1)
        count = max(last[0].number if last else 0, found.releases if found else 0)
        return Status(key=key, releases=count) if count else None

    async def record(
        self,
        status: Status,
        *,
        events: Sequence[Event] = (),
        answers: Sequence[Answer] = (),
        revisions: Sequence[Revision] = (),
        judge: bytes | None = None,
        explanation: Explanation | None = None,
    ) -> Status:
        """Write the decision to the API server, then what follows from it, then the bulk."""
        key, place = status.key, labels.parted(status.key.application)
        if not status.deleted:
            await self._apps.hold(place)
        known = [self._wanted[key.application]] if key.application in self._wanted else []
        number = status.release.number if status.release else None
        owed = await self._bulk.owed(key, number)
        seen = self._seen.get(key)
        page = Page(
            status,
            tuple(events),
            tuple(answers),
            (*revisions, *known),
            judge,
            seen[1] if seen and seen[0] == number else None,
        )
        async with self._lock(key):  # who reads events meanwhile would be told of these twice
            kept = await self._annals.write(page)
            self._tell(place, events)
            await self._settle(key, answers)
            try:
                await self._show(key)
            except failures.PortFailure as problem:
                log.warning("a status waits", application=str(key), problem=str(problem))
                self._apps.touch(place, 1.0)
            await self._bulk.record(kept, (*owed, *events), revisions, explanation)
        return kept

    def _tell(self, place: Name, events: Sequence[Event]) -> None:
        """Tell whoever describes the Application."""
        app = self._apps.get(place)
        for event in events if app is not None else ():
            bad = event.kind in {Kind.RETREAT, Kind.PROBLEM}
            self._people.tell(
                app or {}, event.reason, event.sentence, "Warning" if bad else "Normal"
            )

    async def judge(self, key: Key) -> bytes | None:
        """Return the judge's memory of the release in flight."""
        account = self._pasts.whole(key)
        flying = account.status is not None and account.status.release is not None
        return account.judge if flying else None

    async def revision(self, revision: str) -> Revision | None:
        """Return a revision by its id."""
        found = await self._inner.revision(revision) or self._pasts.revision(revision)
        asked = (one for one in self._wanted.values() if one.id == revision)
        return found or next(asked, None)

    async def release(self, key: Key, number: int) -> Release | None:
        """Return one release."""
        return self._pasts.release(key, number) or await self._inner.release(key, number)

    async def releases(self, key: Key | None = None, limit: int = 50) -> tuple[Release, ...]:
        """Return releases, newest first: those in the API server, and older ones kept here."""
        entries = [
            (self._key(name), entry)
            for name, entry in self._pasts.entries()
            if key is None or labels.parted(name) == labels.parted(key.application)
        ]
        entries.sort(key=lambda pair: (pair[1].created, pair[1].number), reverse=True)
        found: dict[tuple[str, int], Release] = {}
        for release in await self._inner.releases(key, limit):
            found[release.application, release.number] = release
        for mine, entry in entries[:limit]:
            known = self._pasts.release(key or mine, entry.number)
            if known is not None:
                found[known.application, known.number] = known
        order = sorted(found.values(), key=lambda one: (one.created_at, one.number), reverse=True)
        return tuple(order[:limit])

    # --- people ---------------------------------------------------------------------------------

    async def ask(self, intent: Intent) -> None:
        """Leave an intent; the same id twice is one intent."""
        await self._wishes.ask(intent)

    async def intents(self, key: Key) -> tuple[Intent, ...]:
        """Return the intents without an answer, oldest first; a deleted Application is one."""
        account = self._pasts.account(key)
        found = self._wishes.open(key, {answer.intent for answer in account.answers})
        farewell = await self._farewell(key)
        return found if farewell is None else (*found, farewell)

    async def _farewell(self, key: Key) -> Intent | None:
        """Return the wish to delete an application whose object goes, or is gone."""
        place, past = labels.parted(key.application), self._pasts.past(key)
        status = self._pasts.status(key)
        if status is not None and status.deleted:
            return None
        app, now = self._apps.get(place), self._clock.now()
        owner = past.holder.owner if past.holder is not None else ""
        if app is not None and not self._apps.held(place):
            return None
        if app is not None and owner == self._apps.owner(place) and not (status and status.version):
            await self._apps.let_go(place)  # It is forgotten; only the last write was not made.
            return None
        if app is not None:
            return wishes.farewell(app, self._apps.owner(place), key, now)
        if not owner or status is None or not status.version:
            return None
        gone = await self._apps.gone(place, owner)
        return wishes.farewell(None, owner, key, now) if gone else None

    async def answer(self, intent: str) -> Answer | None:
        """Return the answer to an intent, None while there is none."""
        return self._wishes.answer(intent)

    def changed(self) -> bool:
        """Tell whether an intent was left, or an Application changed, since the last call."""
        changed = self.specs.changed() or self._stirred
        self._stirred = False
        return changed

    async def events(
        self, after: int = 0, key: Key | None = None, release: int | None = None, limit: int = 500
    ) -> tuple[Event, ...]:
        """Return events, oldest first; those of earlier controllers have numbers below zero."""
        if key is None:
            return await self._bulk.events(after, key, release, limit)
        async with self._lock(key):
            return await self._bulk.events(after, key, release, limit)

    async def newest(self) -> int:
        """Return the sequence of the newest event."""
        return await self._inner.newest()

    # --- bulk -----------------------------------------------------------------------------------

    async def put_ticks(self, key: Key, release: int | None, ticks: Sequence[Tick]) -> None:
        """Keep ticks."""
        await self._bulk.keep(self._inner.put_ticks(key, release, ticks))

    async def ticks(
        self, key: Key, release: int | None, since: datetime | None = None
    ) -> tuple[Tick, ...]:
        """Return ticks, oldest first."""
        return await self._inner.ticks(key, release, since)

    async def put_reading(
        self,
        key: Key,
        reading: Reading | None,
        replicas: Sequence[Replica],
        route: Route | None,
        *,
        at: datetime,
        release: int | None = None,
    ) -> None:
        """Keep what was seen last; it is written for people with the next decision."""
        self._seen[key] = (release, Snapshot(at, reading, (), route))
        await self._bulk.keep(
            self._inner.put_reading(key, reading, replicas, route, at=at, release=release)
        )

    async def reading(self, key: Key, number: int) -> Reading | None:
        """Return the last reading of a release."""
        found = await self._inner.reading(key, number)
        return found or self._pasts.reading(key, number)

    async def explanations(self, key: Key, number: int) -> tuple[Explanation, ...]:
        """Return what each decision was made of."""
        return await self._inner.explanations(key, number)

    async def snapshot(self, key: Key) -> Snapshot | None:
        """Return what was seen last."""
        return await self._inner.snapshot(key) or self._pasts.whole(key).seen

    async def put_rollups(self, key: Key, rollups: Sequence[Rollup]) -> None:
        """Add to the roll-ups."""
        await self._bulk.keep(self._inner.put_rollups(key, rollups))

    async def sums(self, key: Key, series: str, since: Sequence[datetime]) -> tuple[Sum, ...]:
        """Return what was counted of a series since each of the moments."""
        return await self._inner.sums(key, series, since)

    async def note_visits(
        self,
        key: Key,
        release: int,
        visits: Sequence[Visit],
        *,
        arms: Mapping[str, str],
        goals: Sequence[Goal],
        at: datetime,
    ) -> None:
        """Count visits."""
        await self._inner.note_visits(key, release, visits, arms=arms, goals=goals, at=at)

    async def cohort(self, key: Key, release: int) -> Cohort:
        """Return who took part so far."""
        return await self._inner.cohort(key, release)

    # --- the end of things ----------------------------------------------------------------------

    async def prune(self, now: datetime) -> None:
        """Remove what is old: answered intents, and releases of applications that are gone."""
        await self._bulk.prune(now)
        await self._wishes.prune(now - ANSWERED)
        await self._annals.prune(now - FORGOTTEN)

    async def forget(self, key: Key) -> None:
        """Remove the status, and let a deleted Application go; its releases stay for a while."""
        place, status = labels.parted(key.application), self._pasts.status(key)
        owed = await self._bulk.owed(key)
        if owed and status is not None:
            await self._bulk.record(status, owed, (), None)
        await self._annals.forget(key)
        await self._apps.let_go(place)
        self._wanted.pop(key.application, None)
        self._problems.pop(key, None)
        self._seen.pop(key, None)
        await self._inner.forget(key)
