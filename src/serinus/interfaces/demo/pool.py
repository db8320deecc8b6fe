"""
The client's end of the connections: a bounded pool, each with one request outstanding.

    send ──► an idle connection ──────────────► written ──► answered ──► idle again
         ├─► a new connection, if there is room ──┘    └──► closed without a byte of an answer:
         └─► the queue, if there is none                    once more on a new connection

A server may close an idle connection at the very moment at which a request is written to it.
Such a request, on a connection that had been used before and of whose answer not one byte came,
is sent once more on a new connection, as HTTP clients do (RFC 9110, 9.2.2; RFC 9112, 9.3.1). All
requests of the demo may be: GET by its meaning, POST by its idempotency key.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final, cast

from serinus.interfaces.demo import answers, tally, wire

_ANSWER_LIMIT: Final = 16 * 1024 * 1024
_QUEUE: Final = 10_000
_TEXT: Final = 160
_STATUS: Final = slice(9, 12)
_REPLICA: Final = answers.REPLICA.encode()
_NAME: Final = 64


@dataclass(slots=True, eq=False)
class Request:
    """One request under way."""

    due: float
    payload: bytes
    to_head: bool
    retried: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask, and by which field its answers are known; without one, all are its own."""

    host: str
    port: int
    timeout_s: float
    marker: str = answers.MARKER


class Pool:
    """All connections to one target."""

    def __init__(self, target: Target, most: int, recorder: tally.Recorder) -> None:
        self.recorder = recorder
        self.marker = target.marker.encode()
        self.clock = asyncio.get_running_loop().time
        self._target = target
        self._most = most
        self._idle: list[Line] = []
        self._busy: set[Line] = set()
        self._dialling: dict[asyncio.Task[None], Request] = {}
        self._queue: deque[Request] = deque()

    def send(self, request: Request) -> None:
        """Send a request as soon as there is a connection for it."""
        if self._idle:
            line = self._idle.pop()
            self._busy.add(line)
            line.write(request)
        elif len(self._busy) + len(self._dialling) < self._most:
            self._dial(request)
        elif len(self._queue) < _QUEUE:
            self._queue.append(request)
        else:
            self.recorder.lost("starved")

    def free(self, line: "Line") -> None:
        """Take back a connection whose answer is whole, for the next request."""
        if self._queue:
            line.write(self._queue.popleft())
        else:
            self._busy.discard(line)
            self._idle.append(line)

    def drop(self, line: "Line") -> None:
        """Forget a connection that is closed; who waits in the queue may have its place."""
        self._busy.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        self._refill()

    def retry(self, request: Request) -> None:
        """Send a request once more, on a connection of its own."""
        request.retried = True
        self.recorder.retried()
        self._dial(request)

    def sweep(self) -> None:
        """Give up all requests whose time is over."""
        oldest = self.clock() - self._target.timeout_s
        while self._queue and self._queue[0].due <= oldest:
            self._queue.popleft()
            self.recorder.lost("starved")
        for line in [line for line in self._busy if line.due <= oldest]:
            line.give_up("timeout")
        for task in [task for task, request in self._dialling.items() if request.due <= oldest]:
            if not task.done():
                task.cancel()
                self.recorder.lost("timeout")

    async def close(self) -> None:
        """Close all connections; what is still outstanding has no outcome."""
        self._queue.clear()
        dialling = list(self._dialling)
        for task in dialling:
            task.cancel()
        await asyncio.gather(*dialling, return_exceptions=True)
        for line in [*self._idle, *self._busy]:
            line.close()
        await asyncio.sleep(0)

    def _dial(self, request: Request) -> None:
        task = asyncio.create_task(self._connect(request))
        self._dialling[task] = request
        task.add_done_callback(self._dialled)

    def _dialled(self, task: asyncio.Task[None]) -> None:
        del self._dialling[task]
        self._refill()

    def _refill(self) -> None:
        if self._queue and len(self._busy) + len(self._dialling) < self._most:
            self._dial(self._queue.popleft())

    async def _connect(self, request: Request) -> None:
        loop = asyncio.get_running_loop()
        address = self._target.host, self._target.port
        try:
            _, line = await loop.create_connection(lambda: Line(self), *address)
        except ConnectionRefusedError:
            self.recorder.lost("refused")
        except OSError as error:
            self.recorder.lost("unreachable", str(error))
        else:
            self._busy.add(line)
            line.write(request)


