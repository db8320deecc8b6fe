"""A dashboard over the store of a home, in a thread of its own: as `serinus up` serves one."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from anyio.from_thread import start_blocking_portal

from serinus.app.office import Office
from serinus.boot import home, office
from serinus.boot.settings import Settings
from serinus.interfaces.api import server
from serinus.interfaces.api.sessions import Local
from tests.interfaces import offices
from tests.interfaces.cli.conftest import Cli


@dataclass(frozen=True)
class Served:
    """Where it is, and what a program shows there."""

    address: str
    token: str

    def typed(self, line: str) -> list[str]:
        """Return the words of a command that asks it."""
        return [*line.split(), "--server", self.address, "--token", self.token]

    def asked(self, cli: Cli, line: str) -> tuple[int, str, str]:
        """Type a command that asks it; what leads there again is taken out of the answer."""
        code, out, err = cli(self.typed(line))
        assert self.token not in out + err
        flag = re.compile(rf" --server {self.address}\b")
        return code, flag.sub("", out), flag.sub("", err)


@asynccontextmanager
async def serving(place: Office, port: int = 0) -> AsyncIterator[Served]:
    """Serve an office, in this loop."""
    mode = Local(offices.SEALS, home.clock(), "ada", start="monday")
    app = offices.app(place, mode=mode)
    async with server.serve(app, "127.0.0.1", port) as address:
        yield Served(address, mode.token())


@asynccontextmanager
async def _of(settings: Settings, port: int) -> AsyncIterator[Served]:
    async with office.office(settings) as place, serving(place, port) as served:
        yield served


@contextmanager
def dashboard(settings: Settings, port: int = 0) -> Iterator[Served]:
    """Serve a home for the length of a block."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_of(settings, port)) as served,
    ):
        yield served
