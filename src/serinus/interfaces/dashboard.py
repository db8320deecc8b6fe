"""
The dashboard beside a controller: the API and the pages over one office, and a link to come in by.

Commands and the demo open it here, so that both serve the same.
"""

import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from serinus.app.office import Office
from serinus.boot import doorkey
from serinus.ports import failures
from serinus.ports.clock import Clock

if TYPE_CHECKING:
    from serinus.boot.access import Access
    from serinus.interfaces.api.sessions import Local

HOST, PORT = "127.0.0.1", 7070
TRIED = 10
"""So many ports are tried, one after the other, where none was named."""


class Asked(msgspec.Struct, frozen=True):
    """
    Where the dashboard is wanted, and who may use it (``access``; None: whoever has a link).

    ``given``: somebody named the port, so no other will do.
    """

    host: str = HOST
    port: int = PORT
    given: bool = False
    access: "Access | None" = None


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


def wanted(address: str | None, access: Path | None) -> Asked:
    """Return where the dashboard is wanted: the usual place without an address."""
    found = Asked() if address is None else asked(address)
    if access is None:
        return found
    from serinus.boot import access as accesses  # noqa: PLC0415 - it brings the YAML reader

    return msgspec.structs.replace(found, access=accesses.read(access))


class Opened(NamedTuple):
    """
    Where the dashboard is served.

    ``link`` begins a session, empty behind a proxy; ``again``: what one types for another one.
    """

    address: str
    link: str
    hosts: str = ""
    again: str = "serinus dashboard"

    @property
    def sentence(self) -> str:
        """Say how one comes in."""
        if self.link:
            once = f"by a link that is good once, within {doorkey.LINK_S} s"
            return f"The dashboard, {once}: {self.link}\nFor another link: {self.again}"
        return f"The dashboard: {self.address}, for the proxy of {self.hosts}"


@asynccontextmanager
async def opened(
    office: Office, home: Path, owner: str, where: Asked, again: str = ""
) -> AsyncIterator[Opened]:
    """
    Serve the dashboard for the length of a block.

    ``home`` keeps the key; ``owner`` signs what is done with a link; ``again``: what one types for
    another link, where that is not :func:`typed`.
    """
    # The framework and the templates are nothing for commands that serve no pages.
    from serinus.interfaces.api import guard, proxied, seals, server  # noqa: PLC0415 - see above
    from serinus.interfaces.api.sessions import Local  # noqa: PLC0415 - see above
    from serinus.interfaces.web import errors, site  # noqa: PLC0415 - see above

    ended = doorkey.ended(home)
    sealing = seals.Seals(doorkey.key(home))
    again = again or typed(home)
    local = Local(sealing, office.clock, owner, command=again, ended=ended)
    if where.access is None:
        doors = guard.Doors(local, sealing)
    else:
        hosts = frozenset(where.access.hosts)
        doors = guard.Doors(proxied.Proxy(where.access), sealing, hosts)
    app = server.make(office, doors, site.routes(), errors.page)
    port = where.port if where.given else server.free(where.host, where.port, TRIED)
    async with server.serve(app, where.host, port) as address:
        if where.access is not None:
            yield Opened(address, "", ", ".join(where.access.hosts))
            return
        with doorkey.served(home, address, local.start):
            yield Opened(address, local.link(address), again=again)


def typed(home: Path) -> str:
    """Return what one types on this machine, anywhere, for a link to what is served for a home."""
    program = "serinus" if shutil.which("serinus") else f"{shlex.quote(sys.executable)} -m serinus"
    return f"{program} dashboard --home {shlex.quote(str(home.absolute()))}"


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
