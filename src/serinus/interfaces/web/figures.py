"""
Numbers and times as pages write them, in the words of the command line.

The server writes every number: a page without scripts shows the same ones. Times carry their
instant beside them (``<time datetime>``), so that a script can let them run.
"""

from datetime import UTC, datetime

from serinus.core.analysis import sentences
from serinus.core.spec import resources
from serinus.interfaces import words

NONE = "–"
NARROW = "\N{NARROW NO-BREAK SPACE}"
JUST_NOW_S = 3
FINE_S = 900
"""Up to here the columns of a chart have seconds."""

DAYS_S = 86_400
"""From here on they have a date."""


def share(fraction: float | None) -> str:
    """Write a share of the traffic (``0.025``: ``2.5 %``); a dash where it is not known."""
    return NONE if fraction is None else words.share(fraction).replace(" ", NARROW)


def rate(fraction: float | None) -> str:
    """Write a rate with two figures that count (``0.01234``: ``1.2 %``)."""
    return NONE if fraction is None else sentences.percent(fraction).replace(" ", NARROW)


def number(value: float | None) -> str:
    """Write a number with its thousands apart (``4812``: ``4,812``)."""
    if value is None:
        return NONE
    return f"{value:,.0f}" if float(value).is_integer() else f"{float(f'{value:.3g}'):,g}"


def odds(evidence: float | None) -> str:
    """Write evidence as odds, as sentences have it (``14:1``)."""
    return NONE if evidence is None else sentences.odds(evidence)


def length(seconds: float | None) -> str:
    """Write a length of time (``252``: ``4m12s``)."""
    return NONE if seconds is None else words.seconds(max(0.0, seconds))


def ago(then: datetime | None, now: datetime) -> str:
    """Write how long something is past (``4m ago``)."""
    if then is None:
        return NONE
    passed = (now - then).total_seconds()
    return "just now" if passed < JUST_NOW_S else f"{length(_rough(passed))} ago"


def ahead(then: datetime | None, now: datetime) -> str:
    """Write how long something is ahead (``4m12s``); ``any moment`` when it is due."""
    if then is None:
        return NONE
    left = (then - now).total_seconds()
    return length(left) if left > 0 else "any moment"


def clock(at: datetime | None) -> str:
    """Write the time of day (``12:03:11``)."""
    return NONE if at is None else words.clock(at)


def column(at: datetime, span_s: float) -> str:
    """Write a time below a chart that spans so many seconds, no finer than one can tell there."""
    if span_s > DAYS_S:
        return f"{at.astimezone():%m-%d %H:%M}"
    return clock(at) if span_s <= FINE_S else clock(at)[:5]


def day(at: datetime | None) -> str:
    """Write a date and a time of day (``2026-03-02 12:03``)."""
    return NONE if at is None else words.day(at)


def iso(at: datetime) -> str:
    """Write an instant for machines, in UTC and whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(seconds: float) -> datetime:
    """Return the instant of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


def measured(value: float | None, unit: str) -> str:
    """Write what a check looks at, in its own unit: bytes, seconds, or a plain number."""
    if value is None:
        return NONE
    if unit == "bytes":
        return resources.size(round(value)).replace(" ", NARROW)
    return f"{number(value)}{NARROW}{unit}" if unit else number(value)


def _rough(seconds: float) -> float:
    """Leave out what nobody wants to know of a past this far away."""
    if seconds >= 3600:  # noqa: PLR2004 - from an hour on, minutes
        return seconds - seconds % 60
    return seconds - seconds % 60 if seconds >= 600 else seconds  # noqa: PLR2004 - ten minutes
