"""
What every page says above all else, the worst first and two things at most::

    no controller works        nothing is new
    a metric source is away    what it is asked for is not known
    read-only                  whoever looks may change nothing
    frozen                     no new release begins in an environment
"""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.app import hindrances
from serinus.app.hindrances import Hindrance
from serinus.core.state.notice import Key
from serinus.interfaces.api import people
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.web import figures, frame
from serinus.ports import failures

MOST = 2
KEPT = timedelta(seconds=2)
"""So long what was found holds for all who look."""

READ_ONLY = "Read-only: you see everything here, and may change nothing. Ask for a role to do more."

Endpoint = Callable[[Request], Awaitable[Response]]


class Banner(NamedTuple):
    """One strip: its colour, its icon, its words."""

    tone: str
    icon: str
    text: str


def routes() -> list[BaseRoute]:
    """Return the route of the banners."""
    return [Route("/_part/banners", body)]


def above(endpoint: Endpoint) -> Endpoint:
    """Return a page that knows what is to be said above it."""

    async def page(request: Request) -> Response:
        request.state.banners = await shown(request)
        return await endpoint(request)

    return page


async def body(request: Request) -> Response:
    """Answer with the banners that are to be seen now."""
    return frame.part(request, "banners.html", banners=await shown(request))


async def shown(request: Request) -> tuple[Banner, ...]:
    """Return what is to be said now to whoever looks."""
    place = frame.office(request)
    found = await _found(request)
    return tuple(_ordered(found, request.state.person, alive=place.alive(), wake=place.wake))[:MOST]


def _ordered(
    found: tuple[Hindrance, ...], person: Person | None, *, alive: bool, wake: str
) -> Iterator[Banner]:
    if not alive:
        yield stopped(wake)
    yield from (_told(one) for one in found if one.trouble)
    rights = (Right.OPERATE, Right.DEPLOY, Right.APPROVE, Right.TEMPLATES, Right.ADMIN)
    if person is not None and all(people.lacks(person, right) for right in rights):
        yield Banner("you", "lock", READ_ONLY)
    yield from (_told(one) for one in found if not one.trouble)


def stopped(wake: str) -> Banner:
    """Say that no controller works."""
    text = (
        "No controller is running: what you see is what it saw last, and nothing can be asked of "
        f"it. Start it with “{wake}”."
    )
    return Banner("bad", "error", text)


def _told(one: Hindrance) -> Banner:
    until = f", until {figures.day(one.until)}" if one.until else ""
    tone, icon = ("bad", "error") if one.trouble else ("you", "wait")
    return Banner(tone, icon, f"{one.cause}{until}. {one.then}")


async def _found(request: Request) -> tuple[Hindrance, ...]:
    """Return what holds deliveries up, looked for once for all who ask at about the same time."""
    state, place = request.app.state, frame.office(request)
    now = place.clock.now()
    kept: tuple[datetime, tuple[Hindrance, ...]] | None = getattr(state, "hindrances", None)
    if kept is not None and timedelta(0) <= now - kept[0] < KEPT:
        return kept[1]
    try:
        state.hindrances = (now, await _looked(request, now))
    except failures.PortFailure:  # the page says for itself what is wrong with its store
        return ()
    found: tuple[Hindrance, ...] = state.hindrances[1]
    return found


async def _looked(request: Request, now: datetime) -> tuple[Hindrance, ...]:
    place = frame.office(request)
    rows = await frame.roster(request).rows()
    flying = [Key(row.application, row.environment) for row in rows if row.in_flight]
    known = (await place.documents.library()).environments
    used = {row.environment for row in rows}
    return (
        *await hindrances.silent(place.store, flying),
        *hindrances.barred({name: known[name] for name in known if name in used}, now),
    )
