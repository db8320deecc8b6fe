"""Blue-green: the candidate runs complete and without traffic, then everything switches at once."""

from serinus.core.planner import evidence, finish, steps, stopwatch, waits
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import PreviewStep, SwitchStep


def rolling(turn: Turn, step: PreviewStep | SwitchStep) -> Turn | None:
    """Carry out the preview and the switch."""
    worry = finish.liveness(turn) or finish.forbidden(turn)
    if worry is not None:
        return worry
    if turn.progress.paused:
        return waits.resumed(stopwatch.stopped(turn))
    return _preview(turn, step) if isinstance(step, PreviewStep) else _switch(turn)


def _preview(turn: Turn, step: PreviewStep) -> Turn | None:
    short = waits.capacity(turn, "the preview begins")
    if short is not None:
        return short
    turn = stopwatch.tick(turn if turn.progress.step_at else turn.with_(step_at=turn.now))
    left = step.hold.for_s - stopwatch.held(turn)
    if left > 0 and not turn.progress.skip:
        until = turn.after(step.hold.for_s - turn.progress.held_s, turn.progress.clock_at)
        return turn.waits("the candidate runs without traffic", until, "the switch")
    burning = evidence.burning(turn)
    if burning and not turn.progress.skip:
        return turn.waits(burning, None, evidence.HALTED)
    return steps.enter(turn, turn.progress.step + 1)


def _switch(turn: Turn) -> Turn | None:
    if not turn.follows():
        return waits.capacity(turn, "the switch") or waits.following(turn, "promoted")
    return steps.enter(stopwatch.reached(turn), turn.progress.step + 1)
