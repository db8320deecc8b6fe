"""Forecasts in a terminal: the table, what it means, and a small picture."""

import math
from collections.abc import Iterator, Sequence

from rich.text import Text

from serinus.app import foreseen
from serinus.app.foreseen import CheckForecast, Foresight, SizeView, StepView
from serinus.core.analysis import sentences
from serinus.interfaces import words
from serinus.interfaces.cli.pictures import BAD, CALM, WAITING

Line = tuple[str, Text]

WIDTH = 48
"""Columns of the picture."""

ROWS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
MARKS = "123456789abc"

_LEGEND = "when it is seen, counted from its begin with the step; smallest: by the end of the step"
_LOOK = "a look"
_APART = 2


# --- words --------------------------------------------------------------------------------------


def lines(found: Foresight, *, picture: bool = False) -> Iterator[Line]:
    """Write a forecast: where its numbers are from, the table of each check, and what it means."""
    if found.problem:
        yield "forecast", Text(found.problem, WAITING)
        return
    yield "forecast", Text(found.origin)
    yield " ", Text(_LEGEND, "dim")
    for check in found.checks:
        if check.steps:
            yield from _table(check)
    for index, sentence in enumerate(found.sentences):
        yield "that is" if index == 0 else " ", Text(sentence)
    for index, warning in enumerate(found.warnings):
        yield "mind" if index == 0 else " ", Text(warning, WAITING)
    if picture:
        drawn = next((check for check in found.checks if check.steps), None)
        yield from chart(drawn) if drawn else ()


def _table(check: CheckForecast) -> Iterator[Line]:
    now, most = sentences.percent(check.base or 0.0), sentences.percent(check.limit or 0.0)
    clumps = f", in clumps (φ̂ {check.dispersion:.1f})" if check.dispersion > 1.05 else ""  # noqa: PLR2004  else nothing to speak of
    yield check.name, Text(f"{check.what}: {now} on stable, {most} allowed{clumps}")
    sizes = [_size(size) for size in check.steps[0].sizes]
    rows = [["step", "for", *sizes, "smallest"], *map(_row, check.steps)]
    widths = [max(len(row[place]) for row in rows) + _APART for place in range(len(rows[0]))]
    for index, row in enumerate(rows):
        text = "".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield " ", Text(text.rstrip(), "dim" if index == 0 else "")


def _size(size: SizeView) -> str:
    return "outage" if size.share >= foreseen.OUTAGE else sentences.percent(size.share)


def _row(step: StepView) -> list[str]:
    share = words.share(step.share)
    smallest = "–" if step.smallest is None else sentences.percent(step.smallest)
    return [
        share if step.number else f"{_LOOK}, {share}",
        words.seconds(step.seconds),
        *(_cell(size) for size in step.sizes),
        smallest,
    ]


def _cell(size: SizeView) -> str:
    if size.seconds is None:
        return "not seen"
    return f"{words.seconds(size.seconds)}, {foreseen.count(size.bad)} bad"


# --- the picture --------------------------------------------------------------------------------


def chart(check: CheckForecast) -> Iterator[Line]:
    """Draw when regressions are seen, by size; a mark for each step where it begins."""
    times = [at for step in check.steps for _, at in step.curve if at is not None]
    if not times:
        return
    low, high = math.log(min(times)), math.log(max(*times, 2 * min(times)))
    steps = [step for step in check.steps if step.number][: len(MARKS)]
    label = "picture"
    for share in ROWS:
        cells = ["·"] * (WIDTH + 1)
        for mark, step in reversed(list(zip(MARKS, steps, strict=False))):
            at = when(step.curve, share)
            if at is not None:
                cells[round((math.log(at) - low) / (high - low) * WIDTH)] = mark
        if any(cell != "·" for cell in cells):
            style = BAD if share >= foreseen.OUTAGE else CALM
            name = "outage" if share >= foreseen.OUTAGE else sentences.percent(share)
            yield label, Text.assemble(f"{name:>7}  ", ("".join(cells), style))
            label = " "
    ends = words.seconds(math.exp(low)), words.seconds(math.exp(high))
    yield " ", Text(f"{'':9}{ends[0]}{ends[1]:>{WIDTH + 1 - len(ends[0])}}", "dim")
    shares = (
        f"{mark} ({words.share(step.share)})" for mark, step in zip(MARKS, steps, strict=False)
    )
    yield " ", Text(f"{'':9}begun with step {', '.join(shares)}", "dim")


def when(curve: Sequence[tuple[float, float | None]], share: float) -> float | None:
    """Return when a regression of a size is seen, between the sizes that were reckoned."""
    before: tuple[float, float | None] | None = None
    for point in curve:
        if point[0] >= share * (1 - 1e-9):
            if before is None or before[1] is None or point[1] is None:
                near = before is not None and before[1] is None and point[0] > share * 1.01
                return None if near else point[1]
            part = math.log(share / before[0]) / math.log(point[0] / before[0])
            return math.exp((1 - part) * math.log(before[1]) + part * math.log(point[1]))
        before = point
    return None
