"""
``deploy`` through a dashboard: a document is read there, changed here, and written back.

::

    GET the document ──▶ the version in its text ──▶ PUT, if nobody changed it meanwhile
         ▲                                             │ 409, 412
         └─────────────────────────────────────────────┘
"""

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import anyio
import msgspec

from serinus.app import catalogue
from serinus.app.standing import Standing
from serinus.boot.settings import Server, Settings
from serinus.core.errors import SpecError
from serinus.core.spec import effective, problems
from serinus.core.state.command import Command
from serinus.core.state.notice import Key
from serinus.interfaces.cli import arrivals, remote, trouble
from serinus.interfaces.cli.arrivals import Request
from serinus.interfaces.cli.remote import Remote
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Trouble
from serinus.ports import failures
from serinus.ports.documents import Written

if TYPE_CHECKING:
    from serinus.adapters.local import versions

TRIES = 5
"""So often a document is read again that others change all the time."""

SEEN_S = 15.0
"""How long a controller may take to see what was written beside it."""

EVERY_S = 0.5
"""Between two questions whether a release has begun."""


async def deploy(
    server: Server, settings: Settings, request: Request, screen: Screen, *, wait: bool
) -> int:
    """Ask a dashboard for a version, and follow its release if that is wanted."""
    async with Remote(server) as seen:
        request = msgspec.structs.replace(request, key=await seen.known(request.key))
        wake = await seen.asleep()
        if wait and wake:
            raise arrivals.asleep(wake)
        before = await seen.standing(request.key)
        await order(seen, request)
        asked = await _seen(seen, request, before)
        if not wait:
            return arrivals.told(settings, asked, wake, screen)
        look = partial(_look, seen, asked)
        begun = partial(arrivals.begun, settings, before, asked, look, every_s=EVERY_S)
        return await arrivals.awaited(settings, seen, request, begun, screen)


async def order(seen: Remote, request: Request) -> None:
    """Change the version in the document; what must not be done is a refusal."""
    for _ in range(TRIES):
        try:
            written = await _read(seen, request.key.application)
            await _put(seen, written, request)
        except failures.Conflict:
            continue
        except failures.Rejected as refusal:
            raise trouble.refused(refusal) from None
        return
    raise Trouble(
        f"{request.key.application} changes all the time; nothing was changed by this command",
        why=f"its document was another one each time it was to be written, {TRIES} times",
        hint="the same command again in a moment",
    )


async def _put(seen: Remote, written: Written, request: Request) -> None:
    """Write the document with what is asked for, unless that stands there already."""
    try:
        text = await _changed(seen, written, request)
        if text != written.text:
            await _write(seen, written, text, request.author.reason)
    except SpecError as wrong:
        raise failures.Rejected(
            f"{written.application} cannot be released as {request.version}; nothing was changed",
            why=problems.text(problems.errors(wrong.problems)),
            hint=f"mend it where it is written: {written.place}",
        ) from wrong


async def _read(seen: Remote, app: str) -> Written:
    return await seen.wire.get(f"/documents/{remote.named(app)}", Written)


async def _write(seen: Remote, written: Written, text: str, reason: str) -> None:
    query = f"?{urlencode({'reason': reason})}" if reason else ""
    path = f"/documents/{remote.named(written.application)}{query}"
    headers = {"if-match": f'"{written.version}"', "content-type": "application/yaml"}
    seen.wire.read(await seen.wire.send("PUT", path, text, headers), Written)


async def _changed(seen: Remote, written: Written, request: Request) -> str:
    """Return the text with the version that is asked for, and parameters, in their places."""
    from serinus.adapters.local import documents, versions  # noqa: PLC0415 - the reader of YAML

    text = written.text.replace("\r\n", "\n")
    _, page = documents.read(text.encode())
    data = page.documents[0].data if page.documents else None
    if page.problems or not isinstance(data, dict):
        raise SpecError(page.problems)
    wish = versions.Wish(request.version, request.key.environment, request.parameters)
    if request.parameters:
        wish = await _typed(seen, wish, data)
    try:
        return versions.changed(text, page, 0, versions.changes(data, wish), written.place)
    except failures.Rejected as unsafe:
        raise failures.Rejected(
            str(unsafe), why=unsafe.why, hint=f"change it where it is written: {written.place}"
        ) from unsafe


async def _typed(seen: Remote, wish: "versions.Wish", data: object) -> "versions.Wish":
    """Return a wish that knows which types the parameters of its template have."""
    found = effective.effective(data, wish.environment, await seen.library(), catalogue.ANYWHERE)
    return wish._replace(known=found.parameters)


async def _look(seen: Remote, asked: Standing) -> Standing:
    """Return how things stand, and as long as the dashboard is away how they stood."""
    try:
        return await seen.standing(Key(asked.application, asked.environment))
    except failures.Unavailable:
        return asked


async def _seen(seen: Remote, request: Request, before: Standing) -> Standing:
    """Return what is asked for now, once whoever decides has read what was written."""
    with anyio.move_on_after(SEEN_S):
        while True:
            asked = await seen.standing(request.key)
            if asked.version == request.version or (asked.problem and asked != before):
                return arrivals.usable(asked, f"see it at {seen.wire.address}")
            await anyio.sleep(EVERY_S)
    raise Trouble(
        f"{request.version} of {request.key.application} is written, but nobody has read it yet",
        why=f"the controller has not seen it within {SEEN_S:.0f} s",
        next=(Command("status", request.key.application),),
    )
