"""Recreate: stop the old replicas, then start the new ones. Nobody answers in between."""

from serinus.core.planner import finish, replicas, steps, surge, waits, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import FULL, RecreateStep


def rolling(turn: Turn, step: RecreateStep) -> Turn | None:
    """
    Stop stable, wait until it is gone, start the candidate, and give it everything.

    A pause holds before stable stops, never after: nobody serves then.
    """
    progress, status = turn.progress, turn.status
    if not progress.share:
        if progress.paused:
            return waits.resumed(turn)
        return turn.status_with(stable_ordinals=()).with_(share=FULL)
    if not progress.ordinals:
        if any(r.revision == status.stable for r in turn.observed.replicas):
            stop_s = status.drain_s + waits.STOP_S
            return waits.within(turn, "the old replicas stop", stop_s, "the new ones start")
        return surge.grow(turn, turn.release.replicas)
    worry = finish.liveness(turn) or finish.forbidden(turn)
    if worry is not None:
        return worry
    if turn.since(progress.pending_since) > step.timeout_s:
        limit = words.seconds(step.timeout_s)
        why = f"{turn.release.version} was not ready within {limit}"
        return finish.roll_back(turn, "NotReady", f"Rolled back: {why}.")
    ready = len(replicas.ready(turn.serving()))
    if ready < len(progress.ordinals):
        cause = f"{ready} of {words.several(len(progress.ordinals), 'replica')} ready"
        until = turn.after(step.timeout_s, progress.pending_since)
        return turn.waits(cause, until, "rolled back")
    if not turn.follows():
        return waits.capacity(turn, "promoted") or waits.following(turn, "promoted")
    return steps.enter(turn, turn.progress.step + 1)
