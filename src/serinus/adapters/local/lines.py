"""
Lines of a log file as they come, and those among them that match a pattern.

The work is bounded, whatever a program writes: so many bytes at once, lines cut at
:data:`LONGEST`, and patterns of RE2, which takes time in proportion to the text and to nothing
else. Files are emptied in place when they are long (:mod:`serinus.adapters.local.logfiles`); what
was written between the last look and that moment is read from the copy.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec
import re2  # type: ignore[import-untyped]  # it comes without types

LONGEST = 8 * 1024
"""Bytes of a line that are looked at; a longer line is one line all the same."""

LONGEST_PATTERN = 1000

_NOTHING = (0, 0)


class Pattern(Protocol):
    """A compiled pattern of RE2, as far as it is used here."""

    def search(self, text: bytes, pos: int | None = None) -> Any:
        """Return the first match from a position on, None when there is none."""
        ...


class Position(msgspec.Struct):
    """
    How far a file was read.

    ``head``: the beginning of a line that has no end yet, at most :data:`LONGEST` of it.
    ``copied``: when the copy of the file was written, and its size.
    """

    inode: int = 0
    offset: int = 0
    head: bytes = b""
    copied: tuple[int, int] = _NOTHING


def pattern(text: str) -> Pattern:
    """
    Compile a pattern, which then finds lines in a text of many.

    Raises:
        ValueError: with a sentence that says what is wrong with it.
    """
    wrong = pattern_problem(text)
    if wrong:
        raise ValueError(wrong)
    return _compiled(f"(?m){text}")


def pattern_problem(text: str) -> str:
    """Return what keeps a pattern from being used, nothing if it is well."""
    if len(text) > LONGEST_PATTERN:
        return f"{len(text)} characters are too many; wanted at most {LONGEST_PATTERN}"
    try:
        found = _compiled(text)
    except re2.error as problem:
        said = problem.args[0] if problem.args else "not a pattern"
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        hint = "; RE2 has no look-around and no back-references" if "invalid perl" in why else ""
        return f"not a pattern of RE2: {why}{hint}"
    if found.search(b"") is not None:
        return "it matches every line, also an empty one; wanted such as ERROR|Traceback"
    for mark in (r"\A", r"\z"):
        if mark in text.replace(r"\\", ""):
            return f"{mark} means a text of many lines here; wanted ^ or $"
    return ""


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


def matching(found: Pattern, block: bytes) -> Iterator[bytes]:
    """Return each line of a block that matches, cut; ``block`` holds whole lines."""
    start = 0
    while (match := found.search(block, start)) is not None:
        begin = block.rfind(b"\n", 0, match.start()) + 1
        end = block.find(b"\n", match.start())
        end = len(block) if end < 0 else end
        cut = begin + LONGEST
        if end <= cut or found.search(block[begin:cut]) is not None:
            yield block[begin : min(end, cut)]
        start = end + 1
        if start >= len(block):
            return


def _compiled(text: str) -> Pattern:
    options = re2.Options()
    options.log_errors = False  # they are told, not written to our output
    options.never_nl = True  # a pattern stays within its line
    options.never_capture = True
    found: Pattern = re2.compile(text, options)
    return found


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
