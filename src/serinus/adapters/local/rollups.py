"""
Roll-ups in SQLite: added up in memory, written in batches, merged into hours after a day.

::

    minutes   for a day
    hours     for 35 days
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from sqlite3 import Connection

from serinus.adapters.local.database import Database
from serinus.core.state.notice import Key
from serinus.core.state.rollup import HOUR_S, LONGEST_S, MINUTE_S, Rollup, Sum

MINUTES_KEPT = timedelta(days=1)

WAITING = 20_000
"""Minutes that may wait in memory while the disk is full; then the oldest go."""

_ADD = """
    INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, bad = bad + excluded.bad
"""
_MERGE = """
    INSERT INTO rollup
    SELECT application, environment, series, (at + :hour - 1) / :hour * :hour AS ending, :hour,
      sum(requests), sum(bad)
    FROM rollup WHERE seconds < :hour AND at <= :border
    GROUP BY application, environment, series, ending
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, bad = bad + excluded.bad
"""

Slot = tuple[str, str, str, int]
"""Application, environment, series and the end of the minute."""

Batch = dict[Slot, tuple[int, int]]
"""Requests and bad ones that are not written yet."""


class Rollups:
    """The roll-ups of all applications of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batch = {}

    def add(self, key: Key, rollups: Sequence[Rollup]) -> None:
        """Take counts for the next batch."""
        for one in rollups:
            place = (key.application, key.environment, one.series, one.at)
            requests, bad = self._batch.get(place, (0, 0))
            self._batch[place] = (requests + one.requests, bad + one.bad)

    def forget(self, key: Key) -> None:
        """Drop what waits of an application."""
        mine = (key.application, key.environment)
        self._batch = {place: counts for place, counts in self._batch.items() if place[:2] != mine}

    @property
    def waiting(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self._batch)

    def take(self) -> Batch:
        """Hand out the batch that waits, and begin a new one."""
        batch, self._batch = self._batch, {}
        return batch

    def put_back(self, batch: Batch) -> None:
        """Take back a batch that could not be written; what is too much is dropped."""
        for place, (requests, bad) in self._batch.items():
            before = batch.get(place, (0, 0))
            batch[place] = (before[0] + requests, before[1] + bad)
        for place in list(batch)[:-WAITING]:
            del batch[place]
        self._batch = batch

    def sums(self, key: Key, series: str, since: Sequence[datetime]) -> tuple[Sum, ...]:
        """Return what was counted in the windows that end after each of the moments."""
        if not since:
            return ()
        borders = [moment.timestamp() for moment in since]
        # One pass over the index from the oldest border on, however many borders there are.
        columns = ", ".join(
            "total(CASE WHEN at > ? THEN requests END), total(CASE WHEN at > ? THEN bad END)"
            for _ in borders
        )
        (found,) = self._database.rows(
            f"SELECT {columns} FROM rollup"  # noqa: S608 - no value is pasted
            " WHERE application = ? AND environment = ? AND series = ? AND at > ?",
            *(border for border in borders for _ in range(2)),
            *(key.application, key.environment, series, min(borders)),
        )
        sums = list(zip(map(int, found[::2]), map(int, found[1::2]), strict=True))
        for (*place, at), (requests, bad) in self._batch.items():
            if place == [key.application, key.environment, series]:
                sums = [
                    (n + requests, x + bad) if at > border else (n, x)
                    for (n, x), border in zip(sums, borders, strict=True)
                ]
        return tuple(Sum(n, x) for n, x in sums)

    async def prune(self, now: datetime) -> None:
        """Merge minutes that are a day old into hours, and remove what is too old."""
        border = (now - MINUTES_KEPT).timestamp() // HOUR_S * HOUR_S

        def work(sql: Connection) -> None:
            sql.execute("DELETE FROM rollup WHERE at <= ?", (now.timestamp() - LONGEST_S,))
            sql.execute(_MERGE, {"hour": HOUR_S, "border": border})
            sql.execute("DELETE FROM rollup WHERE seconds < ? AND at <= ?", (HOUR_S, border))

        await self._database.write(work, durable=False)


def write(sql: Connection, batch: Batch) -> None:
    """Write a batch within the caller's transaction."""
    sql.executemany(
        _ADD, [(*place, MINUTE_S, requests, bad) for place, (requests, bad) in batch.items()]
    )
