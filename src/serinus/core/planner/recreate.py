"""Recreate: stop the old replicas, then start the new ones. Nobody answers in between."""

from serinus.core.planner import finish, replicas, steps
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import FULL, RecreateStep


def rolling(turn: Turn) -> Turn | None:
    """Stop stable, wait until it is gone, start the candidate, and give it everything."""
    step = turn.step
    if not isinstance(step, RecreateStep) or turn.progress.paused:
        return None
    progress, status = turn.progress, turn.status
    if not progress.share:
        return turn.status_with(stable_ordinals=()).with_(share=FULL)
    if not progress.ordinals:
        if any(r.revision == status.stable for r in turn.observed.replicas):
            return turn.waits("the old replicas stop", None, "the new ones start")
        return steps.grow(turn, turn.release.replicas)
    dead = finish.liveness(turn)
    if dead is not None:
        return dead
    if turn.since(progress.pending_since) > step.timeout_s:
        why = f"{turn.release.version} was not ready in time"
        return finish.roll_back(turn, "NotReady", f"Rolled back: {why}.")
    ready = len(replicas.ready(turn.serving()))
    if turn.weight() != FULL or ready < len(progress.ordinals):
        until = turn.after(step.timeout_s, progress.pending_since)
        return turn.waits("the new replicas get ready", until, "rolled back")
    return steps.enter(turn, turn.progress.step + 1)
