"""Rolling: stable's replicas are replaced a few at a time, each place by place."""

from serinus.core.planner import finish, replicas, steps, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import FULL, ReplaceStep


def rolling(turn: Turn) -> Turn | None:
    """Replace the next batch: start new ones, shift their part of the traffic, stop old ones."""
    dead = finish.liveness(turn)
    if dead is not None:
        return dead
    step = turn.step
    if turn.progress.paused or not isinstance(step, ReplaceStep):
        return None
    release, progress, status = turn.release, turn.progress, turn.status
    found = turn.serving()
    fit = replicas.warm(found, turn.now, release.delivery.warmup_s)
    old = len(status.stable_ordinals)
    if len(fit) < len(progress.ordinals):
        until = replicas.warm_at(found, release.delivery.warmup_s)
        return turn.waits(_place(turn), until, "the next replicas")
    share = FULL if old == 0 else _share(len(progress.ordinals), old, release.replicas)
    if progress.share != share:
        turn = turn.with_(share=share, max_share=max(progress.max_share, share))
        return turn.waits(_place(turn), None, "the next replicas")
    if turn.weight() != share:
        return None
    spare = len(progress.ordinals) + old - release.replicas
    if spare > 0 and old:
        return turn.status_with(stable_ordinals=status.stable_ordinals[: max(0, old - spare)])
    return _more(turn, step)


def _more(turn: Turn, step: ReplaceStep) -> Turn:
    """Start the next batch, or go on when every place is taken."""
    release, progress = turn.release, turn.progress
    missing = release.replicas - len(progress.ordinals)
    if missing <= 0:
        return steps.enter(turn, turn.progress.step + 1)
    surge = max(replicas.part(step.max_surge, release.replicas), 0 if step.max_unavailable else 1)
    if not surge:
        return _step_down(turn, step, missing)
    return steps.grow(turn, len(progress.ordinals) + min(surge, missing))


def _step_down(turn: Turn, step: ReplaceStep, missing: int) -> Turn:
    """Stop old ones first where no surge is allowed."""
    status, replicas_wanted = turn.status, turn.release.replicas
    down = min(max(1, replicas.part(step.max_unavailable, replicas_wanted)), missing)
    turn = turn.status_with(stable_ordinals=status.stable_ordinals[:-down] if down else ())
    return steps.grow(turn, len(turn.progress.ordinals) + down)


def _share(new: int, old: int, wanted: int) -> int:
    """Return the new replicas' part of the traffic once the surplus of old ones has gone."""
    stay = max(0, min(old, wanted - new))
    return min(FULL, FULL * new // max(1, new + stay))


def _place(turn: Turn) -> str:
    done, wanted = len(turn.progress.ordinals), turn.release.replicas
    return f"{done} of {words.several(wanted, 'replica')} replaced or starting"
