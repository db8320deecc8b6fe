"""
The loop: who gets a turn, when, and what happens when a port fails.

Workers take keys from the queue; one task asks the store for changes, one scrapes the counters of
all applications at once, one asks the queries of releases in flight. Failures of a port back off
for that key alone: one broken application never stops the others. Anything else that is raised is a
fault of ours, and loud.

A turn costs a tenth of a millisecond, and a thousand applications may be at rest: so counters cause
a turn only where a release is in flight or something was counted, and everybody else has a turn
now and then, as :class:`Pace` says, a few each second, so that nothing that was missed lasts.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import anyio
import anyio.lowlevel
import structlog

from serinus.app import listen
from serinus.app.asking import Asking
from serinus.app.desk import Desk
from serinus.app.queries import Queries
from serinus.app.queue import Queue
from serinus.app.reconcile import reconcile
from serinus.app.turns import Turns
from serinus.core.state.counts import Scrape
from serinus.core.state.notice import Key
from serinus.ports import Ports, failures
from serinus.ports import clock as clocks

WORKERS = 4
POLL_S = 0.25
SCRAPE_S = 1.0
REST_S = 5.0
RESYNC_S = 30.0
RESYNC_SHARE = 5.0
"""So many times what it took to compare all is waited until that is done again."""

AT_ONCE = 50
ROUND_S = 60.0
TURN_S = 30.0
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
PRUNE_S = 3600.0

log = structlog.get_logger()


class Pace(NamedTuple):
    """
    How much the loop does at once, and how often it looks by itself.

    ``workers``: turns at the same time, most of whose time is spent in waiting for ports.
    ``round_s``: how long it takes until everybody at rest had a turn. ``resync_s``: how long until
    all are compared with what is asked for. Where each change is told of by :meth:`Loop.notify`,
    both only make up for what was missed. ``poll_s``: how often the store is asked whether there is
    anything new.
    """

    workers: int = WORKERS
    round_s: float = ROUND_S
    resync_s: float = RESYNC_S
    poll_s: float = POLL_S


USUAL = Pace()


class Loop:
    """
    Give every application its turns until cancelled.

    ``contained``: a fault of ours in the turn of one application is told in full and backs off for
    that one, where the applications of many people share a controller; else it ends the loop.
    """

    def __init__(self, ports: Ports, pace: Pace = USUAL, *, contained: bool = False) -> None:
        self.ports = ports
        self.contained = contained
        self.pace = pace
        self.desk = Desk()
        self.queue = Queue()
        self.turns = Turns()
        self.asking = Asking(ports, self.desk, self.notify)
        self._failures: dict[Key, int] = {}
        self._active: set[Key] = set()
        self._begun = anyio.Event()
        self._keys: tuple[Key, ...] = ()
        self.queries = Queries(ports, self.desk, self.notify)

    def notify(self, key: Key) -> None:
        """Give an application a turn: something about it has changed."""
        self.queue.add(key)

    async def run(self) -> None:
        """Run until cancelled. Cancelling leaves everything that serves as it is."""
        async with anyio.create_task_group() as tasks:
            for _ in range(self.pace.workers):
                tasks.start_soon(self._work)
            tasks.start_soon(self._time)
            tasks.start_soon(self._changes)
            tasks.start_soon(self._counts)
            tasks.start_soon(self.queries.run)
            tasks.start_soon(self._rounds)
            tasks.start_soon(self._upkeep)
            tasks.start_soon(self.asking.run)

    # --- turns ---------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            try:
                wake = await self._turn(key)
            finally:
                self.queue.done(key)
            self.asking.follow(key)
            self.queue.add_at(key, wake)

    async def _turn(self, key: Key) -> datetime | None:
        """Give one turn, and say when the next one is due."""
        began = self.ports.clock.now()
        outcome, wake = await self._given(key)
        self.turns.count(outcome, (self.ports.clock.now() - began).total_seconds())
        return wake

    async def _given(self, key: Key) -> tuple[str, datetime | None]:
        """Give one turn, and say how it came out and when the next one is due."""
        try:
            with anyio.fail_after(TURN_S):
                wake = await reconcile(key, self.ports, self.desk)
                await self._note(key)
        except failures.Conflict:
            return "conflict", self.ports.clock.now()
        except (failures.PortFailure, TimeoutError) as problem:
            return "failed", self._failed(key, problem)
        except Exception as fault:
            if not self.contained:
                raise
            log.exception("a fault of ours", application=str(key))
            return "failed", self._failed(key, fault)
        self._failures.pop(key, None)
        return "ok", wake

    def _failed(self, key: Key, problem: Exception) -> datetime:
        times = self._failures.get(key, 0)
        self._failures[key] = times + 1
        wait = BACK_OFF_S[min(times, len(BACK_OFF_S) - 1)]
        if isinstance(problem, failures.Unavailable) and problem.retry_after_s is not None:
            wait = problem.retry_after_s
        why = str(problem) or type(problem).__name__
        log.warning("turn failed", application=str(key), problem=why, retry_in_s=wait)
        return self.ports.clock.now() + timedelta(seconds=wait)

    async def _note(self, key: Key) -> None:
        """
        Remember whether the application has a release in flight.

        It is scraped more often then, its queries are asked, and its log is listened to.
        """
        status = await self.ports.store.status(key)
        release = None if status is None else status.release
        if release is not None and release.ended_at is None:
            self._active.add(key)
            self._begun.set()
            self.queries.note(key, release)
        else:
            self._active.discard(key)
            self.queries.note(key, None)
        await listen.listen(key, status, self.ports, self.desk)

    # --- what causes turns -----------------------------------------------------------------------

    async def _time(self) -> None:
        """Move keys whose time has come."""
        while True:
            self.queue.due(self.ports.clock.now())
            if self.queue.next_at() is None:
                await self.queue.waiting()
            await self.ports.clock.sleep(0.05 if self._active else self.pace.poll_s)

    async def _changes(self) -> None:
        """Look for new intents and changed specs."""
        last = 0.0
        while True:
            now = self.ports.clock.now().timestamp()
            changed = self.ports.store.changed()
            if changed or now - last >= self.pace.resync_s or not last:
                last = now
                await self._resync()
            took = self.ports.clock.now().timestamp() - now
            await self.ports.clock.sleep(max(self.pace.poll_s, RESYNC_SHARE * took))

    async def _resync(self) -> None:
        try:
            self._keys = await self.ports.store.keys()
            for number, key in enumerate(self._keys):
                if number % AT_ONCE == 0:
                    # A first look at thousands takes seconds, and a lease has to be renewed.
                    await anyio.lowlevel.checkpoint()
                if await self._moved(key):
                    self.queue.add(key)
        except failures.PortFailure as problem:
            log.warning("store unavailable", problem=str(problem))

    async def _moved(self, key: Key) -> bool:
        """Tell whether people or files ask something new of an application."""
        asked = await self.ports.store.asked(key)
        if self.desk.asked.get(key) != asked:
            self.desk.asked[key] = asked
            return True
        return bool(await self.ports.store.intents(key))

    async def _counts(self) -> None:
        """Scrape: each second what is in flight, every five seconds all of it."""
        rest = 0.0
        while True:
            began = self.ports.clock.now().timestamp()
            everybody = began - rest >= REST_S
            keys = self._keys if everybody else tuple(self._active)
            if everybody:
                rest = began
            if keys:
                await self._scrape(keys, everybody=everybody)
            took = self.ports.clock.now().timestamp() - began
            if self._active:
                await self.ports.clock.sleep(max(0.05, SCRAPE_S - took))
            else:
                await self._release_begins(max(0.05, REST_S - took))

    async def _release_begins(self, most_s: float) -> None:
        """Wait until a release is in flight where none is, but not longer than this."""
        self._begun = anyio.Event()
        await clocks.until(self._begun, self.ports.clock, most_s)

    async def _scrape(self, keys: tuple[Key, ...], *, everybody: bool) -> None:
        """Scrape, and give a turn to who is counted in flight, or was counted; seldom to others."""
        try:
            found = await self.ports.platform.scrape(keys)
        except failures.PortFailure as problem:
            if not self.desk.blind:
                log.warning("counters unavailable", problem=str(problem))
            self.desk.blind = str(problem)
            found = {}
        else:
            self.desk.blind = ""
        for key in keys:
            before, after = self.desk.scrapes.get(key), found.get(key)
            if after is not None:
                self.desk.scrapes[key] = after
            if key in self._failures:
                continue  # it waits for its own time
            # Who is in flight where nobody counts waits for what happens there, not for counts.
            told = everybody or after is not None or bool(self.desk.blind)
            flies = key in self._active and told
            if flies or (after is not None and _counted(before, after)):
                self.queue.add(key)

    async def _rounds(self) -> None:
        """Give everybody a turn now and then."""
        waiting: list[Key] = []
        owed = 0.0
        while True:
            each_s = self.pace.round_s / max(1, len(self._keys))
            pause_s = min(max(1.0, each_s), REST_S)
            await self.ports.clock.sleep(pause_s)
            owed += pause_s / each_s if self._keys else 0.0
            while owed >= 1.0:
                waiting = waiting or list(self._keys[::-1])
                self.queue.add(waiting.pop())
                owed -= 1.0

    async def _upkeep(self) -> None:
        while True:
            await self.ports.clock.sleep(PRUNE_S)
            try:
                await self.ports.store.prune(self.ports.clock.now())
            except failures.PortFailure as problem:
                log.warning("pruning failed", problem=str(problem))


def _counted(before: Scrape | None, after: Scrape) -> bool:
    """Tell whether anything was counted between two scrapes."""
    return before is None or before.revisions != after.revisions
