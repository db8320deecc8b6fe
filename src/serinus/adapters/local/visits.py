"""
Visits: what Envoy noted about requests, read a little at a time.

::

    run/envoy/visits.log     Envoy appends to it
    run/envoy/visits.7.log   what it wrote before, put aside when it had grown too long
    run/visits.json          how far each application has read: file and place

A file is put aside by its name, and Envoy is told to open a new one; so nothing that it writes in
between is lost, and a file is finished as soon as there is a later one. At most :data:`KEPT` files
are put aside: who reads slower than that loses the oldest. What was returned counts as taken in
only when the next call comes, so that it comes again after a crash in between.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import anyio
import msgspec
import structlog

from serinus.adapters.local import bootstrap
from serinus.adapters.local.admin import Admin
from serinus.adapters.local.places import Places, folder, write
from serinus.core.state.cohort import Visit
from serinus.core.state.notice import Key
from serinus.ports.failures import Unavailable

log = structlog.get_logger()

LINES = 20_000
LARGEST = 16 * 1024 * 1024
KEPT = 4
AT_ONCE = LARGEST
"""Bytes that are looked at within one call."""

_CHUNK = 1024 * 1024
_LINE = 8192  # a path of the longest kind, each byte of it written as six
_TIDY_S = 10.0
_USER = re.compile(r"[0-9a-f-]{36}")


class Place(NamedTuple):
    """How far somebody has read: the number of a file, and the bytes before the next line."""

    file: int = 0
    offset: int = 0


class _Line(msgspec.Struct, frozen=True):
    a: str
    e: str
    r: str
    m: str
    p: str
    s: int
    u: str | None = None


class Visits:
    """Read what Envoy noted."""

    def __init__(self, places: Places, admin: Admin) -> None:
        self._folder = places.envoy
        self._record = places.run / "visits.json"
        self._admin = admin
        self._given: dict[str, Place] | None = None
        self._taken: dict[str, Place] = {}

    def read(self, key: Key) -> tuple[Visit, ...]:
        """Return what was noted for the application since the last call, limited."""
        given = self._remembered()
        mine = folder(key)
        here = given.get(mine, Place())
        if self._taken.get(mine) != here:
            self._taken[mine] = here
            self._keep()
        found: list[Visit] = []
        for line, there in self._unread(here):
            here = there
            visit = _visit(key, line)
            if visit is not None:
                found.append(visit)
            if len(found) >= LINES:
                break
        given[mine] = here
        return tuple(found)

    def forget(self, key: Key) -> None:
        """Forget how far an application has read."""
        self._remembered().pop(folder(key), None)
        if self._taken.pop(folder(key), None) is not None:
            self._keep()

    async def keep(self) -> None:
        """Put the file aside whenever it has grown too long, until cancelled."""
        while True:
            await self.tidy()
            await anyio.sleep(_TIDY_S)

    async def tidy(self) -> None:
        """Put the file aside if it has grown too long, and remove the oldest of those."""
        live = self._folder / bootstrap.VISITS
        aside = self._aside()
        try:
            if not live.exists() or live.stat().st_size <= LARGEST:
                return
            live.rename(self._path(max(aside, default=0) + 1))
            for number in sorted(aside)[: -(KEPT - 1)]:
                self._path(number).unlink(missing_ok=True)
            await self._admin.reopen_logs()
        except (OSError, Unavailable) as problem:
            log.warning("the file of visits was not put aside", why=str(problem))

    def _unread(self, here: Place) -> Iterator[tuple[bytes, Place]]:
        """Yield lines, and how far one has read with each; a limited number of bytes."""
        left = AT_ONCE
        for number, path in self._files(here.file):
            offset = here.offset if number == here.file else 0
            for line, end in _lines(path, offset):
                yield line, Place(number, end)
                left -= len(line)
                if left <= 0:
                    return

    def _files(self, first: int) -> Iterator[tuple[int, Path]]:
        """Return the files from a number on, oldest first; the one that grows is the last."""
        aside = sorted(self._aside())
        for number in aside:
            if number >= first:
                yield number, self._path(number)
        live = self._folder / bootstrap.VISITS
        if live.exists():
            yield max(aside, default=0) + 1, live

    def _aside(self) -> list[int]:
        names = (path.name.split(".")[1] for path in self._folder.glob("visits.*.log"))
        return [int(name) for name in names if name.isdigit()]

    def _path(self, number: int) -> Path:
        return self._folder / f"visits.{number}.log"

    def _remembered(self) -> dict[str, Place]:
        if self._given is None:
            try:
                content = self._record.read_bytes()
                self._given = msgspec.json.decode(content, type=dict[str, Place])
            except (OSError, msgspec.DecodeError, UnicodeDecodeError):
                self._given = {}
            self._taken = dict(self._given)
        return self._given

    def _keep(self) -> None:
        try:
            write(self._record, msgspec.json.encode(self._taken), durable=False)
        except Unavailable as problem:  # after a restart, more of them will come again
            log.warning("it was not noted how far visits were read", why=str(problem))


def _lines(path: Path, offset: int) -> Iterator[tuple[bytes, int]]:
    """Yield whole lines with the place behind each; longer ones than a chunk come in pieces."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            offset = offset if offset <= size else 0  # emptied by somebody
            while offset < size:
                file.seek(offset)
                chunk = file.read(_CHUNK)
                whole = chunk.rfind(b"\n") + 1
                if not whole and len(chunk) < _CHUNK:
                    return  # still being written
                for line in chunk[: whole or len(chunk)].splitlines(keepends=True):
                    offset += len(line)
                    yield line, offset
    except OSError as problem:
        log.warning("visits were not read", file=str(path), why=str(problem))


def _visit(key: Key, line: bytes) -> Visit | None:
    """Return what a line tells, None when it is somebody else's or no line of Envoy's."""
    if len(line) > _LINE:
        return None
    try:
        told = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if (told.a, told.e) != (key.application, key.environment):
        return None
    return Visit(_number(told.u), told.r, told.m, told.p, told.s)


def _number(user: str | None) -> int:
    """Return a user's number, 0 for one whose cookie is not of ours."""
    if user is None or not _USER.fullmatch(user):
        return 0
    digest = hashlib.blake2b(user.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1 or 1
