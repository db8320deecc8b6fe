"""
Windows of time: when releases may go on, and when they may not.

A window is *allowed* hours (it is open within them) or a *blackout* (it is open outside of them).
Its hours come every week, in the time of a place, or once, between two instants. What the clocks
of that place do in spring and autumn is the time zone's business: an hour that does not exist is
skipped, one that comes twice counts both times.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = 7
_AHEAD = timedelta(days=8)


class Weekly(msgspec.Struct, frozen=True):
    """
    From one moment of the week to another; both are (day, minute of the day), Monday being 0.

    Where the end is not after the beginning it is in the week that follows.
    """

    from_day: int
    from_minute: int
    to_day: int
    to_minute: int


class Window(msgspec.Struct, frozen=True):
    """
    One window. ``zone`` is the name of an IANA time zone.

    ``hours``: weekly ones; ``begins``/``ends``: a span that comes once (aware instants). With both
    it is the hours within the span. ``message``: what people are told while it is closed.
    """

    name: str
    blackout: bool = False
    zone: str = "UTC"
    hours: tuple[Weekly, ...] = ()
    begins: datetime | None = None
    ends: datetime | None = None
    message: str = ""


def is_open(window: Window, now: datetime) -> bool:
    """Tell whether a window is open."""
    return _inside(window, now) is not window.blackout


def opens_at(window: Window, now: datetime) -> datetime | None:
    """Return when a window opens next: now if it is open, None if that is more than a week off."""
    if is_open(window, now):
        return now
    edges = sorted(edge for edge in _edges(window, now) if edge > now)
    return next((edge for edge in edges if is_open(window, edge)), None)


def closes_at(window: Window, now: datetime) -> datetime | None:
    """Return when an open window closes, None if it stays open for more than a week."""
    edges = sorted(edge for edge in _edges(window, now) if edge > now)
    return next((edge for edge in edges if not is_open(window, edge)), None)


def _inside(window: Window, now: datetime) -> bool:
    if window.begins is not None and now < window.begins:
        return False
    if window.ends is not None and now >= window.ends:
        return False
    if not window.hours:
        return window.begins is not None or window.ends is not None
    return any(begin <= now < end for begin, end in _spans(window, now))


def _edges(window: Window, now: datetime) -> Iterator[datetime]:
    """Return the instants near now at which the window may open or close."""
    yield from (edge for edge in (window.begins, window.ends) if edge is not None)
    for begin, end in _spans(window, now):
        yield begin
        yield end


def _spans(window: Window, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Return the weekly hours of the last, this and the next weeks, as instants."""
    zone = ZoneInfo(window.zone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    for week in (-1, 0, 1, 2):
        first = monday + timedelta(days=_WEEK * week)
        for hours in window.hours:
            begin = _moment(first, hours.from_day, hours.from_minute, zone, late=False)
            days = hours.to_day
            if (hours.to_day, hours.to_minute) <= (hours.from_day, hours.from_minute):
                days += _WEEK
            yield begin, _moment(first, days, hours.to_minute, zone, late=True)


def _moment(monday: date, day: int, minute: int, zone: ZoneInfo, *, late: bool) -> datetime:
    """Return an instant; of an hour that comes twice the later one for an end."""
    where = monday + timedelta(days=day + minute // 1440)
    local = datetime.combine(where, time(*divmod(minute % 1440, 60)), zone)
    return local.replace(fold=int(late)).astimezone(ZoneInfo("UTC"))
