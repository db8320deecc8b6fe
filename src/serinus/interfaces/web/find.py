"""
What the palette finds: pages, applications, their releases, and verbs for those in flight.

A verb leads to its dialog on the page of the release; nothing is done from here.
"""

from collections.abc import Iterator, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.app.shown import Row
from serinus.interfaces.web import frame, links

MOST = 12
LONGEST = 100
PAGES = (
    ("Releases", "releases", "/"),
    ("Applications", "applications", "/apps"),
    ("New application", "deploy", "/new"),
    ("Templates", "templates", "/templates"),
    ("Activity", "activity", "/activity"),
    ("Settings", "settings", "/settings"),
    ("Sign out", "leave", "/settings#you"),
)
VERBS = ("pause", "resume", "next", "promote", "rollback", "approve")
WORDS = {"rollback": "roll back", "next": "next step", "promote": "promote now"}


class Found(msgspec.Struct, frozen=True):
    """One line of the palette: its word, what it is, its icon, and where it leads."""

    word: str
    about: str
    icon: str
    url: str


def routes() -> list[BaseRoute]:
    """Return the routes of the palette."""
    return [Route("/_part/find", answer)]


async def answer(request: Request) -> Response:
    """Answer with what fits."""
    rows = await frame.roster(request).rows()
    found = find(rows, request.query_params.get("q", ""))
    return Response(msgspec.json.encode(found), media_type="application/json", headers=frame.FRESH)


def find(rows: Sequence[Row], q: str) -> list[Found]:
    """Return what fits every word of a question, the nearest first."""
    words = q[:LONGEST].lower().split()
    fits = [one for one in _all(rows) if all(word in one.word.lower() for word in words)]
    fits.sort(key=lambda one: not one.word.lower().startswith(q.lower().strip()))
    return fits[:MOST]


def _all(rows: Sequence[Row]) -> Iterator[Found]:
    for word, symbol, url in PAGES:
        yield Found(word, "page", symbol, url)
    for row in rows:
        if row.release is None:
            continue
        url = links.release(row.environment, row.application, row.release)
        about = f"{row.environment} · {row.state}"
        yield Found(f"{row.application} #{row.release}", about, "releases", url)
    for row in rows:
        url = links.application(row.application)
        yield Found(f"{row.application}", f"application in {row.environment}", "applications", url)
    for row in rows:
        if row.in_flight and row.release is not None:
            for verb in VERBS:
                url = links.release(row.environment, row.application, row.release, ask=verb)
                word = f"{WORDS.get(verb, verb)} {row.application} {row.environment}"
                yield Found(word, row.state, verb, url)
