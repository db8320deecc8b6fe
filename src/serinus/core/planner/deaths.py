"""
Deaths: replicas of the candidate that end one after the other, none of them often enough to loop.

A leak that reaches its limit after minutes, a crash on one of a thousand requests: each replica
ends once and comes back, and what users lose by it is little. All of them together say what a crash
loop of one says. It is only held against the version while the stable replicas of the same time
live: where those end as well, it is the place and not the version. What ends at its very start, or
with its machine, is no death.
"""

from collections.abc import Sequence

from serinus.core.planner import replicas
from serinus.core.planner.turn import Turn
from serinus.core.spec.prose import several
from serinus.core.state.workload import Replica

MANY = 3
"""So many deaths of the candidate's replicas within a release are not bad luck."""

ALIKE = 0.5
"""Stable dies alike from this part of the candidate's deaths for each replica on."""


def told(turn: Turn) -> str:
    """Say how often the candidate's replicas died, empty while that is not held against it."""
    found = turn.serving()
    died = sum(one.deaths for one in found)
    if died < MANY or len(found) < 2:  # noqa: PLR2004  one replica alone is in a loop, or is not
        return ""
    release, status = turn.release, turn.status
    stable = replicas.of(turn.observed.replicas, release.stable, status.stable_ordinals)
    lately = sum(one.deaths > 0 and one.started_at >= release.created_at for one in stable)
    if lately and lately / len(stable) >= ALIKE * died / len(found):
        return ""
    others = ""
    if stable:
        others = f"; those of {release.stable_version} {_times(lately) if lately else 'did not'}"
    return f"its {several(len(found), 'replica')} ended {_times(died)}{others}{_last(found)}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _last(found: Sequence[Replica]) -> str:
    """Return what happened to one of them, empty when nobody knows."""
    noted = [one.note for one in found if one.deaths and one.note]
    return f"; last: {noted[-1]}" if noted else ""
