import anyio
import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from serinus.interfaces.api import server
from serinus.ports import failures
from tests.interfaces import offices

pytestmark = pytest.mark.anyio


async def test_it_serves_for_the_length_of_a_block() -> None:
    async with (
        server.serve(offices.app(), "127.0.0.1", 0) as address,
        httpx2.AsyncClient(trust_env=False) as visitor,
    ):
        found = await visitor.get(f"{address}/healthz")

    assert 200 == found.status_code
    assert "server" not in found.headers
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{address}/healthz", trust_env=False)


async def test_it_ends_though_somebody_still_listens() -> None:
    async def endless(_: Request) -> Response:
        async def lines() -> object:
            while True:
                yield b": here\n\n"
                await anyio.sleep(0.01)

        return StreamingResponse(lines(), media_type="text/event-stream")  # type: ignore[arg-type]  # object is what a generator is here

    app = offices.app(routes=[Route("/static/endless", endless)])
    async with httpx2.AsyncClient(trust_env=False) as visitor:
        with anyio.fail_after(10):
            async with server.serve(app, "127.0.0.1", 0) as address:
                asked = visitor.build_request("GET", f"{address}/static/endless")
                found = await visitor.send(asked, stream=True)
        await found.aclose()

    assert 200 == found.status_code


async def test_a_port_that_is_taken_is_named() -> None:
    with server.bind("127.0.0.1", 0) as held:
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(failures.Rejected, match=f"127.0.0.1:{port}") as refused:
            server.bind("127.0.0.1", port)

    assert "--dashboard 127.0.0.1:0" in refused.value.hint


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 - it is refused
async def test_nobody_else_can_come_where_a_link_is_all_one_needs(host: str) -> None:
    with pytest.raises(failures.Rejected, match="does not listen on"):
        async with server.serve(offices.app(), host, 0):
            pass


async def test_what_fails_inside_the_block_comes_out_as_it_is() -> None:
    with pytest.raises(failures.Missing):
        async with server.serve(offices.app(), "127.0.0.1", 0):
            raise failures.Missing("gone")
