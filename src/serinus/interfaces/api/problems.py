"""
What went wrong, for programs and for people: RFC 9457 (``application/problem+json``), or a page.

Every failure that may leave the API is named here once, with its status and its sentence. A page
is made by whoever draws pages: see :data:`Pages`.
"""

import secrets
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serinus.core import errors
from serinus.core.errors import SpecError
from serinus.core.state.command import Command
from serinus.interfaces.api.people import Forbidden, Unknown
from serinus.ports import failures

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger()


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    One failure. ``detail`` says what happened, ``why`` what was found, ``hint`` what to do.

    ``problems``: of a document, each with its place. ``next``: the commands of the hint, for those
    who have to write them in their own way. ``command``: what somebody types whom nobody knows,
    whole. ``id`` finds it in the log.
    """

    type: str
    title: str
    status: int
    detail: str = ""
    why: str = ""
    hint: str = ""
    problems: tuple[errors.Problem, ...] = ()
    next: tuple[Command, ...] = ()
    command: str = ""
    id: str = ""


Pages = Callable[[Request, Problem], Response]
"""Draws a failure for people."""

_TITLES = {
    400: ("bad-request", "That was not understood"),
    401: ("unknown-person", "You are not signed in"),
    403: ("forbidden", "You may not do that"),
    404: ("missing", "That is not there"),
    405: ("method", "That cannot be asked here"),
    409: ("moved", "The world has moved"),
    412: ("changed", "It was changed meanwhile"),
    413: ("too-large", "That is too much at once"),
    421: ("host", "That is another address"),
    422: ("refused", "That will not be done"),
    428: ("precondition", "Say which version you mean"),
    429: ("too-often", "That was asked too often"),
    503: ("unavailable", "Not now"),
}
_STATUS: Mapping[type[Exception], int] = {
    failures.Missing: 404,
    failures.Conflict: 409,
    failures.Rejected: 422,
    failures.Unavailable: 503,
}


def problem(status: int, detail: str, *, why: str = "", hint: str = "") -> Problem:
    """Return a failure with its title."""
    name, title = _TITLES.get(status, ("error", HTTPStatus(status).phrase))
    return Problem(
        type=f"urn:serinus:{name}", title=title, status=status, detail=detail, why=why, hint=hint
    )


def of(failure: Exception) -> Problem:
    """Return what a failure is to those outside; a bug is told by its number in the log alone."""
    if isinstance(failure, failures.PortFailure):
        status = _STATUS.get(type(failure), 503)
        hint = failure.hint or "   or   ".join(command.text() for command in failure.next)
        told = problem(status, str(failure), why=failure.why, hint=hint)
        commands = () if failure.hint else tuple(failure.next)
        return msgspec.structs.replace(told, next=commands)
    if isinstance(failure, SpecError):
        told = problem(422, "The document cannot be used as it stands.")
        return msgspec.structs.replace(told, problems=failure.problems)
    if isinstance(failure, Unknown):
        told = problem(401, failure.detail, hint=str(failure))
        return msgspec.structs.replace(told, command=failure.command)
    if isinstance(failure, Forbidden):
        return problem(403, str(failure), hint=failure.hint)
    if isinstance(failure, HTTPException):
        return problem(failure.status_code, failure.detail)
    number = secrets.token_hex(4)
    # Without the values of variables: what people sent, and what they show, is not for a log.
    log.error("a request failed", id=number, trace="".join(traceback.format_exception(failure)))
    told = problem(500, "Something broke here. The log of the controller has it by this number.")
    return msgspec.structs.replace(told, id=number)


def answer(request: Request, told: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a failure, as a page for people and as JSON for programs."""
    pages: Pages | None = getattr(request.app.state, "pages", None)
    if pages is not None and wants_page(request):
        response = pages(request, told)
    else:
        response = Response(msgspec.json.encode(told), told.status, media_type=MEDIA_TYPE)
    response.headers.update({"Cache-Control": "no-store", **(headers or {})})
    return response


def wants_page(request: Request) -> bool:
    """Tell whether a person asks, with a browser."""
    html = "text/html" in request.headers.get("accept", "")
    return html and not request.url.path.startswith(("/api/", "/events", "/_part/", "/static/"))


async def caught(request: Request, failure: Exception) -> Response:
    """Answer with whatever was raised; for Starlette."""
    headers: dict[str, str] = {}
    if isinstance(failure, failures.Unavailable) and failure.retry_after_s:
        headers["Retry-After"] = str(max(1, round(failure.retry_after_s)))
    if isinstance(failure, HTTPException):
        headers |= failure.headers or {}
    return answer(request, of(failure), headers)


HANDLED = (failures.PortFailure, SpecError, Unknown, Forbidden, HTTPException)
"""What is expected to be raised; everything else is a bug."""
