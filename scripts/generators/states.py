"""docs/reference/states.md and its drawing, from the planner's table of transitions."""

from collections.abc import Iterator

from serinus.core.planner.transitions import ALLOWED
from serinus.core.state.release import Phase

P = Phase
MEANING = {
    P.QUEUED: "Nothing of it runs: a freeze, a window or a spent error budget keeps it.",
    P.STARTING: "The candidate's first replicas start and warm up. No traffic yet.",
    P.WAITING: "A gate is closed: an approval, a window or a webhook.",
    P.ROLLING: "A step is under way: a share is held, or replicas are replaced.",
    P.HOLDING: (
        "The share stays as it is: no data, a violated objective, a budget that burns, "
        "or safety not shown."
    ),
    P.PAUSED: "A person stopped it. The share stays, and the checks go on guarding it.",
    P.RETREATED: "All traffic is taken away after an alarm; a fresh replica warms up.",
    P.PROBING: "A little traffic shows whether a fresh replica fails as well.",
    P.TRIAL: "The former share is back; an alarm now counts as a failed probe.",
    P.HELD: "No traffic, and nothing more can be told apart: a person decides.",
    P.PROMOTING: "All traffic goes to the candidate.",
    P.SETTLING: "The candidate serves everybody; the old replicas stay warm for the way back.",
    P.ROLLING_BACK: "Everything goes back to the version before.",
    P.SUCCEEDED: "The candidate is the stable version now.",
    P.ROLLED_BACK: "It was given up; the revision is quarantined.",
    P.SUPERSEDED: "A newer change took its place.",
    P.CONCLUDED: "A test is over: its report is told, and stable serves everybody.",
    P.FAILED: "Its replicas never got ready; it never served.",
}

# --- the drawing ----------------------------------------------------------------------------------

WIDTH, HEIGHT = 1060, 500
BOX_W, BOX_H = 116, 34
PLACES = {
    P.QUEUED: (80, 120),
    P.STARTING: (230, 120),
    P.WAITING: (410, 80),
    P.ROLLING: (410, 160),
    P.HOLDING: (590, 80),
    P.PAUSED: (590, 160),
    P.PROMOTING: (770, 120),
    P.SETTLING: (980, 60),
    P.SUCCEEDED: (980, 180),
    P.CONCLUDED: (230, 300),
    P.FAILED: (80, 222),
    P.TRIAL: (410, 300),
    P.RETREATED: (590, 300),
    P.PROBING: (410, 390),
    P.HELD: (590, 390),
    P.ROLLING_BACK: (830, 340),
    P.ROLLED_BACK: (980, 290),
    P.SUPERSEDED: (980, 390),
}
SHARE = (P.WAITING, P.ROLLING, P.HOLDING, P.PAUSED)
DOUBT = (P.RETREATED, P.PROBING, P.TRIAL, P.HELD)
FRAMES = {
    "with its share": (SHARE, (335, 40, 330, 160)),
    "under suspicion": (DOUBT, (335, 262, 330, 165)),
}
GROUPED = (
    # members, target, from, to, words: one arrow for all of them, where all of them have it
    (SHARE, P.PROMOTING, (665, 120), (712, 120), ""),
    (SHARE, P.RETREATED, (590, 200), (590, 283), "alarm"),
    (DOUBT, P.PROMOTING, (650, 262), (735, 137), "by a person"),
    (DOUBT, P.ROLLING_BACK, (665, 340), (772, 340), "given up"),
)
NOTES = (
    "Also: from every state before Succeeded, a person or a crash leads to Rolling back,",
    "and a newer change to Superseded; what has a share can be held at 0 for lack of data.",
)
STYLE = """\
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2933; text-anchor: middle; }
    .small { font-size: 11px; fill: #52606d; }
    .box { fill: #ffffff; stroke: #52606d; stroke-width: 1.2; }
    .good { fill: #e3f9e5; } .bad { fill: #ffe3e3; } .done { stroke-width: 2.2; }
    .frame { fill: #f5f7fa; stroke: #9aa5b1; stroke-dasharray: 5 4; }
    .edge { stroke: #52606d; stroke-width: 1.2; fill: none; marker-end: url(#tip); }
  </style>
  <defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8"
    orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#52606d"/></marker></defs>
"""
GOOD = frozenset({P.SETTLING, P.SUCCEEDED})
BAD = frozenset({P.ROLLED_BACK, P.FAILED})


def generate() -> dict[str, str]:
    """Return the page and its drawing."""
    return {"docs/reference/states.md": _page(), "docs/reference/states.svg": _drawing()}


