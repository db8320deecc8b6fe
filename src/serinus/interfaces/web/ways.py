"""
Ways back to a release of an application: what each would write, before anybody chooses.

::

    /a/shop/back?environment=local&release=5     three ways, each with its change
    /a/shop/deploy?back=5&way=ran                the chosen one in the form, to be looked at
"""

import difflib
from typing import Any, NamedTuple

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.app import variables, wayback
from serinus.app.office import Office
from serinus.app.wayback import Choice
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.interfaces.web import frame
from serinus.ports import failures
from serinus.ports.documents import Edit, Written


class Way(msgspec.Struct, frozen=True):
    """One way back, and the lines in which it changes the document; ``refusal``: why it cannot."""

    choice: Choice
    lines: tuple[str, ...] = ()
    refusal: str = ""


class Back(NamedTuple):
    """A release to go back to, what the document says, and the ways."""

    release: Release
    data: Any
    choices: tuple[Choice, ...]


def routes() -> list[BaseRoute]:
    """Return the route of this page; it stands before those of an application."""
    return [Route("/a/{application:path}/back", page, methods=["GET"])]


async def page(request: Request) -> Response:
    """Show the ways back to a release."""
    office = frame.office(request)
    name = request.path_params["application"]
    asked = request.query_params
    number = asked.get("release", "")
    if not (number.isascii() and number.isdecimal()):
        raise HTTPException(400, "which release to go back to? want ?release=5")
    key = Key(name, asked.get("environment") or office.environment)
    stored = await office.documents.read(name)
    found = await back(office, key, int(number), stored)
    return frame.render(
        request,
        "back.html",
        name=name,
        key=key,
        release=found.release,
        written=stored,
        ways=[way(office, stored, found.data, one) for one in found.choices],
    )


async def back(office: Office, key: Key, number: int, stored: Written) -> Back:
    """Return the ways back to a release; ``Missing`` where it, or what it ran, is not kept."""
    release = await office.store.release(key, number)
    if release is None:
        raise failures.Missing(f"{key} has no release {number}")
    past = await office.store.revision(release.candidate)
    if past is None:
        raise failures.Missing(
            f"what release {number} of {key} ran is not kept any more",
            hint="write the version and its settings into the document",
        )
    reviewed = await office.documents.review(stored.text, key.environment)
    if reviewed.data is None:
        raise failures.Rejected(
            f"the document of {key.application} cannot be read, so nothing can be put back in it",
            hint="mend it first, as YAML",
        )
    status = await office.store.status(key)
    serves = None if status is None or status.stable is None else status.stable
    now = None if serves is None else await office.store.revision(serves)
    ran = msgspec.structs.replace(past, version=release.version)
    library = await office.documents.library()
    return Back(
        release, reviewed.data, wayback.choices(reviewed.data, key.environment, ran, now, library)
    )


def way(office: Office, stored: Written, data: object, choice: Choice) -> Way:
    """Return a way with the lines that it changes; secrets are marks in them."""
    before = _marked(office, stored.text, data, ())
    try:
        after = _marked(office, stored.text, data, choice.edits)
    except failures.Rejected as refused:
        return Way(choice, refusal=str(refused))
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), stored.place, "with this way back", lineterm=""
    )
    return Way(choice, tuple(lines))


def _marked(office: Office, text: str, data: object, edits: tuple[Edit, ...]) -> str:
    """Return a text with a change in it, and marks in the place of all secrets."""
    shown = tuple(
        msgspec.structs.replace(edit, value=variables.MARK)
        if isinstance(edit.value, str) and variables.is_secret(str(edit.place[-1]))
        else edit
        for edit in edits
    )
    return office.documents.edit(office.documents.edit(text, variables.hidden(data)), shown)
