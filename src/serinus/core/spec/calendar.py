"""
Windows of time: when releases may go on, and when they may not.

A window is *allowed* hours (it is open within them) or a *blackout* (it is open outside of them).
Its hours come every week, in the time of a place, or once, between two instants.

Clocks that are changed: in spring 02:30 does not exist in Berlin, and means the moment at which the
clocks leap; in autumn it comes twice, and hours that begin then begin with the first and hours that
end then end with the second. So what is written as hours is one piece, and never less than it says.
"""

import functools
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = 7
_DAY = 24 * 60


class Weekly(msgspec.Struct, frozen=True):
    """
    From one moment of the week to another; both are (day, minute of the day), Monday being 0.

    Where the end is not after the beginning, it is in the week that follows.
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
    """Return when a window opens: now if it is open, None if it never does again."""
    return _next(window, now, opened=True)


def closes_at(window: Window, now: datetime) -> datetime | None:
    """Return when a window closes: now if it is closed, None if it never does again."""
    return _next(window, now, opened=False)


def _next(window: Window, now: datetime, *, opened: bool) -> datetime | None:
    if is_open(window, now) is opened:
        return now
    edges = sorted(edge for edge in _edges(window, now) if edge > now)
    return next((edge for edge in edges if is_open(window, edge) is opened), None)


def _inside(window: Window, now: datetime) -> bool:
    if window.begins is not None and now < window.begins:
        return False
    if window.ends is not None and now >= window.ends:
        return False
    if not window.hours:
        return window.begins is not None or window.ends is not None
    return any(begin <= now < end for begin, end in _spans(window, now, (-1, 0)))


def _edges(window: Window, now: datetime) -> Iterator[datetime]:
    """
    Return the instants at which the window may open or close next.

    They are near now, or near the ends of its span: in between, nothing changes that does not
    change within two weeks.
    """
    bounds = [edge for edge in (window.begins, window.ends) if edge is not None]
    yield from bounds
    for near in (now, *bounds):
        for span in _spans(window, near, (-1, 0, 1, 2)):
            yield from span


def _spans(
    window: Window, now: datetime, weeks: tuple[int, ...]
) -> Iterator[tuple[datetime, datetime]]:
    """Return the hours that begin in some weeks, 0 being the one of now, as instants."""
    zone = ZoneInfo(window.zone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    for week in weeks:
        first = monday + timedelta(days=_WEEK * week)
        for hours in window.hours:
            begin = _moment(first, hours.from_day, hours.from_minute, zone, late=False)
            days = hours.to_day
            if (hours.to_day, hours.to_minute) <= (hours.from_day, hours.from_minute):
                days += _WEEK
            yield begin, _moment(first, days, hours.to_minute, zone, late=True)


@functools.lru_cache(maxsize=4096)
def _moment(monday: date, day: int, minute: int, zone: ZoneInfo, *, late: bool) -> datetime:
    """Return an instant of the wall clock: of one that comes twice the second one if ``late``."""
    where = monday + timedelta(days=day + minute // _DAY)
    local = datetime.combine(where, time(*divmod(minute % _DAY, 60)), zone)
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if late else first
    # The wall clock leaps over it (PEP 495: what is left out comes earlier with fold 1).
    return _leap(second, first, zone)


def _leap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant between two at which the clocks of a place are changed."""
    new = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after
