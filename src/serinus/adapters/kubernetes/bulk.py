"""
The bulk beside the API server: what is much, and what no decision depends on.

It is kept by an inner store, in memory or on the controller's disk, which may be empty or full: a
failure of it is logged and never holds up a release. Each Release tells its own last decisions, so
that what the inner store missed is put in with the next decision, and what happened before its time
is read from there.
"""

from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from serinus.adapters.kubernetes import decided, records
from serinus.adapters.kubernetes.objects import Decision
from serinus.adapters.kubernetes.pasts import Pasts
from serinus.adapters.kubernetes.records import Entry
from serinus.core.state.explanation import Explanation
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status
from serinus.core.state.workload import Revision
from serinus.ports import failures
from serinus.ports.store import Store as Inner

KEPT = timedelta(days=90)
"""How long events are kept."""

MANY = 10_000
"""More events than one release has."""

log = structlog.get_logger()


class Bulk:
    """Keep events, explanations and revisions in ``inner``, whose own statuses nobody reads."""

    def __init__(self, inner: Inner, pasts: Pasts) -> None:
        self._inner = inner
        self._pasts = pasts
        self._told: dict[tuple[str, int], int] = {}
        self._oldest: datetime | None = None
        self._problem = ""

    async def keep(self, work: Awaitable[None]) -> None:
        """Do some work of the inner store; that it fails is logged once."""
        try:
            await work
        except failures.PortFailure as problem:
            if self._problem != str(problem):
                log.warning("what is seen is not kept on disk", problem=str(problem))
            self._problem = str(problem)
        else:
            self._problem = ""

    async def owed(self, key: Key, number: int | None = None) -> tuple[Event, ...]:
        """
        Return the decisions of the current release that the inner store was not told of.

        ``number``: of the release that is written next; one that begins now is told from its start.
        """
        if number is not None and number not in self._pasts.past(key).began():
            self._told[key.application, number] = 0
        decisions, holder = self._pasts.whole(key).decisions, self._pasts.past(key).holder
        if holder is None or not decisions:
            return ()
        place = (key.application, holder.number)
        if place not in self._told:
            self._told[place] = await self._begun(key, holder.number, decisions)
        late = [one for one in decisions if one.sequence > self._told[place]]
        return decided.events(late, key, holder.number)

    async def _begun(self, key: Key, number: int, decisions: Sequence[Decision]) -> int:
        """
        Return up to which decision the inner store was told.

        One that knows nothing of an application was not there: it is not told what others have
        told.
        """
        if not await self._inner.releases(key, limit=1):
            return decisions[-1].sequence
        known = await self._inner.events(key=key, release=number, limit=MANY)
        last = _same(known[-1]) if known else None
        for one in reversed(decisions):
            if (one.at, one.reason, one.sentence) == last:
                return one.sequence
        return 0

    async def prune(self, now: datetime) -> None:
        """Remove what is old; what a Release still tells of that time is left out as well."""
        self._oldest = now - KEPT
        await self._inner.prune(now)

    async def record(
        self,
        status: Status,
        events: Sequence[Event],
        revisions: Sequence[Revision],
        explanation: Explanation | None,
    ) -> None:
        """Keep what a decision brought, after it was written."""
        try:
            known = await self._inner.status(status.key)
            mine = replace(status, version=known.version if known else 0)
            await self._inner.record(
                mine, events=events, revisions=revisions, explanation=explanation
            )
        except failures.PortFailure as problem:
            log.warning("a decision is not kept on disk", problem=str(problem))
            return
        holder, decisions = (
            self._pasts.past(status.key).holder,
            self._pasts.whole(status.key).decisions,
        )
        if holder is not None and decisions:
            self._told[status.key.application, holder.number] = decisions[-1].sequence

    async def events(
        self, after: int, key: Key | None, release: int | None, limit: int
    ) -> tuple[Event, ...]:
        """Return events; from the beginning on, with those that happened before our time."""
        found = await self._inner.events(after, key, release, limit)
        if after or key is None or release == 0:
            return found
        past = self._pasts.past(key)
        known = {_same(event) for event in found}
        numbers = past.began() if release is None else [release]
        early = [
            event
            for number in numbers
            if number in past.entries and past.entries[number].began
            for event in _told_by(past.entries[number], key)
            if _same(event) not in known and (not self._oldest or event.at >= self._oldest)
        ]
        numbered = [
            replace(event, sequence=index - len(early)) for index, event in enumerate(early)
        ]
        return (*numbered, *found)[:limit]


def _told_by(entry: Entry, key: Key) -> tuple[Event, ...]:
    return decided.events(records.read(entry).status.decisions, key, entry.number)


def _same(event: Event) -> tuple[object, str, str]:
    return (event.at, event.reason, event.sentence)
