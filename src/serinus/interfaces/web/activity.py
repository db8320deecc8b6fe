"""
Activity: who did what, where, why, and what came of it; newest first.

::

    /activity?q=who:anna what:rollback      what fits, fifty lines at a time
    /activity?before=1200                   what came before
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.app import activity, search
from serinus.interfaces.api import fields
from serinus.interfaces.web import frame

CHIPS = (
    ("what", "deploy", "Deploys"),
    ("what", "rollback", "Rolled back by people"),
    ("what", "promote", "Promoted by people"),
    ("what", "approve", "Approvals"),
    ("result", "refused", "Refused"),
    ("result", "RolledBack", "Ended rolled back"),
)
"""Searches that people want often: label, value, words."""

LONGEST = 16
"""So many digits has a cursor at most."""


def routes() -> list[BaseRoute]:
    """Return the routes of this page."""
    return [
        Route("/activity", page, methods=["GET"]),
        Route("/_part/activity", part, methods=["GET"]),
    ]


async def page(request: Request) -> Response:
    """Show what people did."""
    return frame.render(request, "activity.html", **await _values(request))


async def part(request: Request) -> Response:
    """Show the list alone."""
    return frame.part(request, "activity_list.html", **await _values(request))


async def _values(request: Request) -> dict[str, Any]:
    text = request.query_params.get("q", "").strip()
    before = request.query_params.get("before", "")
    cursor = fields.number(before, LONGEST)
    query = search.parse(text, activity.LABELS)
    return {
        "query": text,
        "before": cursor,
        "found": await activity.page(frame.office(request).store, text, before=cursor),
        "chips": [
            (words, str(query.toggled(label, value)), query.has(label, value))
            for label, value, words in CHIPS
        ],
        "labels": activity.LABELS,
    }
