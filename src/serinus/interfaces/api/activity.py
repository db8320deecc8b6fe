"""What happens here, as JSON; and what this place is."""

from collections.abc import Sequence
from importlib import metadata

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serinus.app import activity
from serinus.core.state.notice import Event, Key
from serinus.interfaces.api import listing, operations, releases
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.operations import Operation
from serinus.interfaces.api.people import Person


class Happened(msgspec.Struct, frozen=True):
    """Events, oldest first; ``newest``: ask for what comes after it."""

    items: tuple[Event, ...]
    newest: int


class About(msgspec.Struct, frozen=True):
    """What this place is, and who asks."""

    version: str
    where: str
    environment: str
    alive: bool
    wake: str
    mode: str
    person: str
    rights: tuple[str, ...]


async def events(request: Request) -> Response:
    """List what happened after an event."""
    place = await releases.office(request)
    after = operations.number(request, "after", 0, 1 << 53)
    limit = operations.number(request, "limit", operations.USUAL, operations.MOST)
    found = await place.store.events(after, _key(request), _release(request), limit)
    newest = found[-1].sequence if found else max(after, await place.store.newest())
    return operations.answer(request, Happened(tuple(found), newest))


def _key(request: Request) -> Key | None:
    """Return the application that is named, None where none is."""
    given = [request.query_params.get(name, "") for name in ("application", "environment")]
    if any(given) and not all(given):
        raise HTTPException(400, "application and environment are named together, or neither is")
    return Key(*given) if all(given) else None


def _release(request: Request) -> int | None:
    return operations.number(request, "release", 0, 1 << 30) or None


async def deeds(request: Request) -> Response:
    """List who did what and why, newest first."""
    place = await releases.office(request)
    limit = operations.number(request, "limit", operations.USUAL, operations.MOST)
    before = operations.number(request, "before", 0, 1 << 53) or None
    text = request.query_params.get("q", "")
    found = await activity.page(place.store, text, before=before, limit=limit)
    return operations.answer(request, found)


async def about(request: Request) -> Response:
    """Tell what this place is, and who asks."""
    place = await releases.office(request)
    doors: Doors = request.app.state.doors
    person: Person = request.state.person
    value = About(
        version=metadata.version("serinus"),
        where=place.where,
        environment=place.environment,
        alive=place.alive(),
        wake=place.wake,
        mode=doors.mode.name,
        person=person.name,
        rights=tuple(sorted(person.rights)),
    )
    return operations.answer(request, value)


OPERATIONS: Sequence[Operation] = (
    Operation(
        "GET",
        "/activity",
        "List who did what and why, newest first.",
        deeds,
        activity.Page,
        query={
            "q": f"a search; labels are {', '.join(activity.LABELS)}",
            "limit": listing.QUERY["limit"],
            "before": "go on: what the answer before calls older",
        },
        errors=(400, 401, 403),
    ),
    Operation(
        "GET",
        "/events",
        "List what happened, oldest first.",
        events,
        Happened,
        query={
            "after": "what comes after the event of this sequence",
            "application": "of this application alone; with its environment",
            "environment": "of the application in this one",
            "release": "of this release alone",
            "limit": listing.QUERY["limit"],
        },
        errors=(400, 401, 403),
    ),
    Operation(
        "GET", "/about", "Tell what this place is, and who asks.", about, About, errors=(401, 403)
    ),
)
