import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.interfaces.demo import wire

POST = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /b HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked\r\n\r\n"
    b"3;why=not\r\nabc\r\n0A\r\n0123456789\r\n0\r\nafter: all\r\n\r\n"
)
GET = b"\r\nGET /c HTTP/1.1\r\nhost: x\r\n\r\n"


def requests(pieces: list[bytes]) -> list[bytes]:
    """Read all requests from bytes that arrive in pieces; tell their start lines."""
    buffer, starts = bytearray(), []
    body: wire.Body | None = None
    for piece in pieces:
        buffer += piece
        while True:
            if body is None:
                head = wire.read_head(buffer)
                if head is None:
                    break
                starts.append(head.start)
                body = wire.request_body(head)
            if not body.take(buffer):
                break
            body = None
    assert body is None
    assert not buffer
    return starts


def garbled(raw: bytes) -> int:
    """Read a request that is garbled, and tell the status of the answer to it."""
    with pytest.raises(wire.GarbledError) as caught:
        requests([raw])
    return caught.value.status


@given(st.lists(st.integers(0, len(POST + CHUNKED + GET)), max_size=12))
def test_how_bytes_arrive_makes_no_difference(cuts: list[int]) -> None:
    everything = POST + CHUNKED + GET
    ends = sorted([0, *cuts, len(everything)])
    pieces = [everything[start:end] for start, end in itertools.pairwise(ends)]

    starts = [b"POST /a HTTP/1.1", b"POST /b HTTP/1.1", b"GET /c HTTP/1.1"]
    assert starts == requests(pieces)


def test_fields_are_found_by_their_names_in_lower_case_and_joined_when_they_repeat() -> None:
    head = wire.read_head(bytearray(b"GET / HTTP/1.1\r\nVia: a\r\nHOST:  x \r\nvia:b\r\n\r\n"))

    assert head is not None
    assert {b"via": b"a, b", b"host": b"x"} == head.fields


@pytest.mark.parametrize(
    ("value", "last"),
    [(b"close", True), (b"Keep-Alive, Close", True), (b"keep-alive", False), (b"closer", False)],
)
def test_a_message_says_whether_it_is_the_last(value: bytes, *, last: bool) -> None:
    assert last is wire.Head(b"", {b"connection": value}).last


@pytest.mark.parametrize(
    "field",
    [
        b"no colon",
        b": no name",
        b"space : x",
        b" folded",
        b"na(me: x",
        b"bare: a\nb: c",
        b"bare: a\rb",
        b"nul: \0",
        b"content-length: x",
        b"content-length: -1",
        b"content-length: 5\r\ncontent-length: 6",
        b"content-length: 5\r\ntransfer-encoding: chunked",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(field: bytes) -> None:
    assert garbled(b"GET / HTTP/1.1\r\n" + field + b"\r\n\r\n") == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"x\r\n", 400),
        (b"-1\r\n", 400),
        (b"\r\n", 400),
        (b"1\r\nab\r\n", 400),
        (b"1" * 2000, 400),
        (b"FFFFFFF\r\n", 413),
        (b"0\r\n" + b"a: b\r\n" * 40, 431),
    ],
)
def test_chunks_that_lie_are_refused(body: bytes, status: int) -> None:
    head = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"

    assert status == garbled(head + body)


def test_lengths_are_bounded() -> None:
    long = b"POST / HTTP/1.1\r\ncontent-length: " + str(wire.BODY_LIMIT + 1).encode() + b"\r\n\r\n"

    assert garbled(b"GET / HTTP/1.1\r\na: " + b"a" * wire.HEAD_LIMIT) == 431
    assert garbled(long) == 413


def test_an_unknown_coding_is_named() -> None:
    assert garbled(b"POST / HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n\r\n") == 501


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    head = wire.Head(b"HTTP/1.1 200 OK", {})
    body = wire.answer_body(head, 200, to_head=False, limit=10)

    assert isinstance(body, wire.UntilClose)
    assert not body.take(bytearray(b"anything"))


@pytest.mark.parametrize(("status", "to_head"), [(204, False), (304, False), (200, True)])
def test_some_answers_have_no_body_whatever_their_length_says(
    status: int, *, to_head: bool
) -> None:
    head = wire.Head(b"", {b"content-length": b"5"})
    buffer = bytearray(b"next")

    assert wire.answer_body(head, status, to_head=to_head, limit=10).take(buffer)
    assert buffer == b"next"
