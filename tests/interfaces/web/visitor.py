"""One who visits the pages: the site over a store in memory, asked in this process."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from starlette.requests import Request

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.store import Store
from serinus.app.office import Line, Office
from serinus.core.spec.resolve import Library
from serinus.core.state.notice import Key
from serinus.interfaces.api import people, server
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.api.seals import Seals
from serinus.interfaces.web import errors, site
from serinus.ports import failures
from serinus.ports.documents import Reviewed, Written
from tests import builders

ADA = Person("ada", bearer=True)
SEALS = Seals(b"k" * 32)


class Drawer:
    """Documents: none, unless some are put in."""

    def __init__(self) -> None:
        self.written: dict[str, Written] = {}

    async def library(self, application: str = "") -> Library:  # noqa: ARG002 - all have the same
        return Library(templates={}, environments={})

    async def read(self, application: str) -> Written:
        if application not in self.written:
            raise failures.Missing(f"there is no document of {application}")
        return self.written[application]

    async def review(self, text: str, environment: str) -> Reviewed:
        del text, environment
        return Reviewed(problems=())

    async def write(
        self, text: str, *, version: str | None, actor: str, reason: str = ""
    ) -> Written:
        del version, actor, reason
        return Written(application="shop", text=text, version="1")

    async def delete(self, application: str, *, version: str, actor: str, reason: str = "") -> None:
        del version, actor, reason
        self.written.pop(application)


class Pages:
    """Logs that a test writes."""

    def __init__(self, *lines: Line) -> None:
        self.lines = lines

    async def tail(self, key: Key, revision: str, lines: int) -> Sequence[Line]:
        del key
        return tuple(one for one in self.lines if one.replica.startswith(revision[:10]))[-lines:]

    async def follow(self, key: Key, revision: str) -> AsyncIterator[Line]:
        for line in await self.tail(key, revision, 100):
            yield line


@dataclass(frozen=True)
class Known:
    """Everybody is the same person, by whatever they come, and sends no cookie."""

    who: Person = ADA
    name: str = "local"
    hint: str = "open the link"
    command: str = ""

    async def person(self, request: Request) -> Person | None:
        del request
        return self.who

    async def lacks(self, person: Person, right: Right, key: Key | None) -> str:
        return people.lacks(person, right, key)

    def givers(self, right: Right, key: Key | None) -> str:
        del right, key
        return "Ask <ada>."


def office(store: Store | None = None, **given: Any) -> Office:
    return Office(
        **{
            "store": store or Store(),
            "documents": Drawer(),
            "logs": Pages(),
            "clock": Clock(builders.at(4)),
            "alive": lambda: True,
            "where": "this machine",
            **given,
        }
    )


def visit(store: Store | None = None, who: Person = ADA, **given: Any) -> httpx2.AsyncClient:
    """Visit the pages of a store, as somebody, with a browser."""
    doors = Doors(Known(who), SEALS)
    app = server.make(office(store, **given), doors, site.routes(), errors.page)
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://127.0.0.1:7070",
        headers={"Accept": "text/html"},
    )
