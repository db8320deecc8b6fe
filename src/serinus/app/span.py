"""
How much of a release's time its charts show: all of it, or the last of it.

A release counts only while it lasts, so a span that is longer than it shows all that it counted.
A metric source knows more: there the longer spans show the time before the release as well.
"""

from datetime import datetime, timedelta

import msgspec


class Span(msgspec.Struct, frozen=True):
    """
    ``name``: as an address says it; ``title``: on its button; ``words``: in a sentence.

    ``length``: so much before the end, None: all. ``sourced``: only a metric source reaches so far.
    """

    name: str
    title: str
    words: str
    length: timedelta | None = None
    sourced: bool = False

    def begins(self, end: datetime) -> datetime | None:
        """Return when it begins that ends then; None where it has no beginning of its own."""
        return None if self.length is None else end - self.length


WHOLE = Span("", "Whole release", "over the whole release")
SPANS = (
    WHOLE,
    Span("15m", "Last 15 min", "over the last 15 minutes", timedelta(minutes=15)),
    Span("1h", "Last hour", "over the last hour", timedelta(hours=1)),
    Span("3h", "3 h", "over the last 3 hours", timedelta(hours=3), sourced=True),
    Span("24h", "24 h", "over the last 24 hours", timedelta(hours=24), sourced=True),
)


def named(name: str) -> Span:
    """Return the span that an address names; all of the release where it names none of them."""
    return next((span for span in SPANS if span.name == name), WHOLE)


def offered(*, sourced: bool) -> tuple[Span, ...]:
    """Return what can be chosen; ``sourced``: whether a metric source is asked for anything."""
    return tuple(span for span in SPANS if sourced or not span.sourced)
