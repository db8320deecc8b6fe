"""
Error budgets of one application: what is kept for them, and how they stand.

An application whose delivery has no objective with a budget costs a look at its checks, and nothing
is kept for it. A budget is read again every few seconds, not in every turn: it is weeks long.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from serinus.app.desk import Budgets, Desk
from serinus.core.analysis import burnrate
from serinus.core.spec.delivery import Check, MirrorStep
from serinus.core.state.counts import CANDIDATE, STABLE, Tick
from serinus.core.state.notice import Key
from serinus.core.state.observed import Observed, Status, Wanted
from serinus.core.state.release import Release
from serinus.core.state.rollup import Sum
from serinus.core.state.verdict import BudgetReading
from serinus.ports import Ports, failures
from serinus.ports.store import Store

EVERY_S = 15.0
"""How often a budget is read again, in seconds."""

log = structlog.get_logger()


async def readings(
    key: Key, status: Status, wanted: Wanted | None, ports: Ports, desk: Desk
) -> tuple[BudgetReading, ...]:
    """
    Return how the budgets stand: those of the release in flight, else of what the specs ask for.

    What the store cannot say now is what it said last.
    """
    checks = _checks(status, wanted)
    if not checks:
        return ()
    now, known = ports.clock.now(), desk.budgets.get(key)
    if known is not None and known.checks != checks:
        known = None
    if known is not None and abs((now - known.at).total_seconds()) < EVERY_S:
        return known.readings
    try:
        found = await kept(key, status, wanted, ports.store, now)
    except failures.PortFailure as problem:
        log.warning("budgets unavailable", application=str(key), problem=str(problem))
        found = known.readings if known else ()
    desk.budgets[key] = Budgets(now, checks, found)
    return found


async def kept(
    key: Key, status: Status, wanted: Wanted | None, store: Store, now: datetime
) -> tuple[BudgetReading, ...]:
    """Read the budgets from what is stored, as :func:`readings` and for people elsewhere."""
    return tuple([await _reading(key, check, store, now) for check in _checks(status, wanted)])


async def note(key: Key, observed: Observed, ticks: Sequence[Tick], store: Store) -> None:
    """Keep what these ticks add to the budgets of the release in flight and of what is asked."""
    release, wanted = _in_flight(observed.status), observed.wanted
    deliveries = [one.delivery for one in (release, wanted) if one is not None]
    checks = [check for one in deliveries for check in burnrate.budgeted(one)]
    if not checks:
        return
    arms = (STABLE,) if release and _mirrors(release) else (STABLE, CANDIDATE)
    rollups = [one for tick in ticks for one in burnrate.roll(tick, checks, arms)]
    if rollups:
        await store.put_rollups(key, rollups)


async def _reading(key: Key, check: Check, store: Store, now: datetime) -> BudgetReading:
    windows = burnrate.windows(check)
    since = [now - timedelta(seconds=length) for length in windows]
    sums: tuple[Sum, ...] = await store.sums(key, burnrate.series(check), since)
    return burnrate.reading(check, dict(zip(windows, sums, strict=True)))


def _checks(status: Status, wanted: Wanted | None) -> tuple[Check, ...]:
    """Return the checks with a budget that count now."""
    release = _in_flight(status)
    delivery = release.delivery if release else wanted.delivery if wanted else None
    return burnrate.budgeted(delivery) if delivery else ()


def _in_flight(status: Status) -> Release | None:
    release = status.release
    return release if release is not None and release.ended_at is None else None


def _mirrors(release: Release) -> bool:
    """Tell whether the candidate only gets copies, whose answers no user sees."""
    steps, number = release.delivery.steps, release.progress.step
    return number < len(steps) and isinstance(steps[number], MirrorStep)
