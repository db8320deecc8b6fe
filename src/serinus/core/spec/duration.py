"""Lengths of time as people write them: ``90s``, ``5m``, ``1h30m``."""

import re
from datetime import timedelta
from decimal import Decimal

LONGEST = timedelta(days=366)
"""Nobody waits longer: it keeps every sum of waits within what a date can hold."""

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|[dhms])")
_WHOLE = re.compile(r"(?:\d{1,9}(?:\.\d{1,6})?(?:ms|[dhms]))+")


def parse(text: str) -> timedelta:
    """
    Read a duration; units go from long to short, each once.

    Raises:
        ValueError: with a sentence that says what was found and what is wanted.
    """
    parts = _PART.findall(text) if _WHOLE.fullmatch(text) else []
    order = [list(_UNITS).index(unit) for _, unit in parts]
    if not parts or order != sorted(set(order)):
        raise ValueError(
            f"'{text}' is not a duration; wanted a number with ms, s, m, h or d, such as 90s or 5m"
        )
    milliseconds = sum((Decimal(number) * _UNITS[unit] for number, unit in parts), Decimal(0))
    if milliseconds != int(milliseconds):
        raise ValueError(f"'{text}' is finer than a millisecond; wanted whole milliseconds")
    if milliseconds > _milliseconds(LONGEST):
        raise ValueError(f"'{text}' is longer than {LONGEST.days} days; wanted less")
    return timedelta(milliseconds=int(milliseconds))


def text(length: timedelta) -> str:
    """Write a duration so that :func:`parse` reads the same."""
    rest = _milliseconds(length)
    parts = []
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def seconds(text: str) -> float:
    """Read a duration as seconds, the unit of :mod:`serinus.core.spec.delivery`."""
    return parse(text).total_seconds()


def of_seconds(seconds: float) -> str:
    """Write seconds as a duration, rounded to milliseconds."""
    return text(timedelta(milliseconds=round(seconds * 1000)))


def _milliseconds(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)
