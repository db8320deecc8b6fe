"""Write down what was decided, before it matters: the only writer of status, events and ticks."""

from serinus.app import budgets, explaining, watch
from serinus.app.desk import UNSEEN, Desk, Looks
from serinus.app.observe import Seen
from serinus.core.planner.plan import Plan
from serinus.core.state.notice import Key
from serinus.core.state.observed import Observed, Status
from serinus.core.state.workload import Revision
from serinus.ports import Ports


async def record(key: Key, seen: Seen, plan: Plan, ports: Ports, desk: Desk) -> Status:
    """
    Store the status, events and answers in one transaction, then the counts and the snapshot.

    Nothing is written when nothing changed, neither what is decided nor what people see of replicas
    and traffic: why a replica does not start is told at once, and not with the next count. Returns
    the status with its new version.
    """
    observed, measured = seen.observed, seen.measured
    status = plan.status
    changed = plan.status != observed.status or plan.events or plan.answers
    if changed or measured.due:
        status = await ports.store.record(
            plan.status,
            events=plan.events,
            answers=plan.answers,
            revisions=_new(seen, plan),
            judge=_memory(measured.watch, plan.status),
            explanation=explaining.decided(seen, plan) if plan.events else None,
        )
    desk.watches[key] = measured.watch
    if measured.ticks:
        release = measured.watch.release or None
        await ports.store.put_ticks(key, release, measured.ticks)
        await budgets.note(key, observed, measured.ticks, ports.store)
    looks = _looks(observed)
    if changed or measured.ticks or looks != desk.shown.get(key, UNSEEN):
        desk.shown[key] = looks
        await ports.store.put_reading(
            key,
            measured.reading,
            observed.replicas,
            observed.route,
            at=observed.now,
            release=measured.watch.release or None,
        )
    return status


def _looks(observed: Observed) -> Looks:
    """Return what people see: not what changes with every look, such as the memory in use."""
    found = tuple((r.name, r.state, r.restarts, r.note) for r in observed.replicas)
    return Looks(found, observed.route)


def _memory(found: watch.Watch, status: Status) -> bytes | None:
    """
    Return what must be remembered of the counting, None at rest.

    A release that begins takes the last scrape from the time of rest with it, so that a controller
    that dies now counts on from there.
    """
    release = status.release
    begins = release is not None and release.ended_at is None
    return watch.encode(found) if found.release or begins else None


def _new(seen: Seen, plan: Plan) -> tuple[Revision, ...]:
    """Return the revision that a new release brought."""
    wanted, release = seen.observed.wanted, plan.status.release
    if wanted is None or release is None or release.candidate != wanted.revision.id:
        return ()
    return () if release == seen.observed.status.release else (wanted.revision,)
