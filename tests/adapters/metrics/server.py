"""A server on loopback that answers as a test says: rightly, wrongly, slowly, or without end."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

Say = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""What is written once a question was read; the connection is closed then."""


@dataclass
class Server:
    """Its address, and the questions that it was asked."""

    url: str = ""
    heads: list[str] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    def note(self, head: str, body: str) -> None:
        """Remember a question."""
        self.heads.append(head)
        self.forms.append(parse_qs(body))


@asynccontextmanager
async def serving(say: Say, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve for the length of a block."""
    found = Server()
    handling: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handling[task] = writer
        try:
            found.note(*await _question(reader))
            await say(writer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.transport.abort()
            del handling[task]

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    found.url = f"{'https' if context else 'http'}://127.0.0.1:{port}"
    try:
        yield found
    finally:
        server.close()
        left = list(handling)
        for writer in handling.values():
            writer.transport.abort()
        await asyncio.gather(*left)


async def _question(reader: asyncio.StreamReader) -> tuple[str, str]:
    first = await reader.readexactly(1)
    if first != b"P":  # it speaks TLS
        return "", ""
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
    lengths = [line.split(":")[1] for line in head.lower().splitlines() if "content-length" in line]
    return head, (await reader.readexactly(int(lengths[0]))).decode()


def says(content: bytes) -> Say:
    """Write bytes as they are."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(content)

    return say


def answers(
    body: str | bytes, status: int = 200, kind: str = "application/json", *headers: str
) -> Say:
    """Answer as HTTP wants it."""
    content = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status} So", f"content-type: {kind}", *headers]
    head += [f"content-length: {len(content)}", "connection: close", "", ""]
    return says("\r\n".join(head).encode() + content)
