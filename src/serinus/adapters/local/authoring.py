"""
The documents of a directory, for those who write them in a page.

A document is a piece of its file. It is put in the place of the one that was read, by one rename,
if that one is still there and the rest of the file stays what it is. The rules are those of the
commands: everything that is wrong keeps it from being written, and what Git tracks is Git's.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import anyio
import msgspec
from anyio import to_thread

from serinus.adapters.local import amending, answers, documents, folder, pen, tracked
from serinus.adapters.local.answers import LOCAL
from serinus.adapters.local.specs import Specs
from serinus.core.errors import Problem
from serinus.core.spec import problems, review
from serinus.core.spec.effective import Effective
from serinus.core.spec.resolve import Library
from serinus.ports import failures
from serinus.ports.documents import Edit, Reviewed, Written

GIT = "Git"

Note = Callable[[str, str, str, str], Awaitable[None]]
"""Keeps who asked for a version of an application, and why."""

_HEAD = re.compile(r"\ufeff?(?:%.*\n)*---[ \t]*\r?\n|\ufeff")


async def _nobody(_application: str, _version: str, _actor: str, _reason: str) -> None:
    """Keep nothing, where nothing was ever started."""


class _Piece(NamedTuple):
    """A document and the file around it: ``head + own + tail`` is all of it."""

    path: Path
    before: bytes
    head: str
    own: str
    tail: str

    @property
    def version(self) -> str:
        return hashlib.sha256(_lines(self.own).encode()).hexdigest()[:16]


class Documents:
    """
    Read, review and write documents; see :class:`serinus.ports.documents.Documents`.

    ``specs`` may be the controller's own, whose answers are known already: it is looked at in the
    event loop alone, and only Git is asked, and files are written, in another thread. ``note`` is
    told who wrote, before it is written.
    """

    def __init__(self, specs: Specs, note: Note = _nobody) -> None:
        self._specs = specs
        self._note = note
        self._one = anyio.Lock()

    async def library(self, application: str = "") -> Library:  # noqa: ARG002 - all have the same
        """Return the templates and environments."""
        return self._specs.ground().library

    async def read(self, application: str) -> Written:
        """Return a document as it stands in its file."""
        self._specs.ground()
        return await self._written(application, self._piece(application))

    async def review(self, text: str, environment: str) -> Reviewed:
        """Review a text as if it stood in the directory."""
        return self._review(text, environment)

    def edit(self, text: str, edits: Sequence[Edit]) -> str:
        """Change values of a text, and nothing else in it."""
        return amending.amend(_lines(text), edits)

    async def write(
        self, text: str, *, version: str | None, actor: str, reason: str = ""
    ) -> Written:
        """Write a document in the place of the one of that version, or into a file of its own."""
        async with self._one:
            found = self._fit(text)
            name = found.application
            if version is None:
                path = self._unless_there(name, text)
                await self._note(name, found.version, actor, reason)
                await to_thread.run_sync(pen.put_beside, path, _ended(_lines(text)).encode())
            else:
                await self._replace(self._standing(name, version), text, found, actor, reason)
            return await self.read(name)

    async def delete(self, application: str, *, version: str, actor: str, reason: str = "") -> None:
        """Take a document out of its file, or the file away where it holds nothing else."""
        del actor, reason  # whoever stops what runs leaves a wish, which has both
        async with self._one:
            ground = self._specs.ground()
            piece = self._standing(application, version)
            entry = self._specs.single(application)
            await to_thread.run_sync(pen.delete, entry, ground, piece.before)
            self._specs.ground()

    async def _replace(
        self, piece: _Piece, text: str, found: Effective, actor: str, reason: str
    ) -> None:
        after, subject = _joined(piece, text), f"Change {found.application}"
        before = piece.before.decode("utf-8", "replace")
        await to_thread.run_sync(pen.unless_tracked, piece.path, before, after, subject)
        await self._note(found.application, found.version, actor, reason)
        await to_thread.run_sync(pen.replace, piece.path, piece.before, after.encode())

    # --- reading --------------------------------------------------------------------------------

    async def _written(self, application: str, piece: _Piece) -> Written:
        return Written(
            application=application,
            text=_lines(piece.own),
            version=piece.version,
            keeper=await to_thread.run_sync(_keeper, piece.path),
            place=str(piece.path),
        )

    def _piece(self, application: str) -> _Piece:
        """Cut a document out of its file. A damaged file that holds nothing else is all of it."""
        path = self._specs.file(application)
        entries = self._specs.entries(application)
        before = pen.content(path)
        text, page = documents.read(before)
        if not entries:
            if page.documents:
                raise _apart(path, "the file is damaged, and holds other documents too")
            return _Piece(path, before, "", text or before.decode("utf-8", "replace"), "")
        entry = self._specs.single(application)
        if page.problems or entry.number >= len(page.documents):
            raise _apart(path, "the file is damaged")
        found = page.documents[entry.number]
        if found.data != entry.data:
            raise failures.Conflict(f"{path} was written by somebody else in this moment")
        head, own, tail = text[: found.start], text[found.start : found.end], text[found.end :]
        mark = _HEAD.match(own)
        cut = mark.end() if mark else 0
        return _Piece(path, before, head + own[:cut], own[cut:], tail)

    # --- reviewing ------------------------------------------------------------------------------

    def _review(self, text: str, environment: str) -> Reviewed:
        ground = self._specs.ground()
        _, page = documents.read(text.encode())
        if page.problems or len(page.documents) != 1:
            return Reviewed(problems=page.problems or (_not_one(len(page.documents)),))
        (document,) = page.documents
        if not isinstance(document.data, dict):
            _, wrong = review.document(document.data)
            return Reviewed(problems=_located(wrong, document))
        entry = folder.entry(folder.UNWRITTEN, 0, document)
        found = None
        told = [*answers.wrong(entry, ground)]
        if entry.kind == "Application":
            found = answers.effective(entry, environment, ground)
            told += found.problems
            told += self._specs.hosts(entry) if environment == LOCAL and entry.name else ()
        placed = _located(told, document)
        if found is not None:
            found = msgspec.structs.replace(found, problems=placed)
        return Reviewed(problems=placed, data=entry.data, effective=found)

    # --- writing --------------------------------------------------------------------------------

    def _fit(self, text: str) -> Effective:
        """Return what a text comes to; Rejected, with every problem, where it cannot be used."""
        reviewed = self._review(text, LOCAL)
        found, wrong = reviewed.effective, problems.errors(reviewed.problems)
        if wrong or found is None or not found.application:
            what = (found and found.application) or folder.UNWRITTEN
            raise failures.Rejected(
                f"{what} is not written: {_count(len(wrong))} to mend first",
                why=problems.text(wrong),
            )
        return found

    def _unless_there(self, name: str, text: str) -> Path:
        """Return the file of a new application; Conflict when there is one of that name."""
        known = set(self._specs.applications())
        if name in known:
            raise failures.Conflict(
                f"there is an application '{name}' already, in {self._specs.file(name)}",
                hint="give the new one another name, or open that one and change it",
            )
        path = self._specs.directory / f"{name}.yaml"
        if path.exists() and path.read_bytes() != text.encode():
            raise failures.Rejected(
                f"{path} exists and is another file; it was not overwritten",
                hint=f"give the new application another name, or move {path}",
            )
        return path

    def _standing(self, name: str, version: str) -> _Piece:
        """Return the document that a change was made to; Conflict when it is another one now."""
        if name not in self._specs.applications():
            raise failures.Conflict(
                f"there is no application '{name}' that could be changed",
                why="it was deleted meanwhile, or the name in the text was changed",
                hint=f"set metadata.name back, or write '{name}' as a new application",
            )
        piece = self._piece(name)
        if piece.version != version:
            raise failures.Conflict(
                f"{piece.path.name} was changed while you wrote; nothing was written",
                why=f"version {version} was read, and {piece.version} stands there now",
                hint="compare both, and put your change into the new one",
            )
        return piece


def _keeper(path: Path) -> str:
    """Tell whose a file is; one of which Git does not say whether it is tracked is not ours."""
    try:
        return GIT if tracked.by_git(path) else ""
    except failures.Rejected:
        return GIT


def _joined(piece: _Piece, text: str) -> str:
    """Put a text in the place of a document; Rejected when others would become something else."""
    own = _ended(_lines(text))
    head = piece.head
    if head and not head.rstrip().endswith("---") and not own.startswith("---"):
        own = f"---\n{own}"
    elif head.rstrip().endswith("---") and own.startswith("---"):
        own = own.partition("\n")[2]
    if "\r\n" in piece.own:
        own = own.replace("\n", "\r\n")
    after = f"{head}{own}{piece.tail}"
    old, new = (documents.parse(whole) for whole in (f"{head}a: 1\n{piece.tail}", after))
    index = next((i for i, one in enumerate(old.documents) if one.data == {"a": 1}), None)
    rest = [[d.data for i, d in enumerate(p.documents) if i != index] for p in (old, new)]
    if new.problems or index is None or rest[0] != rest[1]:
        raise _apart(piece.path, "other documents of the file would change")
    return after


def _located(told: Iterable[Problem], document: documents.Document) -> tuple[Problem, ...]:
    """Place problems in the text; those of other files keep their files."""
    where = documents.positions(document.root)
    placed = problems.located(told, lambda file, _: where if file == folder.UNWRITTEN else {})
    return tuple(
        msgspec.structs.replace(p, file="") if p.file == folder.UNWRITTEN else p for p in placed
    )


def _not_one(count: int) -> Problem:
    if not count:
        return Problem("", "nothing is written here; wanted one application")
    return Problem("", f"{count} documents, divided by '---'; wanted one application")


def _count(number: int) -> str:
    return "one problem" if number == 1 else f"{number} problems"


def _lines(text: str) -> str:
    """Return a text with the line ends of Unix: a page sends others."""
    return text.replace("\r\n", "\n")


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _apart(path: Path, why: str) -> failures.Rejected:
    return failures.Rejected(
        f"{path} is written in a way in which no single document can be changed",
        why=why,
        hint=f"$EDITOR {path}",
    )
