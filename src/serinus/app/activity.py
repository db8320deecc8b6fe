"""
Activity: who did what, where, why, and what came of it; newest first.

It is read from the events that every store keeps: wishes with their answers, releases that began,
and how they ended. Nothing is written here, and nothing can be changed.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from serinus.app import search
from serinus.app.search import Query
from serinus.core.state import deed
from serinus.core.state.notice import Event, Key, Kind
from serinus.core.state.release import Release
from serinus.ports.store import Store

LABELS = ("who", "what", "application", "environment", "result")
"""What a search can name: ``who:anna what:rollback result:refused``."""

PAGE = 50
BLOCK = 1000
"""So many events are looked at in one go."""

MOST = 10_000
"""So many events are looked at for one page; what a rarer search finds is on the pages after it."""

_KINDS = frozenset({Kind.RELEASE, Kind.INTENT, Kind.RESULT})
_BEGINNINGS = frozenset({"Started", "Queued", "Adopted"})


class Deed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    One line: at which instant ``who`` did ``what`` and why, and its ``result`` in a word.

    ``what``: the verb (``pause``), ``deploy`` for a release that began, ``end`` for its end, which
    nobody in particular does. ``sentence`` is the event's, word for word.
    """

    sequence: int
    at: datetime
    application: str
    environment: str
    release: int | None
    who: str
    what: str
    reason: str
    result: str
    sentence: str
    version: str = ""


class Page(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of deeds; ``older``: the cursor of the next one, None when there is none."""

    deeds: tuple[Deed, ...]
    older: int | None = None


async def page(
    store: Store,
    text: str = "",
    *,
    key: Key | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> Page:
    """
    Return deeds, newest first.

    Args:
        store: What the events are read from.
        text: A search, with :data:`LABELS`.
        key: Only what concerns this application in this environment.
        before: The cursor of a page before; None begins with the newest.
        limit: The deeds of a page.
    """
    query = search.parse(text, LABELS)
    top = await store.newest() + 1 if before is None else before
    floor = max(0, top - MOST)
    releases: dict[tuple[Key, int], Release | None] = {}
    found: list[Deed] = []
    while top > floor:
        start = max(floor, top - BLOCK)
        events = await store.events(after=start - 1 if start else 0, key=key, limit=BLOCK)
        for event in reversed([event for event in events if event.sequence < top]):
            one = await _deed(store, event, releases)
            if one is not None and _fits(query, one):
                found.append(one)
                if len(found) == limit:
                    more = event.sequence > 1
                    return Page(deeds=tuple(found), older=event.sequence if more else None)
        top = start
    return Page(deeds=tuple(found), older=floor or None)


async def _deed(
    store: Store, event: Event, releases: dict[tuple[Key, int], Release | None]
) -> Deed | None:
    if event.kind not in _KINDS:
        return None
    if event.kind is Kind.INTENT:
        said = deed.read(event.sentence)
        if said is None:
            return None
        result = "done" if said.done else "refused"
        return _line(event, said.actor, said.verb, said.reason, result)
    began = event.kind is Kind.RELEASE
    if began and event.reason not in _BEGINNINGS:
        return None
    release = await _release(store, event, releases)
    version = "" if release is None else release.version
    if not began:
        return msgspec.structs.replace(_line(event, "", "end", "", event.reason), version=version)
    who, why = ("", "") if release is None else (release.actor, release.reason)
    return msgspec.structs.replace(_line(event, who, "deploy", why, event.reason), version=version)


async def _release(
    store: Store, event: Event, known: dict[tuple[Key, int], Release | None]
) -> Release | None:
    if event.release is None:
        return None
    key = Key(event.application, event.environment)
    if (key, event.release) not in known:
        known[key, event.release] = await store.release(key, event.release)
    return known[key, event.release]


def _line(event: Event, who: str, what: str, reason: str, result: str) -> Deed:
    return Deed(
        sequence=event.sequence,
        at=event.at,
        application=event.application,
        environment=event.environment,
        release=event.release,
        who=who,
        what=what,
        reason=reason,
        result=result,
        sentence=event.sentence,
    )


def _fits(query: Query, one: Deed) -> bool:
    facts: dict[str, str | Sequence[str]] = {
        "who": one.who,
        "what": one.what,
        "application": one.application,
        "environment": one.environment,
        "result": one.result,
        "": (one.sentence, one.reason, one.version),
    }
    return query.fits(facts)
