"""A dashboard that is asked in place of a store: its API, read back into the same values."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self, TypeVar
from urllib.parse import quote, urlencode

import httpx2
import msgspec

from serinus.app.diff import Change
from serinus.app.intents import Wish
from serinus.app.shown import Past, Row, View
from serinus.app.standing import Standing
from serinus.boot.settings import Server
from serinus.core.errors import Problem
from serinus.core.spec.application import Environment
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate
from serinus.core.state.command import Command
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Event, Key
from serinus.interfaces.cli import listening, wire
from serinus.interfaces.cli.listening import Followed
from serinus.interfaces.cli.wire import Wire
from serinus.ports import failures

PAGE = 500
MOVED, REFUSED = 409, 422

Value = TypeVar("Value")


class _Page(msgspec.Struct):
    items: msgspec.Raw
    cursor: str | None = None


class _Happened(msgspec.Struct):
    items: tuple[Event, ...]


class _Looked(msgspec.Struct):
    problems: tuple[Problem, ...]


class _About(msgspec.Struct):
    alive: bool
    wake: str


class Remote:
    """Look through a dashboard; see :class:`serinus.interfaces.cli.sight.Sight`."""

    def __init__(self, server: Server, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.wire = Wire(server, transport)

    async def __aenter__(self) -> Self:
        """Open it."""
        await self.wire.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close it."""
        await self.wire.__aexit__(*exc)

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
        return await self.wire.get(f"/applications/{named(application)}", tuple[Row, ...])

    async def release(
        self, key: Key, number: int | None = None, *, explained: bool = False
    ) -> View | None:
        """Return a release."""
        which = "latest" if number is None else str(number)
        path = f"/releases/{address(key)}/{which}"
        if number is None and not any(
            row.release
            for row in await self.rows(key.application)
            if row.environment == key.environment
        ):
            return None
        return await self.wire.get(f"{path}?explain=1" if explained else path, View)

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
        return await self.wire.get(f"/releases/{address(key)}/{newer}/diff{query}", Change)

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
        response = await self.wire.send(
            "POST", f"/applications/{named(wish.key.application)}/intents", asked, headers
        )
        if response.status_code in {MOVED, REFUSED}:
            return Answer(wish.id, done=False, sentence=wire.told(response.content, 0).detail)
        return self.wire.read(response, Answer)

    async def asleep(self) -> str:
        """Return what to type where nobody decides."""
        found = await self.wire.get("/about", _About)
        return "" if found.alive else found.wake

    async def standing(self, key: Key) -> Standing:
        """Return where what is asked for stands."""
        return await self.wire.get(f"/asked/{address(key)}", Standing)

    async def library(self) -> Library:
        """Return the templates that are known there, and the environments."""
        templates: dict[str, tuple[DeliveryTemplate, ...]] = {}
        for one in await self.wire.get("/templates", tuple[DeliveryTemplate, ...]):
            known = templates.get(one.spec.template, ())
            templates[one.spec.template] = (*known, one)
        environments = await self.wire.get("/environments", tuple[Environment, ...])
        return Library(templates, {one.metadata.name: one for one in environments})

    async def review(self, text: str) -> tuple[Problem, ...]:
        """Return what is wrong with a document where it would be used; nothing is written."""
        response = await self.wire.send("POST", "/documents/review", {"text": text})
        return self.wire.read(response, _Looked).problems

    async def events(self, key: Key, after: int, number: int | None = None) -> Sequence[Event]:
        """Return what happened to an application, or in one release of it, after an event."""
        asked = {"application": key.application, "environment": key.environment}
        asked |= {} if number is None else {"release": str(number)}
        found: list[Event] = []
        while True:
            last = found[-1].sequence if found else after
            query = {**asked, "limit": str(PAGE)} | ({"after": str(last)} if last else {})
            page = await self.wire.get(f"/events?{urlencode(query)}", _Happened)
            found += page.items
            if len(page.items) < PAGE:
                return found

    @asynccontextmanager
    async def followed(
        self, key: Key, number: int | None = None, *, news: bool = False
    ) -> AsyncIterator[Followed]:
        """Follow a release by the stream of the dashboard."""

        async def release() -> View | None:
            return await self.release(key, number)

        async def events(after: int) -> Sequence[Event]:
            return await self.events(key, after, number) if news else ()

        async with listening.opened(self.wire, key, listening.Source(release, events)) as heard:
            yield heard

    async def _every(
        self, path: str, kind: type[Value], *, most: int = 1 << 30, **query: str
    ) -> tuple[Value, ...]:
        """Return the items of a list, page after page."""
        found: list[Value] = []
        cursor: str | None = ""
        while cursor is not None and len(found) < most:
            asked = {**query, "limit": str(min(PAGE, most - len(found)))}
            asked |= {"cursor": cursor} if cursor else {}
            page = await self.wire.get(f"{path}?{urlencode(asked)}", _Page)
            found += msgspec.json.decode(page.items, type=tuple[kind, ...])  # type: ignore[valid-type]  # msgspec makes it at run time
            cursor = page.cursor
        return tuple(found)


def address(key: Key) -> str:
    """Return the end of an address that is about one application in one environment."""
    return f"{quote(key.environment, safe='')}/{named(key.application)}"


def named(application: str) -> str:
    """Write an application in an address; ``Missing`` for what would lead to another address."""
    if {"", ".", ".."} & set(application.split("/")):
        raise failures.Missing(
            f"there is no application {application!r}", next=(Command("status"),)
        )
    return quote(application)
