"""
The wire to a dashboard: requests that show a token, and what goes wrong with them, in words.

A token is shown to the dashboard that was named and to nobody else: not to a proxy on the way to
this machine, not to another address that an answer leads to, and never in a message.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec

from serinus.boot.settings import Server
from serinus.core.errors import Problem, SpecError
from serinus.core.state.command import Command
from serinus.interfaces.cli import eventstream
from serinus.interfaces.cli.eventstream import Piece
from serinus.ports import failures

ROOT = "/api/v1"

TIMEOUT_S = 20.0
"""A wish is answered within ten seconds, or not."""

QUIET_S = 40.0
"""A stream says every fifteen seconds that it is still there."""

NEAR = frozenset({"127.0.0.1", "::1", "localhost"})
DONE, UNKNOWN = 200, 401

Value = TypeVar("Value")

_KINDS: dict[int, type[failures.PortFailure]] = {
    404: failures.Missing,
    409: failures.Conflict,
    412: failures.Conflict,
    429: failures.Unavailable,
    502: failures.Unavailable,
    503: failures.Unavailable,
    504: failures.Unavailable,
}
"""What a status is; every other one is a refusal."""


class Told(msgspec.Struct):
    """What the API says of a failure; everything else about it is not needed here."""

    status: int = 0
    detail: str = ""
    why: str = ""
    hint: str = ""
    problems: tuple[Problem, ...] = ()
    next: tuple[Command, ...] = ()


class Wire:
    """Ask one dashboard; every failure comes out as one of ports, or as problems of a document."""

    root = ROOT

    def __init__(self, server: Server, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.address = server.address
        self._client = httpx2.AsyncClient(
            base_url=server.address,
            headers={"accept": "application/json", **_shown(server.token)},
            timeout=TIMEOUT_S,
            transport=transport,
            trust_env=urlsplit(server.address).hostname not in NEAR,
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        """Open it."""
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close it."""
        await self._client.aclose()

    async def get(self, path: str, kind: type[Value]) -> Value:
        """Return what is at a path below :data:`ROOT`."""
        return self.read(await self.send("GET", path), kind)

    async def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        """Send a request, a text as it is and everything else as JSON, and return the answer."""
        given: dict[str, Any] = {"content": body} if isinstance(body, str) else {"json": body}
        try:
            return await self._client.request(
                method, f"{ROOT}{path}", headers=headers or {}, **given
            )
        except httpx2.HTTPError as exc:
            raise self._away(exc) from exc

    def read(self, response: httpx2.Response, kind: type[Value]) -> Value:
        """Return the value of an answer, or raise what it says."""
        if response.status_code != DONE:
            raise self.failure(response)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as exc:
            raise self._garbled(str(exc)) from exc

    @asynccontextmanager
    async def stream(self, path: str, last: str = "") -> AsyncIterator[AsyncIterator[Piece]]:
        """
        Open a stream of events, which goes on after the event ``last``.

        ``Unavailable`` when it cannot be had or breaks off. It may also end.
        """
        headers = {"accept": "text/event-stream"} | ({"last-event-id": last} if last else {})
        timeout = httpx2.Timeout(TIMEOUT_S, read=QUIET_S)
        try:
            async with self._client.stream(
                "GET", path, headers=headers, timeout=timeout
            ) as response:
                if response.status_code != DONE:
                    await response.aread()
                    raise self.failure(response)
                yield eventstream.pieces(response.aiter_bytes())
        except httpx2.HTTPError as exc:
            raise self._away(exc) from exc
        except eventstream.Garbled as exc:
            raise self._garbled(str(exc)) from exc

    def failure(self, response: httpx2.Response) -> Exception:
        """Return what an answer says, as the failure that it was on the other side."""
        return self.problem(response.content, response.status_code)

    def problem(self, content: bytes, status: int = 0) -> Exception:
        """Return a failure that is written as the API writes them; ``status``: how it came."""
        said = told(content, status)
        if said.problems:
            return SpecError(said.problems)
        status = status or said.status
        if status == UNKNOWN:
            return failures.Rejected(
                f"the dashboard at {self.address} does not know who asks",
                why=said.why or "no token was given, or it is too old",
                hint="SERINUS_TOKEN=$(serinus dashboard --token)   (typed where it is served)",
            )
        kind = _KINDS.get(status, failures.Rejected)
        detail = said.detail or f"{self.address} answers {status}"
        # Its commands lead to where the dashboard is: they are written anew, to lead from here.
        return kind(detail, why=said.why, hint="" if said.next else said.hint, next=said.next)

    def _away(self, exc: Exception) -> failures.Unavailable:
        return failures.Unavailable(
            f"the dashboard at {self.address} does not answer",
            why=str(exc) or type(exc).__name__,
            hint="serinus up   (or forward a port to where it is served)",
        )

    def _garbled(self, why: str) -> failures.Rejected:
        return failures.Rejected(
            f"what {self.address} answers is not understood",
            why=why,
            hint="is it a dashboard of Serinus, and of this version?",
        )


def _shown(token: str) -> dict[str, str]:
    """Return the header that shows a token, none without one: an empty one is no header."""
    return {"authorization": f"Bearer {token}"} if token else {}


def told(content: bytes, status: int) -> Told:
    """Return what an answer says of a failure, as far as that can be read."""
    try:
        return msgspec.json.decode(content, type=Told)
    except msgspec.MsgspecError:
        return Told(status, f"it answers {status}")