def _drawing() -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n',
        "  <title>The states of a release and the moves between them</title>\n",
        STYLE,
        f'  <rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n',
    ]
    for words, (_, (x, y, w, h)) in FRAMES.items():
        parts.append(f'  <rect class="frame" x="{x}" y="{y}" width="{w}" height="{h}" rx="10"/>\n')
        parts.append(f'  <text class="small" x="{x + w / 2:g}" y="{y + 14}">{words}</text>\n')
    parts += [_line(start, end, words) for _, _, start, end, words in GROUPED]
    parts += [_edge(a, b) for a, b in _single()]
    parts += [_box(phase) for phase in PLACES]
    parts += [
        f'  <text class="small" x="{WIDTH / 2:g}" y="{458 + 16 * i}">{note}</text>\n'
        for i, note in enumerate(NOTES)
    ]
    return "".join([*parts, "</svg>\n"])


def _single() -> Iterator[tuple[Phase, Phase]]:
    """Yield the moves that have an arrow of their own."""
    grouped = {(a, target) for members, target, *_ in GROUPED for a in members}
    for members, target, *_ in GROUPED:
        lacking = [a.value for a in members if a is not target and target not in ALLOWED[a]]
        if lacking:
            message = f"the drawing has an arrow from {', '.join(lacking)} to {target.value}"
            raise ValueError(f"{message}; the table of transitions has not")
    common = {P.ROLLING_BACK, P.SUPERSEDED}
    for a, targets in ALLOWED.items():
        for b in Phase:
            told = (b in common and a is not P.ROLLING_BACK) or (b is P.HELD and a not in DOUBT)
            if b in targets and (a, b) not in grouped and not told and not _far(a, b):
                yield a, b


def _far(a: Phase, b: Phase) -> bool:
    """Tell whether a move is rare and long enough to stand in the table alone."""
    back = a is P.PROMOTING and b in {P.HOLDING, P.RETREATED}
    return back or (a, b) in {(P.STARTING, P.SUCCEEDED), (P.STARTING, P.PROMOTING)}


def _edge(a: Phase, b: Phase) -> str:
    """Draw a move from border to border; two opposite ones stand beside each other."""
    (x1, y1), (x2, y2) = PLACES[a], PLACES[b]
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    beside = 7 if a in ALLOWED[b] else 0
    sx, sy = -dy * beside, dx * beside
    first, last = _border((dx, dy), (sx, sy)), _border((-dx, -dy), (sx, sy))
    start = (x1 + sx + dx * first, y1 + sy + dy * first)
    return _line(start, (x2 + sx - dx * last, y2 + sy - dy * last), "")


def _border(way: tuple[float, float], off: tuple[float, float]) -> float:
    """Return how far it is to the border of a box, from a point that far off its middle."""
    halves = (BOX_W / 2, BOX_H / 2)
    return min(
        (half - d / abs(d) * o) / abs(d) for half, d, o in zip(halves, way, off, strict=True) if d
    )


def _line(start: tuple[float, float], end: tuple[float, float], words: str) -> str:
    (x1, y1), (x2, y2) = start, end
    line = f'  <path class="edge" d="M{x1:.0f},{y1:.0f} L{x2:.0f},{y2:.0f}"/>\n'
    if not words:
        return line
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    across = abs(x2 - x1) > abs(y2 - y1)
    x, y = (x, y - 6) if across else (x + 6 + 3 * len(words), y + 4)
    return f'{line}  <text class="small" x="{x:.0f}" y="{y:.0f}">{words}</text>\n'


def _box(phase: Phase) -> str:
    x, y = PLACES[phase]
    kind = "box" + (" good" if phase in GOOD else " bad" if phase in BAD else "")
    kind += " done" if phase.ended else ""
    return (
        f'  <rect class="{kind}" x="{x - BOX_W / 2:g}" y="{y - BOX_H / 2:g}" '
        f'width="{BOX_W}" height="{BOX_H}" rx="6"/>\n'
        f'  <text x="{x}" y="{y + 4.5:g}">{phase.value}</text>\n'
    )


# --- the page -------------------------------------------------------------------------------------

HEAD = """\
<!-- Written by scripts/generate from core/planner/transitions.py; edit that. -->
# States

A release is in one of these states, and every page, table and event calls it by the same word. The
planner refuses a move that is not in the table below.

```{image} states.svg
:alt: The states of a release and the moves between them
```

"""


def _page() -> str:
    rows = [f"| **{phase.value}** | {MEANING[phase]} | {_next(phase)} |\n" for phase in Phase]
    return "".join([HEAD, "| state | what it means | what may follow |\n|---|---|---|\n", *rows])


def _next(phase: Phase) -> str:
    following = [p.value for p in Phase if p in ALLOWED[phase]]
    return ", ".join(following) if following else "nothing: it has ended"