class Line(asyncio.Protocol):
    """One connection with at most one request outstanding.

    The request is *safe* to be sent again while no byte of its answer has come, if the connection
    had been used before or was closed already when the request was to be written.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._request: Request | None = None
        self._head: wire.Head | None = None
        self._body: wire.Body | None = None
        self._status = 0
        self._answers = 0
        self._safe = False
        self._text = ""

    @property
    def due(self) -> float:
        """When the outstanding request was due; never, without one."""
        return self._request.due if self._request else float("inf")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Settle the request that was outstanding: whole, to be retried, or lost."""
        self._transport = None
        request = self._request
        whole = request is not None and exc is None and isinstance(self._body, wire.UntilClose)
        if whole:
            self._finish()
        self._request = None
        if request is not None and not whole:
            if self._safe and not request.retried:
                self._pool.retry(request)
            else:
                self._pool.recorder.lost("reset", str(exc or ""))
        self._pool.drop(self)

    def write(self, request: Request) -> None:
        """Write a request, or have it settled as unwritten if the connection is closed already."""
        self._request, self._head, self._body = request, None, None
        self._safe = self._answers > 0
        if self._transport and not self._transport.is_closing():
            self._pool.recorder.written(self._pool.clock() - request.due)
            self._transport.write(request.payload)
            return
        self._safe = True
        if self._transport is None:
            self.connection_lost(None)

    def data_received(self, data: bytes) -> None:
        """Read on in the answer; bytes that nobody asked for end the connection."""
        if self._request is None:
            self.close()
            return
        self._safe = False
        self._buffer += data
        try:
            if (self._body or self._begin(self._request)) and self._body:
                whole = self._body.take(self._buffer)
                if whole:
                    self._finish()
        except (wire.GarbledError, ValueError):
            self.give_up("garbled")

    def give_up(self, kind: str) -> None:
        """Count the outstanding request as lost, and close its connection."""
        self._request = None
        self._pool.recorder.lost(kind)
        self.close()

    def close(self) -> None:
        """Close the connection whatever is under way; nothing more is counted."""
        self._request = None
        if self._transport:
            self._transport.abort()

    def _begin(self, request: Request) -> bool:
        """Read the head of the answer, if it is there; those with 1xx are only announcements."""
        while (head := wire.read_head(self._buffer)) is not None:
            protocol, code = head.start[:9], head.start[_STATUS]
            if protocol not in {b"HTTP/1.1 ", b"HTTP/1.0 "} or not code.isdigit():
                raise wire.GarbledError(502, "no status")
            self._status = int(code)
            if self._status in range(100, 200):
                continue
            self._head = head
            self._text = self._buffer[:_TEXT].decode(errors="replace").strip()
            bodyless, limit = request.to_head, _ANSWER_LIMIT
            self._body = wire.answer_body(head, self._status, to_head=bodyless, limit=limit)
            return True
        return False

    def _finish(self) -> None:
        """Count the answer, and make the connection free if it may be used again."""
        request, head = self._request, self._head
        if request is None or head is None:
            return
        self._request = None
        self._answers += 1
        pool = self._pool
        version = head.fields.get(pool.marker, b"") if pool.marker else b"-"
        if version:
            replica = head.fields.get(_REPLICA, b"-")
            latency_s = pool.clock() - request.due
            pool.recorder.answered(_name(version), _name(replica), self._status, latency_s)
        else:
            pool.recorder.lost(f"proxy_{self._status}", self._text)
        old = head.start.startswith(b"HTTP/1.0")
        if self._transport is None:
            return
        if head.last or old or self._buffer:
            self._transport.abort()
        else:
            pool.free(self)


def _name(value: bytes) -> str:
    return value[:_NAME].decode("latin-1")
