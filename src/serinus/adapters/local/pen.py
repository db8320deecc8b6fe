"""
The few changes that commands make in files of specs.

Each is made on the text, read again and compared with what it should come to, reviewed, and only
then written, by one rename. A file that Git tracks is never touched.
"""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from serinus.adapters.local import (
    answers,
    documents,
    edits,
    folder,
    marks,
    shelf,
    tracked,
    versions,
)
from serinus.adapters.local.answers import LOCAL, Ground
from serinus.adapters.local.folder import Entry
from serinus.core.errors import Problem
from serinus.core.spec import problems
from serinus.core.spec.place import Place
from serinus.ports import failures

# --- the version --------------------------------------------------------------------------------


def set_version(entry: Entry, version: str, parameters: Mapping[str, str], ground: Ground) -> bool:
    """Change the version of a document, and parameters; see the specs."""
    path = ground.directory / entry.file
    before = content(path)
    text, page = documents.read(before)
    known = answers.effective(entry, LOCAL, ground).parameters
    wish = versions.Wish(version, LOCAL, parameters, known)
    wanted = versions.changes(entry.data, wish)
    after = versions.changed(text, page, entry.number, wanted, str(path))
    if after == text:
        return False
    new = after.encode()
    wrong = _refusals(new, entry, ground)
    if wrong:
        raise failures.Rejected(
            f"{entry.name} cannot be released as {version}; nothing was changed",
            why=problems.text(wrong),
            hint=f"serinus lint -f {path}",
        )
    unless_tracked(path, text, after, f"Release {entry.name} {version}")
    replace(path, before, new)
    return True


def _refusals(content: bytes, entry: Entry, ground: Ground) -> tuple[Problem, ...]:
    """Return the errors of one document of a content that is not written yet."""
    _, page = documents.read(content)
    new = entry._replace(data=page.documents[entry.number].data)
    found = answers.wrong(new, ground)

    def positions(file: str, index: int) -> problems.Positions:
        return folder.positions(content, index) if file == entry.file else {}

    return problems.located(problems.errors(found), positions)


# --- the end of an application ------------------------------------------------------------------


def delete(entry: Entry, ground: Ground, seen: bytes | None = None) -> None:
    """
    Remove a document, and its file when it was the only one.

    ``seen``: the file as it was looked at; Conflict when it is another one now.
    """
    path = ground.directory / entry.file
    before = content(path) if seen is None else seen
    text, page = documents.read(before)
    if page.problems or entry.number >= len(page.documents):
        raise failures.Rejected(
            f"{entry.name} cannot be cut out of {path}",
            why="the file is damaged",
            hint=f"$EDITOR {path}",
        )
    rest = [d.data for i, d in enumerate(page.documents) if i != entry.number]
    after = edits.remove(text, page.documents[entry.number]) if rest else ""
    if [d.data for d in documents.parse(after).documents] != rest:
        raise failures.Rejected(
            f"{entry.name} cannot be cut out of {path} safely",
            why="other documents of the file would change",
            hint=f"$EDITOR {path}",
        )
    unless_tracked(path, text, after, f"Delete {entry.name}")
    if rest:
        replace(path, before, after.encode())
        return
    if content(path) != before:
        raise failures.Conflict(f"{path} was written by somebody else in this moment")
    try:
        path.unlink()
    except OSError as problem:
        raise _unwritten(path, problem) from problem


# --- a new application --------------------------------------------------------------------------


def prepared(file: Path, ground: Ground) -> tuple[str, bytes]:
    """Return the name of the one application of a file, and the file as it is to be written."""
    new = content(file)
    here, there = file.absolute().parent.resolve(), ground.directory.resolve()
    _, page = documents.read(new)
    found = [
        index
        for index, document in enumerate(page.documents)
        if shelf.below(document.data, "kind") == "Application"
    ]
    if page.problems or len(found) != 1:
        wrong = review(new, str(file), ground._replace(directory=here))
        why = problems.text(wrong) or (f"it holds {len(found)} applications; wanted one")
        raise failures.Rejected(f"{file} is not added", why=why, hint=f"serinus lint -f {file}")
    if here != there:
        new = _moved(new, found[0], file, os.path.relpath(here, there))
    wrong = review(new, str(file), ground)
    if wrong:
        raise failures.Rejected(
            f"{file} is not added", why=problems.text(wrong), hint=f"serinus lint -f {file}"
        )
    data = documents.read(new)[1].documents[found[0]].data
    return str(data["metadata"]["name"]), new


