"""docs/reference/templates/*.svg: the curve of each built-in template, from its timeline."""

import html

from serinus.boot import catalogue
from serinus.core.spec import duration, timeline
from serinus.core.spec.delivery import FULL
from serinus.core.spec.timeline import Kind, Stage

FOLDER = "docs/reference/templates"
WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 20, 16, 36
BAND = 10
"""Height of what has no share: a preview, or a cohort of unknown size."""

ROOM = 7
"""Width of a letter, so that words stand only where they fit."""

STYLE = """\
  <style>
    text { font: 12px system-ui, sans-serif; fill: #52606d; }
    .grid { stroke: #cbd2d9; stroke-width: 1; }
    .share { fill: #e3f9e5; stroke: #207227; stroke-width: 2; }
    .mirror { fill: url(#copies); stroke: #829ab1; stroke-width: 1.5; stroke-dasharray: 2 3; }
    .match { fill: url(#cohort); stroke: #0b69a3; stroke-width: 1.5; }
    .preview { fill: #e4e7eb; stroke: #9aa5b1; stroke-width: 1; }
    .gate { stroke: #b44d12; stroke-width: 1.5; stroke-dasharray: 4 3; }
  </style>
"""
HATCHES = """\
  <defs>
    <pattern id="copies" width="7" height="7" patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"><path d="M0,0 V7" stroke="#829ab1" stroke-width="2"/></pattern>
    <pattern id="cohort" width="7" height="7" patternUnits="userSpaceOnUse">
      <rect width="7" height="7" fill="#dceefb"/><circle cx="3" cy="3" r="1" fill="#0b69a3"/>
    </pattern>
  </defs>
"""
WORDS = {Kind.MIRROR: "copies", Kind.MATCH: "cohort", Kind.PREVIEW: "preview"}


def generate() -> dict[str, str]:
    """Return the curves."""
    return {
        f"{FOLDER}/{name}.svg": curve(
            versions[-1].spec.title, timeline.timeline(catalogue.delivery(name))
        )
        for name, versions in sorted(catalogue.builtin().templates.items())
    }


def curve(title: str, stages: tuple[Stage, ...]) -> str:
    """Draw the share over time; what is no share has a pattern of its own."""
    full = timeline.fastest(stages)
    # The end is cut where everybody is served for a while: what stays warm draws no picture.
    end = full * 1.15 or 60.0
    hatched = any(stage.kind is not Kind.SHARE for stage in stages)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n',
        f"  <title>{html.escape(title)}: what the new version gets over time</title>\n",
        STYLE,
        HATCHES if hatched else "",
        f'  <rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n',
    ]
    for share in (0, 250, 500, 750, FULL):
        y = _y(share)
        parts.append(
            f'  <line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>\n'
            f'  <text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share // 10} %</text>\n'
        )
    parts.append(_shares(stages, end))
    parts += [_beside(stage, end) for stage in stages if stage.kind is not Kind.SHARE]
    parts += [_gate(stage, end) for stage in stages if stage.gated]
    marks = {0.0: "start", full: duration.of_seconds(full) if full else "start"}
    parts += [
        f'  <text x="{_x(at, end):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{text}</text>\n'
        for at, text in marks.items()
    ]
    return "".join([*parts, "</svg>\n"])


def _shares(stages: tuple[Stage, ...], end: float) -> str:
    """Draw what the new version answers of everybody's requests; nothing if it never does."""
    shares = [(stage.at_s, stage.share * (stage.kind is Kind.SHARE)) for stage in stages]
    if not any(share for _, share in shares):
        return ""
    points = [(0.0, 0)]
    for at, share in shares:
        points += [(at, points[-1][1]), (at, share)]
    points.append((end, points[-1][1]))
    line = " ".join(f"{_x(at, end):.1f},{_y(share):.1f}" for at, share in points if at <= end)
    return f'  <polygon class="share" points="{line} {_x(end, end):.1f},{_y(0):.1f}"/>\n'


def _beside(stage: Stage, end: float) -> str:
    """Draw what is no share: copies as high as their part, a cohort, a preview."""
    left, right = _x(stage.at_s, end), _x(min(stage.at_s + stage.for_s, end), end)
    height = max(_y(0) - _y(stage.part), BAND)
    top = _y(0) - height
    return (
        f'  <rect class="{stage.kind}" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{height:.1f}"><title>{html.escape(stage.title)}</title></rect>\n'
        + _word(WORDS[stage.kind], left, right, top)
    )


def _word(word: str, left: float, right: float, bottom: float) -> str:
    if right - left < len(word) * ROOM:
        return ""
    # At the very top there is no room above it.
    y = bottom - 6 if bottom > TOP + BAND else bottom + 16
    return f'  <text x="{(left + right) / 2:.1f}" y="{y:.1f}" text-anchor="middle">{word}</text>\n'


def _gate(stage: Stage, end: float) -> str:
    x = _x(stage.at_s, end)
    waits = html.escape(", ".join(stage.waits))
    return (
        f'  <line class="gate" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}">'
        f"<title>{waits}</title></line>\n"
    )


def _x(at_s: float, end: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * at_s / end


def _y(share: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share / FULL)
