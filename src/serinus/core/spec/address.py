"""
Addresses of the web: what is wrong with one, and how much of it may be shown.

A path may hold a token, as those of chats do, so only scheme and host are ever written down.
"""

import re

LONGEST = 2000
NONE = "an address that is none"
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?P<port>:[0-9]{1,5})?([/?][!-~]*)?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LAST_PORT = 65_535


def wrong(url: str) -> str:
    """Say what is wrong with an address, without repeating it; empty if nothing is."""
    if len(url) > LONGEST:
        return f"the address is longer than {LONGEST:,} characters"
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[0].lower() not in {"http://", "https://"}:
        return "the address does not begin with https:// or http://"
    authority = re.split(r"[/?#\\]", url[scheme.end() :], maxsplit=1)[0]
    if "@" in authority:
        return "the address has a user or a password in it; sign with a secret instead"
    found = _URL.fullmatch(url)
    if found is None:
        return "the address is none; wanted one such as https://gate.example/shop"
    if found["port"] and not 0 < int(found["port"][1:]) <= _LAST_PORT:
        return f"the address has the port {found['port'][1:]}; wanted 1–65535"
    return ""


def shown(url: str) -> str:
    """Return scheme and host of an address, or a word for one that is none."""
    found = None if wrong(url) else _URL.fullmatch(url)
    return f"{found['scheme']}://{host(url)}" if found else NONE


def host(url: str) -> str:
    """Return the host of an address, with its port, or a word for one that is none."""
    found = None if wrong(url) else _URL.fullmatch(url)
    return f"{found['host']}{found['port'] or ''}" if found else NONE
