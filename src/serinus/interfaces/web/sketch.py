"""
A chart as the server draws it: lines in a box, so that a page without scripts has its pictures.

A script draws the same points again, with a cursor. Coordinates are of a box of 640 by 150.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from serinus.app.series import Line, Point

WIDTH, HEIGHT = 640, 150
ROOM = 1.15
"""So much higher than its highest point is a chart."""

LEAST = 0.0005
"""A chart of a share is at least this high: otherwise one request in a million fills it."""

Values = Callable[[Point], float | None]
At = tuple[float, float]


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """
    Lines as ``d`` of a path. ``limit``: its height, None where there is none or it is out of sight.

    ``top``: the share at the upper edge. ``marks``: where steps began, from the left; ``alarms``:
    where traffic was taken away.
    """

    stable: str
    candidate: str
    band: str
    limit: float | None
    top: float
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
    seen = [value for point in points for value in (point.stable, point.candidate) if value]
    if not points or all(point.stable is None and point.candidate is None for point in points):
        return None
    tall = [*seen, LEAST, line.limit or 0.0]
    top = max(tall) * ROOM
    first, last = points[0].at, points[-1].at
    span = max(last - first, float(line.seconds))

    def x(at: float) -> float:
        return round(WIDTH * (at - first) / span, 1)

    def y(value: float) -> float:
        return round(HEIGHT * (1 - min(value, top) / top), 1)

    def path(value: Values) -> str:
        runs = _runs(points, value, x, y)
        return " ".join(f"M{_joined(run)}" if len(run) > 1 else _dot(run[0]) for run in runs)

    return Sketch(
        stable=path(lambda point: point.stable),
        candidate=path(lambda point: point.candidate),
        band=" ".join(_band(points, top, x, y)),
        limit=y(line.limit) if line.limit else None,
        top=top,
        marks=tuple(x(at) for at in begun if first <= at <= last),
        alarms=tuple(x(at) for at in taken if first <= at <= last),
        begins=first,
        ends=last,
    )


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
