"""
The door: ``decide(observed) → Plan``, a pure function.

It answers intents, then moves the release from phase to phase until nothing more follows from what
was observed, then compares the world that the status asks for with the world as seen. At a fixed
point the plan is empty: the same status, no action, no event.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import assert_never

from serinus.core.planner import (
    begin,
    bluegreen,
    canary,
    conclude,
    finish,
    gates,
    mirroring,
    people,
    recreate,
    retreat,
    rolling,
    steps,
    surge,
    world,
)
from serinus.core.planner.plan import Plan
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import (
    MatchStep,
    MirrorStep,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    SettleStep,
    SwitchStep,
    TrafficStep,
)
from serinus.core.state.observed import Observed
from serinus.core.state.release import Phase

MOVES = 16
"""More moves than this in one decision would be a loop: a fault of the planner."""


def decide(observed: Observed) -> Plan:
    """
    Decide what to do next, from all that is known and nothing else.

    Raises RuntimeError if the moves do not come to an end, and ValueError for a move that the
    table of transitions does not have: both are faults of the planner, never of the input.
    """
    turn = Turn(observed=observed, status=observed.status)
    for intent in observed.intents:
        turn = people.ask(turn, intent)
    for _ in range(MOVES):
        if _ended(turn):
            break  # its end is written down before anything else begins
        moved = _move(turn)
        if moved is None or moved is turn or moved == turn:
            break
        turn = moved
    else:
        message = f"{observed.status.key}: no end of moves; last: {turn.events[-1:]}"
        raise RuntimeError(message)
    return Plan(
        status=turn.status,
        actions=(*world.actions(turn.status, observed), *gates.asks(turn)),
        events=turn.events,
        answers=turn.answers,
        wake=_wake(turn),
    )


def _ended(turn: Turn) -> bool:
    """Tell whether this decision has ended the release that it found in flight."""
    before, now = turn.observed.status.release, turn.status.release
    return (
        before is not None and before.ended_at is None and now is not None and turn.active is None
    )


def _move(turn: Turn) -> Turn | None:
    """Return the turn after one more move, None (or the same turn) when none follows."""
    if turn.status.deleted:
        return None
    upkeep = _expire(turn) or begin.consider(turn) or surge.upkeep(turn)
    if upkeep is not None:
        return upkeep
    return None if turn.active is None else PHASES[turn.progress.phase](turn)


def _expire(turn: Turn) -> Turn | None:
    """Let go of a failed candidate's replicas when they have been kept long enough."""
    until = turn.status.kept_until
    if until is None or turn.now < until:
        return None
    return turn.status_with(kept=None, kept_ordinals=(), kept_until=None)


def _rolling(turn: Turn) -> Turn | None:
    """Hand the step to the strategy that knows it."""
    step = turn.step
    match step:
        case TrafficStep():
            return canary.rolling(turn, step)
        case PreviewStep() | SwitchStep():
            return bluegreen.rolling(turn, step)
        case MirrorStep():
            return mirroring.rolling(turn, step)
        case MatchStep():
            return conclude.matching(turn, step)
        case ReplaceStep():
            return rolling.rolling(turn, step)
        case RecreateStep():
            return recreate.rolling(turn, step)
        case SettleStep():
            message = f"{turn.release.name}: the settling is a phase, never a step that is begun"
            raise ValueError(message)
        case _:
            assert_never(step)


def _waiting(turn: Turn) -> Turn | None:
    """Wait at a gate; what has traffic already stays guarded."""
    return retreat.worry(turn) or steps.waiting(turn)


def _stay(turn: Turn) -> Turn | None:
    return turn


PHASES: Mapping[Phase, Callable[[Turn], Turn | None]] = {
    Phase.QUEUED: begin.queued,
    Phase.STARTING: begin.starting,
    Phase.WAITING: _waiting,
    Phase.ROLLING: _rolling,
    Phase.HOLDING: canary.holding,
    Phase.PAUSED: retreat.worry,
    Phase.RETREATED: retreat.retreated,
    Phase.PROBING: retreat.probing,
    Phase.TRIAL: retreat.trial,
    Phase.HELD: _stay,
    Phase.PROMOTING: canary.promoting,
    Phase.SETTLING: finish.settling,
    Phase.ROLLING_BACK: finish.rolling_back,
    Phase.SUCCEEDED: _stay,
    Phase.ROLLED_BACK: _stay,
    Phase.SUPERSEDED: _stay,
    Phase.CONCLUDED: _stay,
    Phase.FAILED: _stay,
}


def _too_late(turn: Turn) -> datetime | None:
    """Return when replicas that are not ready make the release fail, None if all are."""
    pending = turn.progress.pending_since
    return None if pending is None else turn.after(turn.delivery.start_timeout_s, pending)


def _wake(turn: Turn) -> datetime | None:
    """Return when to decide again even if nothing happens."""
    status = turn.status
    times = [t for t in (status.kept_until, status.previous_until) if t is not None]
    if turn.active is not None:
        progress = turn.progress
        own = (progress.wait.until, _too_late(turn), gates.wake(turn))
        times.extend(t for t in own if t is not None)
    later = [t for t in times if t > turn.now]
    return min(later) if later else None
