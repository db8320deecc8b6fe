"""
Lines of a log file as they come.

The work is bounded, whatever a program writes: so many bytes at once, and lines cut at
:data:`serinus.adapters.logs.matches.LONGEST`. Files are emptied in place when they are long
(:mod:`serinus.adapters.local.logfiles`); what was written between the last look and that moment is
read from the copy.
"""

import os
from pathlib import Path

import msgspec

from serinus.adapters.logs.matches import LONGEST

_NOTHING = (0, 0)


class Position(msgspec.Struct):
    """
    How far a file was read.

    ``head``: the beginning of a line that has no end yet, at most that much of it.
    ``copied``: when the copy of the file was written, and its size.
    """

    inode: int = 0
    offset: int = 0
    head: bytes = b""
    copied: tuple[int, int] = _NOTHING


def begun(path: Path, *, at: int | None = None) -> Position:
    """Return where to begin to read: at a byte, or (None) at the end of what is there."""
    found = _stat(path)
    inode, size = (found.st_ino, found.st_size) if found is not None else (0, 0)
    return Position(inode, size if at is None else min(at, size), copied=_copied(path))


def read(path: Path, position: Position, most: int) -> bytes:
    """
    Return whole lines that came since the last look, about ``most`` bytes of them at most.

    What is too much comes with the next look. A file that is gone has no lines.
    """
    found = _stat(path)
    if found is None:
        position.inode, position.offset, position.head = 0, 0, b""
        return b""
    content = b""
    copied = _copied(path)
    emptied = found.st_size < position.offset or (
        # A copy that is as long as the file is being made right now: the file is emptied after it.
        copied not in {position.copied, _NOTHING} and found.st_size < copied[1]
    )
    if position.inode and found.st_ino != position.inode:
        position.offset, position.head = 0, b""
    elif emptied:
        if copied != position.copied:  # an old copy was read; a full disk leaves it as it is
            content = _piece(_copy(path), position.offset, most)
        position.offset = 0
    if emptied or not position.inode:
        position.copied = copied
    position.inode = found.st_ino
    more = _piece(path, position.offset, most - len(content))
    position.offset += len(more)
    return _whole(position, content + more)


def last(path: Path, size: int) -> bytes:
    """Return the last whole lines of a file, at most ``size`` bytes of them."""
    found = _stat(path)
    if found is None:
        return b""
    start = max(0, found.st_size - size)
    content = _piece(path, start, size)
    content = content[: content.rfind(b"\n") + 1]
    return content[content.find(b"\n") + 1 :] if start else content


def _whole(position: Position, content: bytes) -> bytes:
    """Return the lines that are whole by now, and keep the beginning of the one that is not."""
    end = content.rfind(b"\n") + 1
    if not end:
        position.head = (position.head + content[:LONGEST])[:LONGEST]
        return b""
    block = position.head + content[:end]
    position.head = content[end : end + LONGEST]
    return block


def _piece(path: Path, start: int, most: int) -> bytes:
    if most <= 0:
        return b""
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(most)
    except OSError:
        return b""


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _copy(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _copied(path: Path) -> tuple[int, int]:
    found = _stat(_copy(path))
    return _NOTHING if found is None else (found.st_mtime_ns, found.st_size)
