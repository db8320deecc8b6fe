"""
The shop's end of a connection: requests in, fates decided, answers out.

    data ──► head ──► body ──► fate ──► (delay) ──► answer ──► the next request

One connection answers one request at a time and in order, so a client may send several at once
(pipelining). What it sends ahead waits in a buffer; over a bound the connection reads no more
until it has caught up, and it does the same while the client does not take its answers.
"""

import asyncio
from collections.abc import Callable
from typing import Final, cast

from serinus.interfaces.demo import answers, faults, wire

_READ_AHEAD: Final = 64 * 1024


class Shop:
    """What all connections of one replica share."""

    def __init__(
        self,
        pages: answers.Answers,
        given: faults.Faults,
        seed: int,
        most: int,
        crash: Callable[[str], None],
    ) -> None:
        self.pages = pages
        self.faults = given
        self.dice = faults.Dice(given, seed)
        self.most = most
        self.crash = crash
        self.clock = asyncio.get_running_loop().time
        self.born = self.clock()
        self.connections: set[Connection] = set()
        self.empty = asyncio.Event()
        self.empty.set()
        self.stopping = False

    @property
    def age_s(self) -> float:
        """How long this shop has been running."""
        return self.clock() - self.born

    def welcome(self, connection: "Connection") -> bool:
        """Take in a connection, unless there are too many already."""
        if len(self.connections) >= self.most:
            return False
        self.connections.add(connection)
        self.empty.clear()
        return True

    def forget(self, connection: "Connection") -> None:
        """Forget a connection that is closed."""
        self.connections.discard(connection)
        if not self.connections:
            self.empty.set()

    def close_idle(self) -> None:
        """Close every connection on which no request is being answered."""
        for connection in list(self.connections):
            connection.close_if_idle()

    def decide(self, method: bytes, path: bytes) -> tuple[answers.Answer | None, float]:
        """Decide about a request: its answer, none if it hangs, and the delay in seconds."""
        age_s = self.age_s
        starting = age_s < self.faults.slow_start_s
        if path == b"/healthz":
            if self.faults.hangs_always:
                return None, 0.0
            return self.pages.starting if starting else self.pages.find(method, path), 0.0
        fate = self.dice.next(age_s)
        if fate.crash:
            self.crash("SHOP_CRASH_AFTER")
        if fate.hang:
            return None, 0.0
        if starting:
            return self.pages.starting, 0.0
        return self.pages.failed if fate.error else self.pages.find(method, path), fate.delay_s


class Connection(asyncio.Protocol):
    """One connection: a buffer, the request being read, the request being answered."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._method, self._path = b"", b""
        self._body: wire.Body | None = None
        self._last = False
        self._answering = False
        self._choked = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many already."""
        self._transport = cast("asyncio.Transport", transport)
        if not self._shop.welcome(self):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection and the answer that was under way."""
        del exc
        self._transport = None
        self._shop.forget(self)
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on, or keep what came ahead of its turn."""
        self._buffer += data
        if self._ready:
            self._read()
        elif len(self._buffer) > _READ_AHEAD and self._transport:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Stay open for the answer that a client still waits for after its last word."""
        self._last = True
        return self._timer is not None

    def pause_writing(self) -> None:
        """Answer nothing more while the client takes no answers."""
        self._choked = True

    def resume_writing(self) -> None:
        """Go on once the client has taken its answers."""
        self._choked = False
        # Not at once: the transport is in the middle of its own work and must not be closed there.
        asyncio.get_running_loop().call_soon(self._read)

    def close_if_idle(self) -> None:
        """Close the connection if it has no request, begun or whole; else that is the last one."""
        self._last = True
        busy = self._answering or self._body is not None or self._buffer
        if not busy and self._transport:
            self._transport.close()

    def abort(self) -> None:
        """Close the connection whatever is under way."""
        if self._transport:
            self._transport.abort()

    @property
    def _ready(self) -> bool:
        """Whether the next request may be read."""
        is_open = self._transport is not None and not self._transport.is_closing()
        return is_open and not self._answering and not self._choked

    def _read(self) -> None:
        """Read and answer requests until bytes are missing or an answer takes its time."""
        try:
            while self._ready:
                if self._body is None and not self._begin():
                    break
                if self._body is None or not self._body.take(self._buffer):
                    break
                self._body = None
                self._decide()
        except wire.GarbledError as error:
            self._last = True
            self._buffer.clear()
            self._write(self._shop.pages.refusal(error.status, error.reason))
            return
        if self._transport and self._ready:
            self._transport.resume_reading()

    def _begin(self) -> bool:
        """Read the head of the next request, if it is there."""
        head = wire.read_head(self._buffer)
        if head is None:
            return False
        parts = head.start.split(b" ")
        if len(parts) != len(("method", "target", "protocol")) or not parts[1]:
            raise wire.GarbledError(400, f"{head.start[:40]!r} is no request")
        self._method, target, protocol = parts
        if protocol not in {b"HTTP/1.1", b"HTTP/1.0"}:
            raise wire.GarbledError(505, "the shop speaks HTTP/1.1")
        if protocol == b"HTTP/1.1" and b"host" not in head.fields:
            raise wire.GarbledError(400, "the field host is missing")
        self._path = target.partition(b"?")[0]
        self._last = self._last or head.last or protocol == b"HTTP/1.0"
        self._body = wire.request_body(head)
        waits = head.fields.get(b"expect", b"").lower() == b"100-continue"
        if waits and not self._buffer and self._transport:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _decide(self) -> None:
        answer, delay_s = self._shop.decide(self._method, self._path)
        self._answering = True
        if answer is None:
            return
        if delay_s:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay_s, self._write_and_go_on, answer)
        else:
            self._write(answer)

    def _write_and_go_on(self, answer: answers.Answer) -> None:
        self._timer = None
        self._write(answer)
        self._read()

    def _write(self, answer: answers.Answer) -> None:
        self._answering = False
        if self._transport is None:
            return
        last = self._last or self._shop.stopping
        self._transport.write(self._shop.pages.render(answer, last=last, method=self._method))
        if last:
            self._transport.close()
