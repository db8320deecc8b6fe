"""
Mirroring: the candidate gets copies, and nobody gets its answers, so that nobody is harmed by them.

There is no hurry in taking anything back, hence no retreat: what the copies show has to reach the
evidence at which a release is given up. Time and evidence count as for a share of the traffic.
"""

from serinus.core.planner import canary, evidence, finish, steps, stopwatch, waits, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import MirrorStep


def rolling(turn: Turn, step: MirrorStep) -> Turn | None:
    """Mirror for as long as the step says, then go on, or conclude a test that does no more."""
    worry = finish.liveness(turn) or finish.forbidden(turn)
    if worry is not None:
        return worry
    what = f"{words.share(step.share)} of the requests are copied"
    if turn.progress.step_at is None:
        if not turn.follows():
            return waits.capacity(turn, what) or waits.following(turn, what)
        turn = stopwatch.reached(turn)
    if turn.progress.paused:
        return waits.resumed(stopwatch.stopped(turn))
    if turn.progress.skip:
        return _leave(turn)
    halted = evidence.objective(turn) or evidence.burning(turn)
    if halted:
        then = "serinus next goes on, serinus rollback goes back"
        return stopwatch.stopped(turn).waits(halted, None, then)
    turn = stopwatch.tick(turn)
    if step.hold.for_s > stopwatch.held(turn):
        until = turn.after(step.hold.for_s - turn.progress.held_s, turn.progress.clock_at)
        return turn.waits(what, until, canary.following(turn))
    lacking = canary.lacking(turn, step.hold)
    limit = max(4 * step.hold.for_s, canary.PATIENCE_S)
    if lacking and stopwatch.held(turn) < limit:
        until = turn.after(limit - turn.progress.held_s, turn.progress.clock_at)
        return turn.waits(f"waits for {lacking}", until, "it goes on unverified")
    return _leave(turn)


def _leave(turn: Turn) -> Turn:
    reading = turn.reading
    if reading is not None:
        turn = turn.with_(copies=(reading.requests, reading.bad))
    return steps.enter(turn, turn.progress.step + 1)
