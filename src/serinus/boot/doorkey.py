"""
The key of a dashboard, and where it is served: files in the home, for its owner alone.

::

    <home>/dashboard.key         what sessions are sealed with; it outlives the controller
    <home>/dashboard.ended       sessions that people ended, until they would have ended anyway
    <home>/run/dashboard.json    the address, and the name of this start, while it is served

Whoever can read the key can make a link of their own: that is how ``serinus dashboard`` does it.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from serinus.ports import failures

LENGTH = 32
LINK_S = 60
"""How long a link is good for: terminals and browsers keep it where others may look."""


class Served(msgspec.Struct, frozen=True):
    """Where a dashboard is served, by which process, and the name of its start."""

    address: str
    start: str
    process: int


def key(home: Path) -> bytes:
    """Return the key of a home; a new one where there is none that can be used."""
    path = home / "dashboard.key"
    with contextlib.suppress(FileNotFoundError):
        found = path.read_bytes()
        if len(found) == LENGTH:
            return found
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = secrets.token_bytes(LENGTH)
    _write(path, made)
    return made


class Ended:
    """Sessions that people ended; without a home they are forgotten with the process."""

    def __init__(self, home: Path | None = None) -> None:
        self._path = None if home is None else home / "dashboard.ended"
        self._until: dict[str, float] = {}
        if self._path is not None:
            with contextlib.suppress(FileNotFoundError):
                found = self._path.read_bytes()
                self._until = msgspec.json.decode(found, type=dict[str, float])

    def __contains__(self, identity: str) -> bool:
        """Tell whether a session was ended."""
        return identity in self._until

    def add(self, identity: str, *, now: datetime, until: datetime) -> None:
        """End a session that would be good ``until`` then; ``Unavailable`` if nobody would know."""
        kept = {one: end for one, end in self._until.items() if end >= now.timestamp()}
        self._until = {**kept, identity: until.timestamp()}
        if self._path is None:
            return
        try:
            _write(self._path, msgspec.json.encode(self._until))
        except OSError as exc:
            raise failures.Unavailable(
                f"{self._path} cannot be written, so the session may be good again after a restart",
                why=str(exc.strerror or exc),
                hint="sign out again, or delete dashboard.key beside it to end all sessions",
            ) from exc


def ended(home: Path) -> Ended:
    """Return the sessions of a home that were ended; where that is not known, all of them are."""
    try:
        return Ended(home)
    except msgspec.MsgspecError:
        (home / "dashboard.key").unlink(missing_ok=True)
        (home / "dashboard.ended").unlink()
        return Ended(home)


@contextmanager
def served(home: Path, address: str, start: str) -> Iterator[None]:
    """Note where the dashboard is served, for the length of a block."""
    path = _note(home)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(path, msgspec.json.encode(Served(address, start, os.getpid())))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def found(home: Path) -> Served:
    """Return where the dashboard is served; ``Missing`` where it is not."""
    try:
        noted = msgspec.json.decode(_note(home).read_bytes(), type=Served)
        os.kill(noted.process, 0)
    except (OSError, msgspec.MsgspecError) as exc:
        raise failures.Missing(
            f"no dashboard is served for {home}",
            why="it is served beside the controller",
            hint="serinus up",
        ) from exc
    return noted


def _note(home: Path) -> Path:
    return home / "run" / "dashboard.json"


def _write(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
