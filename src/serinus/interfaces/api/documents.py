"""
The one door to what people write: pages, the API and programs all write documents here.

::

    a text ──▶ may they, wherever it changes something? ──▶ is it of this address? ──▶ written
                  no: 403                                     no: 422

Neither an address nor a field of a form says whose right is needed, but the document itself: its
name, and each environment in which it says something else than before. What is compared are the
texts with marks in the place of secrets, so that no answer tells whether a guess of one is right;
the marks become values again here alone, just before the document is written.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

from serinus.app import farewell, reach, secrecy, veiled
from serinus.app.farewell import Removal
from serinus.app.office import Office
from serinus.core.errors import SpecError
from serinus.core.spec import problems
from serinus.core.spec.place import Place
from serinus.core.state.notice import Key
from serinus.interfaces.api import guard
from serinus.interfaces.api.people import Person, Right
from serinus.ports import failures
from serinus.ports.documents import Reviewed, Written

_ELSEWHERE = "elsewhere"
"""An environment besides the office's own, to see whether a document holds in more than one."""

LONGEST = 1_000
"""Characters of a reason."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """
    A document to be written.

    ``name``: the application of the address, empty for a new one that has its name in the text.
    ``before``: its document as it stands, None for a new one; ``version``: the one that was read
    when the change was begun. ``marks``: what marks stand for that are not those of ``before``.
    """

    name: str
    text: str
    before: Written | None = None
    version: str | None = None
    reason: str = ""
    marks: Mapping[tuple[Place, str], Any] = {}


async def seen(request: Request, written: Written) -> str | None:
    """
    Return the text of a document as the person who asks may see it; None: not at all.

    Secrets are marks for everybody, and comments are for those who may write some of it. A text in
    which no mark can be put is for those who may write all of it.
    """
    office: Office = request.app.state.office
    marked = await veiled.text(office.documents, written.text, office.environment)
    if marked is None:
        wanted = await everywhere(office, written.application)
        return None if await lacking(request, wanted) else written.text
    if await foreign(request, written):
        return await veiled.bare(office.documents, marked, office.environment)
    return marked


async def write(request: Request, change: Change) -> Written:
    """
    Write a document in the name of the person who asks.

    Raises:
        Forbidden: They lack the right in an environment in which something changes.
        SpecError: It has problems.
        Rejected: It is of another application, or kept elsewhere, or a mark in it means nothing.
        Conflict: It was changed meanwhile.
    """
    office: Office = request.app.state.office
    person = await allow(request, await keys(office, change))
    request.app.state.pace.take(person.name)
    before = change.before.text if change.before else ""
    whole = await veiled.restored(
        office.documents, change.text, before, office.environment, change.marks
    )
    found = await office.documents.review(whole, office.environment)
    await _its_own(office, change, found)
    if problems.errors(found.problems):
        raise SpecError(veiled.problems(found))
    reason = change.reason[:LONGEST]
    try:
        return await office.documents.write(
            whole, version=change.version, actor=person.name, reason=reason
        )
    except failures.Rejected as refused:
        was = await office.documents.review(before, office.environment)
        raise _veiled(refused, (*secrecy.found(was.data), *secrecy.found(found.data))) from None


async def delete(request: Request, name: str, version: str, reason: str = "") -> str:
    """
    Delete an application in the name of the person who asks; return what comes of it.

    Raises:
        Forbidden: They lack the right in an environment of which the document says something.
        Missing: There is no such document.
        HTTPException: It is not the version that was looked at (412).
        Rejected: Git keeps it.
        Conflict: It was changed meanwhile.
        Unavailable: Nobody is there who would end what serves.
    """
    office: Office = request.app.state.office
    await guard.allow(request, Right.DEPLOY)
    written = await office.documents.read(name)
    person = await allow(request, await reached(office, written))
    request.app.state.pace.take(person.name)
    if version != written.version:
        raise HTTPException(
            412, f"{name} was changed since you looked at it; nothing was deleted, look again"
        )
    return await farewell.end(office, Removal(written, person.name, reason[:LONGEST]))


async def reached(office: Office, written: Written) -> frozenset[Key]:
    """Return the application wherever its document may say something: in a cluster, where it is."""
    name = written.application
    data = (await office.documents.review(written.text, office.environment)).data
    found = await _bound(office, written.text, await environments(office, name, data))
    return frozenset(Key(name, one) for one in found)


def _veiled(refused: failures.Rejected, hidden: Iterable[secrecy.Secret]) -> failures.Rejected:
    """Return a refusal without secrets: it may tell the patch that somebody has to commit."""

    def told(words: str) -> str:
        for one in hidden:
            for line in str(one.value).splitlines():
                words = words.replace(line, secrecy.MARK) if len(line) >= veiled.LONG else words
        return words

    hidden = tuple(hidden)
    return failures.Rejected(
        told(str(refused)), why=told(refused.why), hint=told(refused.hint), next=refused.next
    )


async def allow(request: Request, wanted: Iterable[Key]) -> Person:
    """Return who asks; ``Forbidden`` where they may not deploy in each of these places."""
    person = await guard.allow(request, Right.DEPLOY)
    for key in sorted(wanted):
        person = await guard.allow(request, Right.DEPLOY, key)
    return person


async def lacking(request: Request, wanted: Iterable[Key], looked: Key | None = None) -> str:
    """Return what a person lacks for a change, empty when they may; ``looked``: of no change."""
    mode = request.app.state.doors.mode
    person: Person = request.state.person
    places: list[Key | None] = [*sorted(wanted)]
    for key in places or [looked]:
        lacks: str = await mode.lacks(person, Right.DEPLOY, key)
        if lacks:
            return lacks
    return ""


async def foreign(request: Request, written: Written) -> str:
    """
    Return what a person lacks to write anything of a document; empty when they may.

    In a cluster it belongs to the environment of its namespace. Elsewhere one document speaks of
    all environments, also of those that it does not name yet, so that any of them will do.
    """
    office: Office = request.app.state.office
    both = frozenset({office.environment, _ELSEWHERE})
    bound = await _bound(office, written.text, both)
    name = written.application
    if bound != both:
        return await lacking(request, [Key(name, one) for one in bound])
    cluster = office.port is None
    return await lacking(request, await everywhere(office, name) if cluster else ())


async def keys(office: Office, change: Change) -> frozenset[Key]:
    """Return the application in each environment in which a change makes a difference."""
    now = await office.documents.review(change.text, office.environment)
    was = None
    if change.before is not None:
        before = await office.documents.review(change.before.text, office.environment)
        was = secrecy.veiled(before.data)
    name = change.name or named(now.data) or "a new application"
    known = await environments(office, name, now.data)
    found = reach.changed(was, now.data, known) if now.data is not None else known
    bound = await _bound(office, change.text, found)
    return frozenset(Key(name, one) for one in bound)


async def everywhere(office: Office, name: str, data: Any = None) -> frozenset[Key]:
    """Return an application in each environment of which its document may say something."""
    return frozenset(Key(name, one) for one in await environments(office, name, data))


async def environments(office: Office, name: str, data: Any = None) -> frozenset[str]:
    """Return all environments that there are, in which it is, or of which it says something."""
    found = {key.environment for key in await office.store.keys() if key.application == name}
    written = set((await office.documents.library()).environments)
    return frozenset({*found, *written, *reach.named(data), office.environment})


async def _bound(office: Office, text: str, found: frozenset[str]) -> frozenset[str]:
    """Return the one environment of a namespace where that decides, and all else as it was."""
    for name in sorted(found)[:2]:
        effective = (await office.documents.review(text, name)).effective
        if effective is not None and effective.environment != name:
            return frozenset({effective.environment})
    return found


async def _its_own(office: Office, change: Change, found: Reviewed) -> None:
    """Refuse a document that gives itself another name than the one that it was sent to."""
    own = named(found.data)
    if not (change.name and own) or own == change.name:
        return
    was = None
    if change.before is not None:
        was = (await office.documents.review(change.before.text, office.environment)).data
    if was is None or named(was) != own:
        raise failures.Rejected(
            f"the document is of {own!r}, but was sent to {change.name!r}",
            hint="set metadata.name back, or write it as a new application",
        )


def named(data: Any) -> str:
    """Return the name that a document gives itself, with its namespace where it has one."""
    metadata = data.get("metadata") if isinstance(data, Mapping) else None
    if not isinstance(metadata, Mapping):
        return ""
    parts = (metadata.get("namespace"), metadata.get("name"))
    return "/".join(part for part in parts if isinstance(part, str) and part)
