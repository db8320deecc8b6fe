"""
Deleting an application from its page: what comes of it is said, and its name has to be typed.

::

    GET   /a/shop?ask=delete   the dialog, open
    POST  /a/shop/delete       done, and back to the list; or back, with why not
"""

from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from serinus.app import farewell
from serinus.interfaces.api import documents, fields, problems, said
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.said import Said
from serinus.interfaces.web import frame
from serinus.ports.documents import Written

ASK = "delete"


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person may know before they delete an application.

    ``version``: the one that they look at. ``lacks``: what they need for it, empty when they may.
    ``keeper``: who keeps its document, so that it is not deleted here.
    """

    version: str
    consequences: tuple[str, ...]
    lacks: str
    keeper: str


def routes() -> list[BaseRoute]:
    """Return the route of the form; it stands before those of an application."""
    return [Route("/a/{application:path}/delete", send, methods=["POST"])]


async def of(request: Request, written: Written | None) -> Ending | None:
    """Return what comes of deleting an application, None where it has no document."""
    if written is None:
        return None
    office = frame.office(request)
    found = await office.documents.review(written.text, office.environment)
    return Ending(
        version=written.version,
        consequences=tuple(await farewell.consequences(office, written, found.effective)),
        lacks=await documents.lacking(request, await documents.reached(office, written)),
        keeper=written.keeper,
    )


async def send(request: Request) -> Response:
    """Delete an application whose name was typed once more, and go to what is left."""
    doors: Doors = request.app.state.doors
    form, name = await fields.read(request), str(request.path_params["application"])
    outcome = await _outcome(request, name, form)
    back = "/apps" if outcome.done else f"/a/{quote(name)}?ask={ASK}"
    response = RedirectResponse(back, status_code=303)
    said.put(response, doors.seals, outcome)
    return response


async def _outcome(request: Request, name: str, form: fields.Fields) -> Said:
    if form.get("name").strip() != name:
        return Said(done=False, sentence=f"Nothing was deleted: type {name} to delete it.")
    try:
        reason = form.get("reason").strip()
        sentence = await documents.delete(request, name, form.get("version"), reason)
    except problems.HANDLED as failure:
        told = problems.of(failure)
        parts = (told.detail[:1].upper() + told.detail[1:], told.hint)
        return Said(done=False, sentence=". ".join(p.rstrip(".") for p in parts if p) + ".")
    return Said(done=True, sentence=sentence[:1].upper() + sentence[1:])
