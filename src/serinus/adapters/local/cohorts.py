"""
Cohorts in SQLite: a row for each user of an A/B test, and the sums that a report is made of.

Only the sums are read while a test runs, so that a look costs the same with ten users as with a
million. Visits are written within the call: whoever handed them out may forget them then. The rows
of users go 30 days after the last visit; the sums stay with the history, as releases do.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from sqlite3 import Connection

import msgspec

from serinus.adapters.local.database import Damaged, Database
from serinus.core.spec.requests import Goal
from serinus.core.state import census
from serinus.core.state.census import Visitor
from serinus.core.state.cohort import Cohort, Visit
from serinus.core.state.notice import Key

KEPT = timedelta(days=30)
"""How long users are remembered after the last of them came, as the ticks of releases are."""

AT_ONCE = 20_000
"""So many users are removed in one transaction: a release elsewhere need not wait for a million."""

_WHERE = "application = ? AND environment = ? AND release = ?"


class Cohorts:
    """The cohorts of all releases of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(
        self,
        key: Key,
        release: int,
        visits: Sequence[Visit],
        *,
        arms: Mapping[str, str],
        goals: Sequence[Goal],
        at: datetime,
    ) -> None:
        """Count visits, all of them or none."""
        place = (key.application, key.environment, release)

        def work(sql: Connection) -> None:
            sql.execute(
                "INSERT INTO cohort (application, environment, release, at, body)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
                (*place, at.timestamp(), msgspec.json.encode(Cohort())),
            )
            found = sql.execute(f"SELECT id, body FROM cohort WHERE {_WHERE}", place)  # noqa: S608 - no value is pasted
            number, body = found.fetchone()
            known = dict(_known(sql, number, {visit.user for visit in visits}))
            cohort, changed = census.count(self._decode(body), known, visits, arms, goals)
            sql.executemany(
                "INSERT OR REPLACE INTO visitor VALUES (?, ?, ?, ?, ?)",
                [
                    (number, user, one.arm, _names(one.reached), one.crossed)
                    for user, one in changed.items()
                ],
            )
            sql.execute(
                "UPDATE cohort SET body = ? WHERE id = ?", (msgspec.json.encode(cohort), number)
            )

        await self._database.write(work, durable=False)

    def read(self, key: Key, release: int) -> Cohort:
        """Return the sums, empty when nobody came."""
        place = (key.application, key.environment, release)
        found = self._database.rows(f"SELECT body FROM cohort WHERE {_WHERE}", *place)  # noqa: S608 - no value is pasted
        return self._decode(found[0][0]) if found else Cohort()

    async def prune(self, now: datetime) -> None:
        """Forget the users of cohorts to which nobody came for long."""
        await self._clear("at < ?", (now - KEPT).timestamp())

    async def forget(self, key: Key) -> None:
        """Forget the users of an application."""
        await self._clear("application = ? AND environment = ?", key.application, key.environment)

    async def _clear(self, where: str, *values: object) -> None:
        numbers = self._database.rows(
            f"SELECT id FROM cohort WHERE {where}"  # noqa: S608 - no value is pasted
            " AND EXISTS (SELECT 1 FROM visitor WHERE visitor.cohort = cohort.id)",
            *values,
        )
        for (number,) in numbers:
            remove = partial(_removed, cohort=number)
            while await self._database.write(remove, durable=False):
                pass

    def _decode(self, body: bytes) -> Cohort:
        try:
            return msgspec.json.decode(body, type=Cohort)
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise Damaged(self._database.path, f"a cohort cannot be read: {exc}") from exc


def _known(sql: Connection, cohort: int, users: Iterable[int]) -> Iterator[tuple[int, Visitor]]:
    """Return what is known of these users."""
    found = sql.execute(
        "SELECT user, arm, reached, crossed FROM visitor"
        " WHERE cohort = ? AND user IN (SELECT value FROM json_each(?))",
        (cohort, msgspec.json.encode(sorted(users)).decode()),
    )
    for user, arm, reached, crossed in found:
        goals = frozenset(msgspec.json.decode(reached)) if reached else frozenset()
        yield user, Visitor(arm, goals, bool(crossed))


def _names(goals: Collection[str]) -> str | None:
    return msgspec.json.encode(sorted(goals)).decode() if goals else None


def _removed(sql: Connection, cohort: int) -> int:
    """Remove some users, and return how many."""
    return sql.execute(
        "DELETE FROM visitor WHERE cohort = ? AND user IN"
        " (SELECT user FROM visitor WHERE cohort = ? LIMIT ?)",
        (cohort, cohort, AT_ONCE),
    ).rowcount
