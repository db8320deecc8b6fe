"""
``state.db``: one SQLite file that the controller writes and every command reads.

Writes go through one connection in a worker thread, so that a slow disk or another process holding
the lock never stops the loop; reads are small, use a second connection and stay on the loop's
thread. In WAL mode readers and the writer do not wait for each other.

``synchronous=FULL`` for what must outlive a power cut (status, intents, events): it costs one fsync
a decision, and decisions are few. ``NORMAL`` for ticks and snapshots: they cannot damage the file
either, and of them a second may be lost.

SQLite's exceptions end here::

    SQLITE_FULL, SQLITE_IOERR           Unavailable   the disk is full, or fails
    SQLITE_BUSY, SQLITE_LOCKED          Unavailable   another process holds the file
    SQLITE_READONLY, SQLITE_CANTOPEN …  Rejected      not allowed
    SQLITE_CORRUPT, SQLITE_NOTADB       Damaged       a Rejected that `serinus up --recover` cures
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import anyio.to_thread

from serinus.adapters.local import schema
from serinus.ports import failures

T = TypeVar("T")

BUSY_S = 5.0
"""How long a write waits for another process."""

_AWAY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_CROWDED = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


class Damaged(failures.Rejected):
    """The file cannot be read. It is never written over: ``serinus up --recover`` sets it aside."""

    def __init__(self, path: Path, found: str) -> None:
        """Name the file and what was found in it."""
        super().__init__(
            f"{path} is damaged and cannot be read",
            why=f"{found}. What runs goes on serving; nothing was changed",
            hint="serinus up --recover   (keeps the damaged file beside it, "
            "and starts from the specs and from what runs)",
        )


class Database:
    """One open file. Use :meth:`open`, and :meth:`close` in the end."""

    def __init__(self, path: Path, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._turn = anyio.CapacityLimiter(1)

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> Self:
        """
        Open the file and check it.

        Args:
            path: Where it is, or shall be.
            create: Make it when it is missing, and bring an older one up to date. Only the
                controller does that: a command must not change the file under a running one.
        """
        if not create and not path.exists():
            raise failures.Missing(f"{path} is not there: nothing was ever started here")
        with translated(path):
            _touch(path)
            connections: list[sqlite3.Connection] = []
            try:
                connections.append(_connect(path))
                connections.append(_connect(path))
                _check(path, connections[0])
                _migrate(path, connections[0], create=create)
            except BaseException:
                for connection in connections:
                    connection.close()
                raise
        return cls(path, connections[0], connections[1])

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read."""
        with translated(self.path):
            return self._reader.execute(sql, values).fetchall()

    async def write(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """Do the work in one transaction: all of it or nothing. It is not cancelled half-way."""
        return await anyio.to_thread.run_sync(self._write, work, durable, limiter=self._turn)

    def _write(self, work: Callable[[sqlite3.Connection], T], durable: bool) -> T:  # noqa: FBT001 - run_sync passes no keywords
        with translated(self.path):
            self._writer.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                result = work(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled back already.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
        return result

    def close(self) -> None:
        """Close the file; the last one to do so folds the write-ahead log into it."""
        self._reader.close()
        self._writer.close()


def set_aside(path: Path) -> Path | None:
    """
    Move a damaged file and its log away, keeping them, and return the new name.

    None when there is nothing to move. The name says when, so that two never meet.
    """
    if not path.exists():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's and the file system's exceptions into the failures of a port."""
    try:
        yield
    except sqlite3.Error as exc:
        raise _failure(path, exc) from exc
    except OSError as exc:
        raise failures.Rejected(
            f"cannot open {path}",
            why=f"{exc.strerror}",
            hint="choose another directory with --home or SERINUS_HOME",
        ) from exc


def _failure(path: Path, exc: sqlite3.Error) -> failures.PortFailure:
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code in _BROKEN or (code == 0 and isinstance(exc, sqlite3.DatabaseError)):
        return Damaged(path, f"SQLite says: {exc}")
    if code in _CROWDED:
        return failures.Unavailable(
            f"cannot write {path}: the disk is full or fails",
            why=f"SQLite says: {exc}. What runs goes on serving; writing is tried again",
            hint=f"df -h {path.parent}",
        )
    if code in _AWAY:
        return failures.Unavailable(
            f"cannot write {path}: another process has held it for {BUSY_S:.0f} s",
            retry_after_s=1.0,
            why=f"SQLite says: {exc}",
            hint=f"fuser -v {path}",
        )
    return failures.Rejected(
        f"cannot use {path}",
        why=f"SQLite says: {exc}",
        hint=f"ls -l {path}",
    )


def _touch(path: Path) -> None:
    """Make the file readable by its owner alone; SQLite gives its log the same mode."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _connect(path: Path) -> sqlite3.Connection:
    # Autocommit: transactions are written out. Threads take turns at the limiter.
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _check(path: Path, connection: sqlite3.Connection) -> None:
    """Read the small tables whole, once, so that damage is found now and not in a release."""
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    for table in schema.CHECKED:
        if table in found:
            (answer,) = connection.execute(f"PRAGMA quick_check('{table}')").fetchone()
            if answer != "ok":
                raise Damaged(path, f"table {table}: {answer}")


def _migrate(path: Path, connection: sqlite3.Connection, *, create: bool) -> None:
    version = _version(connection)
    newest = len(schema.MIGRATIONS)
    if version > newest:
        raise failures.Rejected(
            f"{path} was written by a newer Serinus",
            why=f"its schema is number {version}, this program knows {newest}",
            hint="install the newer Serinus again",
        )
    if version == newest:
        return
    if not create:
        raise failures.Rejected(
            f"{path} was written by an older Serinus",
            why=f"its schema is number {version}, this program needs {newest}",
            hint="serinus up   (brings it up to date)",
        )
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migration"
        " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL) STRICT"
    )
    for number, (name, script) in enumerate(schema.MIGRATIONS, start=1):
        if number > _version(connection):
            for statement in script.split(";"):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO migration VALUES (?, ?, ?)",
                (number, name, datetime.now(UTC).isoformat(timespec="seconds")),
            )
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    known = connection.execute(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'migration'"
    ).fetchone()
    if known == (0,):
        return 0
    (version,) = connection.execute("SELECT coalesce(max(version), 0) FROM migration").fetchone()
    return int(version)
