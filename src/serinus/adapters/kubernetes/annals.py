"""
The releases of all applications as Release objects: one write of a status is one decision.

::

    begin    create Release shop-7 ──▶ write its status ──▶ take the memory from shop-6
    go on                              write its status

The write carries the ``resourceVersion`` that was read, so that of two controllers one is told by a
Conflict that the other was faster. A controller that dies between two writes is followed by one
that reads the same objects: what has no status never began, and what comes after the status is done
when the next release begins.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

import structlog
from msgspec.structs import replace

from serinus.adapters.kubernetes import decided, records, summary
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client, Object
from serinus.adapters.kubernetes.pasts import NOTHING, Past, Pasts
from serinus.adapters.kubernetes.records import Account, Entry
from serinus.core.state import history, labels
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.workload import Revision
from serinus.ports import failures
from serinus.ports.clock import Clock
from serinus.ports.store import Snapshot

KEPT = 10
"""How many ended releases of an application are kept as objects."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Page:
    """One decision: the status that it ends in, and what else is written with it."""

    status: Status
    events: tuple[Event, ...] = ()
    answers: tuple[Answer, ...] = ()
    revisions: tuple[Revision, ...] = ()
    judge: bytes | None = None
    seen: Snapshot | None = None

    def of(self, number: int) -> tuple[Event, ...]:
        """Return the events of one release; those of none belong to the current one."""
        release = self.status.release
        current = release is None or release.number == number
        return tuple(e for e in self.events if e.release == number or (current and not e.release))


