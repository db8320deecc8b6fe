"""
Pieces of pages that many look at: made once for each change, and not once for each reader.

A piece is the same for all who may do the same. It is made anew after each event, after each nudge
of the live stream, and after :data:`KEPT_S` in any case: where nobody listens, nobody nudges.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import Response

from serinus.interfaces.web import frame

KEPT_S = 0.5
MOST = 64

Values = Callable[[], Awaitable[Mapping[str, Any]]]


class Pieces:
    """What was made lately, by what it depends on."""

    def __init__(self) -> None:
        self._made: dict[Hashable, tuple[float, str]] = {}
        self._lock = anyio.Lock()

    async def piece(self, key: Hashable, make: Callable[[], Awaitable[str]]) -> str:
        """Return a piece that was made a moment ago, or make it."""
        async with self._lock:
            now = anyio.current_time()
            found = self._made.pop(key, None)
            if found is None or now - found[0] >= KEPT_S:
                found = (now, await make())
            self._made[key] = found
            while len(self._made) > MOST:
                self._made.pop(next(iter(self._made)))
        return found[1]


async def part(request: Request, template: str, values: Values) -> Response:
    """Answer with a piece of a page that is the same for all who may do the same."""
    state, person = request.app.state, request.state.person
    if not hasattr(state, "pieces"):
        state.pieces = Pieces()
    pieces: Pieces = state.pieces
    rights = (person.rights, person.grants) if person is not None else None
    # The stream looks twice a second. Who has just acted sees what came of it, and nothing older.
    moment = (state.broadcaster.mark, await state.office.store.newest())
    key = (template, request.url.path, request.url.query, rights, moment)

    async def make() -> str:
        return frame.text(request, template, csrf=frame.TOKEN, **await values())

    return frame.answered(request, await pieces.piece(key, make))
