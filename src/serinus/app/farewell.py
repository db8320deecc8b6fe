"""
The farewell: an application is deleted, with its document and all that serves.

::

    this machine   the document goes, and a wish is left: the route is removed, the replicas end
    a cluster      the document is the application: what it made ends, what it took over goes back

What will be is said before it is asked for, and who asked, and why, stays in the history.
"""

from collections.abc import Iterator
from typing import NamedTuple

from serinus.app import intents
from serinus.app.office import Office
from serinus.core.spec.effective import Effective
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.ports import failures
from serinus.ports.documents import Written


class Removal(NamedTuple):
    """Who deletes which document, as it was looked at, and why."""

    written: Written
    actor: str
    reason: str = ""


async def consequences(office: Office, written: Written, found: Effective | None) -> list[str]:
    """Say what comes of deleting an application; ``found``: what it comes to, if that is known."""
    running = await _running(office, written.application)
    told = _cluster if office.port is None else _machine
    flying = [one for one in running if one.release and one.release.ended_at is None]
    return [
        *told(written, found, running),
        *(
            f"Release {one.release.number} of {one.release.version} ends at once."
            for one in flying
            if one.release
        ),
        "Its history stays, with your name and your reason.",
    ]


async def end(office: Office, removal: Removal) -> str:
    """
    Delete an application and return a sentence about what comes of it.

    ``Unavailable`` where no controller works: nothing is deleted then, because nobody would end
    what serves. ``Conflict`` and ``Rejected`` as the documents say.
    """
    written, actor, reason = removal
    if not office.alive():
        raise failures.Unavailable(
            "the controller is not running, and only it can end what serves; nothing was deleted",
            hint=office.wake,
        )
    running = await _running(office, written.application)
    await office.documents.delete(
        written.application, version=written.version, actor=actor, reason=reason
    )
    if office.port is None:
        return f"{written.place} is deleted: what it runs ends, and what is yours goes back to you."
    said = [await _stopped(office, status.key, removal) for status in running]
    return " ".join((f"{written.application} is deleted:", *(said or ["nothing of it ran."])))


async def _stopped(office: Office, key: Key, removal: Removal) -> str:
    wish = intents.Wish(key=key, verb=Verb.DELETE, actor=removal.actor, reason=removal.reason)
    try:
        answer = await intents.ask(
            wish, office.store, office.clock, alive=office.alive, wake=office.wake
        )
    except failures.Unavailable as late:  # the document is gone, and that has to be said
        return f"its document is gone, but {late}."
    return answer.sentence


async def _running(office: Office, name: str) -> list[Status]:
    """Return the application in each environment in which something of it runs."""
    found = [
        await office.store.status(key)
        for key in await office.store.keys()
        if key.application == name
    ]
    return [one for one in found if one is not None and (one.stable or one.release)]


def _machine(written: Written, found: Effective | None, running: list[Status]) -> Iterator[str]:
    yield f"Its document is taken out of {written.place}."
    if not running:
        yield "Nothing of it runs."
    for one in running:
        host = one.host or (found.host if found else "")
        at = f" at {host}" if host else ""
        yield f"Its route is removed and its replicas end: nobody is served{at} any more."


def _cluster(written: Written, found: Effective | None, running: list[Status]) -> Iterator[str]:
    yield f"{written.place} is deleted."
    adopted, ref = (found.workload_ref, found.route_ref) if found else ("", None)
    version = next((one.stable_version for one in running if one.stable_version), "")
    if adopted:
        serves = f" with {version}, which serves now," if version else ""
        yield (
            f"Deployment {adopted} is yours and stays: it goes on{serves} and gets all requests "
            "again as soon as all of its pods are ready. No request is lost."
        )
        yield "What Serinus made beside it (Deployments and Services of single revisions) goes."
    else:
        yield "Its Deployments and Services go with it: nobody is served any more."
    if ref is not None:
        yield f"{ref[0]} {ref[1]} is yours and stays as it was before."
