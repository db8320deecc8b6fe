"""
Bounded surge: a candidate that shares the room with stable, and gives it back before the traffic.

Unbounded, stable stays whole while the candidate gets the replicas that its share needs. With a
bound, both together never are more than stable was plus the bound, whatever stops or starts::

    bound 2, of 10         stable  candidate  weight
    at first                   10          2     0 %
    the candidate takes        10          2    20 %    as much as its replicas carry
    stable gives up             8          2    20 %    what it has no traffic for, and no more
    the next two                8          4    40 %
    an alarm                    8          4    20 %    what stable's replicas cannot carry stays
    stable comes back          10          2     0 %

Neither side ever has fewer replicas than its share needs. So the way back takes as long as stable's
replicas take to start; it is taken at once where the candidate cannot be worse than nobody.
"""

from datetime import datetime

from msgspec.structs import replace

from serinus.core.planner import replicas
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import FULL, TrafficStep
from serinus.core.state.observed import Observed, Status
from serinus.core.state.release import Phase, Release, Retreat
from serinus.core.state.workload import Replica

HOPELESS = 0.5
"""A candidate that fails at least so much of its requests is left at once, as one that is dead."""


def beyond(release: Release) -> int | None:
    """Return how many replicas there may be beyond stable's, None where nothing bounds them."""
    bound = release.delivery.max_surge
    if bound is None or release.stable is None:
        return None
    # Shares are given in tenths of a percent: as many are needed to take the first of them.
    first = replicas.part(1, release.replicas)
    return max(first, bound.replicas + replicas.part(bound.per_mille, release.replicas))


def room(turn: Turn, number: int) -> int:
    """Return how many of so many more replicas may be started now; all of them without a bound."""
    most = beyond(turn.release)
    if most is None:
        return number
    return max(0, min(number, turn.release.replicas + most - len(_taken(turn))))


def grow(turn: Turn, number: int) -> Turn:
    """Ask for more of the candidate's replicas, up to a number that may serve; spare ones first."""
    progress = turn.progress
    missing = number - len(progress.ordinals)
    if missing <= 0:
        return turn
    more, spare = progress.spare[:missing], progress.spare[missing:]
    if len(more) < missing:
        turn, fresh = turn.fresh(room(turn, missing - len(more)))
        more += fresh
    if not more:
        return turn
    return turn.with_(ordinals=turn.progress.ordinals + more, spare=spare, pending_since=turn.now)


def wanted(turn: Turn) -> int:
    """Return how many of the candidate's replicas should serve, as soon as there is room."""
    progress, whole = turn.progress, turn.release.replicas
    has = len(progress.ordinals)
    if beyond(turn.release) is None:
        return has
    match progress.phase:
        case Phase.STARTING:
            return max(has, 1)
        case Phase.ROLLING if isinstance(turn.step, TrafficStep):
            share = max(progress.share, turn.step.share)
            return max(has, replicas.needed(share, whole))
        case Phase.PROMOTING | Phase.TRIAL | Phase.PROBING:
            return max(has, replicas.needed(progress.share, whole))
        case Phase.RETREATED if not progress.retreat.accused:
            return max(has, replicas.needed(tried_with(progress.retreat), whole), 1)
        case _:
            return has


def tried_with(state: Retreat) -> int:
    """Return the share that the fresh replicas get next; 0: they only have to be ready."""
    return min(state.probe_share, state.accused_share) if state.stream else 0


def upkeep(turn: Turn) -> Turn | None:
    """Give up, take back or start what the bound lets come next; None when nothing follows."""
    release = turn.active
    if release is None or turn.observed.route is None or beyond(release) is None:
        return None
    if release.progress.phase in {Phase.QUEUED, Phase.SETTLING}:
        return None
    moved = _more(_stable(_fewer(turn)))
    return None if moved == turn else moved


def carried(release: Release, fit: int, has: int) -> int:
    """Return the share that so many ready replicas of the candidate carry, up to what it wants."""
    return max(has, min(release.progress.share, replicas.carries(fit, release.replicas)))


def back(status: Status, release: Release, observed: Observed, has: int) -> int:
    """Return the share that is left to the candidate while stable's replicas come back."""
    share = release.progress.share
    if share >= has or beyond(release) is None or _hopeless(release, observed):
        return share
    return max(share, min(has, _uncarried(status, release, observed)))


def lacks(turn: Turn) -> bool:
    """Tell whether stable gave up replicas for the candidate that have not come back."""
    release = turn.release
    bounded = beyond(release) is not None and release.progress.phase is not Phase.QUEUED
    return bounded and _uncarried(turn.status, release, turn.observed) > 0


def coming(turn: Turn) -> tuple[str, datetime] | None:
    """Say what the way back waits for, and until when at the latest; None when it does not."""
    release = turn.release
    held = back(turn.status, release, turn.observed, turn.weight())
    ends = release.progress.phase is Phase.ROLLING_BACK and beyond(release) is not None
    short = ends and len(turn.status.stable_ordinals) < release.replicas
    if held <= release.progress.share and not short:
        return None
    found = replicas.of(turn.observed.replicas, turn.status.stable, turn.status.stable_ordinals)
    there = len(replicas.ready(found))
    cause = f"{there} of {release.replicas} replicas of {release.stable_version} ready"
    return cause, turn.after(_limit_s(release), release.progress.since)


