"""
The course of a delivery as a picture: the new version's share of the traffic over time.

A curve is corners in a box of :data:`WIDTH` by :data:`HEIGHT`, time from left to right at the
fastest, all of the traffic at the top. What the new version gets without answering anybody (copies,
a part of the users) is a second line. Whoever cannot see the picture has its sentence.
"""

from collections.abc import Iterable, Iterator

import msgspec

from serinus.core.spec import prose, timeline
from serinus.core.spec.delivery import FULL, Delivery
from serinus.core.spec.timeline import Kind, Stage

WIDTH, HEIGHT = 240, 64

_TAIL = 0.12
"""So much of the picture shows what is after the end."""

_LEAST = 0.04
"""No stage that takes any time is narrower than this part of the picture."""


class Corner(msgspec.Struct, frozen=True, rename="camel"):
    """One stage in the picture: where it begins, for people and for a caption."""

    x: float
    title: str
    share: float
    at: float
    gated: bool


class Curve(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    A picture. ``share`` and ``part``: the ``points`` of a polyline; ``part`` is empty for most.

    ``gates``: where (x) somebody has to say yes. ``corners``: its stages, for captions. ``total``:
    seconds until the new version serves everybody, or a test is over. ``sentence`` says it all.
    """

    share: str
    part: str
    gates: tuple[float, ...]
    corners: tuple[Corner, ...]
    total: float
    sentence: str
    width: int = WIDTH
    height: int = HEIGHT


def curve(delivery: Delivery) -> Curve:
    """Draw the course of a delivery, at the fastest."""
    stages = timeline.timeline(delivery)
    starts = tuple(_across(stages))
    shares = [stage.share for stage in stages]
    parts = [0 if stage.kind is Kind.SHARE else stage.part for stage in stages]
    return Curve(
        share=_points(starts, shares),
        part=_points(starts, parts) if any(parts) else "",
        gates=tuple(x for x, stage in zip(starts, stages, strict=True) if stage.gated),
        corners=tuple(
            Corner(x, stage.title, stage.share / FULL, stage.at_s, stage.gated)
            for x, stage in zip(starts, stages, strict=True)
        ),
        total=timeline.fastest(stages),
        sentence=_sentence(stages),
    )


def _across(stages: tuple[Stage, ...]) -> Iterator[float]:
    """Yield where each stage begins; what is short beside the rest is drawn a little wider."""
    whole = timeline.fastest(stages) or 1.0
    lengths = [_length(stage, whole) for stage in stages]
    scale = WIDTH * (1 - _TAIL) / (sum(lengths) or 1.0)
    at = 0.0
    for length in lengths:
        yield round(at, 1)
        at += length * scale


def _length(stage: Stage, whole: float) -> float:
    """Return a stage's part of the picture; what comes after the end is the tail."""
    if stage.at_s >= whole or stage.for_s <= 0:
        return 0.0
    return max(_LEAST, stage.for_s / whole)


def _points(starts: Iterable[float], milles: Iterable[int]) -> str:
    """Return the corners of steps: along at the old height, then up or down at once."""
    points = []
    height = float(HEIGHT)
    for x, mille in zip(starts, milles, strict=True):
        new = HEIGHT - mille / FULL * HEIGHT
        points += [(x, height), (x, new)]
        height = new
    points.append((WIDTH, height))
    return " ".join(f"{x:g},{round(y, 1):g}" for x, y in points)


def _sentence(stages: tuple[Stage, ...]) -> str:
    known: list[str] = []
    for stage in stages:
        said = f"{stage.share / 10:g} % after {prose.seconds(stage.at_s)}"
        if stage.kind is not Kind.SHARE:
            said = f"{stage.title} after {prose.seconds(stage.at_s)}"
        if stage.share or stage.kind is not Kind.SHARE:
            known.append(f"{said}, once somebody says yes" if stage.gated else said)
        if stage.share == FULL:
            break
    return "; ".join(known) + "." if known else "It serves nobody."
