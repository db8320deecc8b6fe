"""
What the replicas that are compared now wrote last, and then what they write, as they write it.

::

    GET /api/v1/logs/local/shop              the last lines, as JSON
    GET /api/v1/logs/local/shop?follow=1     the same and all that comes, as server-sent events

A stream holds a connection, and reads files or pods for one reader alone, so that there are few.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio
import msgspec
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from serinus.app import views
from serinus.app.office import Line, Office
from serinus.core.state.notice import Key
from serinus.interfaces.api import operations, problems, releases, stream
from serinus.interfaces.api.operations import Operation
from serinus.interfaces.api.problems import Problem
from serinus.interfaces.api.stream import Broadcaster
from serinus.ports import failures

MOST = 100
"""So many follow logs at once, at most."""

LOOK_S = 1.0
"""How often it is looked whether other revisions are compared now."""

AHEAD = 200
"""So many lines wait for a slow reader; the files are read no further then."""

STILL = b": still here\n\n"

Put = MemoryObjectSendStream[Line | Problem]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose lines are wanted: of all that are compared, or of the candidate alone."""

    office: Office
    key: Key
    candidate: bool

    async def revisions(self) -> tuple[str, ...]:
        """Return the revisions that are meant now."""
        return await views.compared(self.office.store, self.key, candidate=self.candidate)

    async def tail(self, lines: int) -> tuple[Line, ...]:
        """Return the last lines of each replica, replica by replica."""
        found: list[Line] = []
        for revision in await self.revisions() if lines else ():
            found += await self.office.logs.tail(self.key, revision, lines)
        return tuple(sorted(found, key=lambda line: line.replica))


async def wrote(request: Request) -> Response:
    """Show what the replicas that are compared now wrote last; with ``follow``, go on."""
    place, key, _ = await releases.one(request)
    given = request.query_params
    asked = Asked(place, key, given.get("candidate") in {"1", "true"})
    lines = 0
    if given.get("lines") != "0":
        lines = operations.number(request, "lines", releases.LINES, releases.MOST_LINES)
    told = await asked.tail(lines)
    if given.get("follow") not in {"1", "true"}:
        return operations.answer(request, told)
    readers: anyio.CapacityLimiter = request.app.state.readers
    if not readers.available_tokens:
        raise failures.Unavailable(f"{MOST} follow logs here already", retry_after_s=stream.BEAT_S)
    broadcaster: Broadcaster = request.app.state.broadcaster
    over = partial(broadcaster.over, request.state.person.session)
    return Following(asked, told, over, readers)


class Following(Response):
    """A response that goes on for as long as somebody reads it; ``over``: until it is to end."""

    media_type = stream.Stream.media_type

    def __init__(
        self,
        asked: Asked,
        first: Sequence[Line],
        over: Callable[[], Awaitable[None]],
        readers: anyio.CapacityLimiter,
    ) -> None:
        super().__init__(headers=stream.HEADERS)
        del self.headers["content-length"]
        self._asked = asked
        self._first = first
        self._over = over
        self._readers = readers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send what was written, and what is, until the reader leaves or the server ends."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        put, take = anyio.create_memory_object_stream[Line | Problem](AHEAD)
        self._readers.acquire_on_behalf_of_nowait(self)
        try:
            async with put, take, anyio.create_task_group() as tasks:
                tasks.start_soon(stream.until_left, receive, tasks.cancel_scope)
                tasks.start_soon(self._until_over, tasks.cancel_scope)
                tasks.start_soon(self._follow, put, tasks)
                await send(_body(b"".join(map(_piece, self._first)) or STILL))
                while True:
                    piece = STILL
                    with anyio.move_on_after(stream.BEAT_S):
                        piece = _piece(await take.receive())
                    await send(_body(piece))
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._readers.release_on_behalf_of(self)

    async def _until_over(self, scope: anyio.CancelScope) -> None:
        await self._over()
        scope.cancel()

    async def _follow(self, put: Put, tasks: TaskGroup) -> None:
        """Follow each revision that is compared, from when it is."""
        heard: set[str] = set()
        while True:
            try:
                found = await self._asked.revisions()
            except failures.PortFailure as failure:
                await put.send(problems.of(failure))
                return
            for revision in set(found) - heard:
                heard.add(revision)
                tasks.start_soon(self._one, revision, put)
            await anyio.sleep(LOOK_S)

    async def _one(self, revision: str, put: Put) -> None:
        lines: Any = self._asked.office.logs.follow(self._asked.key, revision)
        try:
            async with aclosing(lines):
                async for line in lines:
                    await put.send(line)
        except failures.PortFailure as failure:
            await put.send(problems.of(failure))


def _body(piece: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": piece, "more_body": True}


def _piece(told: Line | Problem) -> bytes:
    kind = b"event: problem\n" if isinstance(told, Problem) else b""
    return b"%bdata: %b\n\n" % (kind, msgspec.json.encode(told))


OPERATIONS: Sequence[Operation] = (
    Operation(
        "GET",
        "/logs/{environment}/{application:path}",
        "Show what the replicas that are compared now wrote last.",
        wrote,
        tuple[Line, ...],
        query={
            "lines": f"of each replica, up to {releases.MOST_LINES}; {releases.LINES} without it",
            "candidate": "1: of the candidate's replicas alone",
            "follow": "1: and then all that they write, each line an event of text/event-stream",
        },
        errors=(400, 401, 403, 404, 503),
    ),
)
