"""Rolling: stable's replicas are replaced a few at a time, each place by place."""

from serinus.core.planner import evidence, finish, replicas, steps, surge, waits, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import FULL, ReplaceStep
from serinus.core.state.notice import Kind


def rolling(turn: Turn, step: ReplaceStep) -> Turn | None:
    """Replace the next batch: start new ones, shift their part of the traffic, stop old ones."""
    worry = finish.liveness(turn) or finish.forbidden(turn)
    if worry is not None:
        return worry
    if turn.progress.paused:
        return waits.resumed(turn)
    halted = evidence.objective(turn) or evidence.burning(turn)
    if halted and not turn.progress.skip:
        return turn.waits(halted, None, evidence.HALTED)
    release, progress, status = turn.release, turn.progress, turn.status
    old = len(status.stable_ordinals)
    short = waits.capacity(turn, "they take their part of the traffic")
    if short is not None:
        return short
    share = FULL if old == 0 else _share(len(progress.ordinals), old, release.replicas)
    if progress.share != share:
        turn = turn.with_(share=share, max_share=max(progress.max_share, share))
        new = f"{len(progress.ordinals)} of {words.several(release.replicas, 'replica')}"
        told = f"{new} of {release.version} take {words.of_traffic(share)}."
        turn = turn.tell(Kind.STEP, "Replaced", told)
    if not turn.follows():
        return waits.following(turn, "the next replicas")
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
    top = max(replicas.part(step.max_surge, release.replicas), 0 if step.max_unavailable else 1)
    if not top:
        return _step_down(turn, step, missing)
    return surge.grow(turn, len(progress.ordinals) + min(top, missing))


def _step_down(turn: Turn, step: ReplaceStep, missing: int) -> Turn:
    """Stop old ones first where no surge is allowed."""
    status, replicas_wanted = turn.status, turn.release.replicas
    down = min(max(1, replicas.part(step.max_unavailable, replicas_wanted)), missing)
    turn = turn.status_with(stable_ordinals=status.stable_ordinals[:-down] if down else ())
    return surge.grow(turn, len(turn.progress.ordinals) + down)


def _share(new: int, old: int, wanted: int) -> int:
    """Return the new replicas' part of the traffic once the surplus of old ones has gone."""
    stay = max(0, min(old, wanted - new))
    return min(FULL, FULL * new // max(1, new + stay))
