"""Applications as JSON: what is so, what people wrote, and what they ask for."""

from collections.abc import Sequence

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serinus.app import basis, exposure, intents, manifests, standing, views
from serinus.app.exposure import Exposure
from serinus.app.office import Manifests, Office
from serinus.app.shown import Row
from serinus.app.standing import Standing
from serinus.core.errors import Problem
from serinus.core.spec import problems
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Key
from serinus.interfaces.api import acts, documents, guard, listing, operations
from serinus.interfaces.api.listing import Page
from serinus.interfaces.api.operations import Operation
from serinus.interfaces.api.people import Forbidden, Right
from serinus.ports.documents import Reviewed, Written

LABELS = ("application", "environment", "state", "version")
"""What a search can name."""

SEARCHED = (*LABELS, "sentence", "note")
"""Where its words are looked for."""


class Asked(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """
    A wish. ``expectRelease`` and ``expectStep`` refuse it when the world has moved.

    Without an environment the application's only one is meant.
    """

    verb: str
    environment: str = ""
    reason: str = ""
    expect_release: int | None = None
    expect_step: int | None = None


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document to be looked at; ``environment``: where it is to be used."""

    text: str
    environment: str = ""


class Looked(msgspec.Struct, frozen=True):
    """
    What is wrong with a document, and what it comes to; nothing was written.

    ``exposure``: who meets the new version, on the traffic that there is; None while it cannot be
    told. ``manifests``: what would be written, for those who may deploy there, without secrets.
    """

    usable: bool
    problems: tuple[Problem, ...]
    exposure: Exposure | None
    manifests: Manifests


class Deleted(msgspec.Struct, frozen=True):
    """An application that is deleted, and what comes of that in a sentence."""

    application: str
    sentence: str


async def applications(request: Request) -> Response:
    """List applications, what needs a person first."""
    place = await _office(request, Right.VIEW)
    rows = await views.applications(place.store)
    fits = listing.narrowed(request, LABELS, SEARCHED)
    return operations.answer(request, listing.page(request, rows, _name, fits))


async def application(request: Request) -> Response:
    """Show one application in each of its environments."""
    place = await _office(request, Right.VIEW)
    rows = await views.applications(place.store, request.path_params["application"])
    if not rows:
        key = await intents.known(operations.key(request), place.store)
        rows = await views.applications(place.store, key.application)
    return operations.answer(request, rows)


async def asked(request: Request) -> Response:
    """Show which version is asked for, and where that stands."""
    place = await _office(request, Right.VIEW)
    key = await intents.known(operations.key(request), place.store)
    return operations.answer(request, await standing.find(key, place.store))


async def ask(request: Request) -> Response:
    """Ask for something; the controller answers."""
    place: Office = request.app.state.office
    sent = await operations.sent(request, Asked)
    wish = intents.Wish(
        key=Key(request.path_params["application"], sent.environment),
        verb=acts.verb(sent.verb),
        actor="",
        reason=sent.reason,
        expect_release=sent.expect_release,
        expect_step=sent.expect_step,
        id=request.headers.get("idempotency-key", ""),
    )
    answer = await acts.ask(request, wish)
    if not answer.done:
        raise acts.refused(answer, elsewhere=await acts.moved(place, wish))
    return operations.answer(request, answer)


# --- what people wrote ---------------------------------------------------------------------------


async def document(request: Request) -> Response:
    """Read an application's document; the values of secrets are not sent."""
    place = await _office(request, Right.DEPLOY)
    written = await place.documents.read(request.path_params["application"])
    if lacks := await documents.foreign(request, written):
        raise Forbidden(f"{request.state.person.name} may not do that: this {lacks}")
    return await _shown(request, written)


async def write(request: Request) -> Response:
    """Write an application's document, whole."""
    place: Office = request.app.state.office
    name = request.path_params["application"]
    await guard.allow(request, Right.DEPLOY)
    version, text = _version(request), await _text(request)
    before = None
    if version is not None:
        before = await place.documents.read(name)
    change = documents.Change(
        name=name,
        text=text,
        before=before,
        version=version,
        reason=request.query_params.get("reason", ""),
    )
    return await _shown(request, await documents.write(request, change))


async def delete(request: Request) -> Response:
    """Delete an application."""
    name, match = request.path_params["application"], request.headers.get("if-match", "").strip()
    if not match:
        raise HTTPException(428, "say which version you looked at: If-Match with its ETag")
    reason = request.query_params.get("reason", "")
    sentence = await documents.delete(request, name, match.strip('"'), reason)
    return operations.answer(request, Deleted(name, sentence))


async def _shown(request: Request, written: Written) -> Response:
    text = await documents.seen(request, written)
    if text is None:
        raise Forbidden(
            f"the document of {written.application} cannot be shown without its secrets: "
            "whoever may deploy it in every environment may read it"
        )
    told = msgspec.structs.replace(written, text=text)
    return operations.answer(request, told, tag=written.version)


async def review(request: Request) -> Response:
    """Find everything that is wrong with a document, and what it comes to."""
    place = await _office(request, Right.VIEW)
    sent = await operations.sent(request, Text)
    where = sent.environment or place.environment
    found = await place.documents.review(sent.text, where)
    came = found.effective
    usable = came is not None and not problems.errors(found.problems)
    key = Key(documents.named(found.data), where if came is None else came.environment)
    met = None
    if usable and came is not None and came.delivery is not None:
        rate = await basis.lately(place.store, key, place.clock.now())
        met = exposure.of(came.delivery, rate)
    written = await _manifests(request, found, key)
    return operations.answer(request, Looked(usable, found.problems, met, written))


async def _manifests(request: Request, found: Reviewed, key: Key) -> Manifests:
    lacks = await documents.lacking(request, [key])
    if lacks:
        return manifests.hidden(lacks)
    return await manifests.of(request.app.state.office, found)


async def _text(request: Request) -> str:
    try:
        return (await request.body()).decode()
    except UnicodeDecodeError as exc:
        raise HTTPException(400, f"the document is no text: {exc}") from exc


def _version(request: Request) -> str | None:
    """Return the version that was changed, None for a new document."""
    match = request.headers.get("if-match", "").strip()
    if match:
        return match.strip('"')
    if request.headers.get("if-none-match", "").strip() == "*":
        return None
    raise HTTPException(
        428,
        "say which version was changed: If-Match with its ETag, or If-None-Match: * for a new one",
    )


async def _office(request: Request, right: Right) -> Office:
    await guard.allow(request, right)
    found: Office = request.app.state.office
    return found


def _name(row: Row) -> str:
    return f"{row.environment}/{row.application}"


OPERATIONS: Sequence[Operation] = (
    Operation(
        "GET",
        "/applications",
        "List applications, what needs a person first.",
        applications,
        Page[Row],
        query={**listing.QUERY, "environment": "in this environment alone"},
        errors=(400, 401, 403),
    ),
    Operation(
        "POST",
        "/applications/{application:path}/intents",
        "Ask for something: pause, resume, next, promote, rollback, retry, approve, reject.",
        ask,
        Answer,
        headers={"Idempotency-Key": "the same one again is the same wish, carried out once"},
        body=Asked,
        errors=(400, 401, 403, 404, 409, 422, 429, 503),
    ),
    Operation(
        "GET",
        "/applications/{application:path}",
        "Show one application in each of its environments.",
        application,
        tuple[Row, ...],
    ),
    Operation(
        "GET",
        "/asked/{environment}/{application:path}",
        "Show which version is asked for, and where that stands.",
        asked,
        Standing,
    ),
    Operation(
        "POST",
        "/documents/review",
        "Find all that is wrong with a document, who would meet it, and what would be written.",
        review,
        Looked,
        body=Text,
        errors=(400, 401, 403),
    ),
    Operation(
        "GET",
        "/documents/{application:path}",
        "Read an application's document; needs the role deploy where it is.",
        document,
        Written,
    ),
    Operation(
        "PUT",
        "/documents/{application:path}",
        "Write an application's document, whole: what it changes begins a release.",
        write,
        Written,
        query={"reason": "why: it is kept with the release"},
        headers={
            "If-Match": "the ETag of the document that was changed",
            "If-None-Match": "*: it is a new one",
        },
        body=str,
        errors=(400, 401, 403, 409, 413, 422, 428, 429),
    ),
    Operation(
        "DELETE",
        "/documents/{application:path}",
        "Delete an application: its document goes, and what serves ends or is given back.",
        delete,
        Deleted,
        query={"reason": "why: it is kept in the history"},
        headers={"If-Match": "the ETag of the document that was looked at; needed"},
        errors=(401, 403, 404, 409, 412, 422, 428, 429, 503),
    ),
)
