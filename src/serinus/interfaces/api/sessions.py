"""
The mode *local*: a link that is good once begins a session, and whoever has one may do everything.

::

    serinus up prints /?token=…  ──▶  a cookie for this browser  ──▶  the person of this machine

The key outlives the controller, so that a page that stays open goes on after a restart; a link does
not: it is sealed with the name of this start. Programs show a token of their own (``bearer``).
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.requests import Request

from serinus.core.state.notice import Key
from serinus.interfaces.api import people
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.api.seals import Seals
from serinus.ports.clock import Clock

LASTS = timedelta(days=7)
"""How long a session is good for, and a token of a program."""

LINK_LASTS = timedelta(hours=12)
SESSION, LINK, TOKEN = "session", "link", "token"


@dataclass(slots=True)
class Local:
    """
    Know the person of this machine by a session.

    ``owner``: the name that signs what is done. ``start``: what is new with each start of the
    process. ``hint``: how to come by a new link. A link keeps the name that it was made for:
    whoever can make one could do everything anyway, so that the name is for the history.
    """

    seals: Seals
    clock: Clock
    owner: str
    start: str = field(default_factory=lambda: secrets.token_hex(8))
    hint: str = "open the link that serinus dashboard prints"
    _used: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The word for it."""
        return "local"

    @property
    def cookie(self) -> str:
        """The name of the cookie: browsers keep one jar for all ports of a machine."""
        return f"serinus_{self.seals.name}"

    def link(self, address: str) -> str:
        """Return a link that begins a session, once."""
        return f"{address}/?token={self._made(f'{LINK}/{self.start}', LINK_LASTS)}"

    def token(self) -> str:
        """Return a token for a program, to be shown as ``Authorization: Bearer …``."""
        return self._made(TOKEN, LASTS)

    def enter(self, token: str) -> str | None:
        """Return the session that a link begins, None when it is not good (any more)."""
        found = self._good(f"{LINK}/{self.start}", token)
        if found is None or found[0] in self._used:
            return None
        identity, name = found
        self._used.add(identity)
        return self._made(SESSION, LASTS, name)

    async def person(self, request: Request) -> Person | None:
        """Return the person of this machine, if the request shows a session or a token."""
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            found = self._good(TOKEN, shown.strip())
            return None if found is None else Person(found[1], session=found[0], bearer=True)
        found = self._good(SESSION, request.cookies.get(self.cookie, ""))
        return None if found is None else Person(found[1], session=found[0])

    async def lacks(self, person: Person, right: Right, key: Key | None) -> str:
        """Return what is lacking: nothing."""
        return people.lacks(person, right, key)

    def _made(self, purpose: str, lasts: timedelta, name: str = "") -> str:
        until = int((self.clock.now() + lasts).timestamp())
        text = f"{secrets.token_hex(12)} {until} {name or self.owner}"
        return self.seals.seal(purpose, text)

    def _good(self, purpose: str, sealed: str) -> tuple[str, str] | None:
        """Return the identity and the name that were sealed, None where they are not good."""
        identity, _, rest = (self.seals.opened(purpose, sealed) or "").partition(" ")
        until, _, name = rest.partition(" ")
        if not name or int(until) < self.clock.now().timestamp():
            return None
        return identity, name
