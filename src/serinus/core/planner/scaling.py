"""
Scaling: the number of replicas that is asked for, by a person or by an autoscaler.

While a release is in flight it only rises. Whoever looks at the load of all replicas sees less of
it on each as soon as the candidate has some, and would take from stable what the way back needs. A
number that fell is followed when the release has ended.
"""

from serinus.core.planner import surge
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import RecreateStep, ReplaceStep
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase

GROWS = frozenset(
    {
        *(Phase.STARTING, Phase.ROLLING, Phase.WAITING, Phase.HOLDING, Phase.PAUSED),
        *(Phase.TRIAL, Phase.PROMOTING),
    }
)
"""The phases in which the candidate has the replicas that its part of the requests needs."""


def follow(turn: Turn, number: int, *, down: bool = True) -> Turn:
    """Let stable have so many replicas; fewer than it has only where ``down`` says so."""
    status = turn.status
    was = len(status.stable_ordinals)
    if status.stable is None or was == number or (was > number and not down):
        return turn
    changed, more = turn.fresh(max(0, number - was))
    changed = changed.status_with(stable_ordinals=status.stable_ordinals[:number] + more)
    return _told(changed, status.stable_version, was, number)


def rise(turn: Turn, number: int) -> Turn:
    """Let a release in flight have more replicas than it began with, on both of its sides."""
    release, was = turn.release, turn.release.replicas
    if number <= was:
        return turn
    stable = turn.status.stable_ordinals
    apart = not any(isinstance(s, ReplaceStep | RecreateStep) for s in turn.delivery.steps)
    turn = turn.release_with(replicas=number)
    if apart and release.stable is not None and surge.beyond(release) is None:
        turn, more = turn.fresh(max(0, number - len(stable)))
        turn = turn.status_with(stable_ordinals=stable + more)
    if apart and turn.progress.phase in GROWS:
        turn = surge.grow(turn, -(-len(turn.progress.ordinals) * number // was))
    return _told(turn, release.stable_version or release.version, was, number)


def _told(turn: Turn, version: str, was: int, now: int) -> Turn:
    return turn.tell(Kind.REPLICA, "Scaled", f"Scaled {version} from {was} to {now} replicas.")
