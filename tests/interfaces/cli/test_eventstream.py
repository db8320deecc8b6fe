from collections.abc import AsyncIterator

import pytest

from serinus.interfaces.cli import eventstream
from serinus.interfaces.cli.eventstream import Garbled, Piece

pytestmark = pytest.mark.anyio


async def read(*chunks: bytes) -> list[Piece]:
    async def come() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [piece async for piece in eventstream.pieces(come())]


async def test_an_event_ends_with_an_empty_line_wherever_the_bytes_are_cut() -> None:
    whole = (
        "retry: 2000\n\nid: a-1\ndata: {bü}\n\n: beat\n\n"
        "event: problem\r\ndata:x\r\ndata: y\r\n\r\n"
    )
    wanted = [Piece("a-1", "", "{bü}"), Piece("a-1", "problem", "x\ny")]

    assert wanted == await read(whole.encode())
    assert wanted == await read(*(bytes([one]) for one in whole.encode()))


async def test_what_a_line_of_text_would_end_at_ends_no_line_here() -> None:
    text = "a\u2028b\x85c\x0bd"

    assert [Piece("", "", text)] == await read(f"data: {text}\n\n".encode())


async def test_an_event_that_was_cut_off_is_none() -> None:
    assert [] == await read(b"data: half")


async def test_a_line_without_an_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventstream, "LONGEST", 10)

    with pytest.raises(Garbled, match="a line of more than"):
        await read(b"data: ", b"x" * 20)
