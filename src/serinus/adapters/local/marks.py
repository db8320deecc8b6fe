"""
Marks of files: how to see cheaply, and surely, that a file was written.

Inode, size and times tell almost always. They do not when a file is written twice within one tick
of the kernel's clock, so the content of a file that was written a moment ago is looked at again.
"""

import hashlib
import os
import stat
import time
from pathlib import Path
from typing import NamedTuple

TICK_NS = 50_000_000
"""More than the grain of a file system's times."""


class Signature(NamedTuple):
    """What ``stat`` tells of a file."""

    inode: int
    size: int
    written_ns: int
    changed_ns: int


class Mark(NamedTuple):
    """A file as it was seen. ``signature`` None: it was not there. ``fresh``: see the module."""

    signature: Signature | None
    digest: str = ""
    fresh: bool = False


ABSENT = Mark(None)


def signature(found: os.stat_result) -> Signature:
    """Return what tells one state of a file from the next."""
    return Signature(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def of(found: os.stat_result, content: bytes) -> Mark:
    """Mark a file whose content was read after ``found``."""
    fresh = time.time_ns() - found.st_ctime_ns < TICK_NS
    return Mark(signature(found), hashlib.sha256(content).hexdigest(), fresh)


def seen(path: Path) -> Mark:
    """Mark a file without reading it, or a directory by the names in it."""
    found = look(path)
    if found is None:
        return ABSENT
    if not stat.S_ISDIR(found.st_mode):
        return Mark(signature(found))
    fresh = time.time_ns() - found.st_ctime_ns < TICK_NS
    try:
        return Mark(signature(found), _names(path), fresh)
    except OSError:
        return Mark(signature(found))


def again(path: Path | str, old: Mark, found: os.stat_result | None) -> Mark | None:
    """Return the mark if the file is still as it was seen, None when it has changed."""
    if found is None or old.signature is None:
        return old if found is None and old.signature is None else None
    if signature(found) != old.signature:
        return None
    if not old.fresh:
        return old
    path = Path(path)
    try:
        is_directory = stat.S_ISDIR(found.st_mode)
        digest = _names(path) if is_directory else hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
    if digest != old.digest:
        return None
    return old._replace(fresh=time.time_ns() - found.st_ctime_ns < TICK_NS)


def look(path: Path | str) -> os.stat_result | None:
    """Return what ``stat`` tells, None when there is nothing to be seen."""
    try:
        return os.stat(path)  # noqa: PTH116 - thousands of paths are looked at each second
    except OSError:
        return None


def _names(path: Path) -> str:
    return hashlib.sha256(
        "\0".join(sorted(entry.name for entry in path.iterdir())).encode()
    ).hexdigest()
