import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from serinus.adapters.local import portnumbers, probe
from serinus.core.state.workload import HealthProbe


@asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answer every request like this; None never answers."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            if answer is None:
                await reader.read()
            else:
                writer.write(answer)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    found = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with found:
        yield found.sockets[0].getsockname()[1], heard


@pytest.mark.parametrize("status", [200, 204, 302, 399])
async def test_two_and_three_hundreds_are_ready(status: int) -> None:
    async with server(b"HTTP/1.1 %d Fine\r\n\r\n" % status) as (port, heard):
        assert await probe.problem(port, HealthProbe("/healthz?deep=1")) == ""

    assert heard[0].startswith(b"GET /healthz?deep=1 HTTP/1.1\r\nHost: localhost:")


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_other_answers_are_told(status: int) -> None:
    async with server(b"HTTP/1.1 %d Oh\r\n\r\n" % status) as (port, _):
        assert await probe.problem(port, HealthProbe("/")) == f"GET / answered {status}"


async def test_silence_is_told() -> None:
    async with server(None) as (port, _):
        wrong = await probe.problem(port, HealthProbe("/", timeout_s=0.1))

    assert f"no answer within 0.1 s on port {port} to GET /" == wrong


async def test_a_connection_that_closes_is_told() -> None:
    async with server(b"") as (port, _):
        wrong = await probe.problem(port, HealthProbe("/"))

    assert "the connection was closed without an answer to GET /" == wrong


async def test_another_protocol_is_told() -> None:
    async with server(b"SSH-2.0\r\n") as (port, _):
        assert await probe.problem(port, HealthProbe("/")) == "GET / answered nothing like HTTP"


async def test_a_closed_port_is_told() -> None:
    port = portnumbers.choose(())

    wrong = await probe.problem(port, HealthProbe("/"))

    assert f"nothing listens on 127.0.0.1:{port}" == wrong


async def test_without_a_path_an_open_port_is_enough() -> None:
    async with server(None) as (port, _):
        assert await probe.problem(port, HealthProbe(path=None)) == ""
