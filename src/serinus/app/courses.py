"""
The course of checks by query, asked of their metric source: also of the time before the release.

What a release itself counted is drawn without any source (:mod:`serinus.app.series`); a number that
only a source knows is asked for again when somebody looks, and kept for a few seconds, so that many
who look cost the source as much as one. A source that does not answer leaves a gap, and no page
waits for it longer than :data:`PATIENCE_S`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import anyio
from msgspec.structs import replace

from serinus.app.series import WIDTHS_S, Line, Point
from serinus.core.analysis import question
from serinus.core.spec import promql
from serinus.core.spec.delivery import QueryCheck
from serinus.core.state.counts import CANDIDATE
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.core.state.sample import Series
from serinus.core.state.verdict import Reading
from serinus.ports import failures
from serinus.ports.metrics import Metrics

PATIENCE_S = 3.0
KEPT = timedelta(seconds=10)
BEFORE = timedelta(minutes=30)
"""So much of the time before a release is drawn, and as much after its end."""

MOST = 120
"""So many points of a line, at most."""

REMEMBERED = 64

Points = dict[float, dict[str, float]]
Kept = tuple[Key, int, timedelta | None]


class Courses:
    """Ask for the lines of releases, and keep them for a few seconds."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._kept: dict[Kept, tuple[datetime, tuple[Line, ...]]] = {}
        self._lock = anyio.Lock()

    async def of(
        self,
        key: Key,
        release: Release,
        reading: Reading | None,
        now: datetime,
        length: timedelta | None = None,
    ) -> tuple[Line, ...]:
        """
        Return a line for each check by query whose source answers, in the order of the plan.

        ``length``: so much before the end of the release, or before now while it lasts; None: all
        of it, and :data:`BEFORE` more on both sides.
        """
        checks = [check for check in release.delivery.looks if isinstance(check, QueryCheck)]
        if not checks:
            return ()
        async with self._lock:
            kept = self._kept.pop((key, release.number, length), None)
            if kept is None or not timedelta(0) <= now - kept[0] < KEPT:
                between = _between(release, now, length)
                kept = (now, await self._asked(key, release, checks, between))
            self._kept[key, release.number, length] = kept
            while len(self._kept) > REMEMBERED:
                self._kept.pop(next(iter(self._kept)))
        looks = reading.looks if reading is not None else ()
        limits = {look.check: look.limit for look in looks}
        return tuple(replace(line, limit=limits.get(line.check)) for line in kept[1])

    async def _asked(
        self,
        key: Key,
        release: Release,
        checks: Sequence[QueryCheck],
        between: tuple[float, float],
    ) -> tuple[Line, ...]:
        found: dict[str, Line] = {}

        async def ask(check: QueryCheck) -> None:
            line = await self._line(key, release, check, *between)
            if line is not None:
                found[check.name] = line

        with anyio.move_on_after(PATIENCE_S):
            async with anyio.create_task_group() as tasks:
                for check in checks:
                    tasks.start_soon(ask, check)
        return tuple(found[check.name] for check in checks if check.name in found)

    async def _line(
        self, key: Key, release: Release, check: QueryCheck, start: float, end: float
    ) -> Line | None:
        if promql.wrong(check.query):
            return None
        least = max(check.every_s, (end - start) / MOST)
        step = next((width for width in WIDTHS_S if width >= least), WIDTHS_S[-1])
        start -= start % step
        points: Points = {}
        try:
            source = self._metrics.source(key.environment, check.source)
            for one in question.questions(check, release):
                arm = CANDIDATE if one.arm == CANDIDATE else "stable"
                _lay(points, arm, await source.range(one.query, start, end, step))
        except failures.PortFailure:
            return None  # what the check itself says of its source is on the page already
        return Line(
            check=check.name,
            kind="query",
            seconds=step,
            points=tuple(
                Point(at=at, stable=values.get("stable"), candidate=values.get(CANDIDATE))
                for at, values in sorted(points.items())
            ),
        )


def _between(release: Release, now: datetime, length: timedelta | None) -> tuple[float, float]:
    """Return from when to when is asked (epoch seconds)."""
    ended = release.ended_at or now
    if length is not None:
        return (ended - length).timestamp(), ended.timestamp()
    return (release.created_at - BEFORE).timestamp(), min(now, ended + BEFORE).timestamp()


def _lay(points: Points, arm: str, found: Sequence[Series]) -> None:
    """Lay the one series of an answer beside what is known; several are no line."""
    if len(found) != 1:
        return
    for at, value in found[0].points:
        if abs(value) <= question.MOST:  # neither infinite nor no number
            points.setdefault(at, {})[arm] = value