def _moved(content: bytes, index: int, file: Path, way: str) -> bytes:
    """Rewrite relative workdirs for another directory, to which ``way`` leads back."""
    text, page = documents.read(content)
    data = page.documents[index].data
    if not isinstance(shelf.below(data, "spec", "workload"), dict):
        return content
    environments = shelf.below(data, "spec", "environments")
    places: list[Place] = [("spec", "workload", "workdir")]
    for name in environments if isinstance(environments, dict) else {}:
        patched = ("spec", "environments", str(name), "workload", "workdir")
        if isinstance(shelf.below(data, *patched), str):
            places.append(patched)
    changes = []
    for place in places:
        written = shelf.below(data, *map(str, place))
        if written is None or (isinstance(written, str) and not Path(written).is_absolute()):
            value = Path(os.path.normpath(Path(way) / (written or "."))).as_posix()
            changes.append(versions.Change(place, value))
    return versions.changed(text, page, index, changes, str(file)).encode()


def put_beside(path: Path, content: bytes) -> None:
    """Write a new file; one that is there already must be the same."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        old = path.read_bytes()
    except FileNotFoundError:
        replace(path, None, content)
        return
    except OSError as problem:
        raise _unwritten(path, problem) from problem
    if old != content:
        raise failures.Rejected(
            f"{path} exists and is another file; it was not overwritten",
            hint=f"diff {path}   or give the new file another name",
        )


# --- reviewing ----------------------------------------------------------------------------------


def review(content: bytes, name: str, ground: Ground) -> tuple[Problem, ...]:
    """Return the errors of a file that is not in the directory yet."""
    if not folder.is_ours(content):
        return (Problem("", folder.NOT_OURS, file=name),)
    sheet = folder.sheet(name, content, marks.ABSENT)
    own = shelf.shelve(ground.library, sheet.entries, ground.sources)
    environments = {**ground.shelf.environments, **own.environments}
    beside = ground._replace(shelf=own._replace(environments=environments))
    found = [*sheet.problems, *own.problems]
    for entry in sheet.entries:
        if entry.kind == "Application":
            found += answers.wrong(entry, beside)

    def positions(file: str, index: int) -> problems.Positions:
        return folder.positions(content, index) if file == name else {}

    return problems.located(problems.errors(found), positions)


# --- writing ------------------------------------------------------------------------------------


def unless_tracked(path: Path, before: str, after: str, subject: str) -> None:
    """Refuse what is Git's, with the patch to commit."""
    top = tracked.by_git(path)
    if top is None:
        return
    patch = tracked.patch(top, path, before, after)
    raise failures.Rejected(
        f"{path.name} is not changed: Git owns it, so the change is a commit of yours",
        why=f"Git tracks {path}. The patch:\n{patch}",
        hint=f"git apply   (with the patch above)   and then   git commit -am '{subject}'",
    )


def content(path: Path) -> bytes:
    """Read a file; Missing when it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError as problem:
        raise failures.Missing(f"there is no file {path}") from problem
    except OSError as problem:
        raise failures.Unavailable(f"{path} cannot be read", why=str(problem.strerror)) from problem


def replace(path: Path, before: bytes | None, content: bytes) -> None:
    """Write a file by one rename, keeping its mode; Conflict when somebody wrote it meanwhile."""
    real = path.resolve()
    temporary = real.with_name(f".{real.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            if before is not None:
                os.fchmod(file.fileno(), real.stat().st_mode & 0o7777)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if before is not None and real.read_bytes() != before:
            temporary.unlink()
            raise failures.Conflict(f"{path} was written by somebody else in this moment")
        temporary.replace(real)
    except OSError as problem:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise _unwritten(path, problem) from problem


def _unwritten(path: Path, problem: OSError) -> failures.Unavailable:
    return failures.Unavailable(f"{path} cannot be written", why=str(problem.strerror))
