"""Applications: each with its environments beside it, what needs a person first."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.app import search
from serinus.app.search import Query
from serinus.app.shown import Row
from serinus.interfaces.web import frame

PAGE = 50
"""So many applications are on one page."""

LABELS = ("application", "environment", "state", "version")
"""What a search can name: ``state:held* environment:prod``."""


class Line(msgspec.Struct, frozen=True):
    """One application with what is so in each of its environments."""

    name: str
    cells: tuple[Row, ...]

    @property
    def needs_you(self) -> bool:
        """Tell whether a person has to look at it in any environment."""
        return any(cell.needs_you for cell in self.cells)

    @property
    def in_flight(self) -> bool:
        """Tell whether a release of it is on its way."""
        return any(cell.in_flight for cell in self.cells)


class Lines(msgspec.Struct, frozen=True):
    """One page of applications; ``found`` of ``all`` fit the search."""

    lines: tuple[Line, ...]
    found: int
    all: int
    query: str
    number: int
    pages: int


def routes() -> list[BaseRoute]:
    """Return the routes of this page."""
    return [Route("/apps", page), Route("/_part/apps", part)]


async def page(request: Request) -> Response:
    """Show the applications that fit the search."""
    return frame.render(request, "applications.html", **await _values(request))


async def part(request: Request) -> Response:
    """Show their list alone."""
    return frame.part(request, "applications_list.html", **await _values(request))


async def _values(request: Request) -> dict[str, Any]:
    rows = await frame.roster(request).rows()
    query = request.query_params.get("q", "").strip()
    return {"list": listed(rows, query, request.query_params.get("page", ""))}


def listed(rows: Sequence[Row], query: str, page: str = "") -> Lines:
    """Return one page of the applications that fit a search."""
    lines = lined(rows)
    asked = search.parse(query, LABELS)
    fitting = [line for line in lines if fits(line, asked)]
    pages = max(1, -(-len(fitting) // PAGE))
    number = min(pages, int(page) if page.isascii() and page.isdigit() and len(page) < PAGE else 1)
    number = max(1, number)
    shown = fitting[(number - 1) * PAGE : number * PAGE]
    return Lines(tuple(shown), len(fitting), len(lines), query, number, pages)


def lined(rows: Iterable[Row]) -> tuple[Line, ...]:
    """Put the environments of an application into one line; the order of the rows is kept."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.application, []).append(row)
    return tuple(
        Line(name, tuple(sorted(cells, key=lambda cell: cell.environment)))
        for name, cells in found.items()
    )


def fits(line: Line, query: Query) -> bool:
    """Tell whether a line is what was searched for, in any of its environments."""
    return any(query.fits(_facts(cell)) for cell in line.cells)


def _facts(cell: Row) -> search.Facts:
    return {
        "application": cell.application,
        "environment": cell.environment,
        "state": cell.state,
        "version": (cell.version, cell.stable_version),
        "": (cell.host, cell.note),
    }
