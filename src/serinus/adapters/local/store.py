"""
The store of this machine: a directory of YAML for what is wanted, SQLite for everything else.

Values are written as JSON by msgspec, so that a person can read them with ``sqlite3``; ticks are
msgpack. The controller and the commands open the same file from different processes.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from sqlite3 import Connection
from typing import Any, TypeVar

import msgspec

from serinus.adapters.local import rows
from serinus.adapters.local.cohorts import Cohorts
from serinus.adapters.local.database import Damaged, Database
from serinus.adapters.local.waiting import Waiting
from serinus.core.spec.requests import Goal
from serinus.core.state.cohort import Cohort, Visit
from serinus.core.state.counts import Tick
from serinus.core.state.explanation import Explanation
from serinus.core.state.intent import Answer, Intent
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.rollup import Rollup, Sum
from serinus.core.state.traffic import Route
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import Replica, Revision
from serinus.ports import failures
from serinus.ports.store import Asked, Snapshot, Specs

T = TypeVar("T")

ENVIRONMENT = "local"
"""The one environment of this machine."""

FLUSH_S = 0.5
"""How long ticks and snapshots may wait, so that many applications share one transaction."""

KEPT = timedelta(days=90)
"""How long events and answered intents are kept. Releases are kept for good: they are small."""


class Store:
    """Keep everything; see :class:`serinus.ports.store.Store` for the contract."""

    def __init__(self, specs: Specs, database: Database) -> None:
        self.specs = specs
        self.database = database
        self._cohorts = Cohorts(database)
        self._waiting = Waiting(database)
        self._flushed_at = 0.0
        self._intents_seen = 0

    # --- what is wanted, and what is so ---------------------------------------------------------

    async def keys(self) -> tuple[Key, ...]:
        """Return every application with a spec or a status, sorted."""
        stored = self._rows("SELECT application, environment FROM status")
        asked = ((name, ENVIRONMENT) for name in self.specs.applications())
        return tuple(sorted(Key(name, environment) for name, environment in {*stored, *asked}))

    async def asked(self, key: Key) -> Asked:
        """Return what the specs ask for, with who asked for it if `deploy` did."""
        if key.environment != ENVIRONMENT:
            return Asked(problem=f"there is no environment {key.environment!r} here, only 'local'")
        asked = self.specs.asked(key.application, key.environment)
        if asked.wanted is None or asked.wanted.actor:
            return asked
        noted = self._rows(
            "SELECT actor, reason FROM change WHERE application = ? AND version = ?",
            key.application,
            asked.wanted.revision.version,
        )
        if not noted:
            return asked
        actor, reason = noted[0]
        wanted = msgspec.structs.replace(asked.wanted, actor=actor, reason=reason)
        return Asked(wanted=wanted, problem=asked.problem)

    async def note_change(self, application: str, version: str, actor: str, reason: str) -> None:
        """Keep who asked for a version and why: a spec has no place for it."""
        values = (application, version, actor, reason, time.time())
        await self.database.write(
            lambda sql: sql.execute("INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?, ?)", values)
        )

    async def status(self, key: Key) -> Status | None:
        """Return the stored status; a forgotten application only goes on counting."""
        status = self._one(
            "SELECT body FROM status WHERE application = ? AND environment = ?",
            *rows.pair(key),
            type=Status,
        )
        if status is not None:
            return status
        ((count,),) = self._rows(
            "SELECT max(number) FROM release WHERE application = ? AND environment = ?",
            *rows.pair(key),
        )
        return Status(key=key, releases=int(count)) if count else None

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
        """Write all of it in one transaction, with the ticks that wait."""
        kept = msgspec.structs.replace(status, version=status.version + 1)

        def work(sql: Connection) -> None:
            rows.put_status(sql, kept, judge)
            rows.put_explanation(sql, kept, explanation)
            for revision in revisions:
                sql.execute(
                    "INSERT OR IGNORE INTO revision VALUES (?, ?)",
                    (revision.id, rows.json(revision)),
                )
            for event in events:
                rows.put_event(sql, event)
            for answer in answers:
                sql.execute(
                    "INSERT OR IGNORE INTO answer VALUES (?, ?)", (answer.intent, rows.json(answer))
                )
            load.write(sql)

        with self._waiting.taken() as load:
            await self.database.write(work)
        return kept

    async def judge(self, key: Key) -> bytes | None:
        """Return the judge's memory of the release in flight."""
        found = self._rows(
            "SELECT judge, judge_release, body FROM status"
            " WHERE application = ? AND environment = ?",
            *rows.pair(key),
        )
        if not found or found[0][0] is None:
            return None
        memory, number, body = found[0]
        release = self._decode(body, Status).release
        return memory if release and release.number == number else None

    async def revision(self, revision: str) -> Revision | None:
        """Return a revision by its id."""
        return self._one("SELECT body FROM revision WHERE id = ?", revision, type=Revision)

    async def release(self, key: Key, number: int) -> Release | None:
        """Return one release."""
        return self._one(
            "SELECT body FROM release WHERE application = ? AND environment = ? AND number = ?",
            *rows.pair(key),
            number,
            type=Release,
        )

    async def releases(self, key: Key | None = None, limit: int = 50) -> tuple[Release, ...]:
        """Return releases, newest first."""
        where = "WHERE application = ? AND environment = ?" if key else ""
        return self._all(
            f"SELECT body FROM release {where} ORDER BY created_at DESC, number DESC LIMIT ?",  # noqa: S608 - no value is pasted
            *(rows.pair(key) if key else ()),
            limit,
            type=Release,
        )

    # --- people ---------------------------------------------------------------------------------

    async def ask(self, intent: Intent) -> None:
        """Leave an intent; the same id twice is one intent."""
        values = (
            intent.id,
            intent.application,
            intent.environment,
            intent.at.timestamp(),
            rows.json(intent),
        )
        await self.database.write(
            lambda sql: sql.execute(
                "INSERT OR IGNORE INTO intent (id, application, environment, at, body)"
                " VALUES (?, ?, ?, ?, ?)",
                values,
            )
        )

    async def intents(self, key: Key) -> tuple[Intent, ...]:
        """Return the intents without an answer, oldest first."""
        return self._all(
            "SELECT body FROM intent WHERE application = ? AND environment = ?"
            " AND NOT EXISTS (SELECT 1 FROM answer WHERE answer.intent = intent.id)"
            " ORDER BY sequence",
            *rows.pair(key),
            type=Intent,
        )

    async def answer(self, intent: str) -> Answer | None:
        """Return the answer to an intent, None while there is none."""
        return self._one("SELECT body FROM answer WHERE intent = ?", intent, type=Answer)

    def changed(self) -> bool:
        """Tell whether an intent was left or a spec changed: one look at an index, and at files."""
        changed = self.specs.changed()
        try:
            ((newest,),) = self._rows("SELECT coalesce(max(sequence), 0) FROM intent")
        except failures.PortFailure:
            return True
        seen, self._intents_seen = self._intents_seen, int(newest)
        return changed or self._intents_seen != seen

    async def events(
        self, after: int = 0, key: Key | None = None, release: int | None = None, limit: int = 500
    ) -> tuple[Event, ...]:
        """Return events after a sequence number, oldest first."""
        where = ["sequence > ?"]
        values: list[object] = [after]
        if key is not None:
            where.append("application = ? AND environment = ?")
            values += rows.pair(key)
        if release is not None:
            where.append("release = ?")
            values.append(release)
        found = self._rows(
            f"SELECT sequence, body FROM event WHERE {' AND '.join(where)}"  # noqa: S608 - no value is pasted
            " ORDER BY sequence LIMIT ?",
            *values,
            limit,
        )
        return tuple(
            msgspec.structs.replace(self._decode(body, Event), sequence=sequence)
            for sequence, body in found
        )

    # --- numbers --------------------------------------------------------------------------------

    async def newest(self) -> int:
        """Return the sequence of the newest event."""
        ((newest,),) = self._rows("SELECT coalesce(max(sequence), 0) FROM event")
        return int(newest)

    async def put_ticks(self, key: Key, release: int | None, ticks: Sequence[Tick]) -> None:
        """Keep ticks; they reach the disk within a second, or with the next record."""
        self._waiting.ticks.add(key, release, ticks)
        await self._flush_in_time()

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
        """Keep what was seen last; other processes see at once what happened to a replica."""
        urgent = self._waiting.see(key, Snapshot(at, reading, tuple(replicas), route))
        if release is not None and reading is not None:
            self._waiting.seen.readings[key, release] = reading
        await (self.flush() if urgent else self._flush_in_time())

    async def reading(self, key: Key, number: int) -> Reading | None:
        """Return the last reading of a release."""
        return self._waiting.seen.readings.get((key, number)) or self._one(
            "SELECT body FROM reading WHERE application = ? AND environment = ? AND release = ?",
            *rows.pair(key),
            number,
            type=Reading,
        )

    async def explanations(self, key: Key, number: int) -> tuple[Explanation, ...]:
        """Return what each decision was made of."""
        found = self._rows(
            "SELECT body FROM explanation WHERE application = ? AND environment = ?"
            " AND release = ? ORDER BY sequence",
            *rows.pair(key),
            number,
        )
        return tuple(self._decode(body, Explanation) for (body,) in found)

    async def snapshot(self, key: Key) -> Snapshot | None:
        """Return what was seen last."""
        return self._waiting.seen.snapshots.get(key) or self._one(
            "SELECT body FROM live WHERE application = ? AND environment = ?",
            *rows.pair(key),
            type=Snapshot,
        )

    async def ticks(
        self, key: Key, release: int | None, since: datetime | None = None
    ) -> tuple[Tick, ...]:
        """Return ticks, oldest first."""
        return self._waiting.ticks.read(key, release, since)

    async def put_rollups(self, key: Key, rollups: Sequence[Rollup]) -> None:
        """Add to the roll-ups; they reach the disk with the ticks."""
        self._waiting.rollups.add(key, rollups)
        await self._flush_in_time()

    async def sums(self, key: Key, series: str, since: Sequence[datetime]) -> tuple[Sum, ...]:
        """Return what was counted of a series since each of the moments."""
        return self._waiting.rollups.sums(key, series, since)

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
        await self._cohorts.note(key, release, visits, arms=arms, goals=goals, at=at)

    async def cohort(self, key: Key, release: int) -> Cohort:
        """Return who took part so far."""
        return self._cohorts.read(key, release)

    async def flush(self) -> None:
        """Write the ticks and snapshots that wait."""
        self._flushed_at = time.monotonic()
        if self._waiting:
            with self._waiting.taken() as load:
                await self.database.write(load.write, durable=False)

    async def _flush_in_time(self) -> None:
        if time.monotonic() - self._flushed_at >= FLUSH_S:
            await self.flush()

    # --- the end of things ----------------------------------------------------------------------

    async def prune(self, now: datetime) -> None:
        """Thin and remove what is old."""
        await self.flush()
        border = (now - KEPT).timestamp()

        def work(sql: Connection) -> None:
            sql.execute(
                "DELETE FROM intent WHERE at < ? AND id IN (SELECT intent FROM answer)", (border,)
            )
            sql.execute("DELETE FROM answer WHERE intent NOT IN (SELECT id FROM intent)")
            sql.execute("DELETE FROM event WHERE at < ?", (border,))

        await self.database.write(work, durable=False)
        await self._waiting.ticks.prune(now)
        await self._waiting.rollups.prune(now)
        await self._cohorts.prune(now)

    async def forget(self, key: Key) -> None:
        """Remove the status; releases, events and cohorts stay."""
        self._waiting.seen.snapshots.pop(key, None)
        self._waiting.rollups.forget(key)

        def work(sql: Connection) -> None:
            for table in ("status", "live", "rollup"):
                sql.execute(
                    f"DELETE FROM {table} WHERE application = ? AND environment = ?",  # noqa: S608 - no value is pasted
                    rows.pair(key),
                )

        await self.database.write(work)
        await self._cohorts.forget(key)

    async def close(self) -> None:
        """Write what waits, if it can be written, and close the file."""
        try:
            await self.flush()
        finally:
            self.database.close()

    # --- reading --------------------------------------------------------------------------------

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self.database.rows(sql, *values)

    def _all(self, sql: str, *values: object, type: type[T]) -> tuple[T, ...]:  # noqa: A002 - msgspec's word
        return tuple(self._decode(body, type) for (body,) in self._rows(sql, *values))

    def _one(self, sql: str, *values: object, type: type[T]) -> T | None:  # noqa: A002 - msgspec's word
        found = self._all(sql, *values, type=type)
        return found[0] if found else None

    def _decode(self, body: bytes, type: type[T]) -> T:  # noqa: A002 - msgspec's word
        try:
            return msgspec.json.decode(body, type=type)
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise Damaged(self.database.path, f"a {type.__name__} cannot be read: {exc}") from exc
