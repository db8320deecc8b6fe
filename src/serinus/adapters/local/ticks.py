"""
Ticks in SQLite: written in batches, thinned at rest, removed when they are old.

::

    of a release   raw                                   removed after 30 days
    at rest        raw for an hour, then one a minute    removed after 7 days
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from sqlite3 import Connection

import msgspec

from serinus.adapters.local.database import Damaged, Database
from serinus.core.state import thinning
from serinus.core.state.counts import Tick
from serinus.core.state.notice import Key

RAW_AT_REST = timedelta(hours=1)
THIN_S = 60.0
KEPT_AT_REST = timedelta(days=7)
KEPT_OF_RELEASES = timedelta(days=30)

WAITING = 20_000
"""Ticks that may wait in memory while the disk is full; then the oldest go."""

Place = tuple[str, str, int]
"""Application, environment and number of the release (0: at rest)."""


class Batch:
    """Ticks that are not written yet, by the place where they belong."""

    def __init__(self) -> None:
        self.ticks: dict[Place, list[Tick]] = {}

    def write(self, sql: Connection) -> None:
        """Write them within the caller's transaction."""
        for place, ticks in self.ticks.items():
            _insert(sql, place, ticks, thin=0)


class Ticks:
    """The ticks of all applications of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch = Batch()

    def add(self, key: Key, release: int | None, ticks: Sequence[Tick]) -> None:
        """Take ticks for the next batch."""
        if ticks:
            self._batch.ticks.setdefault(_place(key, release), []).extend(ticks)

    @property
    def waiting(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self._batch.ticks)

    def take(self) -> Batch:
        """Hand out the batch that waits, and begin a new one."""
        batch, self._batch = self._batch, Batch()
        return batch

    def put_back(self, batch: Batch) -> None:
        """Take back a batch that could not be written; what is too much is dropped."""
        for place, ticks in batch.ticks.items():
            later = self._batch.ticks.get(place, [])
            self._batch.ticks[place] = [*ticks, *later][-WAITING:]

    def read(self, key: Key, release: int | None, since: datetime | None) -> tuple[Tick, ...]:
        """Return ticks that ended at ``since`` or later, oldest first."""
        place = _place(key, release)
        border = since.timestamp() if since else 0.0
        rows = self._database.rows(
            "SELECT body FROM tick WHERE application = ? AND environment = ? AND release = ?"
            " AND last_at >= ? ORDER BY last_at, rowid",
            *place,
            border,
        )
        ticks = [tick for (body,) in rows for tick in self._decode(body)]
        ticks += self._batch.ticks.get(place, [])
        return tuple(tick for tick in ticks if tick.at >= border)

    async def prune(self, now: datetime) -> None:
        """Thin the ticks at rest and remove what is too old."""

        def work(sql: Connection) -> None:
            sql.execute(
                "DELETE FROM tick WHERE last_at < ?", ((now - KEPT_OF_RELEASES).timestamp(),)
            )
            sql.execute(
                "DELETE FROM tick WHERE release = 0 AND last_at < ?",
                ((now - KEPT_AT_REST).timestamp(),),
            )

        await self._database.write(work, durable=False)
        border = (now - RAW_AT_REST).timestamp() // THIN_S * THIN_S
        places = self._database.rows(
            "SELECT DISTINCT application, environment FROM tick"
            " WHERE release = 0 AND thin = 0 AND first_at <= ?",
            border,
        )
        # One short transaction for each application: a release elsewhere need not wait for all.
        for application, environment in places:
            await self._thin((str(application), str(environment), 0), border)

    async def _thin(self, place: Place, border: float) -> None:
        def work(sql: Connection) -> None:
            rows = sql.execute(
                "SELECT rowid, body FROM tick WHERE application = ? AND environment = ?"
                " AND release = ? AND thin = 0 AND first_at <= ?",
                (*place, border),
            ).fetchall()
            ticks = [tick for _, body in rows for tick in self._decode(body)]
            sql.executemany("DELETE FROM tick WHERE rowid = ?", [(rowid,) for rowid, _ in rows])
            old = [tick for tick in ticks if tick.at <= border]
            _insert(sql, place, thinning.thin(old, THIN_S), thin=1)
            _insert(sql, place, [tick for tick in ticks if tick.at > border], thin=0)

        await self._database.write(work, durable=False)

    def _decode(self, body: bytes) -> list[Tick]:
        try:
            return msgspec.msgpack.decode(body, type=list[Tick])
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise Damaged(self._database.path, f"ticks cannot be read: {exc}") from exc


def _insert(sql: Connection, place: Place, ticks: Sequence[Tick], *, thin: int) -> None:
    if ticks:
        sql.execute(
            "INSERT INTO tick VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*place, ticks[0].at, ticks[-1].at, thin, msgspec.msgpack.encode(ticks)),
        )


def _place(key: Key, release: int | None) -> Place:
    return key.application, key.environment, release or 0
