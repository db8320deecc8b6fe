"""An office in memory, and visitors of it: programs and browsers that ask without a network."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.store import Store
from serinus.app.office import Line, Office, Render
from serinus.core.spec.resolve import Library
from serinus.core.state.notice import Key
from serinus.interfaces.api import problems, server
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.people import Mode
from serinus.interfaces.api.seals import Seals
from serinus.interfaces.api.sessions import Local
from serinus.ports import failures
from serinus.ports.clock import Clock as AnyClock
from serinus.ports.documents import Documents, Edit, Reviewed, Written

SEALS = Seals(b"k" * 32)
ADDRESS = "http://127.0.0.1:7070"


class Papers:
    """Documents that are texts in memory; nothing is found wrong with them."""

    def __init__(self) -> None:
        self.written: dict[str, Written] = {}
        self.authors: list[tuple[str, str]] = []

    async def library(self, application: str = "") -> Library:  # noqa: ARG002 - all have the same
        return Library({}, {})

    async def read(self, application: str) -> Written:
        if application not in self.written:
            raise failures.Missing(f"there is no application {application!r}")
        return self.written[application]

    async def review(self, text: str, environment: str) -> Reviewed:
        name = text.partition("name: ")[2].partition("\n")[0].strip()
        return Reviewed(problems=(), data={"metadata": {"name": name}, "in": environment})

    def edit(self, text: str, edits: Sequence[Edit]) -> str:
        return "".join([text, *(f"{one.place}: {one.value}\n" for one in edits)])

    async def write(
        self, text: str, *, version: str | None, actor: str, reason: str = ""
    ) -> Written:
        name = text.partition("name: ")[2].split()[0]
        old = self.written.get(name)
        if version != (old.version if old else None):
            raise failures.Conflict(f"{name} was changed meanwhile")
        self.authors.append((actor, reason))
        number = int(old.version) + 1 if old else 1
        self.written[name] = Written(application=name, text=text, version=str(number))
        return self.written[name]

    async def delete(self, application: str, *, version: str, actor: str, reason: str = "") -> None:
        if version != (await self.read(application)).version:
            raise failures.Conflict(f"{application} was changed meanwhile")
        self.authors.append((actor, reason))
        del self.written[application]


@dataclass
class Shelf:
    """Logs: what a test puts there."""

    lines: dict[str, tuple[Line, ...]] = field(default_factory=dict)

    async def tail(self, key: Key, revision: str, lines: int) -> tuple[Line, ...]:  # noqa: ARG002 - a revision has its own lines here
        return self.lines.get(revision, ())[-lines:]

    async def follow(self, key: Key, revision: str) -> AsyncIterator[Line]:  # noqa: ARG002 - the same
        for line in self.lines.get(revision, ()):
            yield line


def office(
    store: Store | None = None,
    *,
    documents: Documents | None = None,
    logs: Shelf | None = None,
    clock: AnyClock | None = None,
    alive: Callable[[], bool] = lambda: True,
    render: Render | None = None,
) -> Office:
    """Return an office whose store stands in memory."""
    return Office(
        store=store or Store(),
        documents=documents or Papers(),
        logs=logs or Shelf(),
        clock=clock or Clock(),
        alive=alive,
        where="this machine",
        render=render,
    )


def local(clock: Clock | None = None) -> Local:
    """Return the mode in which Ada is the person of this machine."""
    return Local(SEALS, clock or Clock(), "ada", start="monday")


def app(
    place: Office | None = None,
    *,
    mode: Mode | None = None,
    routes: Sequence[BaseRoute] = (),
    pages: problems.Pages | None = None,
) -> Starlette:
    """Return the application over an office."""
    used = place or office()
    return server.make(used, Doors(mode or local(), SEALS), routes, pages)


def browser(application: Starlette) -> httpx2.AsyncClient:
    """Return a browser that has not come in yet: see :func:`entered`."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(application, raise_app_exceptions=False),
        base_url=ADDRESS,
        headers={"accept": "text/html"},
    )


@asynccontextmanager
async def entered(application: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a browser that came in by a link."""
    mode = application.state.doors.mode
    assert isinstance(mode, Local)
    async with browser(application) as visitor:
        found = await visitor.get(mode.link(ADDRESS))
        assert 303 == found.status_code, found.text
        yield visitor


def program(application: Starlette) -> httpx2.AsyncClient:
    """Return a program that shows a token."""
    mode = application.state.doors.mode
    assert isinstance(mode, Local)
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(application, raise_app_exceptions=False),
        base_url=ADDRESS,
        headers={"authorization": f"Bearer {mode.token()}", "accept": "application/json"},
    )
