"""
The directory of specs: its YAML files, read once and again only when they were written.

One damaged file hides no other. Files that say nothing of Serinus are none of our business.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from serinus.adapters.local import documents, marks
from serinus.core.errors import Problem
from serinus.core.spec import formats
from serinus.ports import failures

ENDINGS = (".yaml", ".yml")

UNWRITTEN = "this text"
"""What problems call a text that is in no file yet."""

NOT_OURS = "nothing here is ours; wanted a document with apiVersion: serinus.dev/v1alpha1"

LARGE = 200
TURNS = 4
"""In a large directory, one look in so many is at every file."""

_OURS = re.compile(rb"apiVersion[\"']?\s*:\s*[\"']?serinus\.dev/")
_APPLICATION = re.compile(r"^kind:\s*[\"']?Application\b", re.MULTILINE)
_NAME = re.compile(
    r"^metadata:\s*(?:#.*)?\n(?:[ \t].*\n|\s*\n)*?[ \t]+name:\s*[\"']?([\w-]+)", re.MULTILINE
)


class Entry(NamedTuple):
    """
    One document that is ours, ``number`` of its file, from zero.

    ``name`` is empty when it has none that can be one.
    """

    file: str
    number: int
    kind: str
    name: str
    data: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()


class Sheet(NamedTuple):
    """One file: its documents, what is wrong with its text, and applications lost in the damage."""

    mark: marks.Mark
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def applications(self) -> frozenset[str]:
        """The names of the applications in it, the lost ones included."""
        named = (e.name for e in self.entries if e.kind == "Application" and e.name)
        return frozenset((*named, *self.lost))


class Folder:
    """
    The files of a directory, or ``only`` one of them.

    ``reads`` counts how many were read so far.
    """

    def __init__(self, directory: Path, only: str = "") -> None:
        self.directory = directory
        self.only = only
        self.sheets: dict[str, Sheet] = {}
        self.reads = 0
        self._seen: dict[str, marks.Signature | None] = {}
        self._fresh = False
        self._put: marks.Signature | None = None
        self._turn = 0

    def look(self, *, in_passing: bool = False) -> dict[str, tuple[Sheet | None, Sheet | None]]:
        """
        Read what was written since the last look; return each changed file before and after.

        ``in_passing``, as several times a second: in a large directory files that were written in
        their place are then seen by one look in :data:`TURNS`, those that were put there by all.
        Unavailable when the directory cannot be read; one that does not exist is empty.
        """
        if in_passing and self._unmoved():
            return {}
        found = dict(self._scan())
        if found == self._seen and not self._fresh:
            return {}
        changed: dict[str, tuple[Sheet | None, Sheet | None]] = {}
        for name in [n for n in self.sheets if n not in found]:
            changed[name] = (self.sheets.pop(name), None)
        for name in found:
            old = self.sheets.get(name)
            new = self._again(name, old) or self._read(name, old)
            if new is None:
                continue
            self.sheets[name] = new
            if old is None or new.mark.digest != old.mark.digest:
                changed[name] = (old, new)
        if changed:
            self.sheets = dict(sorted(self.sheets.items()))
        self._seen = {name: sheet.mark.signature for name, sheet in self.sheets.items()}
        self._fresh = any(sheet.mark.fresh for sheet in self.sheets.values())
        return changed

    def positions(self, file: str, index: int) -> Mapping[str, tuple[int, int]]:
        """Return where everything stands in a document, nothing when it cannot be read."""
        try:
            content = (self.directory / file).read_bytes()
        except OSError:
            return {}
        return positions(content, index)

    def _unmoved(self) -> bool:
        """Tell whether a look at the directory itself is enough this time."""
        self._turn = (self._turn + 1) % TURNS
        before, now = self._put, marks.look(self.directory)
        self._put = marks.signature(now) if now else None
        return bool(self._turn) and len(self.sheets) > LARGE and before == self._put

    def _again(self, name: str, old: Sheet | None) -> Sheet | None:
        """Return a file's sheet if it was not written since."""
        if old is None:
            return None
        path = self.directory / name
        mark = marks.again(path, old.mark, marks.look(path))
        return None if mark is None else old._replace(mark=mark)

    def _scan(self) -> Iterator[tuple[str, marks.Signature]]:
        try:
            with os.scandir(self.directory) as entries:
                for entry in entries:
                    if self._is_wanted(entry.name):
                        try:
                            if entry.is_file():
                                yield entry.name, marks.signature(entry.stat())
                        except OSError:
                            continue
        except FileNotFoundError:
            return
        except OSError as problem:
            raise failures.Unavailable(
                f"the specs in {self.directory} cannot be read", why=str(problem.strerror)
            ) from problem

    def _is_wanted(self, name: str) -> bool:
        if self.only:
            return name == self.only
        return name.endswith(ENDINGS) and not name.startswith(".")

    def _read(self, name: str, old: Sheet | None) -> Sheet | None:
        """Read one file; None when it is gone meanwhile."""
        path = self.directory / name
        self.reads += 1
        try:
            seen = path.stat()
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as problem:
            seen = path.stat()
            lost = tuple(sorted(old.applications)) if old else ()
            unread = Problem("", f"the file cannot be read: {problem.strerror}", file=name)
            return Sheet(marks.Mark(marks.signature(seen), "unread"), (), (unread,), lost)
        return sheet(name, content, marks.of(seen, content), old)


def sheet(name: str, content: bytes, mark: marks.Mark, old: Sheet | None = None) -> Sheet:
    """Read the content of a file; what is not ours is left out."""
    if not is_ours(content):
        return Sheet(mark)
    text, page = documents.read(content)
    problems = tuple(msgspec.structs.replace(p, file=name) for p in page.problems)
    entries = tuple(
        entry(name, index, document)
        for index, document in enumerate(page.documents)
        if _ours(document.data)
    )
    if not problems:
        return Sheet(mark, entries)
    known = {one.name for one in entries}
    lost = _named(text or content.decode("utf-8", "replace")) | (
        old.applications if old else frozenset()
    )
    return Sheet(mark, entries, problems, tuple(sorted(lost - known)))


def is_ours(content: bytes) -> bool:
    """Tell whether a file says that one of its documents is ours."""
    return _OURS.search(content) is not None


def positions(content: bytes, index: int) -> Mapping[str, tuple[int, int]]:
    """Return where everything stands in one document of a content."""
    _, page = documents.read(content)
    if index >= len(page.documents):
        return {}
    return documents.positions(page.documents[index].root)


def entry(file: str, index: int, document: documents.Document) -> Entry:
    """Return one document of a file."""
    data = document.data if isinstance(document.data, dict) else {}
    problems = tuple(
        msgspec.structs.replace(p, file=file, document=index) for p in document.problems
    )
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    kind = data.get("kind")
    usable = isinstance(name, str) and (kind != "Application" or not formats.wrong("name", name))
    return Entry(file, index, str(kind), str(name) if usable else "", data, problems)


def _ours(data: object) -> bool:
    """Tell whether a document may be meant for us: another's says so by its apiVersion."""
    if not isinstance(data, dict):
        return True
    version = data.get("apiVersion")
    return not isinstance(version, str) or version.startswith("serinus.dev/")


def _named(text: str) -> frozenset[str]:
    """Return the applications that a damaged text seems to hold."""
    names = set()
    for part in re.split(r"^---.*$", text, flags=re.MULTILINE):
        found = _NAME.search(part)
        if found and _APPLICATION.search(part) and not formats.wrong("name", found[1]):
            names.add(found[1])
    return frozenset(names)
