import asyncio
import contextlib
import re
import socket
import time

import pytest

from serinus.interfaces.demo import answers, connections, faults, shop, wire
from tests.interfaces.demo import shops

pytestmark = pytest.mark.anyio
LAST = "connection: close\r\n"


def settings(given: faults.Faults | None = None, grace_s: float = 0.2) -> shop.Settings:
    return shop.Settings(0, "v1", given=given or faults.Faults(), grace_s=grace_s)


def statuses(raw: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", raw)]


async def test_a_connection_answers_one_request_after_the_other() -> None:
    async with shops.serving(settings()) as port:
        raw = await shops.talk(port, shops.get(), shops.get("/nowhere"), shops.get("/", LAST))

    assert [200, 404, 200] == statuses(raw)
    assert raw.count(b"connection: close") == 1


async def test_nothing_is_answered_after_the_last_request() -> None:
    async with shops.serving(settings(faults.Faults(latency_s=0.005))) as port:
        raw = await shops.talk(port, shops.get("/", LAST) + shops.get() * 3)

    assert [200] == statuses(raw)


async def test_requests_sent_ahead_are_answered_in_order() -> None:
    delays = faults.Faults(latency_s=0.005)
    ahead = shops.get("/") + shops.get("/nowhere") + shops.get("/", LAST)
    async with shops.serving(settings(delays)) as port:
        raw = await shops.talk(port, ahead)

    assert [200, 404, 200] == statuses(raw)


async def test_very_many_requests_sent_ahead_are_all_answered() -> None:
    count = 3000
    ahead = shops.get() * (count - 1) + shops.get("/", LAST)
    async with shops.serving(settings(faults.Faults(tail=0.01, tail_s=0.001))) as port:
        raw = await shops.talk(port, ahead)

    assert [200] * count == statuses(raw)


class Memory(asyncio.Transport):
    """A transport that keeps what is written, and whether it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.is_read, self.closed = b"", True, False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


async def test_a_client_that_takes_no_answers_is_neither_answered_nor_read_without_end() -> None:
    transport = Memory()
    pages = answers.Answers("v1", "0")
    connection = connections.Connection(connections.Shop(pages, faults.Faults(), 0, 9, print))
    connection.connection_made(transport)

    connection.pause_writing()
    for _ in range(3000):
        connection.data_received(shops.get())
    held = (transport.written, transport.is_read)
    connection.resume_writing()
    await asyncio.sleep(0)

    assert (b"", False) == held
    assert [200] * 3000 == statuses(transport.written)
    assert transport.is_read


async def test_bodies_are_read_and_ignored() -> None:
    head = b"POST /api/checkout HTTP/1.1\r\nhost: x\r\n"
    sized = head + b"content-length: 5\r\n\r\nhello"
    chunked = head + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    async with shops.serving(settings()) as port:
        raw = await shops.talk(port, sized, chunked, shops.get("/", LAST))

    assert [200, 200, 200] == statuses(raw)


async def test_a_client_that_asks_whether_to_go_on_is_told_so() -> None:
    head = b"POST /api/checkout HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n"
    async with shops.serving(settings()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + b"connection: close\r\ncontent-length: 5\r\n\r\n")
        first = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"hello")
        rest = await reader.read()
        writer.close()

    assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert [200] == statuses(rest)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nhost: x\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nhost: " + b"x" * wire.HEAD_LIMIT, 431),
    ],
)
async def test_what_cannot_be_understood_is_refused_and_ends_the_connection(
    raw: bytes, status: int
) -> None:
    async with shops.serving(settings()) as port:
        heard = await shops.talk(port, raw)

    assert [status] == statuses(heard)
    assert b"connection: close" in heard


async def test_an_old_client_gets_one_answer() -> None:
    async with shops.serving(settings()) as port:
        heard = await shops.talk(port, b"GET / HTTP/1.0\r\n\r\n")

    assert [200] == statuses(heard)


async def test_a_client_that_has_said_its_last_word_still_gets_its_answer() -> None:
    async with shops.serving(settings(faults.Faults(latency_s=0.02))) as port:
        heard = await shops.talk(port, shops.get(), finish=True)

    assert [200] == statuses(heard)


async def test_a_request_that_hangs_is_forgotten_with_its_client() -> None:
    async with shops.serving(settings(faults.Faults(hang=1.0), grace_s=5.0)) as port:
        heard = await shops.talk(port, shops.get(), finish=True)
        began = time.monotonic()

    assert heard == b""
    assert time.monotonic() - began < 1.0


async def test_the_health_check_hangs_only_if_everything_does() -> None:
    async with shops.serving(settings(faults.Faults(hang=0.99, errors=1.0))) as port:
        assert [200] == statuses(await shops.talk(port, shops.get("/healthz", LAST)))
    async with shops.serving(settings(faults.Faults(hang=1.0))) as port:
        assert await shops.talk(port, shops.get("/healthz", LAST), finish=True) == b""


async def test_a_slow_start_fails_the_health_check_and_all_else_until_it_is_over() -> None:
    async with shops.serving(settings(faults.Faults(slow_start_s=0.1))) as port:
        early = await shops.talk(port, shops.get("/healthz"), shops.get("/", LAST))
        await asyncio.sleep(0.12)
        late = await shops.talk(port, shops.get("/healthz"), shops.get("/", LAST))

    assert [503, 503] == statuses(early)
    assert [200, 200] == statuses(late)


async def test_the_seed_settles_how_many_of_many_requests_fail() -> None:
    dice = faults.Dice(faults.Faults(errors=0.05), seed=0)
    expected = sum(dice.next(0.0).error for _ in range(400))

    async with shops.serving(settings(faults.Faults(errors=0.05))) as port:
        health = shops.get("/healthz") * 50
        raw = await shops.talk(port, (shops.get() * 40 + health) * 10 + shops.get("/", LAST))

    assert expected == statuses(raw)[:-1].count(500)


async def test_a_request_in_flight_is_answered_when_the_shop_stops() -> None:
    async with shops.serving(settings(faults.Faults(latency_s=0.25), grace_s=2.0)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(shops.get())
        await asyncio.sleep(0.02)

    raw = await reader.read()
    writer.close()
    assert [200] == statuses(raw)
    assert b"connection: close" in raw


async def test_an_idle_connection_is_closed_when_the_shop_stops() -> None:
    async with shops.serving(settings(grace_s=5.0)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(shops.get())
        await reader.readuntil(b"</table>\n")
        began = time.monotonic()

    assert time.monotonic() - began < 1.0
    assert await reader.read() == b""
    writer.close()


async def test_a_request_that_comes_as_the_shop_stops_is_answered() -> None:
    async with shops.serving(settings(grace_s=5.0)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asyncio.get_running_loop().call_later(0.02, writer.write, shops.get())

    assert [200] == statuses(await reader.read())
    writer.close()


async def test_connections_beyond_the_bound_are_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shop, "_CONNECTIONS", 1)
    async with shops.serving(settings()) as port:
        with socket.create_connection(("127.0.0.1", port)) as first:
            await asyncio.sleep(0.02)
            with socket.create_connection(("127.0.0.1", port)) as second:
                await asyncio.sleep(0.02)
                assert heard(second) == b""
            first.sendall(shops.get())
            await asyncio.sleep(0.02)
            assert [200] == statuses(heard(first))


async def test_who_waits_in_the_queue_as_the_shop_stops_is_answered() -> None:
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(shops.serving(settings(grace_s=5.0)))
        with socket.create_connection(("127.0.0.1", port)) as queued:
            queued.sendall(shops.get())
            await stack.aclose()

            assert [200] == statuses(heard(queued))


def heard(client: socket.socket) -> bytes:
    """Tell what has come by now."""
    client.settimeout(0)
    try:
        return client.recv(65_536)
    except ConnectionResetError:
        return b""
