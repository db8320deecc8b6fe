"""
Windows, freezes and roles as people write them: reviewed, and turned into the calendar's.

Paths are relative to the environment's spec (``windows[0].tz``).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from serinus.core.errors import Problem
from serinus.core.spec import checker, formats
from serinus.core.spec import place as paths
from serinus.core.spec.application import EnvironmentSpec, Freeze, Hours, Window
from serinus.core.spec.calendar import DAYS, Weekly
from serinus.core.spec.calendar import Window as Resolved

TYPES = ("allow", "blackout")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOMENT = re.compile(r"([A-Za-z]+) ([0-9]{1,2}):([0-5][0-9])")
_ZONE = re.compile(r"[A-Z][A-Za-z0-9+_-]{0,30}(/[A-Za-z0-9+_-]{1,30}){0,3}")
_HOUR = 60
_DAY = 24 * _HOUR
_YEARS = (2000, 2199)
"""Years that a calendar can reckon with; others are mistakes."""

_LONGEST = 200
_MOST = 20
_MOST_ROLES = 100


def review(spec: EnvironmentSpec) -> Iterator[Problem]:
    """Say what is wrong with an environment's windows, freeze and roles."""
    seen: set[str] = set()
    if len(spec.windows) > _MOST:
        yield Problem("windows", f"{len(spec.windows)} windows; wanted at most {_MOST}")
    for index, window in enumerate(spec.windows[:_MOST]):
        place = f"windows[{index}]"
        if window.name in seen:
            yield Problem(f"{place}.name", f"two windows are called '{window.name}'")
        seen.add(window.name)
        yield from _window(window, place)
    if spec.freeze is not None:
        yield from _freeze(spec.freeze)
    yield from _roles(spec.roles)


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
    wanted = "wanted one with its offset, such as 2026-12-24T12:00:00Z"
    if found is None:
        raise ValueError(f"{checker.shown(text)} is not an instant; {wanted}")
    if found.tzinfo is None:
        raise ValueError(f"{checker.shown(text)} does not say in which time zone; {wanted}")
    first, last = _YEARS
    if not first <= found.year <= last:
        raise ValueError(f"{checker.shown(text)} is out of range; wanted a year {first}–{last}")
    return found.astimezone(UTC)


def moment(text: str) -> tuple[int, int]:
    """
    Read a moment of the week (``Mon 09:00``) as (day, minute of the day).

    24:00 is the 00:00 of the day that follows.

    Raises:
        ValueError: with a sentence that says what was found and what is wanted.
    """
    found = _MOMENT.fullmatch(text)
    word = found[1].capitalize() if found else ""
    day = next((i for i, full in enumerate(_NAMES) if word in {full, DAYS[i]}), None)
    minute = int(found[2]) * _HOUR + int(found[3]) if found else 0
    if day is None or minute > _DAY:
        raise ValueError(
            f"{checker.shown(text)} is not a moment of the week; wanted a day "
            f"({', '.join(DAYS)}) and a time from 00:00 to 24:00, such as Mon 09:00"
        )
    following, rest = divmod(minute, _DAY)
    return (day + following) % len(DAYS), rest


# --- windows ------------------------------------------------------------------------------------


def _weekly(window: Window) -> list[Hours]:
    if window.weekly is None:
        return []
    return window.weekly if isinstance(window.weekly, list) else [window.weekly]


def _window(window: Window, place: str) -> Iterator[Problem]:
    if window.type not in TYPES:
        yield Problem(f"{place}.type", checker.unknown(window.type, TYPES, "type of window"))
    if not _known(window.tz):
        message = f"{checker.shown(window.tz)} is not a time zone; wanted such as Europe/Berlin"
        yield Problem(f"{place}.tz", message)
    many, weekly = isinstance(window.weekly, list), _weekly(window)
    if len(weekly) > _MOST:
        yield Problem(f"{place}.weekly", f"{len(weekly)} hours; wanted at most {_MOST}")
    for index, hours in enumerate(weekly[:_MOST]):
        yield from _hours(hours, f"{place}.weekly[{index}]" if many else f"{place}.weekly")
    yield from _span(window, place)
    if not weekly and window.from_ is None and window.to is None:
        yield Problem(place, "the window has no hours; wanted 'weekly', or 'from' and 'to'")
    yield from _sentence(window.message, f"{place}.message")


def _known(zone: str) -> bool:
    try:
        return _ZONE.fullmatch(zone) is not None and bool(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _span(window: Window, place: str) -> Iterator[Problem]:
    ends = {}
    for key, text in (("from", window.from_), ("to", window.to)):
        if text is not None:
            try:
                ends[key] = instant(text)
            except ValueError as problem:
                yield Problem(f"{place}.{key}", str(problem))
    if len(ends) > 1 and ends["from"] >= ends["to"]:
        yield Problem(f"{place}.to", f"{window.to} is not after 'from', which is {window.from_}")


def _hours(hours: Hours, place: str) -> Iterator[Problem]:
    found = {}
    for key, text in (("from", hours.from_), ("to", hours.to)):
        try:
            found[key] = moment(text)
        except ValueError as problem:
            yield Problem(f"{place}.{key}", str(problem))
    if len(found) > 1 and found["from"] == found["to"]:
        message = (
            f"from {hours.from_} to {hours.to} is the whole week, or nothing; "
            "wanted an end that is another moment than the beginning"
        )
        yield Problem(f"{place}.to", message)


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


# --- freezes and roles --------------------------------------------------------------------------


def _freeze(freeze: Freeze) -> Iterator[Problem]:
    if not freeze.reason.strip():
        message = "it is empty; wanted why nothing may begin, for the people who wait"
        yield Problem("freeze.reason", message)
    yield from _sentence(freeze.reason, "freeze.reason")
    if freeze.until is not None:
        try:
            instant(freeze.until)
        except ValueError as problem:
            yield Problem("freeze.until", str(problem))


def _roles(roles: Mapping[str, list[str]]) -> Iterator[Problem]:
    if len(roles) > _MOST_ROLES:
        yield Problem("roles", f"{len(roles)} roles; wanted at most {_MOST_ROLES}")
        return
    for role, people in roles.items():
        place = paths.text(("roles", role))
        wrong = formats.wrong("name", role)
        if wrong:
            yield Problem(place, wrong)
        if not people:
            yield Problem(place, "nobody has this role; wanted people, such as [ana, bob]")
        for index, person in enumerate(people):
            if person != person.strip() or not person:
                message = f"{checker.shown(person)} is nobody; wanted a name without spaces around"
                yield Problem(f"{place}[{index}]", message)
            else:
                yield from _sentence(person, f"{place}[{index}]")


def _sentence(text: str, place: str) -> Iterator[Problem]:
    """See to it that a text of people fits into a line."""
    if len(text) > _LONGEST:
        message = f"{len(text)} characters are too many; wanted at most {_LONGEST}"
        yield Problem(place, message)
    elif not text.isprintable():
        yield Problem(place, "it holds a line break or a control character; wanted one line")
