"""
Mirroring: the candidate gets copies, and nobody gets its answers, so that nobody is harmed by them.

There is no hurry in taking anything back, hence no retreat: what the copies show has to reach the
evidence at which a release is given up. Time and evidence count as for a share of the traffic.
"""

from math import log

from serinus.core.planner import (
    canary,
    conclude,
    evidence,
    finish,
    steps,
    stopwatch,
    waits,
    words,
)
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import MirrorStep
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase


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
        return stopwatch.stopped(turn).waits(halted, None, evidence.HALTED)
    turn = stopwatch.tick(turn)
    if step.hold.for_s > stopwatch.held(turn):
        until = turn.after(step.hold.for_s - turn.progress.held_s, turn.progress.clock_at)
        return turn.waits(what, until, canary.following(turn))
    promotes = turn.delivery.strategy not in conclude.ENDS
    doubtful = promotes and _doubt(turn)
    lacking = canary.lacking(turn, step.hold)
    if doubtful and not lacking:
        lacking = "more evidence: so far it looks worse"
    limit = max(4 * step.hold.for_s, canary.PATIENCE_S)
    if lacking and stopwatch.held(turn) < limit:
        until = turn.after(limit - turn.progress.held_s, turn.progress.clock_at)
        then = "a person decides" if doubtful else "it goes on unverified"
        return turn.waits(f"waits for {lacking}", until, then if promotes else "a report")
    return _doubtful(turn) if doubtful else _leave(turn)


def _doubt(turn: Turn) -> bool:
    """
    Tell whether the copies speak against the candidate, though not enough to give it up.

    Half-way to an alarm (on the scale of logarithms) is reason enough to wait: copies cost nobody
    anything, and a switch meets everybody. A test that promotes nobody ends with what it has shown.
    """
    reading = turn.reading
    if reading is None or turn.delivery.rule is not None:
        return False
    return reading.log_evidence >= log(turn.delivery.retreat.alarm) / 2


def _doubtful(turn: Turn) -> Turn:
    """Let a person decide about what still looks worse and was never shown to be."""
    said = turn.reading.sentence if turn.reading else ""
    sentence = f"Holding at 0 %, before anybody meets it: {said}."
    turn = stopwatch.stopped(turn).to(Phase.HOLDING, "Doubtful", sentence, Kind.VERDICT)
    return turn.waits("it looks worse, and more copies do not decide it", None, finish.DOUBTFUL)


def _leave(turn: Turn) -> Turn:
    reading = turn.reading
    if reading is not None:
        turn = turn.with_(copies=(reading.requests, reading.bad))
    return steps.enter(turn, turn.progress.step + 1)
