"""
Events numbered by when they happened, for who goes on telling where another controller stopped.

A store numbers its events by its disk, and in a cluster each controller has a disk of its own,
which may be empty. What happened, and when, is in the API server. So here an event's number is its
instant in microseconds (one more than the last where that would not grow), and a bookmark of one
controller is one of the next::

    the last hour, of releases that were alive in it ──▶ early ─┐
    the store's own events from now on ─────────────────────────┴─▶ events(after)
"""

import itertools
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import anyio
from msgspec.structs import replace

from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading
from serinus.ports.clock import Clock
from serinus.ports.store import Asked, Store

OLD = timedelta(hours=1)
"""What happened longer ago is not looked for."""

MOST = 10_000
"""Events that are kept for places that are slow; the oldest are let go."""

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Chronicle:
    """The events of a store that others wrote before, and what else is needed to tell of them."""

    def __init__(self, store: Store, clock: Clock, began: datetime, last: int) -> None:
        self._store = store
        self._clock = clock
        self._began = began
        self._last = last
        self._known: deque[Event] = deque(maxlen=MOST)
        self._top = 0
        self._early = False
        self._lock = anyio.Lock()

    @classmethod
    async def begin(cls, store: Store, clock: Clock) -> "Chronicle":
        """Begin a chronicle; to be called before the loop runs."""
        return cls(store, clock, clock.now(), await store.newest())

    async def events(self, after: int = 0, limit: int = 500) -> Sequence[Event]:
        """Return events, oldest first, those of earlier controllers first of all."""
        async with self._lock:
            await self._look()
        new = itertools.takewhile(lambda event: event.sequence > after, reversed(self._known))
        return list(new)[::-1][:limit]

    async def newest(self) -> int:
        """Return a number that is before all that happens next, and behind all that did."""
        async with self._lock:
            await self._look()
            self._top = max(self._top, number(self._clock.now()))
        return self._top

    async def release(self, key: Key, number: int) -> Release | None:
        """Return one release."""
        return await self._store.release(key, number)

    async def reading(self, key: Key, number: int) -> Reading | None:
        """Return the last reading of a release."""
        return await self._store.reading(key, number)

    async def status(self, key: Key) -> Status | None:
        """Return the stored status."""
        return await self._store.status(key)

    async def asked(self, key: Key) -> Asked:
        """Return what is asked for."""
        return await self._store.asked(key)

    async def _look(self) -> None:
        if not self._early:
            found = await self._lived_through()
            self._early = True
            self._add(found)
        for event in await self._store.events(after=self._last):
            self._last = event.sequence
            # What was put in later, and happened before our time, is among the early ones.
            if event.at >= self._began:
                self._add((event,))

    async def _lived_through(self) -> list[Event]:
        """Return what happened within the last hour, before we began."""
        since = self._began - OLD
        found: list[Event] = []
        for key in await self._store.keys():
            status = await self._store.status(key)
            release = None if status is None else status.release
            if release is None or (release.ended_at is not None and release.ended_at < since):
                continue
            told = await self._store.events(key=key, limit=MOST)
            found += [event for event in told if since <= event.at < self._began]
        return sorted(found, key=lambda event: event.at)

    def _add(self, events: Sequence[Event]) -> None:
        for event in events:
            self._top = max(number(event.at), self._top + 1)
            self._known.append(replace(event, sequence=self._top))


def number(at: datetime) -> int:
    """Return the number of an instant."""
    return (at - _EPOCH) // _MICROSECOND


def instant(number: int) -> datetime:
    """Return the instant of a number."""
    return _EPOCH + number * _MICROSECOND
