"""
The pictures of a bench: false rollbacks with their bounds, bad requests, and how fast each detects.

They are SVG with their text as text, and the same numbers give the same bytes.
"""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from serinus.lab import findings
from serinus.lab.findings import Findings
from serinus.lab.measures import CURVE, Row
from serinus.lab.scenario import Kind
from serinus.lab.targets import BAD_RATIO, FALSE, FALSE_MOST

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = ("a02", "a06", "a07", "a12", "a16", "a21")
"""What begins so is drawn as a curve, if it was played."""

LEAST = 1e-4
"""Where none at all is drawn on an axis of shares."""

COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#8c6d31")
MARKS = "osD^vP*X"
"""Told apart without colours, too."""

ORACLES = {"oracle": ("black", "|"), "oracle2": ("#555555", "x")}

SETTINGS: Mapping[str, Any] = {
    "svg.hashsalt": "serinus",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw(found: Findings) -> dict[str, str]:
    """Return the pictures by file name; those that nothing can be drawn in are left out."""
    from matplotlib import rc_context  # noqa: PLC0415  of the extra `bench`

    settings: Any = SETTINGS
    with rc_context(settings):
        drawn = {
            "false-rollbacks.svg": false_rollbacks(found),
            "bad-requests.svg": bad_requests(found),
            "detection.svg": detection(found),
        }
        return {name: _svg(figure) for name, figure in drawn.items() if figure is not None}


def false_rollbacks(found: Findings) -> "Figure | None":
    """Draw the share of false rollbacks of each null, of the subject with its bound."""
    who = findings.others(found.names)
    cells = _cells(found, Kind.NULL)
    names = _names(cells)
    if not names:
        return None
    figure, axes = _page(1 + 0.2 * len(names))
    for by, colour, mark in _styles(found, who):
        for place, name in enumerate(names):
            row = cells.get((name, by))
            if row is None:
                continue
            rate = max(row.share(row.rolled_back), LEAST)
            main = by == found.subject
            if main:
                axes.plot(
                    [rate, row.rolled_back_most], [place] * 2, color=colour, lw=2.5, alpha=0.5
                )
            axes.plot(
                rate, place, mark, color=colour, ms=6 if main else 4, alpha=1 if main else 0.8
            )
        axes.plot([], [], mark, color=colour, label=by)
    for at, style in ((FALSE, "-"), (FALSE_MOST, ":")):
        axes.axvline(at, color="black", lw=0.8, ls=style, zorder=0)
    axes.set_xscale("log")
    axes.set_xlim(LEAST * 0.8, 1.2)
    axes.set_xticks([LEAST, 1e-3, 1e-2, 1e-1, 1], ["none", "0.1 %", "1 %", "10 %", "100 %"])
    axes.set_xlabel(f"false rollbacks; the bar of {found.subject} reaches to its 95 % upper bound")
    _label(axes, names)
    return figure


def bad_requests(found: Findings) -> "Figure | None":
    """Draw the bad requests of each regression as a multiple of the oracle's."""
    who = findings.others(found.names)
    cells = {at: row for at, row in _cells(found, Kind.REGRESSION).items() if row.bad_ratio}
    names = _names(cells)
    if not names:
        return None
    figure, axes = _page(1 + 0.24 * len(names))
    for by, colour, mark in _styles(found, who):
        points = [
            (row.bad_ratio or 1.0, place)
            for place, name in enumerate(names)
            if (row := cells.get((name, by))) is not None
        ]
        if not points:
            continue
        if by == found.subject:
            values, places = zip(*points, strict=True)
            axes.barh(places, [v - 1 for v in values], left=1, color=colour, alpha=0.5, height=0.7)
        axes.plot(
            [v for v, _ in points], [p for _, p in points], mark, color=colour, label=by, ms=4
        )
    axes.set_xscale("log")
    axes.axvline(1, color="black", lw=0.8, zorder=0)
    axes.axvline(BAD_RATIO, color="black", lw=0.8, ls=":", zorder=0)
    ticks = [t for t in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500) if t <= axes.get_xlim()[1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("bad requests ÷ those of the oracle")
    _label(axes, names)
    return figure


def detection(found: Findings) -> "Figure | None":
    """Draw for some regressions how many candidates are without traffic by when."""
    from matplotlib.figure import Figure  # noqa: PLC0415  of the extra `bench`

    cells = _cells(found, Kind.REGRESSION)
    names = _names(cells)
    wanted = [name for name in names if name[:3] in SHOWN] or names[: len(SHOWN)]
    if not wanted:
        return None
    columns = min(3, len(wanted))
    lines = -(-len(wanted) // columns)
    figure = Figure(figsize=(9, 0.6 + 2.3 * lines), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False, sharey=True)
    for place in range(lines * columns):
        axes = grid[place // columns][place % columns]
        if place >= len(wanted):
            axes.set_visible(False)
            continue
        name = wanted[place]
        for by, colour, _ in _styles(found, found.names):
            row = cells.get((name, by))
            if row is not None:
                step = row.plan_s / CURVE / 60
                times = [0.0, *(step * (n + 1) for n in range(CURVE))]
                width = 2.2 if by == found.subject else 1.1
                axes.step(times, [0.0, *row.curve], where="post", color=colour, lw=width, label=by)
        axes.set_title(name, fontsize=8)
        axes.set_ylim(-0.02, 1.02)
        axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        axes.set_xlabel("minutes")
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def _cells(found: Findings, kind: Kind) -> dict[tuple[str, str], Row]:
    return {(row.scenario, row.by): row for row in found.rows if row.kind is kind}


def _names(cells: Mapping[tuple[str, str], Row]) -> list[str]:
    return list(dict.fromkeys(name for name, _ in cells))


def _styles(found: Findings, who: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return (who, colour, mark): the subject's is always the first of them, oracles are black."""
    styles = dict(ORACLES)
    rest = [name for name in findings.others(found.names) if name != found.subject]
    for place, name in enumerate((found.subject, *rest)):
        if name not in styles:
            styles[name] = (COLOURS[place % len(COLOURS)], MARKS[place % len(MARKS)])
    return [(name, *styles[name]) for name in who]


def _size(found: Findings, by: str) -> dict[str, Any]:
    """Draw the subject larger, and above the others."""
    return {"ms": 6, "zorder": 4} if by == found.subject else {"ms": 4, "zorder": 3}


def _page(height: float) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure  # noqa: PLC0415  of the extra `bench`

    figure = Figure(figsize=(9, height), layout="constrained")
    return figure, figure.subplots()


def _label(axes: "Axes", names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    axes.figure.legend(loc="outside upper center", ncols=8, frameon=False)


def _svg(figure: "Figure") -> str:
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None})
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())
