"""
Log files of replicas: written by the replicas themselves, kept short and read by us.

A file that has grown over :data:`LIMIT` is copied to ``<name>.1`` and emptied in place; the
replica keeps its descriptor, which appends. Lines that are written during the copy may be lost.
"""

import contextlib
import os
import shutil
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio

LIMIT = 10 * 1024 * 1024
_WORTH = 4 * LIMIT
_TAIL = 64 * 1024
_PAUSE_S = 0.3


def open_append(path: Path) -> int:
    """Open a log file for a process to write to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def shorten(path: Path, limit: int = LIMIT) -> None:
    """
    Copy and empty a file that has grown too long. A full disk costs the copy, nothing else.

    A flood is not copied: it would take the disk, and the time of everybody.
    """
    with contextlib.suppress(OSError):
        size = path.stat().st_size
        if size <= limit:
            return
        if size <= _WORTH:
            with contextlib.suppress(OSError):
                shutil.copyfile(path, path.with_name(f"{path.name}.1"))
        os.truncate(path, 0)


def tail(path: Path, lines: int) -> list[str]:
    """Return the last lines of a file, fewer when they are very long."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - max(_TAIL, lines * 256)))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return list(deque(text.splitlines(), maxlen=lines))


def last_line(path: Path) -> str:
    """Return the last line that says something, shortened."""
    said = [line.strip() for line in tail(path, 20) if line.strip()]
    return said[-1][:160] if said else ""


async def follow(files: Callable[[], dict[str, Path]]) -> AsyncIterator[tuple[str, str]]:
    """Yield (name, line) as lines are written, from now on, also from files that come later."""
    places = {name: size(path) for name, path in files().items()}
    while True:
        await anyio.sleep(_PAUSE_S)
        for name, path in files().items():
            start = places.get(name, 0)
            now = size(path)
            start = 0 if now < start else start  # emptied
            if now == start:
                continue
            content = _read(path, start)
            whole = content.rfind(b"\n") + 1
            places[name] = start + whole
            for line in content[:whole].decode(errors="replace").splitlines():
                yield name, line


def size(path: Path) -> int:
    """Return how long a file is, 0 when there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _read(path: Path, start: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(1024 * 1024)
    except OSError:
        return b""
