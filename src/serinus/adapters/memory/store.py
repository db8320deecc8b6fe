"""
The store in memory: the same contract, nothing on a disk. For films, simulation and tests.

Two thousand simulated releases run through it, so each call is a look into a dictionary.
"""

import bisect
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from serinus.core.spec.requests import Goal
from serinus.core.state import census, history, thinning
from serinus.core.state.census import Visitor
from serinus.core.state.cohort import Cohort, Visit
from serinus.core.state.counts import Tick
from serinus.core.state.explanation import Explanation
from serinus.core.state.intent import Answer, Intent
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status, Wanted
from serinus.core.state.release import Release
from serinus.core.state.rollup import HOUR_S, LONGEST_S, Rollup, Sum, slot
from serinus.core.state.traffic import Route
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import Replica, Revision
from serinus.ports import failures
from serinus.ports.store import Asked, Snapshot
from serinus.ports.store import Specs as SpecsPort

ENVIRONMENT = "local"
RAW_AT_REST = timedelta(hours=1)
THIN_S = 60.0
KEPT_AT_REST = timedelta(days=7)
MINUTES_KEPT = timedelta(days=1)
KEPT_OF_RELEASES = timedelta(days=30)
KEPT = timedelta(days=90)


class Specs:
    """What is asked for, as a mapping that a film changes as people change files."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}
        self._changed = False

    def want(self, application: str, wanted: Wanted | None, problem: str = "") -> None:
        """Ask for something else; with a problem instead, as a damaged file does."""
        self._asked[application] = Asked(wanted=wanted, problem=problem)
        self._changed = True

    def remove(self, application: str) -> None:
        """Take the spec away, as one who removes the file."""
        self._asked.pop(application, None)
        self._changed = True

    def asked(self, name: str, environment: str) -> Asked:
        """Return what is asked for; nothing for an unknown name or another environment."""
        return self._asked.get(name, Asked()) if environment == ENVIRONMENT else Asked()

    def applications(self) -> Sequence[str]:
        """Return all names, sorted."""
        return sorted(self._asked)

    def changed(self) -> bool:
        """Tell whether anything was asked for since the last call."""
        changed, self._changed = self._changed, False
        return changed


class Store:
    """Keep everything; see :class:`serinus.ports.store.Store` for the contract."""

    def __init__(self, specs: SpecsPort | None = None) -> None:
        self.specs = Specs() if specs is None else specs
        self._status: dict[Key, Status] = {}
        self._judge: dict[Key, tuple[int, bytes]] = {}
        self._revisions: dict[str, Revision] = {}
        self._releases: dict[Key, dict[int, Release]] = {}
        self._intents: dict[str, Intent] = {}
        self._open: dict[Key, dict[str, Intent]] = {}
        self._answers: dict[str, Answer] = {}
        self._events: list[Event] = []
        self._events_of: dict[Key, list[Event]] = {}
        self._sequence = 0
        self._ticks: dict[tuple[Key, int], list[Tick]] = {}
        self._live: dict[Key, Snapshot] = {}
        self._readings: dict[tuple[Key, int], Reading] = {}
        self._explanations: dict[tuple[Key, int], list[Explanation]] = {}
        self._rollups: dict[Key, dict[str, dict[int, Sum]]] = {}
        self._cohorts: dict[tuple[Key, int], Cohort] = {}
        self._visitors: dict[tuple[Key, int], tuple[datetime, dict[int, Visitor]]] = {}
        self._changed = False

    async def keys(self) -> tuple[Key, ...]:
        """Return every application with a spec or a status, sorted."""
        asked = (Key(name, ENVIRONMENT) for name in self.specs.applications())
        return tuple(sorted({*self._status, *asked}))

    async def asked(self, key: Key) -> Asked:
        """Return what is asked for."""
        return self.specs.asked(key.application, key.environment)

    async def status(self, key: Key) -> Status | None:
        """Return the stored status; a forgotten application only goes on counting."""
        found = self._status.get(key)
        if found is None and key in self._releases:
            return Status(key=key, releases=max(self._releases[key]))
        return found

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
        """Write all of it, or nothing."""
        key = status.key
        found = self._status.get(key)
        stored = found.version if found else 0
        if stored != status.version:
            raise failures.Conflict(
                f"status of {key}: version {status.version} was read, but {stored} is stored"
            )
        kept = self._status[key] = msgspec.structs.replace(status, version=stored + 1)
        if kept.release is not None:
            releases = self._releases.setdefault(key, {})
            overtaken = history.overtaken(found.release if found else None, kept.release)
            if overtaken is not None:
                releases[overtaken.number] = overtaken
            releases[kept.release.number] = kept.release
            if judge is not None:
                self._judge[key] = (kept.release.number, judge)
            if explanation is not None:
                place = (key, kept.release.number)
                self._explanations.setdefault(place, []).append(explanation)
        for revision in revisions:
            self._revisions.setdefault(revision.id, revision)
        for event in events:
            self._put_event(event)
        for answer in answers:
            self._put_answer(answer)
        return kept

    def _put_event(self, event: Event) -> None:
        self._sequence += 1
        event = msgspec.structs.replace(event, sequence=self._sequence)
        self._events.append(event)
        key = Key(event.application, event.environment)
        self._events_of.setdefault(key, []).append(event)

    def _put_answer(self, answer: Answer) -> None:
        self._answers.setdefault(answer.intent, answer)
        intent = self._intents.get(answer.intent)
        if intent is not None:
            key = Key(intent.application, intent.environment)
            self._open.get(key, {}).pop(intent.id, None)

    async def judge(self, key: Key) -> bytes | None:
        """Return the judge's memory of the release in flight."""
        status, memory = self._status.get(key), self._judge.get(key)
        if memory is None or status is None or status.release is None:
            return None
        return memory[1] if memory[0] == status.release.number else None

    async def revision(self, revision: str) -> Revision | None:
        """Return a revision by its id."""
        return self._revisions.get(revision)

    async def release(self, key: Key, number: int) -> Release | None:
        """Return one release."""
        return self._releases.get(key, {}).get(number)

    async def releases(self, key: Key | None = None, limit: int = 50) -> tuple[Release, ...]:
        """Return releases, newest first."""
        keys = self._releases if key is None else (key,)
        found = [release for key in keys for release in self._releases.get(key, {}).values()]
        found.sort(key=lambda release: (release.created_at, release.number), reverse=True)
        return tuple(found[:limit])

    async def ask(self, intent: Intent) -> None:
        """Leave an intent; the same id twice is one intent."""
        if intent.id in self._intents:
            return
        self._changed = True
        self._intents[intent.id] = intent
        if intent.id not in self._answers:
            key = Key(intent.application, intent.environment)
            self._open.setdefault(key, {})[intent.id] = intent

    async def intents(self, key: Key) -> tuple[Intent, ...]:
        """Return the intents without an answer, oldest first."""
        return tuple(self._open.get(key, {}).values())

    async def answer(self, intent: str) -> Answer | None:
        """Return the answer to an intent, None while there is none."""
        return self._answers.get(intent)

    def changed(self) -> bool:
        """Tell whether an intent was left or something else is asked for since the last call."""
        changed = self.specs.changed() or self._changed
        self._changed = False
        return changed

    async def events(
        self, after: int = 0, key: Key | None = None, release: int | None = None, limit: int = 500
    ) -> tuple[Event, ...]:
        """Return events after a sequence number, oldest first."""
        events = self._events if key is None else self._events_of.get(key, [])
        start = bisect.bisect_right(events, after, key=lambda event: event.sequence)
        if release is None:
            return tuple(events[start : start + limit])
        # Release 0 is nobody's: what concerns the application alone is kept under it.
        found = (event for event in events[start:] if (event.release or 0) == release)
        return tuple(event for event, _ in zip(found, range(limit), strict=False))

    async def newest(self) -> int:
        """Return the sequence of the newest event."""
        return self._events[-1].sequence if self._events else 0

    async def put_ticks(self, key: Key, release: int | None, ticks: Sequence[Tick]) -> None:
        """Keep ticks."""
        self._ticks.setdefault((key, release or 0), []).extend(ticks)

    async def ticks(
        self, key: Key, release: int | None, since: datetime | None = None
    ) -> tuple[Tick, ...]:
        """Return ticks, oldest first."""
        ticks = self._ticks.get((key, release or 0), [])
        border = since.timestamp() if since else 0.0
        return tuple(ticks[bisect.bisect_left(ticks, border, key=lambda tick: tick.at) :])

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
        """Keep what was seen last, and the last reading of the release."""
        self._live[key] = Snapshot(at, reading, tuple(replicas), route)
        if release is not None and reading is not None:
            self._readings[key, release] = reading

    async def reading(self, key: Key, number: int) -> Reading | None:
        """Return the last reading of a release."""
        return self._readings.get((key, number))

    async def explanations(self, key: Key, number: int) -> tuple[Explanation, ...]:
        """Return what each decision was made of."""
        return tuple(self._explanations.get((key, number), ()))

    async def snapshot(self, key: Key) -> Snapshot | None:
        """Return what was seen last."""
        return self._live.get(key)

    async def put_rollups(self, key: Key, rollups: Sequence[Rollup]) -> None:
        """Add to the roll-ups."""
        mine = self._rollups.setdefault(key, {})
        for one in rollups:
            _add(mine.setdefault(one.series, {}), one.at, Sum(one.requests, one.bad))

    async def sums(self, key: Key, series: str, since: Sequence[datetime]) -> tuple[Sum, ...]:
        """Return what was counted of a series since each of the moments."""
        found = self._rollups.get(key, {}).get(series, {}).items()
        late = ([one for at, one in found if at > moment.timestamp()] for moment in since)
        return tuple(Sum(sum(s.requests for s in some), sum(s.bad for s in some)) for some in late)

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
        _, known = self._visitors.get((key, release), (at, {}))
        before = await self.cohort(key, release)
        cohort, changed = census.count(before, known, visits, arms, goals)
        known.update(changed)
        self._cohorts[key, release] = cohort
        self._visitors[key, release] = at, known

    async def cohort(self, key: Key, release: int) -> Cohort:
        """Return who took part so far."""
        return self._cohorts.get((key, release), Cohort())

    async def prune(self, now: datetime) -> None:
        """Thin and remove what is old."""
        self._prune_rollups(now)
        oldest_visit = now - KEPT_OF_RELEASES
        self._visitors = {k: v for k, v in self._visitors.items() if v[0] >= oldest_visit}
        border = (now - RAW_AT_REST).timestamp() // THIN_S * THIN_S
        for (key, release), ticks in self._ticks.items():
            kept_for = KEPT_OF_RELEASES if release else KEPT_AT_REST
            oldest = (now - kept_for).timestamp()
            kept = [tick for tick in ticks if tick.at >= oldest]
            if not release:
                middle = bisect.bisect_right(kept, border, key=lambda tick: tick.at)
                kept[:middle] = thinning.thin(kept[:middle], THIN_S)
            self._ticks[key, release] = kept
        self._events = [event for event in self._events if event.at >= now - KEPT]
        for key, events in self._events_of.items():
            self._events_of[key] = [event for event in events if event.at >= now - KEPT]
        for intent in list(self._intents.values()):
            if intent.at < now - KEPT and intent.id in self._answers:
                del self._intents[intent.id], self._answers[intent.id]

    def _prune_rollups(self, now: datetime) -> None:
        border = (now - MINUTES_KEPT).timestamp() // HOUR_S * HOUR_S
        oldest = now.timestamp() - LONGEST_S
        for mine in self._rollups.values():
            for series, found in mine.items():
                kept: dict[int, Sum] = {}
                for at, one in found.items():
                    if at > oldest:
                        _add(kept, slot(at, HOUR_S) if at <= border else at, one)
                mine[series] = kept

    async def forget(self, key: Key) -> None:
        """Remove the status; releases, events and cohorts stay."""
        self._status.pop(key, None)
        self._live.pop(key, None)
        self._rollups.pop(key, None)
        self._visitors = {place: v for place, v in self._visitors.items() if place[0] != key}


def _add(sums: dict[int, Sum], at: int, more: Sum) -> None:
    before = sums.get(at, Sum())
    sums[at] = Sum(before.requests + more.requests, before.bad + more.bad)
