"""
One sentence that the next page shows: what became of what a person has just done.

It travels in a sealed cookie that the next page takes away, so that an address never says it again.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from serinus.interfaces.api.seals import Seals

LASTS_S = 60
LONGEST = 1_500
"""Characters: a cookie holds four thousand bytes, and a sentence says less."""


class Said(msgspec.Struct, frozen=True):
    """What was answered; ``done`` tells whether it is so now."""

    done: bool
    sentence: str


def put(response: Response, seals: Seals, said: Said) -> None:
    """Let the next page show a sentence."""
    short = msgspec.structs.replace(said, sentence=_short(said.sentence))
    sealed = seals.seal("said", msgspec.json.encode(short).decode())
    response.set_cookie(_name(seals), sealed, max_age=LASTS_S, httponly=True, samesite="strict")


def take(request: Request, seals: Seals) -> Said | None:
    """Return what is to be shown on this page, None where nothing is."""
    opened = seals.opened("said", request.cookies.get(_name(seals), ""))
    return None if opened is None else msgspec.json.decode(opened, type=Said)


def forget(seals: Seals) -> str:
    """Return the header that takes the sentence away."""
    return f"{_name(seals)}=; Max-Age=0; Path=/; HttpOnly; SameSite=strict"


def _name(seals: Seals) -> str:
    return f"said_{seals.name}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