# --- one after the other ------------------------------------------------------------------------


def _fewer(turn: Turn) -> Turn:
    """Let go of the candidate's replicas that it has no traffic for on the way back."""
    release, progress = turn.release, turn.progress
    has, share, state = turn.weight(), progress.share, progress.retreat
    ordinals, spare = progress.ordinals, progress.spare
    if progress.phase is not Phase.RETREATED:
        state = replace(state, accused=())
    elif not has and state.accused:
        # All of them are without traffic: fresh ones take their place.
        ordinals = tuple(o for o in ordinals if o not in state.accused)
        state = replace(state, accused=())
    if share < has or not share:
        needed = replicas.needed(has, release.replicas)
        beside = release.replicas + (beyond(release) or 0) - _least(turn) - len(progress.twins)
        ordinals = _first(turn, release.candidate, ordinals, max(needed, beside))
        spare = spare[: max(0, beside - len(ordinals))]
        state = replace(state, accused=tuple(o for o in state.accused if o in ordinals))
    return turn.with_(ordinals=ordinals, spare=spare, retreat=state)


def _stable(turn: Turn) -> Turn:
    """Let stable give up what it has no traffic for where room is needed, and take it back."""
    release, progress, status = turn.release, turn.progress, turn.status
    least, now = _least(turn), status.stable_ordinals
    mine = wanted(turn) + len(progress.spare) + len(progress.twins)
    most = max(least, min(release.replicas, release.replicas + (beyond(release) or 0) - mine))
    if len(now) > most:
        return turn.status_with(stable_ordinals=_first(turn, status.stable, now, most))
    if len(now) < least:
        turn, fresh = turn.fresh(room(turn, least - len(now)))
        return turn.status_with(stable_ordinals=now + fresh)
    return turn


def _more(turn: Turn) -> Turn:
    """Start the candidate's next replicas once the last ones serve what they can carry."""
    release, progress = turn.release, turn.progress
    number = wanted(turn)
    if number <= len(progress.ordinals):
        return turn
    fit = replicas.warm(turn.serving(), turn.now, release.delivery.warmup_s)
    if len(fit) < len(progress.ordinals) or turn.weight() < carried(release, len(fit), 0):
        return turn
    return grow(turn, number)


# --- arithmetic ---------------------------------------------------------------------------------


def _least(turn: Turn) -> int:
    """Return how many replicas stable needs for what it has, and for what comes back to it."""
    share = min(turn.weight(), turn.progress.share)
    return replicas.left(share, turn.release.replicas)


def _uncarried(status: Status, release: Release, observed: Observed) -> int:
    """Return the share that stable's replicas cannot carry."""
    found = replicas.of(observed.replicas, status.stable, status.stable_ordinals)
    fit = sum(one.ready_at is not None for one in found)
    return max(0, FULL - -(-FULL * fit // max(1, release.replicas)))


def _hopeless(release: Release, observed: Observed) -> bool:
    """Tell whether the candidate is worse than a stable that is too small, or too late."""
    progress, reading = release.progress, observed.reading
    found = replicas.of(observed.replicas, release.candidate, progress.ordinals)
    if not replicas.ready(found):
        return True
    if (observed.now - progress.since).total_seconds() >= _limit_s(release):
        return True
    if reading is None or reading.test.number != progress.test.number:
        return False
    now = [one for one in reading.replicas if one.current and one.requests]
    worst = max(now, key=lambda one: one.bad / one.requests, default=None)
    if worst is None:
        return False
    same = [one for one in now if one.check == worst.check]
    return sum(o.bad for o in same) >= HOPELESS * sum(o.requests for o in same)


def _limit_s(release: Release) -> float:
    """Return how long the way back may take: each part of it as long as a start."""
    rounds = -(-release.replicas // (beyond(release) or release.replicas))
    return release.delivery.start_timeout_s * rounds


def _first(
    turn: Turn, revision: str | None, ordinals: tuple[int, ...], number: int
) -> tuple[int, ...]:
    """Return so many of the replicas, in their order: those that are ready stay."""
    if len(ordinals) <= number:
        return ordinals
    found = replicas.of(turn.observed.replicas, revision, ordinals)
    ready = {one.ordinal for one in replicas.ready(found)}
    stay = sorted(ordinals, key=lambda ordinal: ordinal not in ready)[:number]
    return tuple(ordinal for ordinal in ordinals if ordinal in stay)


def _taken(turn: Turn) -> set[tuple[str | None, int]]:
    """Return all replicas that there are, those that stop included, and all that are named."""
    status, release, progress = turn.status, turn.release, turn.progress
    named = (
        (status.stable, (*status.stable_ordinals, *progress.twins)),
        (status.previous, status.previous_ordinals),
        (status.kept, status.kept_ordinals),
        (
            release.candidate,
            (*progress.ordinals, *progress.spare, *progress.retreat.accused),
        ),
    )
    seen: set[tuple[str | None, int]] = {_place(one) for one in turn.observed.replicas}
    return seen | {(revision, ordinal) for revision, found in named for ordinal in found}


def _place(replica: Replica) -> tuple[str, int]:
    return replica.revision, replica.ordinal
