"""
Importing: files of other tools are read, and every document goes to the importer that knows it.

::

    file ── text ── documents ── importer ── checks
                        └─ places ────────── notes, each with its line and column
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from serinus.adapters.importers import argo, kayenta
from serinus.adapters.local import documents
from serinus.core.errors import Problem, Severity, SpecError
from serinus.core.spec import checker, problems

IMPORTERS = (argo, kayenta)

_KNOWN = f"wanted {' or '.join(argo.KINDS)} ({argo.NAME}), or a canary configuration of Kayenta"


class Imported(msgspec.Struct, frozen=True):
    """
    What came of some files: checks as they are written here, and notes on the rest.

    ``documents``: what was read, for people.
    """

    checks: tuple[Mapping[str, Any], ...]
    notes: tuple[Problem, ...]
    documents: tuple[str, ...] = ()


def load(files: Sequence[Path], given: Mapping[str, str]) -> Imported:
    """
    Read files; ``given`` are values for the arguments in their queries.

    Raises SpecError with all that keeps one of them from being read.
    """
    wrong: list[Problem] = []
    found: list[Imported] = []
    for file in files:
        try:
            found.append(_file(file, given))
        except SpecError as damage:
            wrong += damage.problems
    if wrong:
        raise SpecError(wrong)
    notes = [note for one in found for note in one.notes]
    checks: dict[str, Mapping[str, Any]] = {}
    for one in found:
        for check in one.checks:
            name = _free(str(check["name"]), checks)
            if name != check["name"]:
                why = f"two checks are called {checker.shown(check['name'])}; one is {name} here"
                notes.append(Problem("", why, Severity.WARNING, file=one.documents[0]))
            checks[name] = {**check, "name": name}
    return Imported(
        tuple(checks.values()),
        tuple(notes),
        tuple(document for one in found for document in one.documents),
    )


def _free(name: str, taken: Mapping[str, object]) -> str:
    """Return a name that is not taken yet."""
    number = 2
    free = name
    while free in taken:
        free = f"{name[:36]}-{number}"
        number += 1
    return free


def _file(file: Path, given: Mapping[str, str]) -> Imported:
    try:
        content = file.read_bytes()
    except OSError as problem:
        message = f"it cannot be read: {problem.strerror}"
        raise SpecError((Problem("", message, file=str(file)),)) from problem
    text, page = documents.read(content)
    if page.problems and text.lstrip().startswith(("{", "[")):
        page = _json(text, page)
    told = [*page.problems, *(problem for one in page.documents for problem in one.problems)]
    if told:
        raise SpecError([msgspec.structs.replace(one, file=str(file)) for one in told])
    if not page.documents:
        raise SpecError((Problem("", f"nothing is in it; {_KNOWN}", file=str(file)),))
    return _documents(file, page.documents, given)


def _json(text: str, page: documents.Page) -> documents.Page:
    """
    Read what YAML cannot as JSON, or say in the words of JSON where it is damaged.

    Tabs are the one thing between values that JSON allows and YAML does not.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as damage:
        message = f"this is not JSON: {damage.msg}"
        problem = Problem("", message, line=damage.lineno, column=damage.colno)
        return documents.Page((), (problem,))
    except RecursionError:
        return page
    return documents.parse(text.replace("\t", " "))


def _documents(
    file: Path, found: Sequence[documents.Document], given: Mapping[str, str]
) -> Imported:
    checks: list[Mapping[str, Any]] = []
    notes: list[Problem] = []
    others: list[Problem] = []
    names: list[str] = []
    for number, one in enumerate(found):
        data = one.data
        importer = next((i for i in IMPORTERS if isinstance(data, dict) and i.fits(data)), None)
        if importer is None:
            line, column = one.root.at
            message = f"{_what(data)} is not read; {_KNOWN}"
            others.append(
                Problem("", message, line=line, column=column, file=str(file), document=number)
            )
            continue
        read = importer.read(data, given)
        told = [msgspec.structs.replace(p, file=str(file), document=number) for p in read.notes]
        notes += _located(told, one)
        checks += read.checks
        names.append(str(file))
    if not names:
        raise SpecError(others)
    notes += [msgspec.structs.replace(one, severity=Severity.WARNING) for one in others]
    return Imported(tuple(checks), tuple(notes), tuple(names))


def _located(told: Sequence[Problem], document: documents.Document) -> tuple[Problem, ...]:
    places = documents.positions(document.root)
    return problems.located(told, lambda _, __: places)


def _what(data: object) -> str:
    if not isinstance(data, Mapping):
        return f"a document that is {checker.shown(data)}"
    return f"a {data['kind']}" if data.get("kind") else "a document without a 'kind'"
