"""
The door for wishes over HTTP: who may, how often, and what is answered in which words.

::

    POST /act                                    a form of a page: back to it, with a sentence
    POST /api/v1/applications/…/intents          a program: JSON, and a status for each kind of no

Both leave the same wish as the command line: see :mod:`serinus.app.intents`.
"""

import hashlib

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from serinus.app import intents
from serinus.app.office import Office
from serinus.core.state.intent import Answer, Verb
from serinus.core.state.notice import Key
from serinus.interfaces.api import fields, guard, problems, said
from serinus.interfaces.api.fields import Fields
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.said import Said
from serinus.ports import failures

VERBS = frozenset(Verb) - {Verb.DELETE}
"""What can be asked for here: an application is deleted by taking its document away."""

LONGEST = 1_000
"""Characters of a reason."""


def routes() -> list[BaseRoute]:
    """Return the route of the forms."""
    return [Route("/act", act, methods=["POST"])]


def verb(text: str) -> Verb:
    """Read a verb; an unknown one is refused with those that there are."""
    if text not in VERBS:
        raise HTTPException(400, f"there is no verb {text!r}: want {', '.join(sorted(VERBS))}")
    return Verb(text)


async def ask(request: Request, wish: intents.Wish) -> Answer:
    """Leave a wish in the name of the person who asks, and wait for its answer."""
    office: Office = request.app.state.office
    key = await intents.known(wish.key, office.store)
    person = await guard.allow(request, wish.verb, key)
    request.app.state.pace.take(person.name)
    named = intents.Wish(
        key=key,
        verb=wish.verb,
        actor=person.name,
        reason=wish.reason.strip()[:LONGEST],
        expect_release=wish.expect_release,
        expect_step=wish.expect_step,
        id=identity(person.name, wish) if wish.id else "",
    )
    return await intents.ask(
        named, office.store, office.clock, alive=office.alive, wake=office.wake
    )


def identity(name: str, wish: intents.Wish) -> str:
    """
    Return the id of a wish that came with a key against doing it twice.

    Two people may have thought of the same key, and one person may use it for two things.
    """
    told = "\n".join((name, str(wish.key), wish.verb, wish.id))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


async def moved(office: Office, wish: intents.Wish) -> bool:
    """Tell whether the world is not what the author of a wish was looking at."""
    status = await office.store.status(await intents.known(wish.key, office.store))
    release = status.release if status else None
    number = None if release is None else release.number
    step = None if release is None else release.progress.step + 1
    other_release = wish.expect_release is not None and wish.expect_release != number
    return other_release or (wish.expect_step is not None and wish.expect_step != step)


async def act(request: Request) -> Response:
    """Carry out a form of a page, and go back there with the answer."""
    doors: Doors = request.app.state.doors
    form = await fields.read(request)
    response = RedirectResponse(back(form.get("back")), 303)
    said.put(response, doors.seals, await _outcome(request, form))
    return response


async def _outcome(request: Request, form: Fields) -> Said:
    try:
        wish = intents.Wish(
            key=Key(form.get("application"), form.get("environment")),
            verb=verb(form.get("verb")),
            actor="",
            reason=form.get("reason"),
            expect_release=form.number("expect_release"),
            expect_step=form.number("expect_step"),
            id=form.get("id"),
        )
        answer = await ask(request, wish)
    except problems.HANDLED as failure:
        told = problems.of(failure)
        sentence = ". ".join(part.rstrip(".") for part in (told.detail, told.why) if part)
        return Said(done=False, sentence=f"{sentence}.")
    sentence = answer.sentence[:1].upper() + answer.sentence[1:]
    return Said(done=answer.done, sentence=sentence)


def back(path: str) -> str:
    """Return where a form leads back to: a page of ours, whatever was sent."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if ours else "/"


def refused(answer: Answer, *, elsewhere: bool) -> failures.PortFailure:
    """Return a refusal as a failure: the world has moved, or it will not be done."""
    sentence = answer.sentence[:1].upper() + answer.sentence[1:]
    return failures.Conflict(sentence) if elsewhere else failures.Rejected(sentence)
