"""
HTTP/1.1 as bytes: heads and bodies, for both ends of the demo.

    bytes ──► read_head ──► Head ──► request_body ──► Body.take ──► the next message
                                     answer_body

The shop and the load generator read messages themselves, because both have to start in a blink
and to pass thousands of messages a second with nothing but the standard library. Everything here
works on a buffer that the caller owns: what was understood is removed from its front, what is
not complete yet stays. Every length is bounded. Where RFC 9112 leaves room for two readings of
one message (two lengths, a length beside chunks, bare line feeds), the message is refused.
"""

import re
from abc import ABC, abstractmethod
from enum import Enum, auto
from typing import Final

HEAD_LIMIT: Final = 16 * 1024
BODY_LIMIT: Final = 1024 * 1024
_LINE_LIMIT: Final = 1024
_TRAILER_LINES: Final = 32
_CRLF: Final = b"\r\n"
_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DIGITS: Final = re.compile(rb"[0-9]{1,15}")
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{1,8}")
_BODYLESS: Final = frozenset({204, 304})
_INFORMATIONAL: Final = range(100, 200)


class GarbledError(Exception):
    """A message that cannot be understood, with the status that a server answers to it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Head:
    """The start line and the fields of one message; names of fields in lower case."""

    __slots__ = ("fields", "start")

    def __init__(self, start: bytes, fields: dict[bytes, bytes]) -> None:
        self.start = start
        self.fields = fields

    @property
    def last(self) -> bool:
        """Whether the sender says that no message follows this one on its connection."""
        return b"close" in [
            option.strip() for option in self.fields.get(b"connection", b"").lower().split(b",")
        ]


def read_head(buffer: bytearray) -> Head | None:
    """Take one head from the front of a buffer; none if it has not arrived whole.

    Raises:
        GarbledError: What arrived is no head of a message, or it is too long.
    """
    while buffer.startswith(_CRLF):
        del buffer[:2]
    end = buffer.find(b"\r\n\r\n", 0, HEAD_LIMIT)
    if end < 0:
        if len(buffer) >= HEAD_LIMIT:
            raise GarbledError(431, f"the head is longer than {HEAD_LIMIT} bytes")
        return None
    raw = bytes(buffer[:end])
    del buffer[: end + 4]
    start, *lines = raw.split(_CRLF)
    if b"\0" in raw or raw.count(b"\n") + raw.count(b"\r") != 2 * len(lines):
        raise GarbledError(400, "a line of the head ends in a bare CR or LF")
    fields: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name):
            raise GarbledError(400, f"{line[:40]!r} is no field")
        name, value = name.lower(), value.strip(b" \t")
        fields[name] = fields[name] + b", " + value if name in fields else value
    return Head(start, fields)


class Body(ABC):
    """The part of a message after its head: read, measured and forgotten."""

    __slots__ = ()

    @abstractmethod
    def take(self, buffer: bytearray) -> bool:
        """Take what belongs to this body from the front of a buffer; say whether it is whole."""


class Sized(Body):
    """A body whose length the head tells; also no body at all, with a length of 0."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        self._left = length

    def take(self, buffer: bytearray) -> bool:
        """Take at most the bytes that are missing."""
        if self._left:
            taken = min(self._left, len(buffer))
            del buffer[:taken]
            self._left -= taken
        return not self._left


class UntilClose(Body):
    """The body of an answer that ends where its connection ends."""

    __slots__ = ()

    def take(self, buffer: bytearray) -> bool:
        """Take everything, for ever."""
        buffer.clear()
        return False


class _Station(Enum):
    SIZE = auto()
    DATA = auto()
    GAP = auto()
    TRAILER = auto()


class Chunked(Body):
    """A body in chunks: size line, data and gap in turn, and trailers after a size of 0."""

    __slots__ = ("_left", "_room", "_station", "_trailers")

    def __init__(self, limit: int) -> None:
        self._left = 0
        self._room = limit
        self._station = _Station.SIZE
        self._trailers = _TRAILER_LINES

    def take(self, buffer: bytearray) -> bool:
        """Take whole lines and whatever is there of a chunk's data."""
        while True:
            if self._station is _Station.DATA:
                taken = min(self._left, len(buffer))
                del buffer[:taken]
                self._left -= taken
                if self._left:
                    return False
                self._station = _Station.GAP
            line = _read_line(buffer)
            if line is None:
                return False
            if self._pass_line(line):
                return True

    def _pass_line(self, line: bytes) -> bool:
        """Go on by one line; say whether it was the last one of the body."""
        if self._station is _Station.SIZE:
            self._begin_chunk(line)
        elif self._station is _Station.GAP:
            if line:
                raise GarbledError(400, "a chunk is longer than its size")
            self._station = _Station.SIZE
        else:
            self._trailers -= 1
            if self._trailers < 0:
                raise GarbledError(431, f"more than {_TRAILER_LINES} trailers")
            return not line
        return False

    def _begin_chunk(self, line: bytes) -> None:
        digits = line.partition(b";")[0].strip(b" \t")
        if not _HEX.fullmatch(digits):
            raise GarbledError(400, f"{digits[:20]!r} is no size of a chunk")
        self._left = int(digits, 16)
        self._room -= self._left
        if self._room < 0:
            raise GarbledError(413, "the body is too long")
        self._station = _Station.DATA if self._left else _Station.TRAILER


def _read_line(buffer: bytearray) -> bytes | None:
    end = buffer.find(_CRLF, 0, _LINE_LIMIT)
    if end < 0:
        if len(buffer) >= _LINE_LIMIT:
            raise GarbledError(400, f"a line of a chunked body is longer than {_LINE_LIMIT} bytes")
        return None
    line = bytes(buffer[:end])
    del buffer[: end + 2]
    return line


def request_body(head: Head) -> Body:
    """Tell what follows the head of a request.

    Raises:
        GarbledError: The head tells two lengths, none that is understood, or one too long.
    """
    return _framed(head, BODY_LIMIT) or Sized(0)


def answer_body(head: Head, status: int, *, to_head: bool, limit: int) -> Body:
    """Tell what follows the head of an answer; a request of HEAD is answered with a head alone.

    Raises:
        GarbledError: The head tells two lengths, none that is understood, or one too long.
    """
    if to_head or status in _BODYLESS or status in _INFORMATIONAL:
        return Sized(0)
    return _framed(head, limit) or UntilClose()


def _framed(head: Head, limit: int) -> Body | None:
    coding = head.fields.get(b"transfer-encoding")
    length = head.fields.get(b"content-length")
    if coding is not None:
        if length is not None:
            raise GarbledError(400, "both a content-length and a transfer-encoding")
        if coding.lower() != b"chunked":
            raise GarbledError(501, f"the transfer-encoding {coding[:40]!r} is not known")
        return Chunked(limit)
    if length is None:
        return None
    if not _DIGITS.fullmatch(length):
        raise GarbledError(400, f"{length[:40]!r} is no content-length")
    if int(length) > limit:
        raise GarbledError(413, "the body is too long")
    return Sized(int(length))
