"""
Counts of a cluster: what routers, or pods themselves, count, as scrapes by application.

One source is asked once for all of its applications, whatever their number. What is in flight is
looked at each second, all others now and then (they are only the past of a release that comes)::

    asked each second   in flight    at most every second, and for a twentieth of a core
    asked every 5 s     at rest      at most every 15 s, and for a two-hundredth of a core
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

import anyio
import structlog

from serinus.adapters.kubernetes.tally import Crew, Known, Roster, Tally, known
from serinus.core.state.counts import RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.clock import Clock

QUICK_S = 3.0
"""An application that is asked for again within this time is in flight."""

REST_S = 15.0
"""How often applications at rest are looked at."""

SHARE_QUICK = 20.0
SHARE_REST = 200.0
"""So many times what a look took is waited until the next one."""

FORGOTTEN_S = 60.0
"""An application that nobody asks for any more is forgotten."""

log = structlog.get_logger()


class Source(Protocol):
    """Where counts come from. ``every_s``: how often there is something new."""

    tally: Tally
    every_s: float

    async def look(self, who: Known) -> None:
        """Add up what is counted for those who serve. ``Unavailable`` when it is away."""
        ...


class _Round:
    """When a source was looked at, how long that took, and what was wrong."""

    def __init__(self) -> None:
        self.quick_at = self.rest_at = -1e9
        self.took_quick_s = self.took_rest_s = 0.0
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
        for key in keys:
            source = self._find(key)
            if source is not None:
                groups.setdefault(source, []).append(key)
        async with anyio.create_task_group() as tasks:
            for source, own in groups.items():
                tasks.start_soon(self._turn, source, own, quick)
        self._forget(now)
        problems = [round_.problem for round_ in map(self._rounds.get, groups) if round_]
        if groups and all(problems):
            raise next(problem for problem in problems if problem)
        return {key: self._latest[key] for key in keys if key in self._latest}

    def latest(self, key: Key) -> Scrape | None:
        """Return the newest counts of an application as they were last seen."""
        return self._latest.get(key)

    def every_s(self, key: Key) -> float | None:
        """Return how often there is something new to be counted, None where nobody counts."""
        source = self._find(key)
        return None if source is None else source.every_s

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _turn(self, source: Source, keys: Sequence[Key], quick: Collection[Key]) -> None:
        """Look at a source if its time has come: at all applications, or at those in flight."""
        round_ = self._rounds.setdefault(source, _Round())
        now = self._now()
        everybody = any(key not in quick for key in keys)
        rest = max(REST_S, source.every_s, SHARE_REST * round_.took_rest_s)
        pause = max(source.every_s, SHARE_QUICK * round_.took_quick_s)
        if everybody and not 0.0 <= now - round_.rest_at < rest:
            round_.rest_at = round_.quick_at = now
            round_.took_rest_s = await self._look(source, round_, keys)
        elif any(key in quick for key in keys) and not 0.0 <= now - round_.quick_at < pause:
            round_.quick_at = now
            own = [key for key in keys if key in quick]
            round_.took_quick_s = await self._look(source, round_, own)

    async def _look(self, source: Source, round_: _Round, keys: Iterable[Key]) -> float:
        """Look once, and say how long this process was busy with it."""
        who = known({key: self._roster.crew(key) for key in keys})
        began = time.process_time()
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


def requests(counters: RevisionCounters | None) -> int:
    """Return how many requests of a revision have ended."""
    replicas = {} if counters is None else counters.replicas
    return sum(one.completed for one in replicas.values())


def served(crew: Crew) -> bool:
    """Tell whether anybody serves."""
    return bool(crew.services or crew.pods)
