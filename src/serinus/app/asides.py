"""What a delivery says beside its steps and checks: who stays where, headers, and goals."""

from collections.abc import Iterator

from serinus.core.spec import duration
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.requests import Edits, Goal

_LONGEST = 40


def lines(delivery: Delivery) -> tuple[str, ...]:
    """Say it, a line each; nothing of what was left as it is."""
    return tuple(_lines(delivery))


def _lines(delivery: Delivery) -> Iterator[str]:
    if delivery.sticky_s:
        yield f"users stay on their side for {duration.of_seconds(delivery.sticky_s)}, by a cookie"
    yield from _edits(delivery.edits)
    for goal in delivery.goals:
        yield f"goal {goal.name}: {_goal(goal)}"


def _edits(edits: Edits) -> Iterator[str]:
    for name, value in edits.set:
        short = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
        yield f"requests to the candidate get the header {name}: {short}".rstrip()
    for name in edits.remove:
        yield f"requests to the candidate lose the header {name}"


def _goal(goal: Goal) -> str:
    methods = f"{' or '.join(goal.methods)} " if goal.methods else ""
    if goal.path.endswith("*"):
        return f"{methods}{goal.path[:-1]} and what begins so"
    return f"{methods}{goal.path}"
