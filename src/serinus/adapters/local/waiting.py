"""
What waits to be written: ticks, roll-ups and what was seen last, one batch for one transaction.

Many applications share a transaction that way. What could not be written waits on.
"""

import contextlib
from collections.abc import Iterator
from sqlite3 import Connection

from serinus.adapters.local import rollups, rows
from serinus.adapters.local.database import Database
from serinus.adapters.local.rollups import Rollups
from serinus.adapters.local.ticks import Batch, Ticks
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.store import Snapshot


class Load:
    """What one transaction writes."""

    def __init__(self, ticks: Batch, seen: rows.Seen, counts: rollups.Batch) -> None:
        self.ticks, self.seen, self.counts = ticks, seen, counts

    def write(self, sql: Connection) -> None:
        """Write all of it within the caller's transaction."""
        self.ticks.write(sql)
        self.seen.write(sql)
        rollups.write(sql, self.counts)


class Waiting:
    """All that waits for one database."""

    def __init__(self, database: Database) -> None:
        self.ticks = Ticks(database)
        self.rollups = Rollups(database)
        self.seen = rows.Seen()
        self._notes: dict[Key, tuple[tuple[str, str], ...]] = {}

    def see(self, key: Key, snapshot: Snapshot) -> bool:
        """Let a snapshot wait; tell whether something happened to a replica, which should not."""
        self.seen.snapshots[key] = snapshot
        notes = tuple((one.name, one.note) for one in snapshot.replicas if one.note)
        before, self._notes[key] = self._notes.get(key, ()), notes
        return notes != before

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return self.ticks.waiting or self.seen.waiting or self.rollups.waiting

    @contextlib.contextmanager
    def taken(self) -> Iterator[Load]:
        """Hand out what waits; when it cannot be written, it waits on, before what came later."""
        load = Load(self.ticks.take(), self.seen, self.rollups.take())
        self.seen = rows.Seen()
        try:
            yield load
        except failures.PortFailure:
            self.ticks.put_back(load.ticks)
            self.rollups.put_back(load.counts)
            self.seen = load.seen.under(self.seen)
            raise
