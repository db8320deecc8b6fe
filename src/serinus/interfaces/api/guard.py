"""
What stands before every route: the right address, a known person, a request that is theirs.

::

    Host is one of ours ──▶ somebody we know ──▶ sent by a page of ours ──▶ the route
         421                     401                      403

A page of another site can make a browser send requests here, and a name of theirs can be pointed
at this machine. Neither may read or do anything: the Host is compared with a list, requests that
change something must come from the same origin, and each form carries a seal of the session.
"""

import secrets
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.interfaces.api import fields, people, problems, said, sessions
from serinus.interfaces.api.people import Forbidden, Mode, Person, Right
from serinus.interfaces.api.seals import Seals

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "serinus.localhost"})
OPEN = ("/static/", "/healthz")
"""What everybody may have: it says nothing about anybody."""

BODY = 1 << 20
"""So many bytes may be sent at once: a document, with room to spare."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "x-serinus-csrf"

_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "live",
}
POLICY = "; ".join(f"{name} {value}" for name, value in _SOURCES.items())

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""On every response, whoever made it."""


@dataclass(frozen=True, slots=True)
class Doors:
    """How people come in: the mode, the key of the seals, and the names this place answers to."""

    mode: Mode
    seals: Seals
    hosts: frozenset[str] = LOOPBACK


def token(request: Request) -> str:
    """Return what a form sends back as ``csrf``: another text each time, good for the session."""
    doors: Doors = request.app.state.doors
    return doors.seals.seal(_purpose(request.state.person), secrets.token_hex(8))


async def allow(request: Request, wanted: Verb | Right, key: Key | None = None) -> Person:
    """Return who asks; ``Forbidden`` where they may not do what they want."""
    doors: Doors = request.app.state.doors
    person: Person = request.state.person
    lacking = await doors.mode.lacks(person, people.needed(wanted), key)
    if lacking:
        verb = f"{wanted} " if isinstance(wanted, Verb) else "this "
        hint = doors.mode.givers(people.needed(wanted), key)
        raise Forbidden(f"{person.name} may not do that: {verb}{lacking}", hint=hint)
    return person


class Guard:
    """Let through what may come in, and give every response its headers."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        request = Request(scope, receive)
        request.state.person = request.state.said = None

        dressed = _Dressed(send, request, self._doors.seals)
        try:
            early = await self._met(request)
            if early is not None:
                await early(scope, receive, dressed)
            elif request.method in SAFE:
                await self._app(scope, receive, dressed)
            else:
                again = _again(await self._sent(request), receive)
                await self._app(scope, again, dressed)
        except Exception as failure:  # a bug ends here too: told by its number, and logged
            if dressed.begun:
                raise
            await (await problems.caught(request, failure))(scope, receive, dressed)

    async def _met(self, request: Request) -> Response | None:
        """Find out who asks; return an answer where there is no more to do."""
        host = _host(request.headers.get("host", ""))
        if host not in self._doors.hosts:
            told = problems.problem(
                421,
                f"this place does not answer to the name {host!r}",
                why=f"it answers to {', '.join(sorted(self._doors.hosts))}",
            )
            return problems.answer(request, told)
        if request.url.path.startswith(OPEN):
            return None
        mode = self._doors.mode
        person = await mode.person(request)
        shown = request.query_params.get("token")
        if shown is not None and request.method == "GET" and isinstance(mode, sessions.Local):
            return self._entered(mode, shown, person)
        if person is None:
            raise people.Unknown(mode.hint, command=mode.command)
        request.state.person = person
        lacking = await mode.lacks(person, Right.VIEW, None)
        if lacking:
            hint = mode.givers(Right.VIEW, None)
            raise Forbidden(f"{person.name} may see nothing here: this {lacking}", hint=hint)
        if request.method == "GET" and problems.wants_page(request):
            request.state.said = said.take(request, self._doors.seals)
        return None

    def _entered(self, mode: sessions.Local, shown: str, person: Person | None) -> Response:
        """Begin a session, and go to an address without the token in it."""
        response = RedirectResponse("/", 303, headers={"Cache-Control": "no-store"})
        try:
            session = mode.enter(shown)
        except people.Unknown:
            if person is None:
                raise
            return response  # somebody who is in already needs no link
        response.set_cookie(
            mode.cookie,
            session,
            max_age=int(sessions.LASTS.total_seconds()),
            httponly=True,
            samesite="strict",
        )
        return response

    async def _sent(self, request: Request) -> bytes:
        """Return the body, after making sure that one of our pages, or a program, sent it."""
        body = await _body(request)
        person: Person | None = request.state.person
        if person is None or person.bearer:
            return body
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if site not in {None, "same-origin"}:
            raise Forbidden("the request was sent by a page of another site, so nothing was done")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            raise Forbidden(f"the request was sent by a page of {origin}, so nothing was done")
        form = fields.is_form(request)
        if not form and site == "same-origin":
            return body
        seal = fields.parsed(body).get("csrf") if form else request.headers.get(HEADER, "")
        if self._doors.seals.opened(_purpose(person), seal) is None:
            raise Forbidden(
                "the form is from another session, so nothing was done: load the page again"
                if form
                else f"a request with a cookie needs the header {HEADER}, so nothing was done"
            )
        return body


class _Dressed:
    """Send a response with every header of ours; ``begun``: it is on its way."""

    def __init__(self, send: Send, request: Request, seals: Seals) -> None:
        self._send = send
        self._request = request
        self._seals = seals
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
            headers["date"] = formatdate(usegmt=True)
            if self._request.state.said is not None:
                headers.append("set-cookie", said.forget(self._seals))
        await self._send(message)


def _purpose(person: Person | None) -> str:
    return f"csrf/{person.name}/{person.session}" if person is not None else "csrf"


def _host(text: str) -> str:
    """Return a Host without its port, in lower case."""
    if text.startswith("["):
        return text.partition("]")[0].lower() + "]"
    return text.partition(":")[0].lower()


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > BODY:
            raise HTTPException(413, f"more than {BODY >> 20} MiB was sent at once")
    return bytes(found)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a receiver that gives a body that was read already."""
    given = False

    async def receiver() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiver
