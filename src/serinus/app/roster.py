"""
All applications, one row each, without asking the store for each of a thousand at each look.

::

    in flight, or named by an event since      made anew at each look
    everything else                            a hundred at a look, those first that waited longest

So a row at rest is at most a few looks old, and a look costs the same for a thousand as for fifty.
"""

from datetime import datetime, timedelta

import anyio
from anyio import lowlevel

from serinus.app import views
from serinus.app.shown import Row
from serinus.core.state.notice import Key
from serinus.ports.clock import Clock
from serinus.ports.store import Store

FRESH = timedelta(seconds=0.4)
"""Looks that come closer together are one, unless something has happened in between."""

OLD = timedelta(seconds=10)
"""A row at rest that is older is made anew, when its turn comes."""

AT_ONCE = 100
EVENTS = 500


class Roster:
    """The rows of a store, kept between looks."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._rows: dict[Key, tuple[datetime, Row]] = {}
        self._sequence: int | None = None
        self._looked: datetime | None = None
        self._lock = anyio.Lock()

    async def rows(self) -> tuple[Row, ...]:
        """Return one row for each application: what needs a person first, then what moves."""
        async with self._lock:
            now = self._clock.now()
            fresh = self._looked is not None and timedelta(0) <= now - self._looked < FRESH
            if not fresh or await self._store.newest() != self._sequence:
                await self._look(now)
                self._looked = now
        return views.ordered(row for _, row in self._rows.values())

    async def _look(self, now: datetime) -> None:
        keys = await self._store.keys()
        named = await self._named()
        known = {key: self._rows[key] for key in keys if key in self._rows}
        due = {key for key in keys if key not in known or key in named or known[key][1].in_flight}
        rest = sorted((at, key) for key, (at, _) in known.items() if key not in due)
        due |= {key for at, key in rest[:AT_ONCE] if now - at >= OLD}
        fresh: dict[Key, tuple[datetime, Row]] = {}
        for key in keys:
            if key in due:
                await lowlevel.checkpoint()  # the controller may work in this very thread
                fresh[key] = (now, await views.row(self._store, key))
            else:
                fresh[key] = known[key]
        self._rows = fresh

    async def _named(self) -> set[Key]:
        """Return whom events speak of that came since the last look; nobody at the first one."""
        if self._sequence is None:
            self._sequence = await self._store.newest()
            return set()
        found: set[Key] = set()
        while events := await self._store.events(after=self._sequence, limit=EVENTS):
            found |= {Key(event.application, event.environment) for event in events}
            self._sequence = events[-1].sequence
            if len(events) < EVENTS:
                break
        return found
