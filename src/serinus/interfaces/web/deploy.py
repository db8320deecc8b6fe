"""
Deploying: a new application, or a change of one, on a single page.

::

    GET   /new, /a/shop/deploy       the form, with what it comes to beside it
    POST  the same                   looked at again, turned into YAML, or written
    POST  /_part/new, /_part/a/…     what it comes to alone, while one types

The page carries the whole text, so that two people, or two tabs, never meet in a form: what is
written names the version that it was read as, and is refused when that is not the newest one.
"""

from typing import Any
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from serinus.app import basis, form, manifests
from serinus.app.office import Manifests, Office
from serinus.core.errors import SpecError
from serinus.core.spec import problems
from serinus.core.state.notice import Key
from serinus.interfaces.api import documents, fields, guard, said
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.people import Right
from serinus.interfaces.api.said import Said
from serinus.interfaces.web import against, drafts, frame, offers, outlook
from serinus.interfaces.web.drafts import Draft
from serinus.interfaces.web.outlook import Sheet
from serinus.ports import failures
from serinus.ports.documents import Reviewed

SAVE, DOWNLOAD = "save", "download"
FORM_PART = "form"


def routes() -> list[BaseRoute]:
    """Return the routes of this page; they stand before those of an application."""
    pages = ("/new", "/a/{application:path}/deploy")
    return [
        *(Route(path, page, methods=["GET"]) for path in pages),
        *(Route(path, send, methods=["POST"]) for path in pages),
        *(Route(f"/_part{path}", part, methods=["POST"]) for path in pages),
    ]


async def page(request: Request) -> Response:
    """Show the form as the document stands."""
    draft = await drafts.begun(
        frame.office(request), _name(request), request.query_params, _sees(request)
    )
    values = await _values(request, draft, untouched=draft.new)
    return frame.render(request, "deploy.html", **values)


async def part(request: Request) -> Response:
    """Show what the form comes to, or (``of=form``) the form itself, alone."""
    draft = await _sent(request)
    whole = request.query_params.get("of") == FORM_PART
    values = await _values(request, draft, untouched=False, shown=not whole)
    template = "deploy_form.html" if whole else "deploy_preview.html"
    body = frame.text(request, template, csrf=guard.token(request), **values)
    return HTMLResponse(body, headers=frame.FRESH)


async def send(request: Request) -> Response:
    """Do what a button of the form asks; without one, look again."""
    sent = await fields.read(request)
    draft = await _sent(request)
    asked = sent.get("do")
    if asked == DOWNLOAD:
        return await _download(request, draft)
    if asked == SAVE:
        draft = await _written(request, draft)
        if not draft.refusal:
            return _back(request, draft)
    values = await _values(request, draft, untouched=False)
    status = 422 if draft.refusal else 200
    return frame.render(request, "deploy.html", status=status, **values)


def _back(request: Request, draft: Draft) -> Response:
    """Go to the application, which says what was done."""
    doors: Doors = request.app.state.doors
    answer = RedirectResponse(f"/a/{quote(draft.name)}", status_code=303)
    done = ""
    if draft.stored:
        # An object is called as its application is; a file is not.
        place = draft.stored.place
        done = f"{place} is written." if place.endswith(draft.name) else ""
        done = done or f"{draft.name} is written to {place}."
    said.put(answer, doors.seals, Said(done=True, sentence=done))
    return answer


def _name(request: Request) -> str:
    return str(request.path_params.get("application", ""))


def _sees(request: Request) -> drafts.Sees:
    return lambda written: documents.seen(request, written)


async def _sent(request: Request) -> Draft:
    """Return what was sent, by somebody who may deploy somewhere."""
    await guard.allow(request, Right.DEPLOY)
    office = frame.office(request)
    return await drafts.posted(office, _name(request), await fields.read(request), _sees(request))


async def _written(request: Request, draft: Draft) -> Draft:
    """Write a draft; with what refused it where it was not written."""
    office = frame.office(request)
    change = await _change(office, draft)
    await documents.allow(request, await documents.keys(office, change))
    if draft.refusal:
        return draft
    if draft.stored and draft.text in {draft.seen, draft.stored.text}:
        refusal = "Nothing is changed, so there is nothing to deploy."
        return msgspec.structs.replace(draft, refusal=refusal)
    try:
        written = await documents.write(request, change)
    except SpecError as wrong:
        told = f"It is not written: {len(problems.errors(wrong.problems))} to mend first."
        return msgspec.structs.replace(draft, refusal=told)
    except (failures.Conflict, failures.Rejected) as refused:
        said = ". ".join(filter(None, (str(refused), refused.hint)))
        return msgspec.structs.replace(draft, refusal=said)
    return msgspec.structs.replace(draft, name=written.application, stored=written)


async def _change(office: Office, draft: Draft) -> documents.Change:
    return documents.Change(
        name=draft.name,
        text=draft.text,
        before=draft.stored,
        version=draft.read or None,
        reason=draft.reason,
        marks=await drafts.marks(office, draft),
    )


async def _download(request: Request, draft: Draft) -> Response:
    reviewed = await drafts.reviewed(frame.office(request), draft)
    found = reviewed.effective.application if reviewed.effective else ""
    name = (found or draft.name or "application").rpartition("/")[2]
    headers = {**frame.FRESH, "Content-Disposition": f'attachment; filename="{quote(name)}.yaml"'}
    return Response(draft.text, media_type="application/yaml", headers=headers)


async def _values(
    request: Request, draft: Draft, *, untouched: bool, shown: bool = True
) -> dict[str, Any]:
    office = frame.office(request)
    reviewed = await drafts.reviewed(office, draft)
    library = await drafts.library(office, draft, reviewed)
    inputs = form.fields(
        reviewed,
        library,
        environment=draft.level,
        cluster=drafts.cluster(office),
        new=draft.new,
    )
    key = Key(draft.name, draft.environment) if draft.name else None
    # What somebody types is compared with what serves only where they may deploy: it tells whether
    # a guess is right.
    compared = key and (request.method == "GET" or not await documents.lacking(request, [key]))
    found = reviewed.effective if compared else None
    runs = await against.serving(office.store, key, found) if key else None
    status = await office.store.status(key) if key else None
    first = status is None or status.stable is None
    rate = await basis.lately(office.store, key, office.clock.now()) if key else None
    sheet = Sheet(draft, reviewed, inputs, library, runs, first, rate)
    used = inputs.field("template")
    reached = await documents.keys(office, await _change(office, draft))
    lacks = await documents.lacking(request, reached, key)
    return {
        "draft": draft,
        "form": inputs,
        "text": draft.text,
        "shown": shown and not untouched,
        "offers": offers.offers(library),
        "chosen": (used.value or used.inherited) if used else "",
        "environments": drafts.environments(office, library),
        "outlook": outlook.of(sheet, untouched=untouched),
        "lacks": lacks,
        "manifests": None if untouched else await _manifests(request, draft, reviewed, lacks),
    }


async def _manifests(request: Request, draft: Draft, reviewed: Reviewed, lacks: str) -> Manifests:
    """Return what would be written, for those who may deploy where it would be."""
    office, where = frame.office(request), draft.level or draft.environment
    if reviewed.effective is not None:  # in a cluster the namespace says where
        where = reviewed.effective.environment
    key = Key(draft.name, where) if draft.name else None
    lacks = lacks or (await documents.lacking(request, [key]) if key else "")
    if lacks:
        return manifests.hidden(lacks)
    try:
        text = await drafts.whole(office, draft)
    except failures.Rejected as lost:
        return Manifests(f"{lost}.")
    return await manifests.of(office, await office.documents.review(text, where))
