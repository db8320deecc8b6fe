"""
Pictures of a delivery: how much of the traffic the new version gets, over time, at the fastest.

Small shares matter most, so heights grow with the square root: 1 % is a tenth of the height. A
stage that takes no time is as wide as can be seen. Every picture has a sentence that says the same.
"""

import math
from collections.abc import Sequence

import msgspec

from serinus.core.spec import prose, timeline
from serinus.core.spec.delivery import FULL
from serinus.core.spec.timeline import Kind, Stage

WIDTH, HEIGHT = 320.0, 96.0
LEAST = 10.0
"""So wide is a stage at least."""

LAST = 0.18
"""So much of the width has the time after everybody is served: it is told, not measured."""

LINES = (10, 50, 250, 500, 1000)
"""Shares, in per mille, at which a line helps the eye."""


class Block(msgspec.Struct, frozen=True):
    """
    One stage in a picture: its place, and its words.

    ``kind`` is what the new version gets in it; ``gated``: somebody has to say yes first.
    """

    x: float
    y: float
    width: float
    height: float
    kind: str
    gated: bool
    title: str
    at_s: float
    for_s: float
    share: float
    waits: tuple[str, ...]


class Line(msgspec.Struct, frozen=True):
    """A share at which a line is drawn, and where."""

    y: float
    share: float


class Curve(msgspec.Struct, frozen=True):
    """
    The picture of a delivery, in units of its own ``width`` and ``height``.

    ``line`` and ``area`` are points as SVG writes them. ``sentence`` says what it shows.
    """

    blocks: tuple[Block, ...]
    line: str
    area: str
    lines: tuple[Line, ...]
    fastest_s: float
    promotes: bool
    sentence: str
    width: float = WIDTH
    height: float = HEIGHT


def of(stages: Sequence[Stage]) -> Curve:
    """Draw the stages of a delivery."""
    found = tuple(stages)
    widths = _widths(found)
    blocks, x = [], 0.0
    for stage, width in zip(found, widths, strict=True):
        blocks.append(_block(stage, x, width))
        x += width
    corners = [point for block in blocks for point in _top(block)]
    line = " ".join(f"{x:g},{y:g}" for x, y in corners)
    return Curve(
        blocks=tuple(blocks),
        line=line,
        area=f"0,{HEIGHT:g} {line} {WIDTH:g},{HEIGHT:g}",
        lines=tuple(Line(_height(share), share / FULL) for share in LINES),
        fastest_s=timeline.fastest(found),
        promotes=timeline.promotes(found),
        sentence=_sentence(found),
    )


def _widths(stages: Sequence[Stage]) -> list[float]:
    """Share the width by time: what is short gets what can be seen, what comes last is cut."""
    whole = next((index for index, stage in enumerate(stages) if stage.share == FULL), None)
    first = list(stages if whole is None else stages[:whole])
    rest = len(stages) - len(first)
    after = WIDTH * LAST if rest else 0.0
    total = sum(stage.for_s for stage in first) or 1.0
    room = max(0.0, WIDTH - after - LEAST * len(first))
    spread = [LEAST + stage.for_s / total * room for stage in first]
    scale = (WIDTH - after) / (sum(spread) or 1.0)
    return [width * scale for width in spread] + [after / rest for _ in range(rest)]


def _block(stage: Stage, x: float, width: float) -> Block:
    part = stage.share if stage.kind is Kind.SHARE else max(stage.part, stage.share)
    shown = part or (FULL if stage.kind in {Kind.PREVIEW, Kind.MATCH} else 0)
    y = _height(shown)
    return Block(
        x=round(x, 1),
        y=y,
        width=round(width, 1),
        height=round(HEIGHT - y, 1),
        kind=stage.kind.value,
        gated=stage.gated,
        title=stage.title,
        at_s=stage.at_s,
        for_s=stage.for_s,
        share=stage.share / FULL,
        waits=stage.waits,
    )


def _top(block: Block) -> tuple[tuple[float, float], ...]:
    """Return both ends of the line of traffic over a block."""
    y = _height(round(block.share * FULL))
    return (block.x, y), (round(block.x + block.width, 1), y)


def _height(mille: int) -> float:
    return round(HEIGHT * (1 - math.sqrt(mille / FULL)), 1)


def _sentence(stages: Sequence[Stage]) -> str:
    """Say what the picture shows: the shares, the gates, and how long it takes at the fastest."""
    shares = dict.fromkeys(stage.share for stage in stages if stage.share)
    way = " → ".join(f"{share / 10:g} %" for share in shares) or "no traffic of its own"
    gates = sum(stage.gated for stage in stages)
    waits = f", with {prose.several(gates, 'gate')}" if gates else ""
    length = prose.seconds(timeline.fastest(tuple(stages)))
    end = "everybody is served" if timeline.promotes(tuple(stages)) else "the test is over"
    return f"{way}{waits}; {end} after {length} at the fastest"
