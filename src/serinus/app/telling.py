"""
Telling people: the store's events, sent on to the places that want them.

Each place has a task and a bookmark of its own, so that a dead one delays neither the others nor
the loop. What was told before a restart is not told again; what was not is, unless it is older than
an hour. Of a storm about one application some messages come, and then one that counts the rest.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import anyio
import structlog

from serinus.app import commands, messages
from serinus.core.spec.topics import Topic
from serinus.core.state.command import Command
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading
from serinus.ports import failures
from serinus.ports.clock import Clock
from serinus.ports.notifier import Bookmarks, Message, Notifier
from serinus.ports.store import Asked

LONGEST_S = 60.0
"""A place may ask for more peace after a failure, but not for longer than this."""

LOOK_S, WISHES_S = 1.0, 5.0
"""How often new events and new places are looked for."""

PAUSES_S = (2.0, 10.0)
"""How long to wait after a failure: so many times it is tried again, then given up."""

MOST = 10
"""How many messages about one application a place gets within a :data:`MINUTE`."""

MINUTE = timedelta(minutes=1)
OLD = timedelta(hours=1)
"""What happened longer ago is not told any more."""

log = structlog.get_logger()

Wishes = Mapping[str, Mapping[str, frozenset[Topic]]]
"""What each place, by name, wants to be told of each environment."""


class Events(Protocol):
    """
    What is told of: the part of :class:`serinus.ports.store.Store` that telling needs.

    Numbers of events only grow.
    """

    async def events(self, after: int = 0) -> Sequence[Event]:
        """Return events after a number, oldest first."""
        ...

    async def newest(self) -> int:
        """Return the number of the newest event."""
        ...

    async def release(self, key: Key, number: int) -> Release | None:
        """Return one release."""
        ...

    async def reading(self, key: Key, number: int) -> Reading | None:
        """Return the last reading of a release."""
        ...

    async def status(self, key: Key) -> Status | None:
        """Return the stored status."""
        ...

    async def asked(self, key: Key) -> Asked:
        """Return what is asked for."""
        ...


@dataclass(slots=True)
class _Pace:
    """What a place was sent about one application, and what was kept back from it."""

    sent: deque[datetime] = field(default_factory=deque)
    kept: int = 0
    first: Event | None = None
    last: Event | None = None

    def free(self, now: datetime) -> bool:
        """Tell whether a message may be sent."""
        while self.sent and now - self.sent[0] >= MINUTE:
            self.sent.popleft()
        return len(self.sent) < MOST

    def keep(self, event: Event) -> None:
        """Keep a message back."""
        self.kept += 1
        self.first = self.first or event
        self.last = event


class Telling:
    """
    Tell all places, until cancelled.

    ``wishes`` is asked again and again: a place that is new begins with what happens next, one that
    is gone is told nothing more. ``notifier`` makes the notifier of a place. ``options``: what is
    typed behind commands to reach what is told of.
    """

    def __init__(
        self,
        store: Events,
        clock: Clock,
        bookmarks: Bookmarks,
        wishes: Callable[[], Wishes],
        notifier: Callable[[str], Notifier],
        *,
        options: str = "",
    ) -> None:
        self.store = store
        self.clock = clock
        self.bookmarks = bookmarks
        self._wishes = wishes
        self._notifier = notifier
        self.options = options

    async def run(self) -> None:
        """Keep one task for each place."""
        scopes: dict[str, anyio.CancelScope] = {}
        wanted: Wishes = {}
        async with anyio.create_task_group() as tasks:
            while True:
                with contextlib.suppress(failures.PortFailure):  # the loop tells of it
                    wanted = self._wishes()
                for name in [name for name in scopes if name not in wanted]:
                    scopes.pop(name).cancel()
                for name in wanted:
                    if name not in scopes:
                        scopes[name] = anyio.CancelScope()
                        tasks.start_soon(self._place, name, scopes[name])
                await self.clock.sleep(WISHES_S)

    async def _place(self, name: str, scope: anyio.CancelScope) -> None:
        with scope:
            teller = _Teller(name, self._notifier(name), self)
            said = ""
            while True:
                try:
                    await teller.look(self._wishes().get(name, {}))
                    said = ""
                except failures.PortFailure as problem:
                    if str(problem) != said:
                        log.warning("nobody is told", place=name, problem=str(problem))
                    said = str(problem)
                await self.clock.sleep(LOOK_S)


class _Teller:
    """Tell one place, and remember how far it has been told."""

    def __init__(self, name: str, notifier: Notifier, telling: Telling) -> None:
        self._name = name
        self._notifier = notifier
        self._store = telling.store
        self._clock = telling.clock
        self._bookmarks = telling.bookmarks
        self._options = telling.options
        self._seen: int | None = None
        self._written: int | None = None
        self._paces: dict[str, _Pace] = {}

    async def look(self, wanted: Mapping[str, frozenset[Topic]]) -> None:
        """Tell what happened since the last look."""
        if self._seen is None:
            self._seen = await self._begin()
        for event in await self._store.events(after=self._seen):
            if messages.topic(event) in wanted.get(event.environment, frozenset()):
                await self._tell(event)
            self._seen = event.sequence
        for pace in self._paces.values():
            if pace.kept and pace.last is not None and pace.free(self._clock.now()):
                message = messages.more(pace.last, pace.kept, self._options)
                pace.kept, pace.first, pace.last = 0, None, None
                await self._send(message, pace)
        self._mark()

    async def _begin(self) -> int:
        """Return where to begin: at the bookmark, or, for a new place, with what happens next."""
        newest = await self._store.newest()
        self._written = self._bookmarks.read().get(self._name)
        if self._written is None:
            return newest
        # A database that was begun anew counts from one again.
        return self._written if self._written <= newest else 0

    async def _tell(self, event: Event) -> None:
        now = self._clock.now()
        if now - event.at > OLD:
            return
        pace = self._paces.setdefault(event.application, _Pace())
        if pace.kept or not pace.free(now):
            pace.keep(event)
            return
        message = await self._message(event)
        if message is not None:
            await self._send(message, pace)
            self._seen = event.sequence
            self._mark()

    async def _message(self, event: Event) -> Message | None:
        key = Key(event.application, event.environment)
        if event.release is None:
            return messages.message(event, None, None)
        release = await self._store.release(key, event.release)
        reading = await self._store.reading(key, event.release)
        status = await self._store.status(key)
        sensible: Sequence[Command] = ()
        if status is not None and status.release is not None and release is not None:
            current = status.release
            if current.number == release.number:
                sensible = commands.sensible(status, current, await self._store.asked(key))
        return messages.message(event, release, reading, sensible, self._options)

    async def _send(self, message: Message, pace: _Pace) -> None:
        """Send, trying again for a while; then it is given up, because the next one matters too."""
        pace.sent.append(self._clock.now())
        for pause in (*PAUSES_S, None):
            try:
                await self._notifier.send(message)
            except failures.PortFailure as problem:
                if pause is None or not isinstance(problem, failures.Unavailable):
                    log.warning("notification given up", place=self._name, problem=str(problem))
                    return
                await self._clock.sleep(min(LONGEST_S, max(pause, problem.retry_after_s or 0.0)))
            else:
                return

    def _mark(self) -> None:
        """Write down how far the place has been told: up to what is kept back, if anything is."""
        kept = [p.first.sequence - 1 for p in self._paces.values() if p.first is not None]
        done = min([self._seen or 0, *kept])
        if done != self._written:
            self._bookmarks.write(self._name, done)
            self._written = done