class Annals:
    """Write Release objects; what is known of them is in ``pasts``."""

    def __init__(self, client: Client, cache: Cache, clock: Clock, pasts: Pasts) -> None:
        self.pasts = pasts
        self._client = client
        self._cache = cache
        self._clock = clock

    async def write(self, page: Page) -> Status:
        """
        Write a decision down and return the status with its new version.

        ``Conflict`` when the status has moved since it was read, here or in the API server.
        """
        key, version = page.status.key, page.status.version
        past = self.pasts.past(key)
        async with past.lock:
            before = self.pasts.status(key)
            stored = before.version if before else 0
            if stored != version:
                raise failures.Conflict(
                    f"status of {key}: version {version} was read, but {stored} is stored"
                )
            page = dataclasses.replace(page, status=replace(page.status, version=stored + 1))
            try:
                await self._written(past, page)
            except (failures.Missing, failures.Rejected):
                if not page.status.deleted:
                    raise
                # The namespace goes and its objects with it: what is left needs no memory there.
                past.resting = page.status
            return page.status

    async def _written(self, past: Past, page: Page) -> None:
        kept, release = page.status, page.status.release
        if release is None:
            newest = past.newest()
            last = records.read(newest).release(kept.key) if newest is not None else None
            if newest is None or last is None:
                past.resting = kept
                return
            account = self._account(past, page, newest.number)
            await self._put(past, newest, last, account, before=kept.version - 1, current=False)
            return
        entry = past.entries.get(release.number)
        begins = entry is None or not entry.began
        if entry is None or begins:
            entry = await self._begun(past, release, page)
        account = self._account(past, page, release.number)
        await self._put(past, entry, release, account, before=kept.version - 1)
        past.resting = None
        if begins:
            await self._tidied(past, release, page)

    def _account(self, past: Past, page: Page, number: int) -> Account:
        """Return what the Release will say: what it said, and what this decision adds."""
        same = past.holder is not None and past.holder.number == number
        before = self.pasts.whole(page.status.key)
        waiting = (a for a in before.answers if a.intent not in past.settled)
        return Account(
            status=page.status,
            answers=(*waiting, *page.answers),
            decisions=decided.told(before.decisions if same else (), page.of(number)),
            judge=page.judge if page.judge is not None or not same else before.judge,
            seen=page.seen if page.seen is not None or not same else before.seen,
        )

    async def _begun(self, past: Past, release: Release, page: Page) -> Entry:
        """Create the Release; one that has no status is of a controller that died here."""
        place = labels.parted(release.application)
        known = [one for one in page.revisions if one.id == release.candidate]
        revision = known[0] if known else self.pasts.revision(release.candidate)
        obj = records.begun(release, revision, self.pasts.owner(place))
        try:
            return self._take(past, await self._client.create(obj))
        except failures.Conflict:
            found = await self._client.get("Release", obj["metadata"]["name"], place.namespace)
            entry = self._take(past, found)
            if entry.began:
                raise
            if found.get("spec") == obj["spec"]:
                return entry
        await self._client.delete("Release", entry.name, place.namespace, uid=entry.uid)
        return self._take(past, await self._client.create(obj))

    async def _put(
        self,
        past: Past,
        entry: Entry,
        release: Release,
        account: Account,
        *,
        before: int | None = None,
        current: bool = True,
    ) -> None:
        """
        Write the status of a Release object; it is the current one where ``before`` is given.

        ``before``: the version of the application's status that it follows. An object that only got
        another label meanwhile is written to all the same.
        """
        body = self._body(entry, release, account, current=current)
        try:
            obj = await self._client.replace_status({**entry.reference, "status": body})
        except failures.Conflict:
            found = records.entry(
                await self._client.get("Release", entry.name, entry.place.namespace)
            )
            if found.uid != entry.uid or not _follows(found, before):
                self.pasts.keep(past, found)
                raise
            body = self._body(found, release, account, current=current)
            obj = await self._client.replace_status({**found.reference, "status": body})
        written = self._take(past, obj)
        if before is not None:
            self.pasts.hold(past, written, account)
            past.settled.intersection_update(answer.intent for answer in account.answers)

    def _body(self, entry: Entry, release: Release, account: Account, *, current: bool) -> Object:
        found = records.read(entry)
        standing = summary.of_release(release)
        conditions = summary.conditions(standing, found.status.conditions, self._clock.now())
        return records.written(release, found.spec, account, current=current, conditions=conditions)

    async def _tidied(self, past: Past, release: Release, page: Page) -> None:
        """
        Let older releases be history: how they ended, without the application's status.

        Nothing depends on it, so it fails nothing; what is left undone is done with the next one.
        """
        older = [number for number in sorted(past.entries) if number < release.number]
        began = [number for number in older if past.entries[number].began]
        gone = [past.entries[n] for n in (*began[:-KEPT], *(n for n in older if n not in began))]
        try:
            for number in began[-KEPT:]:
                await self._closed(past, past.entries[number], page)
            for entry in gone:
                await self._client.delete(
                    "Release", entry.name, entry.place.namespace, uid=entry.uid
                )
        except failures.PortFailure as problem:
            log.warning("old releases are as they were", release=release.name, problem=str(problem))

    async def _closed(self, past: Past, entry: Entry, page: Page) -> None:
        found = records.read(entry)
        release = found.release(page.status.key)
        if release is None or found.state is None:
            return
        ended = history.overtaken(release, page.status.release) or release
        if ended is release and found.state.status is None:
            return
        decisions = decided.told(found.status.decisions, page.of(entry.number))
        seen = records.seen_of(found.state)
        account = Account(status=None, answers=(), decisions=decisions, judge=None, seen=seen)
        await self._put(past, entry, ended, account, current=False)

    async def forget(self, key: Key) -> None:
        """Take the memory of a deleted application from its newest release."""
        past = self.pasts.past(key)
        async with past.lock:
            account, newest, past.resting = self.pasts.whole(key), past.newest(), None
            last = records.read(newest).release(key) if newest is not None else None
            if newest is None or last is None:
                past.holder, past.account = None, NOTHING
                return
            if account.status is None:
                return
            left = dataclasses.replace(account, status=None, judge=None)
            try:
                await self._put(
                    past, newest, last, left, before=account.status.version, current=False
                )
            except failures.Missing:
                past.entries.pop(newest.number, None)
                past.holder, past.account = None, NOTHING

    # --- what is here ---------------------------------------------------------------------------

    def _take(self, past: Past, obj: Object) -> Entry:
        """Take in what the API server answered to a write."""
        self._cache.absorb(obj)
        entry = records.entry(obj)
        self.pasts.keep(past, entry)
        return entry

    async def prune(self, before: datetime) -> None:
        """Remove the releases of forgotten applications that ended before a moment."""
        for application in self.pasts.forgotten():
            past = self.pasts.past(Key(application, ""))
            for entry in list(past.entries.values()):
                ended = records.read(entry).status.ended_at
                if ended is not None and ended < before:
                    await self._client.delete(
                        "Release", entry.name, entry.place.namespace, uid=entry.uid
                    )


def _follows(found: Entry, before: int | None) -> bool:
    """Tell whether a Release still holds the version of the status that was read."""
    if before is None or not found.began:
        return True
    status = records.account_of(found, Key("", "")).status
    return (status.version if status else 0) == before
