"""
The page of one release: what it does, why, and what one can do about it.

::

    /r/<environment>/<application>/<number>          the page; ?tab=why|changes|logs, ?ask=<verb>,
                                                     ?decisions=all, ?from=<another release>
    /_part/release/…   the same without its frame        /_part/course/…   a check by query
    /_part/logs/…      logs side by side                 /_part/summary/…  for the incident channel
"""

from datetime import timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from serinus.app import series, span, views
from serinus.app.office import Office
from serinus.app.series import Line
from serinus.app.shown import View
from serinus.app.span import Span
from serinus.core.spec.delivery import QueryCheck
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading
from serinus.interfaces.web import (
    acts,
    comparing,
    decisions,
    drawings,
    frame,
    lately,
    links,
    shared,
    summary,
)
from serinus.interfaces.web.drawings import Times
from serinus.interfaces.web.lately import Side
from serinus.ports import failures

ONE = "{environment}/{application:path}/{number:int}"
TABS = ("", "why", "changes", "logs")
LINES = 200
"""So many lines of a log are shown of each side."""

STARTED = "StepStarted"
TAKEN = frozenset({"Alarm", "ProbeFailed", "RolledBack"})
"""Reasons of events with which traffic is taken away."""

LAST = 10**9
"""No application has more releases, and no store a greater number."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the page of a release is made of."""

    view: View
    release: Release
    reading: Reading | None
    lines: tuple[Line, ...]
    times: Times


def routes() -> list[BaseRoute]:
    """Return the routes of this page."""
    return [
        Route(f"/r/{ONE}", page),
        Route(f"/_part/release/{ONE}", body),
        Route(f"/_part/course/{ONE}", course),
        Route(f"/_part/logs/{ONE}", logs),
        Route(f"/_part/summary/{ONE}", told),
    ]


async def page(request: Request) -> Response:
    """Show a release."""
    ask = request.query_params.get("ask", "")
    values = await _values(request, courses=True)
    return frame.render(request, "release.html", ask=ask if ask in set(Verb) else "", **values)


async def body(request: Request) -> Response:
    """Answer with all that moves on the page."""
    if request.query_params.get("tab") == "why":  # it takes long, and others would wait for it
        return frame.part(request, "release_body.html", ask="", **await _values(request))

    async def values() -> dict[str, Any]:
        return {"ask": "", **await _values(request)}

    return await shared.part(request, "release_body.html", values)


async def course(request: Request) -> Response:
    """Answer with the chart of one check by query."""
    office, (key, number) = frame.office(request), _asked(request)
    found, name = await shown(office, key, number), request.query_params.get("check", "")
    chosen = span.named(request.query_params.get("range", ""))
    drawn = await drawings.asked(
        request, key, found.release, found.reading, found.times, span=chosen
    )
    values = {
        "name": name,
        "drawn": drawn.get(name),
        "unit": next((one.unit for one in found.view.checks if one.name == name), ""),
        "span": chosen,
    }
    return frame.part(request, "release_course.html", **values)


async def logs(request: Request) -> Response:
    """Answer with the logs of both sides."""
    office, (key, number) = frame.office(request), _asked(request)
    view = await _view(office, key, number)
    return frame.part(request, "release_logs.html", sides=await _sides(office, key, view))


async def told(request: Request) -> Response:
    """Answer with a summary to paste elsewhere: Markdown, or the whole view as JSON."""
    found = await shown(frame.office(request), *_asked(request))
    if request.query_params.get("as") == "json":
        body = msgspec.json.format(msgspec.json.encode(found.view), indent=2)
        return Response(body, media_type="application/json")
    address = str(request.base_url).rstrip("/")
    return PlainTextResponse(summary.markdown(found.view, address))


