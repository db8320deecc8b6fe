"""Real servers on loopback, honest and hostile ones: each answers every request in its own way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import SocketAttribute, SocketStream


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


Answering = Callable[[SocketStream, Received], Awaitable[None]]


@dataclass
class Server:
    """Where a server is, and what it was asked."""

    port: int
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(answering: Answering) -> AsyncIterator[Server]:
    """Serve for the length of a block; what still hangs then is cut off."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's word, not Django's
    server = Server(port)

    async def handle(stream: SocketStream) -> None:
        async with stream:
            with anyio.move_on_after(15):
                request = await _request(stream)
                server.received.append(request)
                try:
                    await answering(stream, request)
                except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                    return  # whoever asked has heard enough

    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, handle)
        yield server
        tasks.cancel_scope.cancel()


async def _request(stream: SocketStream) -> Received:
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive()
    head, _, body = data.partition(b"\r\n\r\n")
    line, *rest = head.decode().split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (text.partition(":") for text in rest)}
    while len(body) < int(headers.get("content-length", 0)):
        body += await stream.receive()
    return Received(line, headers, body)


# --- honest ones ----------------------------------------------------------------------------------


def answers(
    status: int = 200, body: bytes = b"", kind: str = "application/json", **headers: str
) -> Answering:
    """Always the same answer."""

    async def answer(stream: SocketStream, _: Received) -> None:
        lines = [f"HTTP/1.1 {status} So", f"content-length: {len(body)}", f"content-type: {kind}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        await stream.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


# --- hostile ones ---------------------------------------------------------------------------------


async def never(stream: SocketStream, _: Received) -> None:
    """Say nothing, and do not hang up."""
    await anyio.sleep_forever()


async def hangs_up(stream: SocketStream, _: Received) -> None:
    """Hang up without a word."""
    await stream.aclose()


async def drips(stream: SocketStream, _: Received) -> None:
    """Send a byte now and then, so that no wait for the next one is ever long."""
    await stream.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    while True:
        await stream.send(b" ")
        await anyio.sleep(0.02)


async def drips_headers(stream: SocketStream, _: Received) -> None:
    """The same before the body has begun."""
    await stream.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await stream.send(b"x: y\r\n")
        await anyio.sleep(0.02)


async def floods(stream: SocketStream, _: Received) -> None:
    """Send 10 MB of JSON."""
    await stream.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    await stream.send(b'{"open": true, "reason": "')
    for block in [b"x" * 65_536] * 160:
        await stream.send(block)
    await stream.send(b'"}')


async def floods_headers(stream: SocketStream, _: Received) -> None:
    """Send headers without an end."""
    await stream.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await stream.send(b"x: " + b"y" * 60_000 + b"\r\n")


async def babbles(stream: SocketStream, _: Received) -> None:
    """Speak something else than HTTP."""
    await stream.send(b"220 smtp.example ESMTP ready\r\n")


HOSTILE: dict[str, Answering] = {
    "never answers": never,
    "hangs up": hangs_up,
    "drips": drips,
    "drips headers": drips_headers,
    "floods": floods,
    "floods headers": floods_headers,
    "babbles": babbles,
}
