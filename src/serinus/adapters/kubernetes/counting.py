"""
Counts of a cluster: what routers, or pods themselves, count, as scrapes by application.

One source is asked once for all of its applications, whatever their number. What is in flight is
looked at each second, all others now and then (they are only the past of a release that comes)::

    asked each second   in flight    at most every second, and for a twentieth of a core asked every
    5 s     at rest      at most every 15 s, and for a thousandth of a core; where that is
                                     less than once a minute, for a two-hundred-and-fiftieth

Where each application costs a request of its own, only some of those at rest are looked at each
time, one after the other.
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

import anyio
import structlog

from serinus.adapters.kubernetes.tally import Known, Roster, Tally, known
from serinus.core.state.counts import RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.clock import Clock

QUICK_S = 3.0
"""An application that is asked for again within this time is in flight."""

REST_S = 15.0
"""How often applications at rest are looked at."""

SHARE_QUICK = 20.0
SHARE_REST = 1000.0
SHARE_LONG = 250.0
"""So many times what a look took is waited until the next one."""

LONG_S = 60.0

FORGOTTEN_S = 60.0
"""An application that nobody asks for any more is forgotten."""

log = structlog.get_logger()


class Source(Protocol):
    """
    Where counts come from.

    ``every_s``: how often there is something new. ``most``: applications at rest that are looked
    at in one go, 0 where they cost nothing beside the others.
    """

    tally: Tally
    every_s: float
    most: int

    async def look(self, who: Known) -> None:
        """Add up what is counted for those who serve. ``Unavailable`` when it is away."""
        ...


class _Round:
    """When a source was looked at, how long that took, and what was wrong."""

    def __init__(self) -> None:
        self.quick_at = self.rest_at = -1e9
        self.took_quick_s = self.took_rest_s = 0.0
        self.place = 0
        self.problem: failures.PortFailure | None = None


class Counting:
    """Keep the newest scrape of each application; ``find``: its source, None: nobody counts."""

    def __init__(self, find: Callable[[Key], Source | None], roster: Roster, clock: Clock) -> None:
        self._find = find
        self._roster = roster
        self._clock = clock
        self._rounds: dict[Source, _Round] = {}
        self._asked: dict[Key, float] = {}
        self._latest: dict[Key, Scrape] = {}

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """
        Return the newest counts of each application that has any.

        ``Unavailable`` when no source of theirs can be asked, with what is wrong with the first.
        """
        now = self._now()
        quick = {key for key in keys if now - self._asked.get(key, -1e9) < QUICK_S}
        self._asked |= dict.fromkeys(keys, now)
        groups: dict[Source, list[Key]] = {}
        problems: list[failures.PortFailure | None] = []
        for key in keys:
            try:
                source = self._find(key)
            except failures.PortFailure as problem:
                problems.append(problem)
                continue
            if source is not None:
                groups.setdefault(source, []).append(key)
        async with anyio.create_task_group() as tasks:
            for source, own in groups.items():
                tasks.start_soon(self._turn, source, own, quick)
        self._forget(now)
        problems += [self._rounds[source].problem for source in groups]
        if problems and all(problems):
            raise next(problem for problem in problems if problem)
        return {key: self._latest[key] for key in keys if key in self._latest}

    def latest(self, key: Key) -> Scrape | None:
        """Return the newest counts of an application as they were last seen."""
        return self._latest.get(key)

    def every_s(self, key: Key) -> float | None:
        """Return how often there is something new to be counted, None where nobody counts."""
        try:
            source = self._find(key)
        except failures.PortFailure:
            return None
        return None if source is None else source.every_s

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _turn(self, source: Source, keys: Sequence[Key], quick: Collection[Key]) -> None:
        """Look at a source if its time has come: at all applications, or at those in flight."""
        round_ = self._rounds.setdefault(source, _Round())
        now = self._now()
        resting = [key for key in keys if key not in quick]
        flying = [key for key in keys if key in quick]
        took = round_.took_rest_s
        rest = max(REST_S, source.every_s, min(SHARE_REST * took, max(LONG_S, SHARE_LONG * took)))
        pause = max(source.every_s, SHARE_QUICK * round_.took_quick_s)
        if resting and not 0.0 <= now - round_.rest_at < rest:
            round_.rest_at = round_.quick_at = now
            chosen = [*flying, *_some(resting, round_, source.most)]
            round_.took_rest_s = await self._look(source, round_, chosen)
        elif flying and not 0.0 <= now - round_.quick_at < pause:
            round_.quick_at = now
            round_.took_quick_s = await self._look(source, round_, flying)

    async def _look(self, source: Source, round_: _Round, keys: Iterable[Key]) -> float:
        """Look once, and say how long this process was busy with it."""
        began = time.process_time()
        who = known({key: self._roster.crew(key) for key in keys})
        try:
            await source.look(who)
        except failures.PortFailure as problem:
            if round_.problem is None:
                log.warning("counts unavailable", problem=str(problem))
            round_.problem = problem
            return 0.0
        round_.problem = None
        at = self._now()
        for key in who.keys:
            self._latest[key] = Scrape(at, source.tally.revisions(key, who))
        return time.process_time() - began

    def _forget(self, now: float) -> None:
        old = [key for key, at in self._asked.items() if now - at > FORGOTTEN_S]
        for key in old:
            del self._asked[key]
            self._latest.pop(key, None)
        if old:
            for source in self._rounds:
                source.tally.forget(self._asked)


def _some(keys: Sequence[Key], round_: _Round, most: int) -> Sequence[Key]:
    """Return those whose turn it is, all of them where it does not matter how many they are."""
    if not most or len(keys) <= most:
        return keys
    begin = round_.place % len(keys)
    round_.place = begin + most
    return [*keys[begin : begin + most], *keys[: max(0, begin + most - len(keys))]]


def requests(counters: RevisionCounters | None) -> int:
    """Return how many requests of a revision have ended."""
    replicas = {} if counters is None else counters.replicas
    return sum(one.completed for one in replicas.values())
