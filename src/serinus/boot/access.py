"""
Who may use the dashboard, from a file: without one it is the person who can read the home.

::

    mode: proxy
    user: X-Forwarded-User              # whom the proxy has let in
    groups: X-Forwarded-Groups          # names with commas between them
    peers: [127.0.0.1, 10.1.0.0/16]     # from where the proxy comes; nobody else is believed
    hosts: [serinus.example.com]        # the names that it is reached by
    grants:
    - {group: "*", rights: [view]}      # whoever the proxy lets in
    - {group: sre, rights: [view, operate, approve]}
    - {group: shop, rights: [operate, deploy], environments: [dev, "staging-*"]}

Everything that is wrong is told at once, before anybody is let in.
"""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from serinus.adapters.local import documents
from serinus.ports import failures

RIGHTS = ("view", "operate", "deploy", "approve", "templates", "admin")
EVERYBODY = "*"
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_HOST = re.compile(r"[a-z0-9][a-z0-9.-]*|\[[0-9a-f:]+\]")


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What a group may do; ``*`` is everybody.

    ``environments``: there alone, as patterns (``staging-*``); everywhere without.
    """

    group: str
    rights: tuple[str, ...]
    environments: tuple[str, ...] = ()


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    mode: str
    user: str = "X-Forwarded-User"
    groups: str = "X-Forwarded-Groups"
    peers: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()


def read(path: Path) -> Access:
    """Read the file; ``Rejected`` with all that is wrong with it."""
    try:
        _, page = documents.read(path.read_bytes())
    except OSError as exc:
        raise failures.Rejected(f"cannot read {path}", why=str(exc.strerror or exc)) from exc
    if page.problems or len(page.documents) != 1:
        told = "; ".join(map(str, page.problems)) or f"{len(page.documents)} documents, want one"
        raise failures.Rejected(f"{path} does not say who may use the dashboard", why=told)
    try:
        found = msgspec.convert(page.documents[0].data, Access)
    except msgspec.ValidationError as exc:
        raise failures.Rejected(
            f"{path} does not say who may use the dashboard", why=str(exc)
        ) from exc
    wrong = tuple(_wrong(found))
    if wrong:
        raise failures.Rejected(
            f"{path} does not say who may use the dashboard", why="; ".join(wrong)
        )
    return found


def _wrong(access: Access) -> Iterator[str]:
    if access.mode != "proxy":
        yield f"mode is {access.mode!r}: want proxy"
    for name, header in (("user", access.user), ("groups", access.groups)):
        if not _HEADER.fullmatch(header):
            yield f"{name} is {header!r}: want the name of a header"
    yield from _wrong_places(access)
    if not access.grants:
        yield "grants is empty, so nobody could do anything: want at least one"
    for grant in access.grants:
        yield from _wrong_grant(grant)


def _wrong_places(access: Access) -> Iterator[str]:
    if not access.peers:
        yield "peers is empty: want the addresses from which the proxy comes"
    for peer in access.peers:
        try:
            ipaddress.ip_network(peer)
        except ValueError as exc:
            yield f"peers: {exc}"
    if not access.hosts:
        yield "hosts is empty: want the names by which the dashboard is reached"
    for host in access.hosts:
        if not _HOST.fullmatch(host):
            yield f"hosts: {host!r} is no name of a host: want it in lower case, without a port"


def _wrong_grant(grant: Grant) -> Iterator[str]:
    if not grant.group:
        yield "grants: a group without a name"
    for right in grant.rights:
        if right not in RIGHTS:
            yield f"grants of {grant.group}: no right {right!r}; want {', '.join(RIGHTS)}"
    if grant.environments and "view" in grant.rights:
        yield (
            f"grants of {grant.group}: whoever may view sees every environment; "
            "give that right in a grant without environments"
        )
