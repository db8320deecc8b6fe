"""
Server-sent events as they come over a wire, read back into pieces.

Lines end where the bytes say so, and nowhere else: what a replica wrote may hold characters at
which Python would break a line of text.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple

LONGEST = 1 << 23
"""Bytes of one line that are believed."""


class Garbled(Exception):
    """What comes is no stream of events."""


class Piece(NamedTuple):
    """One event: its id, which names the place in the stream; its kind; and what it carries."""

    id: str
    kind: str
    data: str


async def pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[Piece]:
    """Yield events as they come. Comments, which say that the stream is still there, are none."""
    identity, kind, data = "", "", list[str]()
    async for line in _lines(chunks):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Piece(identity, kind, "\n".join(data))
            kind, data = "", []
        elif field == "id":
            identity = value
        elif field == "event":
            kind = value
        elif field == "data":
            data.append(value)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST:
            raise Garbled(f"a line of more than {LONGEST >> 20} MiB")
        for line in whole:
            yield line.removesuffix(b"\r").decode(errors="replace")
