"""
The mode *proxy*: somebody else knows people, and says in headers who they are.

Only a proxy is believed, which is known by the address that it comes from. Everybody else may write
any header that they like, and is nobody.
"""

import ipaddress
from dataclasses import dataclass

from starlette.requests import Request

from serinus.boot import access as settings
from serinus.boot.access import EVERYBODY, Access
from serinus.core.state.notice import Key
from serinus.interfaces.api import people
from serinus.interfaces.api.people import Grant, Person, Right

LONGEST = 253
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Know people by the headers of a proxy."""

    access: Access

    @property
    def name(self) -> str:
        """The word for it."""
        return "proxy"

    @property
    def hint(self) -> str:
        """What somebody does whom nobody knows."""
        return f"log in at {self.access.hosts[0]}: the proxy there says who you are"

    @property
    def command(self) -> str:
        """What they type for that: nothing."""
        return ""

    async def person(self, request: Request) -> Person | None:
        """Return whom the proxy names, None where it was not the proxy, or names nobody."""
        peer = request.client.host if request.client is not None else ""
        named = request.headers.getlist(self.access.user)
        if not self._known(peer) or len(named) != 1:
            return None
        name = named[0].strip()
        if not name or len(name) > LONGEST or not name.isprintable():
            return None
        groups = {
            group.strip()
            for header in request.headers.getlist(self.access.groups)
            for group in header.split(",")
        }
        rights, grants = granted(self.access, groups - {"", EVERYBODY})
        return Person(name, rights, grants=grants)

    async def lacks(self, person: Person, right: Right, key: Key | None) -> str:
        """Return what a person lacks."""
        return people.lacks(person, right, key)

    def givers(self, right: Right, key: Key | None) -> str:
        """Say which groups have a right, and which may give it."""
        there = "" if key is None else f" on {key}"
        found, admins = self._groups(right, key), self._groups(Right.ADMIN, key)
        holders = f"The role {right}{there} is given to {_either(found)}."
        if not found:
            holders = f"No group has the role {right}{there}."
        asked = f"Ask somebody of {_either(admins)}, which has the role admin"
        if not admins:
            asked = "Ask whoever keeps the file that the dashboard takes its grants from (--access)"
        return f"{holders} {asked}."

    def _groups(self, right: Right, key: Key | None) -> list[str]:
        """Return the groups to which a right is given there, each once."""
        found = (one.group for one in self.access.grants if _grant(one).covers(right, key))
        return list(dict.fromkeys(found))

    def _known(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in ipaddress.ip_network(one) for one in self.access.peers)


def _either(groups: list[str]) -> str:
    """Write groups in a sentence: ``the group sre or shop``, ``everybody``."""
    if EVERYBODY in groups:
        return "everybody whom the proxy lets in"
    *most, last = groups or [""]
    return f"the group {', '.join(most)} or {last}" if most else f"the group {last}"


def granted(access: Access, groups: set[str]) -> tuple[frozenset[Right], tuple[Grant, ...]]:
    """Return what the members of groups may do everywhere, and where they may do more."""
    own = [one for one in access.grants if one.group in groups | {EVERYBODY}]
    everywhere = {Right(right) for one in own if not one.environments for right in one.rights}
    return frozenset(everywhere), tuple(_grant(one) for one in own if one.environments)


def _grant(one: settings.Grant) -> Grant:
    """Return what the members of a group may do, and where: everywhere if nothing is said."""
    return Grant(frozenset(map(Right, one.rights)), one.environments or ("*",))
