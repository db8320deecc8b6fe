"""
The first page: what needs me, what is moving, what just happened.

::

    /                     ?q= what is looked for   ?band=needs|moving|recent   ?page=
    /_part/releases       the same without its frame
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.app import judged, progress, search, views
from serinus.app.office import Office
from serinus.app.progress import StepView
from serinus.app.shown import CheckView, Past, Row
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase, Wait
from serinus.interfaces.api import people
from serinus.interfaces.web import frame, links, shared

BANDS = ("needs", "moving", "recent")
MANY = 50
"""So many rows are on one page of a band."""

TOGETHER = 20
"""So many rows of each band are on the page that has all three."""

LATELY = timedelta(hours=24)
PAUSED = timedelta(hours=1)
"""Whoever pauses a release knows of it; what stays paused for longer may have been forgotten."""

LOOKED_BACK = 400
"""So many ended releases are looked at for those of the last day."""

LABELS = ("application", "environment", "state", "version", "stable")
"""What can be asked for by its name: ``state:paused``."""

One = TypeVar("One", Row, Past)


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    """A row, with what is known of a release in flight: its checks, its steps, its wait."""

    row: Row
    checks: tuple[CheckView, ...] = ()
    steps: tuple[StepView, ...] = ()
    wait: Wait = Wait()
    fastest: float | None = None
    actor: str = ""
    reason: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An environment; ``q`` is the search with it, or without it where it is chosen."""

    name: str
    chosen: bool
    q: str


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The three bands as they are shown, and how many there are of each."""

    needs: tuple[Moving, ...]
    moving: tuple[Moving, ...]
    recent: tuple[Past, ...]
    counts: dict[str, int]
    places: tuple[Place, ...]
    applications: int
    q: str
    band: str
    page: int
    pages: int


def routes() -> list[BaseRoute]:
    """Return the routes of this page."""
    return [Route("/", page), Route("/_part/releases", body)]


async def page(request: Request) -> Response:
    """Show what needs a person, what moves, and what just happened."""
    return frame.render(request, "releases.html", **await _values(request))


async def body(request: Request) -> Response:
    """Answer with the bands alone."""
    return await shared.part(request, "releases_bands.html", lambda: _values(request))


async def _values(request: Request) -> dict[str, Any]:
    asked = request.query_params
    band = asked.get("band", "")
    number = asked.get("page", "1")
    found = await board(
        frame.office(request),
        await frame.roster(request).rows(),
        q=asked.get("q", "").strip(),
        band=band if band in BANDS else "",
        page=int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1,  # noqa: PLR2004 - nobody has a million pages
    )

    def lacking(verb: str, row: Row) -> str:
        key = Key(row.application, row.environment)
        return people.lacks(request.state.person, Verb(verb), key)

    return {
        "board": found,
        "release_url": links.release,
        "list_url": links.releases,
        "lacking": lacking,
    }


async def board(
    office: Office, rows: Sequence[Row], *, q: str = "", band: str = "", page: int = 1
) -> Board:
    """Gather the bands of these applications; with ``band`` that one alone, page by page."""
    now = office.clock.now()
    past = await views.history(office.store, limit=LOOKED_BACK)
    bands: dict[str, Sequence[Row | Past]] = {
        "needs": _fitting(sorted((row for row in rows if _needs(row, now)), key=_longest), q),
        "moving": _fitting([row for row in rows if row.in_flight and not _needs(row, now)], q),
        "recent": _fitting([one for one in past if _lately(one, now)], q),
    }
    counts = {name: len(found) for name, found in bands.items()}
    pages = max(1, -(-counts[band] // MANY)) if band else 1
    page = min(max(1, page), pages)
    many = MANY if band else TOGETHER
    shown = {
        name: found[(page - 1) * many : page * many] if band in {"", name} else ()
        for name, found in bands.items()
    }
    return Board(
        needs=tuple([await _moving(office, row) for row in shown["needs"] if isinstance(row, Row)]),
        moving=tuple(
            [await _moving(office, row) for row in shown["moving"] if isinstance(row, Row)]
        ),
        recent=tuple(one for one in shown["recent"] if isinstance(one, Past)),
        counts=counts,
        places=_places(rows, q),
        applications=len(rows),
        q=q,
        band=band,
        page=page,
        pages=pages,
    )


def _needs(row: Row, now: datetime) -> bool:
    fresh = row.state == Phase.PAUSED and row.since is not None and now - row.since < PAUSED
    return row.needs_you and not (fresh and not row.note)


def _lately(one: Past, now: datetime) -> bool:
    return one.ended_at is not None and now - one.ended_at <= LATELY


def _longest(row: Row) -> datetime:
    """Sort by who has waited longest; what waits for nothing that is known comes last."""
    return row.since or datetime.max.replace(tzinfo=UTC)


def _places(rows: Sequence[Row], q: str) -> tuple[Place, ...]:
    query = search.parse(q, LABELS)
    names = sorted({row.environment for row in rows})
    return tuple(
        Place(
            name=name,
            chosen=query.has("environment", name),
            q=str(query.toggled("environment", name)),
        )
        for name in names
    )


def _fitting(found: Iterable[One], q: str) -> Sequence[One]:
    query = search.parse(q, LABELS)
    return [one for one in found if query.fits(_facts(one))]


def _facts(one: Row | Past) -> search.Facts:
    return {
        "application": (one.application, one.application.rpartition("/")[2]),
        "environment": one.environment,
        "state": one.state,
        "version": one.version,
        "stable": one.stable_version,
        "sentence": one.sentence,
    }


async def _moving(office: Office, row: Row) -> Moving:
    """Add to a row what is known of its release."""
    key = Key(row.application, row.environment)
    status = await office.store.status(key)
    release = status.release if status is not None else None
    if release is None or release.ended_at is not None:
        return Moving(row=row)
    snapshot = await office.store.snapshot(key)
    reading = snapshot.reading if snapshot is not None else None
    steps = progress.steps(release, (), snapshot.at if snapshot is not None else None)
    left = [step for step in steps if step.state in {"current", "to come"}]
    return Moving(
        row=row,
        checks=(
            *judged.checks(release, reading.streams if reading else ()),
            *judged.looks(release, reading.looks if reading else ()),
        ),
        steps=steps,
        wait=release.progress.wait,
        fastest=sum(_left(step) for step in left) if left else None,
        actor=release.actor,
        reason=release.reason,
    )


def _left(step: StepView) -> float:
    spent = (step.seconds or 0.0) if step.state == "current" else 0.0
    return max(0.0, step.needed - spent)
