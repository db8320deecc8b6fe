"""
Ways back to a release of an application: what each would write, before anybody chooses.

::

    /a/shop/back?environment=local&release=5     three ways, each with its change
    /a/shop/deploy?back=5&way=ran                the chosen one in the form, to be looked at
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.app import secrecy, wayback
from serinus.app.office import Office
from serinus.app.wayback import Choice
from serinus.core.spec import patch
from serinus.core.spec.place import Place
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.core.state.workload import Revision
from serinus.interfaces.api import documents, fields
from serinus.interfaces.web import frame
from serinus.ports import failures
from serinus.ports.documents import Edit, Written

SERVES = f"{secrecy.MARK} as it serves now"
"""The mark of a secret that the version has that serves."""

_RAN = re.compile(rf"{secrecy.MARK} of release ([0-9]{{1,9}})")


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
    number = fields.number(asked.get("release", ""))
    if number is None:
        raise HTTPException(400, "which release to go back to? want ?release=5")
    key = Key(name, asked.get("environment") or office.environment)
    stored = await office.documents.read(name)
    found = await back(office, key, number, stored)
    text = await documents.seen(request, stored)
    seen = None if text is None else msgspec.structs.replace(stored, text=text)
    return frame.render(
        request,
        "back.html",
        name=name,
        key=key,
        release=found.release,
        written=stored,
        ways=[way(office, seen, found, one) for one in found.choices],
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
    data = await _readable(office, key, stored)
    now = await _serving(office, key)
    ran = msgspec.structs.replace(past, version=release.version)
    library = await office.documents.library(key.application)
    return Back(release, data, wayback.choices(data, key.environment, ran, now, library))


async def _serving(office: Office, key: Key) -> Revision | None:
    status = await office.store.status(key)
    serves = None if status is None or status.stable is None else status.stable
    return None if serves is None else await office.store.revision(serves)


# --- secrets of releases ------------------------------------------------------------------------


def marked(data: Any, choice: Choice, number: int) -> tuple[Edit, ...]:
    """Return the edits of a way back, with marks in the place of the secrets that it brings."""
    mark = f"{secrecy.MARK} of release {number}" if choice.name == wayback.AS_IT_RAN else SERVES
    places = {one.place for one in secrecy.found(_edited(data, choice.edits))}

    def told(value: Any, where: Place) -> Any:
        if where in places:
            return mark
        if isinstance(value, list):
            return [told(one, (*where, index)) for index, one in enumerate(value)]
        return value

    return tuple(
        msgspec.structs.replace(edit, value=told(edit.value, edit.place)) for edit in choice.edits
    )


async def kept(
    office: Office, key: Key, stored: Written, marks: Iterable[str]
) -> Mapping[tuple[Place, str], Any]:
    """
    Return what marks of :func:`marked` stand for, at the places where a way back puts them.

    At any other place they stand for nothing: a secret goes back to where it was, and nowhere else.
    """
    found: dict[tuple[Place, str], Any] = {}
    for mark in set(marks):
        ran = _RAN.fullmatch(mark)
        if ran is None and mark != SERVES:
            continue
        try:
            data, choice = await _brought(office, key, stored, int(ran[1]) if ran else None)
        except failures.PortFailure:
            continue  # Nothing is known of it any more, and who wants it has to write it.
        after = _edited(data, choice.edits)
        found |= {(one.place, mark): one.value for one in secrecy.found(after)}
    return found


async def _brought(
    office: Office, key: Key, stored: Written, number: int | None
) -> tuple[Any, Choice]:
    """Return what the document says, and the way back to a release as it ran, or to what serves."""
    if number is not None:
        found = await back(office, key, number, stored)
        return found.data, found.choices[0]
    now, reviewed = await _serving(office, key), await _readable(office, key, stored)
    if now is None:
        raise failures.Missing(f"nothing serves of {key}")
    library = await office.documents.library(key.application)
    return reviewed, wayback.choices(reviewed, key.environment, now, now, library)[0]


async def _readable(office: Office, key: Key, stored: Written) -> Mapping[str, Any]:
    reviewed = await office.documents.review(stored.text, key.environment)
    if reviewed.data is None:
        raise failures.Rejected(
            f"the document of {key.application} cannot be read, so nothing can be put back in it",
            hint="mend it first, as YAML",
        )
    return reviewed.data


def _edited(data: Any, edits: Iterable[Edit]) -> Any:
    for edit in edits:
        data = patch.changed(data, edit.place, edit.value, edit.name)
    return data


# --- on the page --------------------------------------------------------------------------------


def way(office: Office, stored: Written | None, found: Back, choice: Choice) -> Way:
    """
    Return a way with the lines that it changes; secrets are marks in them.

    ``stored``: the document as the reader may see it, None where they may not.
    """
    if stored is None:
        return Way(choice, refusal="The document cannot be shown without its secrets.")
    edit = office.documents.edit
    try:
        before = edit(stored.text, secrecy.hidden(found.data))
        after = edit(before, marked(found.data, choice, found.release.number))
    except failures.Rejected as refused:
        return Way(choice, refusal=str(refused))
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), stored.place, "with this way back", lineterm=""
    )
    return Way(choice, tuple(lines))
