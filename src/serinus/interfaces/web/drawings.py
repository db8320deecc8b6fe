"""
The charts of a release's page, drawn: what it counted itself, and what metric sources tell.

What was counted is there at once. A source is asked when a page is opened, and by a piece of the
page of its own after that: one that is slow holds up nothing but its chart.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import anyio
import msgspec
from starlette.requests import Request

from serinus.app.series import Line
from serinus.app.span import WHOLE, Span
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading
from serinus.interfaces.web import frame, sketch
from serinus.interfaces.web.sketch import Sketch

GLANCE_S = 1.0
"""So long a page that is opened waits for metric sources."""


class Drawn(msgspec.Struct, frozen=True):
    """A check over time; ``sketch`` is None where there is nothing to draw."""

    line: Line
    sketch: Sketch | None


class Times(msgspec.Struct, frozen=True):
    """When steps began, and when traffic was taken away."""

    begun: tuple[datetime, ...] = ()
    taken: tuple[datetime, ...] = ()


def of(lines: Sequence[Line], times: Times) -> Mapping[str, Drawn]:
    """Draw each line; by the names of their checks."""
    begun, taken = ([at.timestamp() for at in found] for found in (times.begun, times.taken))
    return {line.check: Drawn(line, sketch.of(line, begun, taken)) for line in lines}


async def asked(
    request: Request,
    key: Key,
    release: Release,
    reading: Reading | None,
    times: Times,
    *,
    span: Span = WHOLE,
) -> Mapping[str, Drawn]:
    """Draw what metric sources tell; without those that do not answer in a moment."""
    lines: Sequence[Line] = ()
    with anyio.move_on_after(GLANCE_S):
        now = frame.office(request).clock.now()
        lines = await frame.courses(request).of(key, release, reading, now, span.length)
    return of(lines, times)
