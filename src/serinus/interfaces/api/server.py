"""
The server: one application of Starlette over an office, run by uvicorn beside the controller.

::

    guard ──▶ routes of the API ──▶ views, intents, documents
          ──▶ pages that are given ──▶ the same

Pages are given from outside, so that the API does not know them.
"""

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from serinus.app.office import Office
from serinus.boot import groups
from serinus.interfaces.api import acts, logs, openapi, operations, problems, stream
from serinus.interfaces.api.guard import Doors, Guard
from serinus.interfaces.api.pace import Pace
from serinus.interfaces.api.stream import Broadcaster
from serinus.ports import failures

GRACE_S = 2
"""How long requests may take to end when the server does."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def make(
    office: Office,
    doors: Doors,
    routes: Sequence[BaseRoute] = (),
    pages: problems.Pages | None = None,
) -> Starlette:
    """Return the application; ``pages`` draws failures for people."""
    app = Starlette(
        routes=[*_own(), *routes],
        middleware=[Middleware(Guard, doors=doors)],
        exception_handlers=dict.fromkeys(problems.HANDLED, problems.caught),
    )
    app.state.office = office
    app.state.doors = doors
    app.state.pages = pages
    app.state.pace = Pace(office.clock)
    app.state.broadcaster = Broadcaster(office)
    app.state.readers = anyio.CapacityLimiter(logs.MOST)
    return app


def _own() -> list[BaseRoute]:
    """Return the routes of the API. An address with more behind it stands before the shorter."""
    table = [one.route() for one in openapi.TABLE]
    described = Route(f"{operations.ROOT}/openapi.json", openapi.document)
    return [Route("/healthz", _well), *acts.routes(), *stream.routes(), described, *table]


async def _well(_: Request) -> Response:
    return PlainTextResponse("well\n")


class _Server(uvicorn.Server):
    """A server that does nothing while nobody asks, and ends at once when it is told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = anyio.Event()

    async def main_loop(self) -> None:
        """Wait until told to end. Uvicorn's own wakes ten times a second, for the date alone."""
        await self._told.wait()

    def end(self) -> None:
        """Tell it to end."""
        self.should_exit = True
        self._told.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the command that runs all this."""
        yield


@asynccontextmanager
async def serve(app: Starlette, host: str, port: int) -> AsyncIterator[str]:
    """
    Serve for the length of a block, which gets the address: ``http://127.0.0.1:7070``.

    Port 0: any that is free. ``Rejected`` where it is taken, or where people are told apart by a
    link alone and others than this machine could come.
    """
    doors: Doors = app.state.doors
    if doors.mode.name == "local" and host not in LOOPBACK:
        raise failures.Rejected(
            f"the dashboard does not listen on {host} while a link is all that one needs",
            why="whoever sees the link could do everything, and nothing here is encrypted",
            hint="listen on 127.0.0.1, and reach it by ssh -L or kubectl port-forward",
        )
    bound = bind(host, port)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    server, broadcaster = _Server(config), app.state.broadcaster
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(broadcaster.run)
            tasks.start_soon(_run, server, bound)
            try:
                yield _address(bound)
            finally:
                broadcaster.close()
                server.end()
    except BaseExceptionGroup as group:
        raise groups.only(group) from None


async def _run(server: uvicorn.Server, bound: socket.socket) -> None:
    with anyio.CancelScope(shield=True):  # it ends when it is told, by itself
        await server.serve(sockets=[bound])


def bind(host: str, port: int) -> socket.socket:
    """Return a socket at an address, or say that it is taken."""
    with contextlib.ExitStack() as stack:
        try:
            family, *_, where = _found(host, port)
            bound = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(where)
            bound.listen()
        except OSError as exc:
            raise failures.Rejected(
                f"the dashboard cannot listen on {host}:{port}",
                why=str(exc.strerror or exc),
                hint=f"--dashboard {host}:0   (any port that is free)",
            ) from exc
        stack.pop_all()
    return bound


def free(host: str, port: int, tried: int) -> int:
    """Return the first of some ports that is free; 0, which is any, where none of them is."""
    for one in range(port, port + tried):
        with contextlib.suppress(failures.Rejected), bind(host, one):
            return one
    return 0


def _found(host: str, port: int) -> Any:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]


def _address(bound: socket.socket) -> str:
    host, port, *_ = bound.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
