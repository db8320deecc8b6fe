"""
Ages: a fault that grows with the age of a process must not be cured by replacing the process.

Retreats replace replicas, and a fresh one is young. A leak, a full cache, a certificate that runs
out: what began at an age of 20 minutes has not begun yet in a replica of two. So an alarm leaves a
debt of age: before the candidate is promoted, half of its replicas have to be older than the
accused ones were. Most often the rest of the plan is long enough for that, and nobody waits.

Where stable's own replicas, which are old, have such bad luck now and then
(:data:`serinus.core.spec.wayback.RESTLESS`), an alarm says nothing of age, and there is no debt:
else a service with hiccups would never come to an end. What grows with age is not verifiable on
such a service::

    accused      0 ─────────────── 15 min × alarm
    fresh ones                            0 ─────────────────── 20 min: promoted
                                          └ a leak would be seen again here
"""

from datetime import datetime

from serinus.core.planner import replicas
from serinus.core.planner.turn import Turn
from serinus.core.spec import wayback

LONGER = 1.25
"""So many times as old as the accused ones were: a fault of age takes as long to show again."""

WAITS = "half of the replicas are older than the accused ones were"


def owed(turn: Turn) -> float:
    """Return the age (seconds) that is owed if the replicas that serve now are replaced."""
    found = [r.ready_at for r in turn.serving() if r.ready_at is not None]
    if not found:
        return 0.0
    return LONGER * turn.since(min(found)) + turn.delivery.retreat.age_s


def paid_at(turn: Turn) -> datetime | None:
    """Return when the debt is paid, None when it is, or when there is none."""
    state = turn.progress.retreat
    debt = state.age_s
    if not debt or state.chance > wayback.RESTLESS:
        return None
    found = sorted(r.ready_at for r in replicas.ready(turn.serving()) if r.ready_at is not None)
    if not found:
        return None
    until = turn.after(debt, found[(len(found) - 1) // 2])
    return until if turn.now < until else None
