"""How a status, an event and a snapshot become rows, within the caller's transaction."""

from sqlite3 import Connection

import msgspec

from serinus.core.state import history
from serinus.core.state.explanation import Explanation
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading
from serinus.ports import failures
from serinus.ports.store import Snapshot

json = msgspec.json.Encoder().encode


def put_status(sql: Connection, status: Status, judge: bytes | None) -> None:
    """Write the status if nobody was faster, and its release into the history."""
    key = pair(status.key)
    found = sql.execute(
        "SELECT version, body FROM status WHERE application = ? AND environment = ?", key
    ).fetchone()
    stored = found[0] if found else 0
    if stored != status.version - 1:
        raise failures.Conflict(
            f"status of {status.key}: version {status.version - 1} was read, but {stored} is stored"
        )
    sql.execute(
        "INSERT INTO status (application, environment, version, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body",
        (*key, status.version, json(status)),
    )
    release = status.release
    if release is None:
        return
    before = msgspec.json.decode(found[1], type=Status).release if found else None
    overtaken = history.overtaken(before, release)
    if overtaken is not None:
        _put_release(sql, overtaken)
    _put_release(sql, release)
    if judge is not None:
        sql.execute(
            "UPDATE status SET judge = ?, judge_release = ?"
            " WHERE application = ? AND environment = ?",
            (judge, release.number, *key),
        )


def _put_release(sql: Connection, release: Release) -> None:
    sql.execute(
        "INSERT INTO release VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
        (
            release.application,
            release.environment,
            release.number,
            release.created_at.timestamp(),
            json(release),
        ),
    )


def put_event(sql: Connection, event: Event) -> None:
    """Write an event; the table gives it its sequence number."""
    sql.execute(
        "INSERT INTO event (application, environment, release, at, body) VALUES (?, ?, ?, ?, ?)",
        (
            event.application,
            event.environment,
            event.release or 0,
            event.at.timestamp(),
            json(event),
        ),
    )


def put_explanation(sql: Connection, status: Status, explanation: Explanation | None) -> None:
    """Add what a decision about the release of a status was made of."""
    if explanation is not None and status.release is not None:
        sql.execute(
            "INSERT INTO explanation (application, environment, release, body) VALUES (?, ?, ?, ?)",
            (*pair(status.key), status.release.number, json(explanation)),
        )


class Seen:
    """What was seen and is not written yet: snapshots, and the last reading of each release."""

    def __init__(self) -> None:
        self.snapshots: dict[Key, Snapshot] = {}
        self.readings: dict[tuple[Key, int], Reading] = {}

    @property
    def waiting(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self.snapshots or self.readings)

    def write(self, sql: Connection) -> None:
        """Write it over what was seen before."""
        for key, snapshot in self.snapshots.items():
            sql.execute(
                "INSERT OR REPLACE INTO live VALUES (?, ?, ?)", (*pair(key), json(snapshot))
            )
        for (key, release), reading in self.readings.items():
            sql.execute(
                "INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?)",
                (*pair(key), release, json(reading)),
            )

    def under(self, newer: "Seen") -> "Seen":
        """Return both, the newer one where they speak of the same."""
        both = Seen()
        both.snapshots = self.snapshots | newer.snapshots
        both.readings = self.readings | newer.readings
        return both


def pair(key: Key) -> tuple[str, str]:
    """Return the two columns that name an application everywhere."""
    return key.application, key.environment
