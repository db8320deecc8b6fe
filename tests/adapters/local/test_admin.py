import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from serinus.adapters.local.admin import SOCKET, Admin
from serinus.ports.failures import Unavailable


@asynccontextmanager
async def pretender(folder: Path, status: int, body: bytes) -> AsyncIterator[Admin]:
    """Something that answers every question on the socket like this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                head = b"HTTP/1.1 %d It\r\ncontent-length: %d\r\n\r\n" % (status, len(body))
                writer.write(head + body)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_unix_server(serve, folder / SOCKET)
    admin = Admin(folder)
    try:
        yield admin
    finally:
        await admin.close()
        server.close()
        await server.wait_closed()


async def test_nobody_at_the_socket_is_unavailable(tmp_path: Path) -> None:
    admin = Admin(tmp_path)
    try:
        assert not await admin.ready()
        with pytest.raises(Unavailable, match="Envoy does not answer on"):
            await admin.clusters()
    finally:
        await admin.close()


async def test_no_directory_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await Admin(tmp_path / "nowhere").clusters()


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (200, b"surprise"), (200, b"[]")])
async def test_answers_that_make_no_sense_are_unavailable(
    tmp_path: Path, status: int, body: bytes
) -> None:
    async with pretender(tmp_path, status, body) as admin:
        with pytest.raises(Unavailable):
            await admin.clusters()


async def test_an_envoy_without_routes_has_no_version(tmp_path: Path) -> None:
    async with pretender(tmp_path, 200, b"{}") as admin:
        assert await admin.routes() == ("", [])


async def test_a_cluster_has_endpoints_with_health_and_counters(tmp_path: Path) -> None:
    body = b"""{"cluster_statuses": [{"name": "a", "host_statuses": [{
      "address": {"socket_address": {"address": "127.0.0.1", "port_value": 20000}},
      "stats": [{"name": "rq_total", "value": "7"}, {"name": "rq_active", "type": "GAUGE"}],
      "health_status": {"eds_health_status": "HEALTHY", "failed_active_health_check": true},
      "hostname": "a-0"}]}]}"""

    async with pretender(tmp_path, 200, body) as admin:
        ((cluster,),) = [await admin.clusters()]

    (host,) = cluster.host_statuses
    assert ("a-0", "127.0.0.1:20000") == (host.hostname, host.where)
    assert (7, 0, 0) == tuple(host.count(n) for n in ("rq_total", "rq_active", "rq_none"))
    assert host.health_status.takes_requests
    assert not host.health_status.is_healthy
