"""Blue-green: the candidate runs complete and without traffic, then everything switches at once."""

from serinus.core.planner import finish, replicas, steps, stopwatch
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import PreviewStep, SwitchStep


def rolling(turn: Turn) -> Turn | None:
    """Carry out the preview and the switch."""
    dead = finish.liveness(turn)
    if dead is not None:
        return dead
    if turn.progress.paused:
        return None
    match turn.step:
        case PreviewStep() as step:
            return _preview(turn, step)
        case SwitchStep():
            return _switch(turn)
        case _:
            return None


def _preview(turn: Turn, step: PreviewStep) -> Turn | None:
    found = turn.serving()
    if len(replicas.ready(found)) < len(turn.progress.ordinals):
        return turn.waits("replicas get ready", None, "the preview begins")
    turn = stopwatch.tick(turn if turn.progress.step_at else turn.with_(step_at=turn.now))
    left = step.hold.for_s - stopwatch.held(turn)
    if left > 0 and not turn.progress.skip:
        until = turn.after(step.hold.for_s - turn.progress.held_s, turn.progress.clock_at)
        return turn.waits("the candidate runs without traffic", until, "the switch")
    return steps.enter(turn, turn.progress.step + 1)


def _switch(turn: Turn) -> Turn | None:
    if turn.weight() != turn.progress.share:
        return turn.waits("the data plane switches", None, "promoted")
    return steps.enter(stopwatch.reached(turn), turn.progress.step + 1)
