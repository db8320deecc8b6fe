"""observe → decide → act → record, for one application: one turn of the loop."""

from datetime import datetime, timedelta

from serinus.app import act, observe, record
from serinus.app.desk import Desk
from serinus.core.planner import decide
from serinus.core.planner.plan import Ask, Plan
from serinus.core.state.notice import Key
from serinus.ports import Ports, failures

SOON = timedelta(seconds=0.1)
"""When to look whether the world has followed what was done."""


async def reconcile(key: Key, ports: Ports, desk: Desk) -> datetime | None:
    """
    Bring one application one step nearer to what was asked.

    Returns when to look again even if nothing happens, None for never. The status is written
    before anything is done, so that a controller that dies in between goes on from there. Raises
    ``Unavailable`` and ``Conflict``; what a platform rejects for good is decided upon at once, so
    that a controller that dies often decides upon it as well.
    """
    now, plan = await _decided(key, ports, desk)
    try:
        await act.act(key, plan.actions, ports, desk)
    except failures.Rejected as refusal:
        if desk.rejected.get(key) == str(refusal):
            return plan.wake
        desk.rejected[key] = str(refusal)
        await _decided(key, ports, desk)
        return now + SOON
    # An answer to a question has a turn of its own.
    moves = any(not isinstance(action, Ask) for action in plan.actions)
    return now + SOON if moves or plan.events else plan.wake


async def _decided(key: Key, ports: Ports, desk: Desk) -> tuple[datetime, Plan]:
    """Observe, decide and record; what was rejected is forgotten once something follows from it."""
    seen = await observe.observe(key, ports, desk)
    plan = decide.decide(seen.observed)
    await record.record(key, seen, plan, ports, desk)
    if seen.observed.rejected and plan.status != seen.observed.status:
        desk.rejected.pop(key, None)
    return seen.observed.now, plan
