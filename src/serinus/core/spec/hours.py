"""
Windows and freezes as people write them: reviewed, and turned into the calendar's.

Paths are relative to the environment's spec (``windows[0].tz``).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from serinus.core.errors import Problem
from serinus.core.spec import checker
from serinus.core.spec.application import EnvironmentSpec, Freeze, Hours, Window
from serinus.core.spec.calendar import DAYS, Weekly
from serinus.core.spec.calendar import Window as Resolved

TYPES = ("allow", "blackout")
_MOMENT = re.compile(r"(\w{3,9}) ([0-2]?\d):([0-5]\d)")
_MINUTES = 60
_LAST_HOUR = 24


def review(spec: EnvironmentSpec) -> Iterator[Problem]:
    """Say what is wrong with an environment's windows, freeze and roles."""
    seen: set[str] = set()
    for index, window in enumerate(spec.windows):
        place = f"windows[{index}]"
        if window.name in seen:
            yield Problem(f"{place}.name", f"two windows are called '{window.name}'")
        seen.add(window.name)
        yield from _window(window, place)
    if spec.freeze is not None:
        yield from _freeze(spec.freeze)
    for role, people in spec.roles.items():
        if not role or not people:
            message = "a role needs a name, and somebody who has it: {sre: [ana, bob]}"
            yield Problem(f"roles.{role}" if role else "roles", message)


def windows(spec: EnvironmentSpec) -> tuple[Resolved, ...]:
    """Return the windows of a reviewed environment."""
    return tuple(_resolved(window) for window in spec.windows)


def instant(text: str) -> datetime:
    """
    Read an instant as RFC 3339 writes it.

    Raises:
        ValueError: with a sentence that says what was found and what is wanted.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError(
            f"{checker.shown(text)} is not an instant; wanted one with its offset, "
            "such as 2026-12-24T12:00:00Z"
        )
    return found.astimezone(UTC)


def moment(text: str) -> tuple[int, int]:
    """
    Read a moment of the week (``Mon 09:00``) as (day, minute of the day).

    Raises:
        ValueError: with a sentence that says what was found and what is wanted.
    """
    found = _MOMENT.fullmatch(text.strip())
    day = found[1][:3].capitalize() if found else ""
    if found is None or day not in DAYS or (int(found[2]), found[3]) > (_LAST_HOUR, "00"):
        known = ", ".join(DAYS)
        raise ValueError(
            f"{checker.shown(text)} is not a moment of the week; wanted a day ({known}) and a time "
            "from 00:00 to 24:00, such as Mon 09:00"
        )
    return DAYS.index(day), int(found[2]) * _MINUTES + int(found[3])


# --- windows ------------------------------------------------------------------------------------


def _weekly(window: Window) -> list[Hours]:
    if window.weekly is None:
        return []
    return window.weekly if isinstance(window.weekly, list) else [window.weekly]


def _window(window: Window, place: str) -> Iterator[Problem]:
    if window.type not in TYPES:
        yield Problem(f"{place}.type", checker.unknown(window.type, TYPES, "type of window"))
    try:
        ZoneInfo(window.tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{checker.shown(window.tz)} is not a time zone; wanted such as Europe/Berlin"
        yield Problem(f"{place}.tz", message)
    many = isinstance(window.weekly, list)
    for index, hours in enumerate(_weekly(window)):
        where = f"{place}.weekly[{index}]" if many else f"{place}.weekly"
        yield from _hours(hours, where)
    ends = {}
    for key, text in (("from", window.from_), ("to", window.to)):
        if text is not None:
            try:
                ends[key] = instant(text)
            except ValueError as problem:
                yield Problem(f"{place}.{key}", str(problem))
    if len(ends) > 1 and ends["from"] >= ends["to"]:
        yield Problem(f"{place}.to", f"{window.to} is not after {window.from_}")
    if not window.weekly and window.from_ is None and window.to is None:
        message = "the window has no hours; wanted 'weekly', or 'from' and 'to'"
        yield Problem(place, message)


def _hours(hours: Hours, place: str) -> Iterator[Problem]:
    found = {}
    for key, text in (("from", hours.from_), ("to", hours.to)):
        try:
            found[key] = moment(text)
        except ValueError as problem:
            yield Problem(f"{place}.{key}", str(problem))
    if len(found) > 1 and found["from"] == found["to"]:
        yield Problem(place, f"from {hours.from_} to {hours.to} is the whole week, or nothing")


def _resolved(window: Window) -> Resolved:
    return Resolved(
        name=window.name,
        blackout=window.type == "blackout",
        zone=window.tz,
        hours=tuple(Weekly(*moment(h.from_), *moment(h.to)) for h in _weekly(window)),
        begins=None if window.from_ is None else instant(window.from_),
        ends=None if window.to is None else instant(window.to),
        message=window.message,
    )


def _freeze(freeze: Freeze) -> Iterator[Problem]:
    if not freeze.reason.strip():
        yield Problem("freeze.reason", "a freeze has a reason: people are told it")
    if freeze.until is not None:
        try:
            instant(freeze.until)
        except ValueError as problem:
            yield Problem("freeze.until", str(problem))
