"""
The mode *local*: a link that is good once begins a session, and whoever has one may do everything.

::

    serinus up prints /?token=…  ──▶  a cookie for this browser  ──▶  the person of this machine

The key outlives the controller, so that a page that stays open goes on after a restart; a link does
not: it is sealed with the name of this start, and whoever comes too late makes another one.
Programs show a token of their own (``bearer``).
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from starlette.requests import Request

from serinus.boot import doorkey
from serinus.core.state.notice import Key
from serinus.interfaces.api import people
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.api.seals import Seals
from serinus.ports.clock import Clock

LASTS = timedelta(days=7)
"""How long a session is good for, and a token of a program."""

LINK_LASTS = timedelta(seconds=doorkey.LINK_S)
SESSION, LINK, TOKEN = "session", "link", "token"


@dataclass(slots=True)
class Local:
    """
    Know the person of this machine by a session.

    ``owner``: the name that signs what is done. ``start``: what is new with each start of the
    process. ``command``: what one types for a new link. ``ended``: sessions that are over.
    A link keeps the name that it was made for: whoever can make one could do everything anyway, so
    that the name is for the history.
    """

    seals: Seals
    clock: Clock
    owner: str
    start: str = field(default_factory=lambda: secrets.token_hex(8))
    command: str = "serinus dashboard"
    ended: doorkey.Ended = field(default_factory=doorkey.Ended)
    _used: dict[str, datetime] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The word for it."""
        return "local"

    @property
    def hint(self) -> str:
        """What somebody does whom nobody knows."""
        return (
            "Type this where Serinus runs, and open the link that it prints "
            f"within {doorkey.LINK_S} s:"
        )

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

    def enter(self, token: str) -> str:
        """Return the session that a link begins; ``Unknown``, with the reason, where it is none."""
        made = _Sealed.read(self.seals.opened(f"{LINK}/{self.start}", token))
        now = self.clock.now()
        if made is None:
            why = "This is no link of the Serinus that runs now."
        elif made.until < now:
            why = f"This link is older than {doorkey.LINK_S} s, and not good any more."
        elif made.identity in self._used:
            why = "This link was used already: it is good once."
        else:
            self._used = {one: until for one, until in self._used.items() if until >= now}
            self._used[made.identity] = made.until
            return self._made(SESSION, LASTS, made.name)
        raise people.Unknown(self.hint, command=self.command, detail=why)

    async def person(self, request: Request) -> Person | None:
        """Return the person of this machine, if the request shows a session or a token."""
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            found = self._good(TOKEN, shown.strip())
            if found is None:
                return None
            return Person(found.name, session=found.identity, bearer=True)
        found = self._good(SESSION, request.cookies.get(self.cookie, ""))
        return None if found is None else Person(found.name, session=found.identity)

    def leave(self, person: Person) -> None:
        """End the session that somebody has, or the token that a program shows."""
        now = self.clock.now()
        self.ended.add(person.session, now=now, until=now + LASTS)

    async def lacks(self, person: Person, right: Right, key: Key | None) -> str:
        """Return what is lacking: nothing."""
        return people.lacks(person, right, key)

    def givers(self, right: Right, key: Key | None) -> str:  # noqa: ARG002 - nobody lacks any
        """Say nothing: whoever can read the home has every right."""
        return ""

    def _made(self, purpose: str, lasts: timedelta, name: str = "") -> str:
        until = int((self.clock.now() + lasts).timestamp())
        text = f"{secrets.token_hex(12)} {until} {name or self.owner}"
        return self.seals.seal(purpose, text)

    def _good(self, purpose: str, sealed: str) -> "_Sealed | None":
        """Return what was sealed, None where it is not good (any more)."""
        found = _Sealed.read(self.seals.opened(purpose, sealed))
        if found is None or found.until < self.clock.now() or found.identity in self.ended:
            return None
        return found


class _Sealed(NamedTuple):
    """What is within a seal: an identity of its own, how long it is good for, and for whom."""

    identity: str
    until: datetime
    name: str

    @classmethod
    def read(cls, text: str | None) -> "_Sealed | None":
        """Read it, None where there is nothing."""
        identity, _, rest = (text or "").partition(" ")
        until, _, name = rest.partition(" ")
        return cls(identity, datetime.fromtimestamp(int(until), UTC), name) if name else None
