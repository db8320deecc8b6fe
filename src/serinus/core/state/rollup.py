"""
Roll-ups: how many of all requests of an application were bad, for minutes and then for hours.

They are what error budgets are counted by, which go back for weeks: longer than ticks are kept, and
over all releases. A series is one thing that is counted (``errors``, ``slower than 250 ms``).
"""

import msgspec

MINUTE_S = 60
HOUR_S = 3600
LONGEST_S = 35 * 86_400.0
"""How far back they go; no budget can be longer."""


class Rollup(msgspec.Struct, frozen=True, array_like=True):
    """
    What was counted of one series within the minute that ended ``at`` (epoch seconds).

    More of the same minute may follow.
    """

    series: str
    at: int
    requests: int
    bad: int


class Sum(msgspec.Struct, frozen=True):
    """All that was counted of one series since some moment."""

    requests: int = 0
    bad: int = 0


def slot(at: float, seconds: int) -> int:
    """Return the end of the window that ``at`` belongs to; a border closes the window before it."""
    return -int(-at // seconds) * seconds
