"""
The frame: every page is a template, rendered with what all pages need.

::

    render(request, "release.html", view=view)        a whole page
    part(request, "release_checks.html", view=view)   a piece of one, for live updates

A page includes its pieces, so that what comes by live update is what a reload would show. What is
written into a template is text: everything is escaped, and nothing in a page runs or styles itself
(the content security policy forbids both).
"""

import hashlib
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from serinus.app.courses import Courses
from serinus.app.office import Office
from serinus.app.roster import Roster
from serinus.interfaces import words
from serinus.interfaces.api import guard, said
from serinus.interfaces.api.seals import Seals
from serinus.interfaces.web import buttons, figures, looks, shelf

FRESH = {"Cache-Control": "no-store"}
"""Pages tell what is so now, and belong to one person."""

ASKS_AGAIN = "private, no-cache"

TOKEN = f"token-{secrets.token_hex(16)}"
"""Stands for the token of forms, which is another each time, while two pieces are compared."""


def office(request: Request) -> Office:
    """Return the office that the pages show."""
    found: Office = request.app.state.office
    return found


def roster(request: Request) -> Roster:
    """Return the rows of all applications, kept for all pages together."""
    state = request.app.state
    if not hasattr(state, "roster"):
        state.roster = Roster(state.office.store, state.office.clock)
    kept: Roster = state.roster
    return kept


def courses(request: Request) -> Courses:
    """Return what metric sources said lately, kept for all pages together."""
    state = request.app.state
    if not hasattr(state, "courses"):
        state.courses = Courses(state.office.metrics)
    kept: Courses = state.courses
    return kept


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a whole page."""
    seals: Seals = request.app.state.doors.seals
    told = said.take(request, seals)
    body = text(request, template, csrf=guard.token(request), said=told, **values)
    response = HTMLResponse(body, status_code=status, headers=FRESH)
    if told is not None:
        response.headers.append("Set-Cookie", said.forget(seals))
    return response


def part(request: Request, template: str, **values: Any) -> Response:
    """Render a piece of a page; 304 for one who has it already."""
    return answered(request, text(request, template, csrf=TOKEN, **values))


def answered(request: Request, body: str) -> Response:
    """Answer with a piece, in which a token stands for that of the reader's forms."""
    headers = {"ETag": tag(body), "Cache-Control": ASKS_AGAIN}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(body.replace(TOKEN, guard.token(request)), headers=headers)


def tag(body: str) -> str:
    """Return the tag of a text: the same for the same text."""
    return f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'


def text(request: Request, template: str, **values: Any) -> str:
    """Render a template with what every page needs, and the values of this one."""
    return environment().get_template(template).render({**_given(request), **values})


@cache
def environment() -> jinja2.Environment:
    """Return the templates: everything escaped, and an unknown name is an error."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("serinus.interfaces.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(static=shelf.url, choices=looks.CHOICES, troubled=words.troubled)
    made.filters.update(
        share=figures.share,
        rate=figures.rate,
        number=figures.number,
        odds=figures.odds,
        lasts=figures.length,
        ago=figures.ago,
        ahead=figures.ahead,
        clock=figures.clock,
        column=figures.column,
        day=figures.day,
        iso=figures.iso,
        measured=figures.measured,
        instant=figures.instant,
        buttons=buttons.named,
    )
    return made


def _given(request: Request) -> Mapping[str, Any]:
    place = office(request)
    person = getattr(request.state, "person", None)
    return {
        "request": request,
        "path": request.url.path,
        "where": place.where,
        "cluster": place.port is None,
        "environment": place.environment,
        "wake": place.wake,
        "alive": place.alive(),
        "now": place.clock.now(),
        "looks": looks.read(request.cookies),
        "person": person,
        "banners": getattr(request.state, "banners", ()),
    }
