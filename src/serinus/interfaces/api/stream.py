"""
What has changed, as it changes: one stream of server-sent events for each browser.

::

    store ──▶ a round every half second ──▶ one piece of bytes ──▶ every listener's queue
              events, snapshots             at most one nudge      bounded; who is slow is told
              of what is in flight          for each topic         to begin anew

A nudge says only that a topic has changed: whoever shows it asks for it again, and asks whether it
is another one at all. So nothing is lost with a nudge that is, and a browser that comes back tells
which was the last that it heard.
"""

import secrets
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import anyio
import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from serinus.app.office import Office
from serinus.core.state.notice import Event, Key
from serinus.interfaces.api import guard
from serinus.interfaces.api.people import Right
from serinus.ports import failures

ROUND_S = 0.5
"""A topic is told of no more often than this."""

LISTS_S = 4.0
"""How often a list is told that something within it moves, without an event."""

SCAN_S = 60.0
BEAT_S = 15.0
KEPT = 2_000
"""Nudges that are remembered for whoever comes back."""

WAITING = 32
"""Pieces that wait for a slow listener before it is told to begin anew."""

MOST = 2_000
"""So many listen at once, at most: each holds a connection, and a few kilobytes."""

LIST, CONTROLLER = "list", "controller"
BEAT = b'event: beat\ndata: {"topic":"","version":0,"kind":"beat"}\n\n'
"""An event, which a page can see, where a comment would not do: see ``static/js/line.js``."""

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


log = structlog.get_logger()


class Nudge(msgspec.Struct, frozen=True):
    """One change. ``kind``: ``changed``, or ``reset``: everything may have."""

    topic: str
    version: int
    kind: str = "changed"


class Listener:
    """What waits for one browser; ``session``: whose it is."""

    def __init__(self, first: Iterable[bytes] = (), session: str = "") -> None:
        self.session = session
        self._waiting: deque[bytes] = deque(first)
        self._come = anyio.Event()
        self.closed = False

    def put(self, piece: bytes, reset: bytes) -> None:
        """Let a piece wait; of a queue that is too long only the advice to begin anew is left."""
        if len(self._waiting) >= WAITING:
            self._waiting.clear()
            piece = reset
        self._waiting.append(piece)
        self._come.set()

    def close(self) -> None:
        """End it, after what waits."""
        self.closed = True
        self._come.set()

    async def take(self) -> bytes:
        """Wait, and return all that waits; nothing at the end."""
        while not self._waiting and not self.closed:
            self._come = anyio.Event()
            await self._come.wait()
        found = b"".join(self._waiting)
        self._waiting.clear()
        return found


