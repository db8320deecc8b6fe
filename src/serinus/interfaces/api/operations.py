"""
One operation of the API: a row from which both its route and its description follow.

A value is answered with a tag; who has it already gets 304 and no body.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.core.state.notice import Key

Body = TypeVar("Body")

ROOT = "/api/v1"
MEDIA_TYPE = "application/json"
MOST = 500
"""So many items are on one page of a list, at most."""

USUAL = 50


@dataclass(frozen=True, slots=True)
class Operation:
    """
    What can be asked of one address below :data:`ROOT`.

    ``path`` is written as for Starlette. ``query`` and ``headers``: names with what they mean.
    ``answer``: the type of the body, None for bytes of ``media``; ``body`` that of what is sent.
    """

    method: str
    path: str
    summary: str
    endpoint: Callable[[Request], Awaitable[Response]]
    answer: Any
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    media: str = MEDIA_TYPE
    errors: Sequence[int] = (401, 403, 404)

    def route(self) -> BaseRoute:
        """Return its route."""
        return Route(f"{ROOT}{self.path}", self.endpoint, methods=[self.method])


def answer(request: Request, value: Any, *, tag: str = "") -> Response:
    """Answer with a value as JSON, or with nothing where the reader has it already."""
    body = msgspec.json.encode(value)
    tagged = f'"{tag or hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": tagged, "Cache-Control": "private, no-cache"}
    known = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    if request.method in {"GET", "HEAD"} and tagged in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


def key(request: Request) -> Key:
    """Return which application in which environment an address is about."""
    given = request.path_params
    return Key(given["application"], given.get("environment", ""))


def number(request: Request, name: str, usual: int, most: int) -> int:
    """Read a number of the query, from 1 to ``most``."""
    text = request.query_params.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):  # noqa: PLR2004 - digits
        raise HTTPException(400, f"{name} is {text!r}: want a number from 1 to {most}")
    return int(text)


async def sent(request: Request, wanted: type[Body]) -> Body:
    """Read the JSON that was sent; what is wrong with it is told with its place."""
    try:
        return msgspec.json.decode(await request.body(), type=wanted)
    except msgspec.MsgspecError as exc:
        raise HTTPException(400, f"the body cannot be read: {exc}") from exc
