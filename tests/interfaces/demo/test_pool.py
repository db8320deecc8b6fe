import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from serinus.interfaces.demo import pool, tally

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\nx-shop-version: v1\r\nx-shop-replica: a\r\ncontent-length: 2\r\n\r\nok"
PROXY = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 19\r\n\r\nno healthy upstream"
RAW = b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n"

Answer = Callable[[int, int], bytes | None]
"""What to answer to the n-th request of the c-th connection, both from 0; none: hang up."""


class Server(asyncio.Protocol):
    """Answers by script and counts its connections."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.connections = 0

    def __call__(self) -> "Scripted":
        self.connections += 1
        return Scripted(self.answer, self.connections - 1)


class Scripted(asyncio.Protocol):
    def __init__(self, answer: Answer, connection: int) -> None:
        self.answer, self.connection, self.requests = answer, connection, 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        for _ in range(data.count(b"\r\n\r\n")):
            said = self.answer(self.connection, self.requests)
            self.requests += 1
            if said is None:
                self.transport.close()
                return
            self.transport.write(said)
            if said.startswith(b"HTTP/1.1 200 Until"):
                self.transport.close()


class Client:
    """A pool, its recorder, and the server at its other end."""

    def __init__(self, lines: pool.Pool, server: Server) -> None:
        self.pool, self.recorder, self.server = lines, lines.recorder, server

    async def send(self, count: int = 1, *, to_head: bool = False) -> tally.Tally:
        """Send requests at once, and tell the tally when all have their outcome."""
        for _ in range(count):
            self.begin(to_head=to_head)
        return await self.settle()

    def begin(self, *, to_head: bool = False) -> None:
        self.recorder.sent()
        self.pool.send(pool.Request(self.pool.clock(), RAW, to_head))

    async def settle(self) -> tally.Tally:
        async with asyncio.timeout(5):
            while self.recorder.in_flight:
                await asyncio.sleep(0.005)
                self.pool.sweep()
        return self.recorder.tally()


@contextlib.asynccontextmanager
async def client(
    answer: Answer, most: int = 8, timeout_s: float = 5.0, marker: str = "x-shop-version"
) -> AsyncIterator[Client]:
    server = Server(answer)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    target = pool.Target("127.0.0.1", port, timeout_s, marker)
    lines = pool.Pool(target, most, tally.Recorder(slow_s=1.0))
    try:
        yield Client(lines, server)
    finally:
        await lines.close()
        listening.close()
        await asyncio.sleep(0.01)


async def test_a_connection_is_used_again_and_again() -> None:
    async with client(lambda _, __: OK) as one:
        for _ in range(4):
            await one.send()
        count = await one.send()

        assert (5, 0, 1) == (count.ok, count.lost, one.server.connections)
        assert {"a": 5} == count.versions["v1"].replicas


async def test_there_are_never_more_connections_than_allowed() -> None:
    async with client(lambda _, __: OK, most=3) as one:
        count = await one.send(50)

        assert (50, 3) == (count.ok, one.server.connections)


async def test_a_request_is_sent_again_if_its_used_connection_closes_without_a_byte() -> None:
    async with client(
        lambda connection, request: None if (connection, request) == (0, 1) else OK
    ) as one:
        await one.send()
        count = await one.send()

        assert (2, 1, 0, 2) == (count.ok, count.retried, count.lost, one.server.connections)


async def test_a_request_is_sent_again_only_once() -> None:
    async with client(lambda connection, request: None if connection or request else OK) as one:
        await one.send()
        count = await one.send()

        assert (1, 1, {"reset": 1}) == (count.ok, count.retried, count.lost_by)


async def test_a_request_on_a_fresh_connection_is_not_sent_again() -> None:
    async with client(lambda _, __: None) as one:
        count = await one.send()

        assert (0, {"reset": 1}) == (count.retried, count.lost_by)


async def test_a_request_whose_answer_has_begun_is_not_sent_again() -> None:
    half = OK[:-1]
    async with client(
        lambda _, request: half if request == 1 else (None if request else OK)
    ) as one:
        await one.send()
        one.begin()
        await asyncio.sleep(0.02)
        for line in one.pool._busy:
            assert line._transport is not None
            line._transport.close()
        count = await one.settle()

        assert (1, 0, {"reset": 1}) == (count.ok, count.retried, count.lost_by)


async def test_a_connection_that_was_closed_while_idle_is_not_used() -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    async with client(lambda _, __: closing) as one:
        await one.send()
        count = await one.send()

        assert (2, 0, 2) == (count.ok, count.retried, one.server.connections)


async def test_nobody_there_is_refused() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        target = pool.Target("127.0.0.1", free.getsockname()[1], 1.0)
        lines = pool.Pool(target, 2, tally.Recorder(slow_s=1.0))

        count = await Client(lines, Server(lambda _, __: OK)).send(10)
        await lines.close()

    assert {"refused": 10} == count.lost_by


async def test_no_answer_in_time_is_a_timeout_and_frees_the_connection() -> None:
    async with client(lambda _, __: b"", most=2, timeout_s=0.05) as one:
        count = await one.send(2)
        await asyncio.sleep(0.02)

        assert {"timeout": 2} == count.lost_by
        assert (await one.send(2)).lost_by == {"timeout": 4}


async def test_who_finds_no_connection_in_time_is_starved() -> None:
    async with client(lambda _, __: b"", most=2, timeout_s=0.05) as one:
        count = await one.send(5)

        assert {"timeout": 2, "starved": 3} == count.lost_by


async def test_an_answer_of_the_proxy_is_lost_and_kept_with_its_text() -> None:
    async with client(lambda _, request: PROXY if request else OK) as one:
        await one.send()
        count = await one.send()

        assert (1, 0, {"proxy_503": 1}) == (count.ok, count.errors, count.lost_by)
        assert [example.text for example in count.examples] == ["no healthy upstream"]


async def test_without_a_marker_every_answer_is_the_applications() -> None:
    async with client(lambda _, __: PROXY, marker="") as one:
        count = await one.send()

        assert (1, 0) == (count.errors, count.lost)
        assert count.versions["-"].errors == 1


async def test_an_error_of_the_application_is_its_own() -> None:
    async with client(lambda _, __: OK.replace(b"200 OK", b"503 Busy")) as one:
        count = await one.send()

        assert (0, 1, 0) == (count.ok, count.errors, count.lost)


@pytest.mark.parametrize(
    "said",
    [
        b"SMTP 220 hello\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        OK.replace(b"length: 2", b"length: x"),
        OK.replace(b"length: 2", b"length: 99999999999"),
    ],
)
async def test_an_answer_that_is_no_http_is_garbled(said: bytes) -> None:
    async with client(lambda _, __: said) as one:
        assert (await one.send()).lost_by == {"garbled": 1}


async def test_announcements_before_the_answer_are_passed_over() -> None:
    async with client(lambda _, __: b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + OK) as one:
        assert (await one.send()).ok == 1


async def test_an_answer_may_end_with_its_connection() -> None:
    said = b"HTTP/1.1 200 Until\r\nx-shop-version: v1\r\n\r\nthe end"
    async with client(lambda _, __: said) as one:
        count = await one.send()

        assert (1, 0) == (count.ok, count.lost)


async def test_an_answer_to_a_head_has_no_body() -> None:
    async with client(lambda _, __: OK[:-2]) as one:
        await one.send(to_head=True)
        count = await one.send(to_head=True)

        assert (2, 1) == (count.ok, one.server.connections)


async def test_bytes_that_nobody_asked_for_end_their_connection() -> None:
    async with client(lambda _, __: OK + b"more") as one:
        await one.send()
        await asyncio.sleep(0.01)
        count = await one.send()

        assert (2, 0, 2) == (count.ok, count.lost, one.server.connections)


async def test_the_queue_is_bounded() -> None:
    async with client(lambda _, __: b"", most=1, timeout_s=0.05) as one:
        for _ in range(10_101):
            one.begin()

        assert {"starved": 100} == one.recorder.tally().lost_by
        assert (await one.settle()).lost == 10_101


async def test_a_connection_that_nobody_accepts_in_time_is_a_timeout() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for one in (first, second):
            one.settimeout(0)
            one.connect_ex(full.getsockname())
        target = pool.Target("127.0.0.1", full.getsockname()[1], timeout_s=0.05)
        lines = pool.Pool(target, 2, tally.Recorder(slow_s=1.0))

        count = await Client(lines, Server(lambda _, __: OK)).send(2)
        await lines.close()

    assert {"timeout": 2} == count.lost_by


async def test_a_pool_that_is_closed_gives_up_what_it_was_doing() -> None:
    async with client(lambda _, __: b"", most=2) as one:
        one.begin()
        await asyncio.sleep(0.01)
        one.begin()
        one.begin()
        await one.pool.close()

        assert (3, 0) == (one.recorder.in_flight, one.recorder.tally().lost)


async def test_a_request_that_found_its_connection_closed_is_sent_on_another() -> None:
    async with client(lambda _, __: OK) as one:
        one.recorder.sent()
        pool.Line(one.pool).write(pool.Request(one.pool.clock(), RAW, to_head=False))
        count = await one.settle()

        assert (1, 1, 0) == (count.ok, count.retried, count.lost)
