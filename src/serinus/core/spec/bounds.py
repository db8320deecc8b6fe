"""How long and how many: numbers that read well and make no sense are refused, with the range."""

from collections.abc import Iterator
from typing import NamedTuple

from serinus.core.errors import Problem
from serinus.core.spec import duration, formats
from serinus.core.spec.template import Body

MOST_RATIO = 100.0
MOST_PLUS = 0.5
"""More than half of the requests may fail on top of stable's: that is no check."""


MOST_CHECKS = 50
"""More of them, and each alone would have hardly any say."""


class Span(NamedTuple):
    """The least and the most that a length of time may be, as people write them."""

    least: str
    most: str


EVERY = Span("1s", "5m")
WARMUP = Span("0s", "1h")
START = Span("1s", "1h")
DRAIN = Span("0s", "15m")
TRIAL = Span("1s", "1d")
PROBE = Span("1s", "5m")
AGE = Span("0s", "1d")
WAIT = Span("1s", "366d")


def length(text: str, span: Span, path: str) -> Iterator[Problem]:
    """Refuse a length of time that is outside a span."""
    found = duration.parse(text)
    if found < duration.parse(span.least):
        yield Problem(path, f"{text} is too short; wanted {span.least}–{span.most}")
    elif found > duration.parse(span.most):
        yield Problem(path, f"{text} is too long; wanted {span.least}–{span.most}")


def number(value: float, least: int, most: int, path: str) -> Iterator[Problem]:
    """Refuse a number that is outside a range."""
    if not least <= value <= most:
        yield Problem(path, f"{value} is out of range; wanted {least}–{most}")


def tolerance(ratio: float, plus: str, path: str) -> Iterator[Problem]:
    """Refuse a tolerance that asks the candidate to be better than stable, or asks nothing."""
    if not 1 <= ratio <= MOST_RATIO:
        message = f"{ratio:g} is out of range; wanted 1 (as good as stable) to {MOST_RATIO:g}"
        yield Problem(f"{path}.ratio", message)
    if formats.fraction(plus) > MOST_PLUS:
        yield Problem(f"{path}.plus", f"{plus} allows everything; wanted at most {MOST_PLUS:.0%}")


def body(found: Body) -> Iterator[Problem]:
    """Review the numbers of a filled body that belong to no step and to no check."""
    yield from length(found.every, EVERY, "every")
    yield from number(found.strikes, 1, 100, "strikes")
    yield from length(found.warmup, WARMUP, "warmup")
    yield from length(found.start_timeout, START, "startTimeout")
    yield from length(found.drain, DRAIN, "drain")
    yield from tolerance(found.verified.ratio, found.verified.plus, "verified")
    yield from number(found.retreat.alarm, 2, 100, "retreat.alarm")
    if found.retreat.probes is not None:
        yield from number(found.retreat.probes, 1, 5, "retreat.probes")
    yield from number(found.retreat.max_probes, 1, 10, "retreat.maxProbes")
    yield from length(found.retreat.age, AGE, "retreat.age")
    yield from length(found.retreat.trial, TRIAL, "retreat.trial")
    yield from length(found.retreat.probe_target, PROBE, "retreat.probeTarget")
    if found.retreat.max_retreats is not None:
        yield from number(found.retreat.max_retreats, 0, 10, "retreat.maxRetreats")