async def shown(
    office: Office, key: Key, number: int, tab: str = "", chosen: Span = span.WHOLE
) -> Shown:
    """
    Gather what the page of a release is made of; ``Missing`` when there is none.

    Only the tab that says why looks ahead: that takes long, and the page is made anew each second.
    """
    view = await views.explained(
        office.store, key, number, office.counted, foretelling=tab == "why"
    )
    if view is None:
        raise failures.Missing(f"there is no release {number} of {key}")
    release = await office.store.release(key, number)
    if release is None:
        raise failures.Missing(f"release {number} of {key} is not kept any more")
    ticks = await office.store.ticks(key, number)
    since = chosen.begins(release.ended_at or office.clock.now())
    reading = await _reading(office, key, view)
    return Shown(
        view=view,
        release=release,
        reading=reading,
        lines=series.of(release, ticks, reading, since),
        times=Times(
            begun=tuple(one.at for one in view.decisions if one.reason == STARTED),
            taken=tuple(one.at for one in view.decisions if one.reason in TAKEN),
        ),
    )


# --- what it is made of -------------------------------------------------------------------------


def _asked(request: Request) -> tuple[Key, int]:
    given = request.path_params
    return Key(given["application"], given["environment"]), min(given["number"], LAST)


async def _view(office: Office, key: Key, number: int) -> View:
    found = await views.release(office.store, key, number)
    if found is None:
        raise failures.Missing(f"there is no release {number} of {key}")
    return found


async def _reading(office: Office, key: Key, view: View) -> Reading | None:
    snapshot = await office.store.snapshot(key) if view.in_flight else None
    found = snapshot.reading if snapshot is not None else None
    return found or await office.store.reading(key, view.number)


async def _values(request: Request, *, courses: bool = False) -> dict[str, Any]:
    office, (key, number) = frame.office(request), _asked(request)
    tab = request.query_params.get("tab", "")
    tab = tab if tab in TABS else ""
    chosen = span.named(request.query_params.get("range", ""))
    found = await shown(office, key, number, tab, chosen)
    view = found.view
    older = comparing.asked(request.query_params.get("from", ""))
    log = decisions.log(view.decisions, request.query_params.get("decisions", ""))
    also = {"decisions": log.asked, "from": "" if older is None else str(older)}
    queries = {one.name for one in found.release.delivery.looks if isinstance(one, QueryCheck)}
    verdict = view.why.verdict if view.why is not None else None
    return {
        "key": key,
        "view": view,
        "tab": tab,
        "acts": acts.offered(view, found.release, getattr(request.state, "person", None)),
        "drawn": drawings.of(found.lines, found.times),
        "queries": queries,
        "span": chosen,
        "spans": span.offered(sourced=bool(queries)),
        "courses": await drawings.asked(
            request, key, found.release, found.reading, found.times, span=chosen
        )
        if courses and not tab
        else {},
        "judged": {one.name: one for one in (verdict.checks if verdict else ())},
        "looked": {one.name: one for one in (verdict.looks if verdict else ())},
        "fastest": _fastest(view),
        "log": log,
        "compared": await comparing.compared(office, key, number, older)
        if tab == "changes"
        else None,
        "sides": await _sides(office, key, view) if tab == "logs" else (),
        "url": lambda **asked: links.release(
            key.environment, key.application, number, **{"range": chosen.name, **asked}
        ),
        "part": lambda kind, **asked: links.part(
            kind,
            key.environment,
            key.application,
            number,
            **{"range": chosen.name, **(also if kind == "release" else {}), **asked},
        ),
        "topics": f"{links.topic(key.environment, key.application, number)}"
        f" {links.topic(key.environment, key.application)}",
        "application_url": links.application(key.application),
    }


def _fastest(view: View) -> timedelta | None:
    """Return how long the steps that are left take at least, None where none is left."""
    left = [step for step in view.steps if step.state in {"current", "to come"}]
    if not left or not view.in_flight:
        return None
    seconds = sum(
        max(0.0, step.needed - ((step.seconds or 0.0) if step.state == "current" else 0.0))
        for step in left
    )
    return timedelta(seconds=seconds)


async def _sides(office: Office, key: Key, view: View) -> tuple[Side, ...]:
    stable = () if view.stable is None else await office.logs.tail(key, view.stable, LINES)
    candidate = await office.logs.tail(key, view.candidate, LINES)
    return lately.sides(view, stable, candidate)
