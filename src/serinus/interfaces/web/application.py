"""
One application: what is so in each environment, what became of its releases, what it is made of.

::

    /a/shop                                          environments and releases
    /a/shop?tab=config&environment=prod              every value, and who says it
    /a/shop?tab=config&environment=prod&against=dev  and what differs between two environments
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.app import views
from serinus.app.office import Office
from serinus.app.shown import Past, Row
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.interfaces.api import documents, people
from serinus.interfaces.api.people import Person
from serinus.interfaces.web import configuration, ending, frame
from serinus.ports import failures
from serinus.ports.documents import Written

HISTORY = 100
"""So many releases are listed; all of them can be asked for by their number."""

CONFIG = "config"


class Place(msgspec.Struct, frozen=True):
    """
    An application in one environment.

    ``template``: with its version, of the last release. ``wanted``: the version that the document
    asks for, where that is another one than serves. ``here``: a controller of ours runs it.
    ``back``: the release in flight, which can be rolled back; ``before``: at rest the number of the
    one that served before this one, None where there is none. ``lacks``: what somebody has not got
    for rolling it back.
    """

    environment: str
    row: Row | None
    template: str = ""
    wanted: str = ""
    here: bool = True
    back: int | None = None
    before: int | None = None
    lacks: str = ""


def routes() -> list[BaseRoute]:
    """Return the routes of this page."""
    return [
        Route("/_part/a/{application:path}", part, methods=["GET"]),
        Route("/a/{application:path}", page, methods=["GET"]),
    ]


async def page(request: Request) -> Response:
    """Show an application; ``Missing`` where nobody knows it."""
    return frame.render(request, "application.html", **await _values(request))


async def part(request: Request) -> Response:
    """Show what is so, and what became of its releases, alone."""
    return frame.part(request, "application_now.html", **await _values(request))


async def _values(request: Request) -> dict[str, Any]:
    office = frame.office(request)
    name = request.path_params["application"]
    rows = await views.applications(office.store, name)
    written = await document(office, name)
    if not rows and written is None:
        raise failures.Missing(
            f"there is no application {name!r}",
            why="neither a document nor a release has that name",
            hint="look at /apps, or write a new one",
        )
    asked = request.query_params
    tab = CONFIG if asked.get("tab") == CONFIG and written is not None else ""
    past = await history(office, rows)
    places = [await _place(office, row, past, request.state.person) for row in rows]
    looked = None
    if written is not None and tab == CONFIG:
        environment, other = asked.get("environment", ""), asked.get("against", "")
        text = await documents.seen(request, written)
        looked = await configuration.look(office, written, text, environment, other)
    return {
        "name": name,
        "written": written,
        "port": office.port,
        "tab": tab,
        "ending": await ending.of(request, written),
        "ask": asked.get("ask", ""),
        "looked": looked,
        "places": places,
        "past": past,
    }


async def document(office: Office, name: str) -> Written | None:
    """Return an application's document, None where it has none that can be read."""
    try:
        return await office.documents.read(name)
    except (failures.Missing, failures.Rejected):
        return None


async def history(office: Office, rows: Sequence[Row]) -> list[Past]:
    """Return what became of an application's releases in all environments, newest first."""
    found = [
        past
        for row in rows
        for past in await views.history(
            office.store, Key(row.application, row.environment), HISTORY
        )
    ]
    return sorted(found, key=lambda past: past.created_at, reverse=True)[:HISTORY]


async def _place(office: Office, row: Row, past: Sequence[Past], person: Person) -> Place:
    key = Key(row.application, row.environment)
    status, asked = await office.store.status(key), await office.store.asked(key)
    last = status.release if status else None
    wanted = asked.wanted
    other = wanted is not None and status is not None and wanted.revision.id != status.stable
    delivery = last.delivery if last else wanted.delivery if wanted else None
    return Place(
        environment=row.environment,
        row=row,
        template=" ".join(filter(None, (delivery.template, delivery.template_version)))
        if delivery
        else "",
        wanted=wanted.revision.version if wanted is not None and other else "",
        back=_back(row),
        before=None if row.in_flight else _before(row, past),
        lacks=people.lacks(person, Verb.ROLLBACK, key),
    )


def _back(row: Row) -> int | None:
    """Return the release in flight, where there is a way back from it."""
    open_ = row.in_flight and row.stable_version and row.state != Phase.ROLLING_BACK
    return row.release if open_ else None


def _before(row: Row, past: Sequence[Past]) -> int | None:
    """Return the newest release that brought another version than the one that serves."""
    good = [
        one.number
        for one in past
        if one.environment == row.environment
        and one.state == Phase.SUCCEEDED
        and one.version != row.stable_version
    ]
    return max(good, default=None)
