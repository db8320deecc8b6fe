"""Ports → Observed: everything that one decision sees, gathered once."""

from datetime import datetime

import msgspec

from serinus.app import budgets, cohorts, measure, watch
from serinus.app.desk import Desk
from serinus.core.planner import conclude
from serinus.core.state.counts import Tick
from serinus.core.state.notice import Key
from serinus.core.state.observed import Observed, Status
from serinus.core.state.traffic import Route
from serinus.ports import Ports, failures
from serinus.ports.store import Asked


class Seen(msgspec.Struct, frozen=True):
    """What was observed, what was asked for, and what was measured on the way."""

    observed: Observed
    asked: Asked
    measured: measure.Measured


async def observe(key: Key, ports: Ports, desk: Desk) -> Seen:
    """Ask every port about one application."""
    now = ports.clock.now()
    status = await ports.store.status(key) or Status(key=key)
    asked = await ports.store.asked(key)
    intents = await ports.store.intents(key)
    replicas = await ports.platform.replicas(key)
    route, route_problem = await _route(key, ports)
    before = desk.watches.get(key) or await _remembered(key, ports)
    history = await _history(key, ports, status, before, now)
    scrape = desk.scrapes.get(key)
    measured = measure.measure(
        status,
        before,
        scrape,
        replicas,
        history=history,
        now=now,
        samples=desk.samples.pop(key, ()),
        wanted=asked.wanted.delivery if asked.wanted else None,
        route=route,
    )
    observed = Observed(
        now=now,
        status=status,
        wanted=asked.wanted,
        problem=asked.problem,
        route=route,
        replicas=replicas,
        reading=measured.reading,
        source_problem=desk.blind,
        route_problem=route_problem,
        lag="" if route_problem else await ports.platform.lag(key),
        rejected=desk.rejected.get(key, ""),
        intents=intents,
        answers=tuple(desk.answers.get(key, {}).values()),
        budgets=await budgets.readings(key, status, asked.wanted, ports, desk),
        report=await cohorts.report(key, status, ports, desk, final=_over(status, now)),
    )
    return Seen(observed, asked, measured)


def _over(status: Status, now: datetime) -> bool:
    """Tell whether the time of the A/B test in flight is over, or a person ends it now."""
    release = status.release
    return release is not None and conclude.over(release, now)


async def _route(key: Key, ports: Ports) -> tuple[Route | None, str]:
    """Return the route as the data plane was seen to carry it out, or why that is unknown."""
    try:
        applied = await ports.platform.applied()
    except failures.Unavailable as problem:
        return None, str(problem)
    return ports.router.read(key, applied), ""


async def _remembered(key: Key, ports: Ports) -> watch.Watch:
    body = await ports.store.judge(key)
    return watch.Watch() if body is None else watch.decode(body)


async def _history(
    key: Key, ports: Ports, status: Status, before: watch.Watch, now: datetime
) -> tuple[Tick, ...]:
    """Return stable's past, when the judge is about to be opened with it, or asks for it."""
    release = status.release
    if release is None or release.ended_at is not None or not release.progress.test.number:
        return ()
    known = before.judge is not None and before.release == release.number
    if known and not measure.wonders(before):
        return ()
    since = now - measure.HISTORY
    rest = await ports.store.ticks(key, None, since=since)
    if known:
        own = await ports.store.ticks(key, release.number, since=since)
        rest = (*rest, *own)
    before_this = await ports.store.release(key, release.number - 1)
    if before_this is None or release.stable is None:
        return rest
    ticks = await ports.store.ticks(key, before_this.number, since=since)
    return measure.joined(rest, ticks, before_this, release.stable)
