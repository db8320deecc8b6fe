"""
A chart as the server draws it: lines in a box with its rules, so that it needs no script.

::

    0.4 % ┤- - - - - - -    rules lie at round values, and say them
    0.2 % ┤    ╱╲__╱        lines are paths in a box of 640 by 150, which a page stretches
    0     ┴──────┬──────
               12:05        columns stand at round times; both are per cent of the box
"""

from collections.abc import Callable, Iterator, Sequence
from math import ceil, floor, log10

import msgspec

from serinus.app.series import WIDTHS_S, Line, Point

WIDTH, HEIGHT = 640, 150
ROOM = 1.15
"""So much higher than its highest point is a chart."""

LEAST = 0.0005
"""A chart of a share is at least this high: otherwise one request in a million fills it."""

TINY = 1e-9
"""And a chart of numbers that are all zero this high: something must be divided by."""

RULES, COLUMNS = 3, 4
"""About so many rules, and so many columns at most: their words stand apart on a phone as well."""

Values = Callable[[Point], float | None]
At = tuple[float, float]


class Rule(msgspec.Struct, frozen=True):
    """A value, and how far below the upper edge it lies, in per cent."""

    y: float
    value: float


class Column(msgspec.Struct, frozen=True):
    """A time (epoch seconds), and how far from the left it stands, in per cent."""

    x: float
    at: float


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """
    Lines as ``d`` of a path. ``limit``: its height, None where there is none or it is out of sight.

    ``marks``: where steps began, from the left; ``alarms``: where traffic was taken away.
    ``begins`` and ``ends`` are the times of the edges (epoch seconds).
    """

    stable: str
    candidate: str
    band: str
    limit: float | None
    rules: tuple[Rule, ...]
    columns: tuple[Column, ...]
    marks: tuple[float, ...]
    alarms: tuple[float, ...]
    begins: float
    ends: float


def of(line: Line, begun: Sequence[float] = (), taken: Sequence[float] = ()) -> Sketch | None:
    """
    Draw a line; None where there is nothing to draw.

    ``begun``: when steps began, ``taken``: when traffic was taken away (epoch seconds).
    """
    points = line.points
    seen = [one for point in points for one in (point.stable, point.candidate) if one is not None]
    if not seen:
        return None
    tall = [*seen, TINY if line.kind == "query" else LEAST, line.limit or 0.0]
    bottom, top = min(0.0, *tall) * ROOM, max(tall) * ROOM
    first, last = points[0].at, points[-1].at
    span = max(last - first, float(line.seconds))

    def x(at: float) -> float:
        return round(WIDTH * (at - first) / span, 1)

    def y(value: float) -> float:
        return round(HEIGHT * (top - min(value, top)) / (top - bottom), 1)

    def path(value: Values) -> str:
        runs = _runs(points, value, x, y)
        return " ".join(f"M{_joined(run)}" if len(run) > 1 else _dot(run[0]) for run in runs)

    return Sketch(
        stable=path(lambda point: point.stable),
        candidate=path(lambda point: point.candidate),
        band=" ".join(_band(points, top, x, y)),
        limit=y(line.limit) if line.limit else None,
        rules=tuple(
            Rule(round(100 * y(value) / HEIGHT, 1), value) for value in _round(bottom, top)
        ),
        columns=tuple(
            Column(round(100 * x(at) / WIDTH, 1), at) for at in _times(first, first + span)
        ),
        marks=tuple(x(at) for at in begun if first <= at <= last),
        alarms=tuple(x(at) for at in taken if first <= at <= last),
        begins=first,
        ends=first + span,
    )


def _round(bottom: float, top: float) -> Iterator[float]:
    """Yield round values between the edges, some :data:`RULES` of them."""
    rough = (top - bottom) / RULES
    ten = 10.0 ** floor(log10(rough))
    step = next(times * ten for times in (1, 2, 5, 10) if times * ten >= rough * 0.75)
    for number in range(ceil(bottom / step), floor(top / step) + 1):
        yield float(f"{number * step:.6g}")


def _times(first: float, last: float) -> Iterator[float]:
    """Yield round times between the edges, at most :data:`COLUMNS` of them."""
    rough = (last - first) / COLUMNS
    step = next((width for width in WIDTHS_S if width >= rough), ceil(rough))
    for number in range(ceil(first / step), floor(last / step) + 1):
        yield float(number * step)


def _runs(
    points: Sequence[Point],
    value: Values,
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> Iterator[list[At]]:
    """Yield what is drawn without a gap."""
    run: list[At] = []
    for point in points:
        found = value(point)
        if found is not None:
            run.append((x(point.at), y(found)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _band(
    points: Sequence[Point],
    top: float,
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> Iterator[str]:
    """Yield what is between low and high; an interval that leaves the picture tells nothing."""

    def told(point: Point) -> bool:
        return point.high is not None and point.high <= top

    lower = _runs(points, lambda point: point.low if told(point) else None, x, y)
    upper = _runs(points, lambda point: point.high if told(point) else None, x, y)
    for low, high in zip(lower, upper, strict=True):
        yield f"M{_joined([*high, *reversed(low)])}Z"


def _joined(run: Sequence[At]) -> str:
    return "L".join(f"{x:g} {y:g}" for x, y in run)


def _dot(at: At) -> str:
    return f"M{at[0]:g} {at[1]:g}h0.1"
