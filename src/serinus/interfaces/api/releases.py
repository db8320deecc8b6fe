"""Releases as JSON: the list, one of them, and what belongs to it."""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from serinus.app import diff, intents, series, views
from serinus.app.office import Line, Office
from serinus.app.shown import Decision, Past, View
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.interfaces.api import guard, listing, operations
from serinus.interfaces.api.listing import Page
from serinus.interfaces.api.operations import Operation
from serinus.interfaces.api.people import Right
from serinus.ports import failures

HISTORY = 5_000
"""So many releases are looked through."""

LABELS = ("application", "environment", "state", "version", "actor")
"""What a search can name."""

SEARCHED = (*LABELS, "sentence")
"""Where its words are looked for."""

LINES, MOST_LINES = 200, 5_000
DECISIONS = 10_000
ONE = "/releases/{environment}/{application:path}/{number:int}"


class Course(msgspec.Struct, frozen=True):
    """Each check over time, and how many requests came; ``load`` is None where none was counted."""

    lines: tuple[series.Line, ...]
    load: series.Load | None


class Sides(msgspec.Struct, frozen=True):
    """What the replicas of both revisions wrote last."""

    stable: tuple[Line, ...]
    candidate: tuple[Line, ...]


async def releases(request: Request) -> Response:
    """List releases, newest first."""
    place = await office(request)
    wanted = request.query_params.get("application", "")
    environment = request.query_params.get("environment", "")
    key = None
    if wanted:
        key = await intents.known(Key(wanted, environment), place.store)
    past = await views.history(place.store, key, HISTORY)
    fits = listing.narrowed(request, LABELS, SEARCHED)
    return operations.answer(request, listing.page(request, past, _name, fits))


async def release(request: Request) -> Response:
    """Show one release, whole."""
    place, key, number = await one(request)
    if request.query_params.get("explain") in {"1", "true"}:
        view = await views.explained(place.store, key, number, place.counted)
    else:
        view = await views.release(place.store, key, number)
    if view is None:
        raise failures.Missing(f"{key} has had no release yet")
    return operations.answer(request, view)


async def course(request: Request) -> Response:
    """Show what was counted over time."""
    place, key, found = await _found(request)
    ticks = await place.store.ticks(key, found.number)
    reading = await place.store.reading(key, found.number)
    value = Course(series.of(found, ticks, reading), series.load(ticks))
    return operations.answer(request, value)


async def decisions(request: Request) -> Response:
    """List what was decided, oldest first."""
    place, key, found = await _found(request)
    events = await place.store.events(key=key, release=found.number, limit=DECISIONS)
    told = tuple(views.decision(event) for event in events)
    return operations.answer(request, listing.page(request, told, lambda one: str(one.sequence)))


async def change(request: Request) -> Response:
    """Show what the candidate changes."""
    place, key, found = await _found(request)
    older = operations.number(request, "from", 0, 1 << 30) or None
    value = await diff.releases(place.store, key, older, found.number, place.content)
    return operations.answer(request, value)


async def logs(request: Request) -> Response:
    """Show what the replicas wrote last."""
    place, key, found = await _found(request)
    lines = operations.number(request, "lines", LINES, MOST_LINES)
    stable = await place.logs.tail(key, found.stable, lines) if found.stable else ()
    candidate = await place.logs.tail(key, found.candidate, lines)
    return operations.answer(request, Sides(stable, candidate))


async def office(request: Request) -> Office:
    """Return the office, to whoever may look."""
    await guard.allow(request, Right.VIEW)
    found: Office = request.app.state.office
    return found


async def one(request: Request) -> tuple[Office, Key, int | None]:
    """Return which release an address is about; None: the last one."""
    place = await office(request)
    key = await intents.known(operations.key(request), place.store)
    return place, key, request.path_params.get("number")


async def _found(request: Request) -> tuple[Office, Key, Release]:
    place, key, number = await one(request)
    found = None if number is None else await place.store.release(key, number)
    if found is None:
        raise failures.Missing(f"{key} has no release {number}, or not any more")
    return place, key, found


def _name(past: Past) -> str:
    return f"{past.environment}/{past.application}/{past.number}"


OPERATIONS: Sequence[Operation] = (
    Operation(
        "GET",
        "/releases",
        "List releases, newest first.",
        releases,
        Page[Past],
        query={
            **listing.QUERY,
            "application": "of this application alone",
            "environment": "in this environment alone",
        },
        errors=(400, 401, 403, 404),
    ),
    Operation("GET", f"{ONE}/series", "Show what was counted over time.", course, Course),
    Operation(
        "GET",
        f"{ONE}/decisions",
        "List what was decided, oldest first.",
        decisions,
        Page[Decision],
        query={name: listing.QUERY[name] for name in ("limit", "cursor")},
    ),
    Operation(
        "GET",
        f"{ONE}/diff",
        "Show what the candidate changes.",
        change,
        diff.Change,
        query={"from": "compare with this older release, not with what it replaced"},
    ),
    Operation(
        "GET",
        f"{ONE}/logs",
        "Show what the replicas wrote last.",
        logs,
        Sides,
        query={"lines": f"of each replica, up to {MOST_LINES}; {LINES} without it"},
    ),
    Operation(
        "GET",
        ONE,
        "Show one release, whole.",
        release,
        View,
        query={"explain": "1: with all that its verdict is made of"},
    ),
    Operation(
        "GET",
        "/releases/{environment}/{application:path}/latest",
        "Show the last release of an application.",
        release,
        View,
        query={"explain": "1: with all that its verdict is made of"},
    ),
)
