"""
What could be carried over from another tool's document, and what could not.

Every note names the place in *their* document and says why: a field that means nothing here, that
means something else, or that stands elsewhere.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from serinus.core.errors import Problem, Severity
from serinus.core.spec import checker, checks, formats, looks
from serinus.core.spec.limits import Limits

_STRIKES = 3
_LONGEST_NAME = 40
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")


class Carried(msgspec.Struct, frozen=True):
    """The checks that came of a document, as they are written here, and the notes."""

    checks: tuple[Mapping[str, Any], ...]
    notes: tuple[Problem, ...]


class Notes:
    """The notes of one document, as they are found."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, path: str, why: str) -> None:
        """Tell what becomes of the value at a place."""
        self.found.append(Problem(path, why, Severity.WARNING))

    def each(
        self, value: Mapping[str, Any], path: str, known: Iterable[str], why: Mapping[str, str]
    ) -> None:
        """Tell what becomes of the keys of a mapping: ``why`` of some, nothing of the known."""
        for key in value:
            if key in why:
                self.add(f"{path}.{key}" if path else key, why[key])
            elif key not in known:
                self.add(f"{path}.{key}" if path else key, "it means nothing here")


def mapping(value: object, path: str, notes: Notes) -> Mapping[str, Any]:
    """Return a mapping; anything else is told, and counts as an empty one."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    notes.add(path, f"left out: {checker.shown(value)} is not a mapping")
    return {}


def items(value: object, path: str, notes: Notes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Go through a list of mappings, each with its place."""
    if value is not None and not isinstance(value, list):
        notes.add(path, f"left out: {checker.shown(value)} is not a list")
        return
    for index, item in enumerate(value or ()):
        here = f"{path}[{index}]"
        if isinstance(item, Mapping):
            yield here, item
        else:
            notes.add(here, f"left out: {checker.shown(item)} is not a mapping")


def name(text: object, path: str, notes: Notes) -> str:
    """Return a name of a check; one that cannot be one is changed, and that is told."""
    given = text if isinstance(text, str) else ""
    if not formats.wrong("name", given):
        return given
    found = re.sub(r"[^a-z0-9]+", "-", given.lower()).strip("-")[:_LONGEST_NAME].strip("-")
    found = found or "metric"
    notes.add(path, f"called {checker.shown(found)} here: a name is of a–z, 0–9 and '-'")
    return found


def number(value: object) -> float | None:
    """Read a number that may have been written as a text, None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    text = value.strip() if isinstance(value, str) else ""
    return float(text) if _NUMBER.fullmatch(text) else None


def wrong(check: Mapping[str, Any]) -> str:
    """Say why a check that was put together would be refused, empty if it would not."""
    form, problems = checker.check(check, checks.Check)
    found = list(problems)
    if form is not None:
        looks.resolve(form, _STRIKES, Limits(), "", found)
    return "; ".join(problem.message for problem in found)
