"""
Templates: what there is to choose, what can be set, who uses it, what a new version would change.

::

    GET   /templates                  every template as a card
    GET   /templates/canary-fast      one of them, in its newest version or ?version=1.0.0
    POST  /templates/canary-fast      the same, and what the version that was sent would change
"""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.app import catalogue, prospect, tuning
from serinus.app.catalogue import Impact, Use
from serinus.app.office import Office
from serinus.boot import catalogue as builtin
from serinus.core.errors import Problem
from serinus.core.spec import review, timeline
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate
from serinus.interfaces.api import fields
from serinus.interfaces.web import curves, frame, offers
from serinus.ports import failures


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """
    A version that is not there yet: its text, what is wrong with it, and whom it would change.

    ``looked``: so many applications were looked at.
    """

    text: str
    problems: tuple[Problem, ...] = ()
    impacts: tuple[Impact, ...] = ()
    looked: int = 0
    sent: bool = False


def routes() -> list[BaseRoute]:
    """Return the routes of this page."""
    return [
        Route("/templates", page, methods=["GET"]),
        Route("/templates/{name}", one, methods=["GET"]),
        Route("/templates/{name}", look, methods=["POST"]),
    ]


async def page(request: Request) -> Response:
    """Show every template."""
    office = frame.office(request)
    library = await office.documents.library()
    counted = catalogue.counted(await catalogue.uses(office.store))
    return frame.render(request, "templates.html", offers=offers.offers(library), counted=counted)


async def one(request: Request) -> Response:
    """
    Show one template; ``Missing`` where there is none of that name and version.

    ``?application=``: as that one has it, where its namespace has templates of its own.
    """
    name, version = request.path_params["name"], request.query_params.get("version", "")
    application = request.query_params.get("application", "")
    values = await _values(frame.office(request), name, version, application)
    found = builtin.source(name, values["detail"].card.version)
    ahead = Ahead(text=found[1] if found else "")
    return frame.render(request, "template.html", **values, ahead=ahead)


async def look(request: Request) -> Response:
    """Show what a version that was sent would change; nothing is written."""
    office, name = frame.office(request), request.path_params["name"]
    text = (await fields.read(request)).get("text")
    values = await _values(office, name, "")
    ahead = await impact(office, name, text, values["uses"])
    return frame.render(request, "template.html", **values, ahead=ahead)


async def impact(office: Office, name: str, text: str, uses: tuple[Use, ...]) -> Ahead:
    """Return what a text, as a version of a template, would change of those who use it."""
    reviewed = await office.documents.review(text, office.environment)
    found, told = review.document(reviewed.data) if reviewed.data else (None, reviewed.problems)
    if not isinstance(found, DeliveryTemplate):
        problems = reviewed.problems or told or (Problem("kind", "this is no DeliveryTemplate"),)
        return Ahead(text=text, problems=problems, sent=True)
    if found.spec.template != name:
        wrong = Problem("spec.template", f"'{found.spec.template}' is another template than {name}")
        return Ahead(text=text, problems=(wrong,), sent=True)
    written = [one async for one in _written(office, uses)]
    library = await office.documents.library()
    impacts = catalogue.impact(found, library, written)
    return Ahead(text=text, problems=told, impacts=impacts, looked=len(written), sent=True)


async def _written(office: Office, uses: tuple[Use, ...]) -> Any:
    for use in uses:
        try:
            stored = await office.documents.read(use.application)
        except (failures.Missing, failures.Rejected):
            continue
        data = (await office.documents.review(stored.text, use.environment)).data
        if data is not None:
            yield data, use.environment


async def _values(office: Office, name: str, version: str, application: str = "") -> dict[str, Any]:
    library = await office.documents.library(application)
    detail = catalogue.detail(library, name, version)
    return {
        "application": application,
        "detail": detail,
        "curve": _curve(library, name, detail.card.version),
        "uses": tuple(use for use in await catalogue.uses(office.store) if use.template == name),
    }


def _curve(library: Library, name: str, version: str) -> curves.Curve | None:
    found = tuning.find(library, name, version)
    delivery = None if found is None else prospect.default(found, library)
    return None if delivery is None else curves.of(timeline.timeline(delivery))
