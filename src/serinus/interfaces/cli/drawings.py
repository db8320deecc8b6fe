"""
The picture of a forecast, as SVG: how long until a regression is seen, against its size.

Both axes are logarithmic; a line for each step. It is written by hand, so that the base install can
draw it and the file is small enough to be read.
"""

import html
import math
from collections.abc import Iterator

from serinus.app.foreseen import CheckForecast, Foresight, StepView
from serinus.core.analysis import sentences
from serinus.interfaces import words

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 130, 56, 54
COLOURS = ("#0b69a3", "#207227", "#b44d12", "#7b2d8b", "#a61b1b", "#5a6b00", "#0c7c83", "#7c5e10")
TICKS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18_000, 43_200, 86_400, 259_200)
SIZES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
STYLE = """\
  <style>
    text { font: 12px system-ui, sans-serif; fill: #52606d; }
    .title { font-size: 14px; fill: #1f2933; }
    .grid { stroke: #e4e7eb; stroke-width: 1; }
    .line { fill: none; stroke-width: 2; }
  </style>
"""


class _Plane:
    """Where a size and a time lie."""

    def __init__(self, check: CheckForecast) -> None:
        points = [point for step in check.steps for point in step.curve]
        times = [at for _, at in points if at is not None]
        self.small = math.log(min(share for share, _ in points))
        self.early = math.log(min(times) / 1.3)
        self.late = math.log(max(times) * 1.3)

    def x(self, share: float) -> float:
        """Return where a size stands."""
        part = (math.log(share) - self.small) / -self.small
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def y(self, seconds: float) -> float:
        """Return where a time stands."""
        part = (math.log(seconds) - self.early) / (self.late - self.early)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)


def svg(application: str, found: Foresight) -> str:
    """Draw the first check that has a forecast; empty when there is nothing to draw."""
    check = next((one for one in found.checks if _drawn(one)), None)
    if check is None:
        return ""
    plane = _Plane(check)
    title = f"{application}, {check.name}: how soon a regression is seen"
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n',
            f"  <title>{html.escape(title)}</title>\n",
            STYLE,
            f'  <rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n',
            f'  <text class="title" x="{LEFT}" y="22">{html.escape(title)}</text>\n',
            f'  <text x="{LEFT}" y="40">{html.escape(found.origin)}</text>\n',
            *_grid(plane),
            *_lines(plane, check),
            "</svg>\n",
        ]
    )


def _drawn(check: CheckForecast) -> bool:
    return any(at is not None for step in check.steps for _, at in step.curve)


def _grid(plane: _Plane) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for share in SIZES:
        if math.log(share) < plane.small - 1e-9:
            continue
        x = plane.x(share)
        name = "outage" if share >= 1 else sentences.percent(share)
        yield f'  <line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>\n'
        yield f'  <text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{name}</text>\n'
    for seconds in TICKS_S:
        if not plane.early <= math.log(seconds) <= plane.late:
            continue
        y = plane.y(seconds)
        yield f'  <line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>\n'
        at = words.seconds(seconds)
        yield f'  <text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{at}</text>\n'
    middle = (LEFT + right) / 2
    yield (
        f'  <text x="{middle:.1f}" y="{HEIGHT - 14}" text-anchor="middle">'
        "bad requests of the new version</text>\n"
    )


def _lines(plane: _Plane, check: CheckForecast) -> Iterator[str]:
    for place, step in enumerate(check.steps):
        points = [(share, at) for share, at in step.curve if at is not None]
        if not points:
            continue
        colour = COLOURS[place % len(COLOURS)]
        path = " ".join(f"{plane.x(share):.1f},{plane.y(at):.1f}" for share, at in points)
        name = html.escape(_name(step))
        yield (
            f'  <polyline class="line" stroke="{colour}" points="{path}">'
            f"<title>{name}</title></polyline>\n"
        )
        y = TOP + 12 + 18 * place
        x = WIDTH - RIGHT + 14
        yield f'  <line x1="{x}" y1="{y - 4}" x2="{x + 18}" y2="{y - 4}" stroke="{colour}" '
        yield f'stroke-width="2"/>\n  <text x="{x + 24}" y="{y}">{name}</text>\n'


def _name(step: StepView) -> str:
    share = words.share(step.share)
    return f"step {step.number}, {share}" if step.number else f"a look, {share}"
