"""
The dashboard beside a controller: the API and the pages over one office, and a link to come in by.

Commands and the demo open it here, so that both serve the same.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from serinus.app.office import Office
from serinus.boot import doorkey
from serinus.ports import failures
from serinus.ports.clock import Clock

if TYPE_CHECKING:
    from serinus.interfaces.api.sessions import Local

HOST, PORT = "127.0.0.1", 7070
TRIED = 10
"""So many ports are tried, one after the other, where none was named."""


class Asked(msgspec.Struct, frozen=True):
    """Where the dashboard is wanted. ``given``: somebody named the port, so no other will do."""

    host: str = HOST
    port: int = PORT
    given: bool = False


def asked(text: str) -> Asked:
    """Read ``HOST:PORT``, or ``PORT`` alone; ``Rejected`` when it is neither."""
    host, _, port = text.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise failures.Rejected(
            f"--dashboard {text!r}: want an address with a port",
            hint=f"--dashboard {HOST}:{PORT}",
        )
    return Asked(host or HOST, int(port), given=True)


@asynccontextmanager
async def opened(office: Office, home: Path, owner: str, where: Asked) -> AsyncIterator[str]:
    """
    Serve the dashboard for the length of a block, which gets a link that is good once.

    ``home`` keeps the key; ``owner`` signs what is done with a link.
    """
    # The framework and the templates are nothing for commands that serve no pages.
    from serinus.interfaces.api import seals, server, sessions  # noqa: PLC0415 - see above
    from serinus.interfaces.api.guard import Doors  # noqa: PLC0415 - see above
    from serinus.interfaces.web import errors, site  # noqa: PLC0415 - see above

    sealing = seals.Seals(doorkey.key(home))
    mode = sessions.Local(sealing, office.clock, owner)
    app = server.make(office, Doors(mode, sealing), site.routes(), errors.page)
    port = where.port if where.given else server.free(where.host, where.port, TRIED)
    async with server.serve(app, where.host, port) as address:
        with doorkey.served(home, address, mode.start):
            yield mode.link(address)


def link(home: Path, owner: str, clock: Clock) -> str:
    """Return a new link to the dashboard that is served; ``Missing`` where none is."""
    noted = doorkey.found(home)
    return _mode(home, owner, clock, noted.start).link(noted.address)


def token(home: Path, owner: str, clock: Clock) -> str:
    """Return a token for programs, good for the dashboard that is served here."""
    return _mode(home, owner, clock, doorkey.found(home).start).token()


def _mode(home: Path, owner: str, clock: Clock, start: str) -> "Local":
    from serinus.interfaces.api import seals, sessions  # noqa: PLC0415 - as above

    return sessions.Local(seals.Seals(doorkey.key(home)), clock, owner, start)
