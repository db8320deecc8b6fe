"""
The A/B test of a release in flight: who came is noted, and reported.

It costs nothing for a release whose step is no cohort. Neither a store nor a platform that fails
here stops a turn: what could not be noted is noted in the next one, and without a report the
decision has none.
"""

import structlog

from serinus.app.desk import Desk, Unnoted
from serinus.core.analysis import report as reports
from serinus.core.spec.delivery import MatchStep
from serinus.core.state.cohort import Cohort
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.verdict import Report
from serinus.ports import Ports, failures
from serinus.ports.store import Store

WAITING = 100_000
"""Visits that may wait in memory while they cannot be written; then the oldest go."""

log = structlog.get_logger()


async def report(
    key: Key, status: Status, ports: Ports, desk: Desk, *, final: bool = False
) -> Report | None:
    """
    Note who came since the last turn, and report the test in flight; None when there is none.

    ``final``: its time is over, and this is the look that was planned.
    """
    release = status.release
    if release is None or release.ended_at is not None:
        return None
    step = _step(release)
    if step is None:
        return None
    await _note(key, release, ports, desk)
    try:
        cohort = await ports.store.cohort(key, release.number)
    except failures.PortFailure as problem:
        log.warning("cohort unavailable", application=str(key), problem=str(problem))
        return None
    return reports.report(cohort, release.delivery.goals, step.share, final=final)


async def kept(release: Release, store: Store) -> Report | None:
    """Report a release's test from what is stored, for people; None when it has had none."""
    last = release.progress.step
    tests = [s for s in release.delivery.steps[: last + 1] if isinstance(s, MatchStep)]
    if not tests:
        return None
    key = Key(release.application, release.environment)
    cohort = await store.cohort(key, release.number)
    over = release.ended_at is not None or _step(release) is None
    return reports.report(cohort, release.delivery.goals, tests[-1].share, final=over)


async def _note(key: Key, release: Release, ports: Ports, desk: Desk) -> None:
    """Hand the visits from the platform to the store."""
    before = desk.visits.pop(key, None)
    visits = before.visits if before and before.release == release.number else ()
    try:
        visits += await ports.platform.visits(key)
    except failures.PortFailure as problem:
        log.warning("visits unavailable", application=str(key), problem=str(problem))
    if not visits or await _too_early(key, release, ports.store):
        return
    arms = {release.candidate: CANDIDATE}
    if release.stable is not None:
        arms[release.stable] = STABLE
    try:
        await ports.store.note_visits(
            key,
            release.number,
            visits,
            arms=arms,
            goals=release.delivery.goals,
            at=ports.clock.now(),
        )
    except failures.PortFailure as problem:
        desk.visits[key] = Unnoted(release.number, visits[-WAITING:])
        log.warning("visits not noted", application=str(key), problem=str(problem))


async def _too_early(key: Key, release: Release, store: Store) -> bool:
    """Tell whether the test has not begun: who comes now is left over from the one before."""
    if release.progress.step_at is not None:
        return False
    try:
        return await store.cohort(key, release.number) == Cohort()
    except failures.PortFailure:
        return False


def _step(release: Release) -> MatchStep | None:
    """Return the step that the release is at, if it is a test."""
    steps, number = release.delivery.steps, release.progress.step
    step = steps[number] if number < len(steps) else None
    return step if isinstance(step, MatchStep) else None
