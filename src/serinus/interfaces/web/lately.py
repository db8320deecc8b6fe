"""
Logs side by side: what each version wrote lately, and which lines only the candidate writes.

Two lines are of one kind when they differ in numbers and digests alone.
"""

import re
from collections.abc import Sequence

import msgspec

from serinus.app.office import Line
from serinus.app.shown import View

_CHANGES = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+", re.IGNORECASE)
_BAD = re.compile(
    r"\b(error|exception|traceback|panic|fatal|critical|failed|refused)\b", re.IGNORECASE
)
_WARNING = re.compile(r"\b(warn|warning|deprecated|retrying|timeout)\b", re.IGNORECASE)


class Written(msgspec.Struct, frozen=True):
    """One line. ``tone``: bad, warning, or nothing; ``new``: stable wrote none of its kind."""

    replica: str
    text: str
    tone: str
    new: bool


class Side(msgspec.Struct, frozen=True):
    """One version's lines, oldest first; ``role``: stable or candidate."""

    role: str
    version: str
    lines: tuple[Written, ...]


def sides(view: View, stable: Sequence[Line], candidate: Sequence[Line]) -> tuple[Side, ...]:
    """Put the logs of a release side by side; the first release of all has one side."""
    known = {kind(line.text) for line in stable}
    old = Side("stable", view.stable_version, tuple(_written(line, new=False) for line in stable))
    fresh = tuple(
        _written(line, new=view.stable is not None and kind(line.text) not in known)
        for line in candidate
    )
    new = Side("candidate", view.version, fresh)
    return (new,) if view.stable is None else (old, new)


def kind(text: str) -> str:
    """Return a line without what differs between two of its kind."""
    return _CHANGES.sub("#", text)


def _written(line: Line, *, new: bool) -> Written:
    bad, warning = _BAD.search(line.text), _WARNING.search(line.text)
    tone = "bad" if bad else "warning" if warning else ""
    return Written(line.replica, line.text, tone, new and bool(tone))
