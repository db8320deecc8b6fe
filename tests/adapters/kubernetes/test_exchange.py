import socket
from collections.abc import AsyncIterator

import anyio
import httpx2
import pytest
from anyio.abc import SocketStream

from serinus.adapters.kubernetes import connection, exchange, kinds
from serinus.adapters.kubernetes.connection import Connection
from serinus.adapters.kubernetes.exchange import Exchange
from serinus.ports.failures import PortFailure, Unavailable
from tests.adapters import wire

POD = kinds.of("Pod")


def towards(url: str, silence_s: float = 5.0) -> Exchange:
    http = httpx2.AsyncClient(base_url=url, timeout=silence_s, trust_env=False)
    return Exchange(Connection(http, url))


def refused_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def test_a_body_is_sent_as_json_and_the_answer_is_its_bytes() -> None:
    async with wire.serving(wire.answers(body=b'{"kind":"Pod"}')) as server:
        way = towards(server.url)
        found = await way.ask("create", POD, "create", "/api/v1/pods", method="POST", body={"a": 1})
        await way.close()

    received = server.received[0]
    assert b'{"kind":"Pod"}' == found
    assert (b'{"a":1}', "application/json") == (received.body, received.headers["content-type"])
    assert {("create", "Pod"): 1} == way.requests


@pytest.mark.parametrize("name", ["never answers", "hangs up", "drips", "drips headers", "babbles"])
async def test_whatever_a_server_does_it_is_unavailable_in_time(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WHOLE_S", 0.3)
    async with wire.serving(wire.HOSTILE[name]) as server:
        way = towards(server.url, silence_s=0.2)
        with pytest.raises(Unavailable, match="get Pod team/a: "):
            await way.ask("get", POD, "get Pod team/a", "/api/v1/namespaces/team/pods/a")
        await way.close()


async def test_nobody_at_the_address_is_unavailable() -> None:
    way = towards(f"http://127.0.0.1:{refused_port()}")
    with pytest.raises(Unavailable, match="list pods: nobody listens at http://127"):
        await way.ask("list", POD, "list pods", "/api/v1/pods")
    with pytest.raises(Unavailable, match="watch pods: nobody listens at http://127"):
        await anext(way.lines("watch", POD, "watch pods", "/api/v1/pods", {}))


async def test_a_host_that_nobody_knows_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"the name of the host of http://api.invalid"):
        await towards("http://api.invalid").ask("list", POD, "list pods", "/api/v1/pods")


async def test_a_lease_does_not_wait_behind_requests_that_hang() -> None:
    async def answering(stream: SocketStream, received: wire.Received) -> None:
        if "leases" not in received.line:
            await wire.never(stream, received)
        await wire.answers(body=b"{}")(stream, received)

    async with wire.serving(answering) as server, anyio.create_task_group() as tasks:
        way = towards(server.url)
        for _ in range(exchange.AT_ONCE + 1):
            tasks.start_soon(way.ask, "get", POD, "get", "/api/v1/pods")
        with anyio.fail_after(5):
            found = await way.ask("get", kinds.of("Lease"), "get", "/apis/x/leases")
        tasks.cancel_scope.cancel()

    assert b"{}" == found


async def test_a_stream_is_cut_into_lines_wherever_its_parts_end() -> None:
    parts = [b"on", b"e\ntwo\n\nth", b"re", b"e\nfo", b"ur"]

    async def body() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=body()))
    way = Exchange(connection.pretended(transport))
    lines = [line async for line in way.lines("watch", POD, "watch pods", "/api/v1/pods", {})]

    assert [b"one", b"two", b"three", b"four"] == lines


async def test_a_line_without_an_end_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "LONGEST_LINE", 100)
    content = b"x" * 1_000 + b"\nshort\n"
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=content))
    way = Exchange(connection.pretended(transport))
    lines = [line async for line in way.lines("log", POD, "log", "/api/v1/pods", {})]

    assert [100, 5] == [len(line) for line in lines]


async def test_a_stream_on_which_nothing_comes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "SILENCE_S", 0.1)

    async def one_line(stream: SocketStream, received: wire.Received) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\none\n\r\n")
        await wire.never(stream, received)

    async with wire.serving(one_line) as server:
        way = towards(server.url)
        lines = [line async for line in way.lines("watch", POD, "watch", "/api/v1/pods", {})]
        await way.close()

    assert [b"one"] == lines


async def test_a_stream_that_breaks_is_unavailable() -> None:
    async def breaks(stream: SocketStream, _: wire.Received) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\none\n\r\n")

    async with wire.serving(breaks) as server:
        way = towards(server.url)
        lines = way.lines("watch", POD, "watch pods", "/api/v1/pods", {})
        first = await anext(lines)
        with pytest.raises(Unavailable, match=r"watch pods: .* hung up"):
            await anext(lines)
        await way.close()

    assert b"one" == first


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"a":', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_unavailable(content: bytes) -> None:
    with pytest.raises(PortFailure, match="get Pod: the answer could not be read"):
        exchange.read(content, dict, "get Pod")
