"""
Waits: why it waits, until when at the latest, and what happens then.

Every wait of a release is worded here or beside its deadline, so that none is without. A wait whose
end nobody can know names the person who can end it.
"""

from serinus.core.planner import replicas, stopwatch, surge, words
from serinus.core.planner.turn import Turn
from serinus.core.state.notice import Kind
from serinus.core.state.observed import LAGS

FOLLOW_S = 30.0
"""The data plane follows within a second; after this time somebody should look at it."""

STOP_S = 30.0
"""How long a replica may take to stop once it is drained; the platform ends it then."""

FOLLOWING = "the data plane takes over the weights"
NO_DATA = "no data, "
STALLED = f"the data plane has not taken over the weights for {words.seconds(FOLLOW_S)}"


def capacity(turn: Turn, then: str, otherwise: str = "rolled back") -> Turn | None:
    """Wait until all of the candidate's replicas are ready and warm, None when they are."""
    progress, delivery = turn.progress, turn.delivery
    found = turn.serving()
    wanted, ready = surge.wanted(turn), replicas.ready(found)
    if len(ready) < wanted:
        cause = f"{len(ready)} of {words.several(wanted, 'replica')} ready"
        bounded = surge.beyond(turn.release) is not None
        begun = progress.pending_since or (turn.now if bounded else progress.since)
        return turn.waits(cause, turn.after(delivery.start_timeout_s, begun), otherwise)
    warmup_s = delivery.warmup_s if turn.release.stable else 0.0
    if len(replicas.warm(found, turn.now, warmup_s)) < wanted:
        what = "the replica warms up" if wanted == 1 else "the replicas warm up"
        return turn.waits(what, replicas.warm_at(found, warmup_s), then)
    return None


def following(turn: Turn, then: str) -> Turn:
    """
    Wait for the data plane to be seen with the weights that were asked for.

    Where nobody looked when the time was over, as no controller ran, it begins anew.
    """
    held = surge.coming(turn)
    if held is not None:
        return turn.waits(*held, f"the rest of the traffic goes back; {then}")
    wait = turn.progress.wait
    begun = wait.until if wait.cause == FOLLOWING else None
    if begun is not None and turn.since(begun) > stopwatch.GAP_S:
        begun = None
    late = wait.cause == STALLED or (begun is not None and turn.now >= begun)
    lag, refused = turn.observed.lag, turn.observed.rejected
    problem = turn.observed.route_problem or refused or lag or (STALLED if late else "")
    if problem:
        known = wait.cause.startswith(LAGS) if problem == lag else wait.cause == problem
        if not known:
            told = f"{problem[0].upper()}{problem[1:]}. The traffic stays where it is."
            turn = turn.tell(Kind.PROBLEM, "RouterAway", told)
        return turn.waits(problem, None, f"{then}; somebody should look at the router")
    return turn.waits(FOLLOWING, begun or turn.after(FOLLOW_S), then)


def unseen(turn: Turn, problem: str, then: str) -> Turn | None:
    """
    Wait for data as long as the template says, None when that is over.

    It counts from when they were first missing, however long something else was waited for.
    """
    wait = turn.progress.wait
    known = wait.until if wait.cause.startswith(NO_DATA) else None
    until = known or turn.after(turn.delivery.on_no_data.hold_s)
    return turn.waits(f"{NO_DATA}{problem}", until, then) if turn.now < until else None


def resumed(turn: Turn) -> Turn:
    """Wait for the person who paused the release, or for another one."""
    return turn.waits(f"{turn.progress.paused} paused it", None, "serinus resume")


def within(turn: Turn, cause: str, seconds: float, then: str) -> Turn:
    """Wait for something that takes so long at most, counted from when the waiting began."""
    wait = turn.progress.wait
    known = wait.until if wait.cause == cause else None
    return turn.waits(cause, known or turn.after(seconds), then)
