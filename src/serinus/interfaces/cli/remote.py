"""A dashboard that is asked in place of a store: its API, read back into the same values."""

from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import httpx2
import msgspec

from serinus.app.diff import Change
from serinus.app.intents import Wish
from serinus.app.shown import Past, Row, View
from serinus.boot.settings import Server
from serinus.core.errors import Problem, SpecError
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Key
from serinus.ports import failures

TIMEOUT_S = 20.0
"""A wish is answered within ten seconds, or not."""

ROOT = "/api/v1"
PAGE = 500
DONE, UNKNOWN, MOVED, REFUSED = 200, 401, 409, 422

Value = TypeVar("Value")


class _Told(msgspec.Struct):
    """What the API says of a failure; everything else about it is not needed here."""

    status: int = 0
    detail: str = ""
    why: str = ""
    hint: str = ""
    problems: tuple[Problem, ...] = ()


class _Page(msgspec.Struct):
    items: msgspec.Raw
    cursor: str | None = None


class _About(msgspec.Struct):
    alive: bool
    wake: str


class Remote:
    """Look through a dashboard; see :class:`serinus.interfaces.cli.sight.Sight`."""

    def __init__(self, server: Server, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._server = server
        headers = {"accept": "application/json", "authorization": f"Bearer {server.token}"}
        self._client = httpx2.AsyncClient(
            base_url=server.address, headers=headers, timeout=TIMEOUT_S, transport=transport
        )

    async def __aenter__(self) -> Self:
        """Open it."""
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close it."""
        await self._client.aclose()

    async def known(self, key: Key) -> Key:
        """Return the key of an application that is there."""
        rows = await self.rows(key.application)
        found = [row for row in rows if key.environment in {"", row.environment}]
        if len(found) == 1:
            return Key(found[0].application, found[0].environment)
        places = ", ".join(row.environment for row in rows)
        if found:
            raise failures.Missing(
                f"{key.application} is in several environments",
                why=f"it is in {places}",
                hint=f"--env {found[0].environment}",
            )
        raise failures.Missing(
            f"there is no application {key.application!r} in environment {key.environment!r}",
            why=f"it is in {places}",
        )

    async def rows(self, application: str | None = None) -> tuple[Row, ...]:
        """Return applications."""
        if application is None:
            return await self._every("/applications", Row)
        return await self._get(f"/applications/{quote(application)}", tuple[Row, ...])

    async def release(
        self, key: Key, number: int | None = None, *, explained: bool = False
    ) -> View | None:
        """Return a release."""
        which = "latest" if number is None else str(number)
        path = f"/releases/{_path(key)}/{which}"
        if number is None and not any(
            row.release
            for row in await self.rows(key.application)
            if row.environment == key.environment
        ):
            return None
        return await self._get(f"{path}?explain=1" if explained else path, View)

    async def history(self, key: Key | None, limit: int) -> tuple[Past, ...]:
        """Return what became of releases."""
        named = {} if key is None else {"application": key.application}
        named |= {} if key is None else {"environment": key.environment}
        return await self._every("/releases", Past, most=limit, **named)

    async def diff(self, key: Key, older: int | None, newer: int | None) -> Change:
        """Return what changed."""
        if newer is None:
            last = await self.release(key)
            if last is None:
                raise failures.Missing(f"{key.application} has no release yet")
            newer = last.number
        query = "" if older is None else f"?from={older}"
        return await self._get(f"/releases/{_path(key)}/{newer}/diff{query}", Change)

    async def ask(self, wish: Wish) -> Answer:
        """Leave a wish. Whose it is says the token."""
        asked = {
            "verb": wish.verb.value,
            "environment": wish.key.environment,
            "reason": wish.reason,
            "expectRelease": wish.expect_release,
            "expectStep": wish.expect_step,
        }
        headers = {"idempotency-key": wish.id} if wish.id else {}
        response = await self._send(
            "POST", f"/applications/{quote(wish.key.application)}/intents", asked, headers
        )
        if response.status_code in {MOVED, REFUSED}:
            return Answer(wish.id, done=False, sentence=_told(response).detail)
        return self._read(response, Answer)

    async def asleep(self) -> str:
        """Return what to type where nobody decides."""
        found = await self._get("/about", _About)
        return "" if found.alive else found.wake

    # --- asking ---------------------------------------------------------------------------------

    async def _every(
        self, path: str, kind: type[Value], *, most: int = 1 << 30, **query: str
    ) -> tuple[Value, ...]:
        """Return the items of a list, page after page."""
        found: list[Value] = []
        cursor: str | None = ""
        while cursor is not None and len(found) < most:
            asked = {**query, "limit": str(min(PAGE, most - len(found)))}
            asked |= {"cursor": cursor} if cursor else {}
            page = await self._get(f"{path}?{urlencode(asked)}", _Page)
            found += msgspec.json.decode(page.items, type=tuple[kind, ...])  # type: ignore[valid-type]  # msgspec makes it at run time
            cursor = page.cursor
        return tuple(found)

    async def _get(self, path: str, kind: type[Value]) -> Value:
        return self._read(await self._send("GET", path), kind)

    async def _send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        try:
            return await self._client.request(
                method, f"{ROOT}{path}", json=body, headers=headers or {}
            )
        except httpx2.HTTPError as exc:
            raise failures.Unavailable(
                f"the dashboard at {self._server.address} does not answer",
                why=str(exc) or type(exc).__name__,
                hint="serinus up   (or forward a port to where it is served)",
            ) from exc

    def _read(self, response: httpx2.Response, kind: type[Value]) -> Value:
        if response.status_code != DONE:
            raise _failure(response, self._server.address)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as exc:
            raise failures.Rejected(
                f"what {self._server.address} answers is not understood",
                why=str(exc),
                hint="is it a dashboard of Serinus, and of this version?",
            ) from exc


def _path(key: Key) -> str:
    return f"{quote(key.environment, safe='')}/{quote(key.application)}"


def _told(response: httpx2.Response) -> _Told:
    try:
        return msgspec.json.decode(response.content, type=_Told)
    except msgspec.MsgspecError:
        return _Told(response.status_code, f"it answers {response.status_code}")


def _failure(response: httpx2.Response, address: str) -> Exception:
    told = _told(response)
    if told.problems:
        return SpecError(told.problems)
    if response.status_code == UNKNOWN:
        return failures.Rejected(
            f"the dashboard at {address} does not know who asks",
            why="no token was given, or it is too old" if not told.why else told.why,
            hint="SERINUS_TOKEN=$(serinus dashboard --token)   (typed where it is served)",
        )
    kinds: dict[int, type[failures.PortFailure]] = {
        404: failures.Missing,
        409: failures.Conflict,
        429: failures.Unavailable,
        503: failures.Unavailable,
    }
    kind = kinds.get(response.status_code, failures.Rejected)
    return kind(
        told.detail or f"{address} answers {response.status_code}", why=told.why, hint=told.hint
    )