class Broadcaster:
    """Look at one office for everybody who listens; looks at nothing while nobody does."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._start = secrets.token_hex(3)
        self._listeners: set[Listener] = set()
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._last = 0
        self._someone = anyio.Event()
        self._closed = False
        self._readers: set[tuple[str, anyio.Event]] = set()
        self._sequence = 0
        self._flying: dict[Key, int] = {}
        self._seen: dict[Key, datetime] = {}
        self._restless: set[Key] = set()
        self._alive = True
        self._begun = False
        self._due = _Due()

    # --- who listens ----------------------------------------------------------------------------

    def listen(self, last: str = "", session: str = "") -> Listener:
        """
        Return a listener of a session; ``last`` is the id that it heard last.

        Without one, or with one of long ago, it is told first that everything may have changed.
        """
        listener = Listener([b"retry: 2000\n\n", *self._missed(last)], session)
        self._listeners.add(listener)
        self._someone.set()
        if self._closed:
            listener.close()
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)

    @property
    def mark(self) -> str:
        """The id of the last nudge: a page that names it hears what changed since it was made."""
        return f"{self._start}-{self._last}"

    @property
    def listeners(self) -> int:
        """How many there are."""
        return len(self._listeners)

    def close(self) -> None:
        """End every stream, and let nobody in any more."""
        self._closed = True
        self._someone.set()
        for listener in self._listeners:
            listener.close()
        for _, told in self._readers:
            told.set()

    def end(self, session: str) -> None:
        """End the streams of a session that is over."""
        for listener in self._listeners:
            if listener.session == session:
                listener.close()
        for one, told in self._readers:
            if one == session:
                told.set()

    async def over(self, session: str = "") -> None:
        """Wait until every stream is to end, or those of a session are."""
        reader = (session, anyio.Event())
        self._readers.add(reader)
        try:
            if not self._closed:
                await reader[1].wait()
        finally:
            self._readers.discard(reader)

    def _missed(self, last: str) -> list[bytes]:
        start, _, number = last.partition("-")
        oldest = self._ring[0][0] if self._ring else self._last + 1
        known = start == self._start and number.isdecimal()
        if not known or not oldest - 1 <= int(number) <= self._last:
            return [self._reset()]
        return [piece for at, piece in self._ring if at > int(number)]

    # --- what is told ---------------------------------------------------------------------------

    def tell(self, topics: Iterable[str]) -> None:
        """Tell everybody that topics have changed."""
        pieces = []
        for topic in topics:
            self._last += 1
            nudge = msgspec.json.encode(Nudge(topic, self._last))
            piece = b"id: %b\ndata: %b\n\n" % (self.mark.encode(), nudge)
            self._ring.append((self._last, piece))
            pieces.append(piece)
        if pieces:
            self._send(b"".join(pieces))

    def _send(self, piece: bytes) -> None:
        reset = self._reset()
        for listener in self._listeners:
            listener.put(piece, reset)
        self._due.beat = self._now() + timedelta(seconds=BEAT_S)

    def _reset(self) -> bytes:
        nudge = msgspec.json.encode(Nudge("", self._last, "reset"))
        return b"id: %b\ndata: %b\n\n" % (self.mark.encode(), nudge)

    # --- looking --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look and tell, until it is closed or cancelled."""
        while not self._closed:
            if not self._listeners:
                # Whoever comes back after a time in which nobody looked begins anew.
                self._ring.clear()
                self._someone = anyio.Event()
                await self._someone.wait()
                self._last += 1
                self._begun = False
            try:
                await self.round()
            except failures.PortFailure as failure:
                log.warning("the stream could not look", problem=str(failure))
            await anyio.sleep(ROUND_S)

    async def _begin(self) -> None:
        self._sequence = await self._office.store.newest()
        self._alive = self._office.alive()
        self._seen.clear()
        await self._scan()
        self._begun = True

    async def round(self) -> None:
        """Look once, and tell what has changed since the time before."""
        if not self._begun:
            await self._begin()
        topics: dict[str, None] = {}
        events = await self._office.store.events(after=self._sequence)
        for event in events:
            self._sequence = max(self._sequence, event.sequence)
            topics |= dict.fromkeys(_topics(event))
        for key in {Key(event.application, event.environment) for event in events}:
            await self._look(key)
        topics |= await self._moved()
        if self._office.alive() != self._alive:
            self._alive = not self._alive
            topics[CONTROLLER] = None
        now = self._now()
        if self._restless and now >= self._due.lists:
            self._due.lists = now + timedelta(seconds=LISTS_S)
            topics |= dict.fromkeys(_application(key) for key in self._restless)
            topics[LIST] = None
            self._restless.clear()
        if now >= self._due.scan:
            await self._scan()
        self.tell(topics)
        if now >= self._due.beat:
            self._send(BEAT)

    async def _moved(self) -> dict[str, None]:
        """Return the releases in flight that the controller has looked at since the last round."""
        topics: dict[str, None] = {}
        for key, number in tuple(self._flying.items()):
            snapshot = await self._office.store.snapshot(key)
            if snapshot is None or self._seen.get(key) == snapshot.at:
                continue
            known = key in self._seen
            self._seen[key] = snapshot.at
            if known:
                topics[_release(key, number)] = None
                self._restless.add(key)
        return topics

    async def _look(self, key: Key) -> None:
        """Note whether a release of an application is in flight."""
        status = await self._office.store.status(key)
        release = status.release if status else None
        if release is not None and release.ended_at is None:
            self._flying[key] = release.number
        else:
            self._flying.pop(key, None)
            self._seen.pop(key, None)

    async def _scan(self) -> None:
        self._due.scan = self._now() + timedelta(seconds=SCAN_S)
        self._flying.clear()
        for key in await self._office.store.keys():
            await self._look(key)

    def _now(self) -> datetime:
        return self._office.clock.now()


class _Due:
    """When what is done now and then is done next."""

    def __init__(self) -> None:
        long_ago = datetime.min.replace(tzinfo=UTC)
        self.beat = self.lists = self.scan = long_ago


class Stream(Response):
    """A response that goes on for as long as somebody reads it."""

    media_type = "text/event-stream"

    def __init__(self, broadcaster: Broadcaster, last: str, session: str = "") -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._broadcaster = broadcaster
        self._session = session
        self._last = last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send what comes, until the reader leaves or the server ends."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        listener = self._broadcaster.listen(self._last, self._session)
        try:
            await send(start)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(until_left, receive, tasks.cancel_scope)
                while piece := await listener.take():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                tasks.cancel_scope.cancel()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._broadcaster.leave(listener)


async def until_left(receive: Receive, scope: anyio.CancelScope) -> None:
    """Cancel a scope once the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def routes() -> list[BaseRoute]:
    """Return the route of the stream."""
    return [Route("/events", events)]


async def events(request: Request) -> Response:
    """Begin a stream, after the last event that the browser heard."""
    person = await guard.allow(request, Right.VIEW)
    broadcaster: Broadcaster = request.app.state.broadcaster
    if request.method == "HEAD":
        return Response(media_type=Stream.media_type, headers=HEADERS)
    if broadcaster.listeners >= MOST:
        raise failures.Unavailable(f"{MOST:,} browsers listen already", retry_after_s=BEAT_S)
    last = request.headers.get("last-event-id") or request.query_params.get("last", "")
    return Stream(broadcaster, last, person.session)


def _topics(event: Event) -> list[str]:
    key = Key(event.application, event.environment)
    found = [LIST, _application(key)]
    return found if event.release is None else [*found, _release(key, event.release)]


def _application(key: Key) -> str:
    return f"application/{key.environment}/{key.application}"


def _release(key: Key, number: int) -> str:
    return f"release/{key.environment}/{key.application}/{number}"
