"""
The canary's steps: hold a share, and go on when time and evidence are enough.

Anything that speaks against the candidate is looked at first, in the order of its weight: crash
loops, an alarm of the judge, an SLO, missing data. Only then does the clock count.
"""

from typing import assert_never

from serinus.core.planner import (
    ages,
    conclude,
    evidence,
    finish,
    retreat,
    steps,
    stopwatch,
    waits,
    words,
)
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import Hold, TrafficStep
from serinus.core.spec.wayback import Unverified
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase

BLOCKS = 3
STABLE_REQUESTS = 100
PATIENCE_S = 60.0
"""A step ends after this many blocks and requests of stable's, or after this time without."""

_ENOUGH = "enough requests to compare"

BURNING = "it goes on when that ends; serinus promote -m REASON or serinus rollback"

UNVERIFIED = {
    Unverified.PROMOTE: "it goes on unverified",
    Unverified.HOLD: "it is held",
    Unverified.ROLLBACK: "it is rolled back",
}
"""What happens when the evidence for a step does not come in time."""


def rolling(turn: Turn, step: TrafficStep) -> Turn | None:
    """Look at the evidence, then at the clock."""
    worried = retreat.worry(turn) or blocked(turn)
    if worried is not None:
        return worried
    if turn.progress.step_at is None:
        return _follow(turn)
    if turn.progress.paused:
        return pause(turn)
    return _advance(stopwatch.tick(turn), step)


def holding(turn: Turn) -> Turn | None:
    """Hold the share until data come again, or a person decides."""
    worried = retreat.worry(turn)
    if worried is not None:
        return worried
    slo = evidence.objective(turn)
    if slo:
        heard = "serinus next -m REASON goes on; " if slo == evidence.unheard(turn) else ""
        return turn.waits(slo, None, f"{heard}serinus promote -m REASON or serinus rollback")
    burning = evidence.burning(turn)
    if burning:
        return turn.waits(burning, None, BURNING)
    problem = evidence.missing(turn)
    if not problem:
        if turn.progress.wait.then in {finish.UNVERIFIED, finish.DOUBTFUL}:
            return None
        return resume(turn, "Resumed", "Evidence comes in again; going on.")
    if turn.progress.wait.then == finish.DOUBTFUL:
        return None  # nobody meets the candidate, and a person is asked already
    return _unseen(turn, problem)


def _unseen(turn: Turn, problem: str) -> Turn:
    """Wait for data; then take the traffic away, if there is still a stable that can take it."""
    policy = turn.delivery.on_no_data
    back = policy.then == "rollback" or finish.replaced(turn)
    waiting = waits.unseen(turn, problem, "rolled back" if back else "the weight goes to 0")
    if waiting is not None:
        return waiting
    length = words.seconds(policy.hold_s)
    if back:
        return finish.roll_back(turn, "NoData", f"Rolled back: no data for {length}, {problem}.")
    return retreat.hold(
        turn,
        "NoData",
        f"Held at 0: no data for {length}, {problem}. "
        "Without evidence nothing goes on: look at the traffic, then retry, promote or roll back.",
    )


def promoting(turn: Turn) -> Turn | None:
    """Give the candidate everything, unless something speaks against it after all."""
    if not turn.progress.promoted_by:
        worried = retreat.worry(turn) or (
            blocked(turn) if turn.weight() < turn.progress.share else None
        )
        if worried is not None:
            return worried
    return finish.promoting(turn)


# --- what speaks against going on ---------------------------------------------------------------


def blocked(turn: Turn) -> Turn | None:
    """Hold the share that the candidate has, where the evidence forbids more; None where not."""
    slo, burning = evidence.objective(turn), evidence.burning(turn)
    problem = slo or burning or evidence.missing(turn)
    if not problem:
        return None
    turn = stopwatch.stopped(turn)
    share = min(turn.progress.share, _has(turn))
    at = f"Holding at {words.share(share)}"
    if slo:
        reason = "NewLines" if slo == evidence.unheard(turn) else "SloViolated"
        turn = turn.to(Phase.HOLDING, reason, f"{at}: {slo}.", Kind.VERDICT, share=share)
        return holding(turn)
    if burning:
        turn = turn.to(Phase.HOLDING, "BudgetBurns", f"{at}: {burning}.", Kind.STEP, share=share)
        return holding(turn)
    length = words.seconds(turn.delivery.on_no_data.hold_s)
    told = f"{at}: no data, {problem}. For {length} at most."
    turn = turn.to(Phase.HOLDING, "NoData", told, Kind.VERDICT, share=share)
    return _unseen(turn, problem)


def _has(turn: Turn) -> int:
    """Return the share that the candidate has; what is wanted while nobody can see it."""
    return turn.progress.share if turn.observed.route_problem else turn.weight()


# --- the clock --------------------------------------------------------------------------------


def resume(turn: Turn, reason: str, sentence: str) -> Turn:
    """Go on with the current step, at its share."""
    step, progress = turn.step, turn.progress
    share = step.share if isinstance(step, TrafficStep) else progress.share
    begun = progress.step_at if share == progress.share else None
    return turn.to(Phase.ROLLING, reason, sentence, Kind.STEP, share=share, step_at=begun)


def _follow(turn: Turn) -> Turn:
    """Wait until the data plane is seen to follow; then the step begins."""
    if turn.follows():
        looking = _look(turn)
        return stopwatch.reached(turn) if looking is None else looking
    then = words.of_traffic(turn.progress.share)
    return waits.capacity(turn, then) or waits.following(turn, then)


def _look(turn: Turn) -> Turn | None:
    """Look at the candidate with a little traffic before its first step; None when that is over."""
    step, progress = turn.step, turn.progress
    if not isinstance(step, TrafficStep) or progress.share >= step.share:
        return None
    if progress.look_at is None:
        turn = turn.with_(look_at=turn.now)
    end = turn.after(turn.delivery.retreat.look_s, turn.progress.look_at)
    if turn.now < end:
        cause = f"a first look at {words.share(progress.share)}"
        return turn.waits(cause, end, words.of_traffic(step.share))
    return turn.with_(share=step.share)


def pause(turn: Turn) -> Turn:
    """Keep the share that the candidate has, and stop the clock."""
    share = min(turn.progress.share, _has(turn))
    by = turn.progress.paused
    sentence = f"Paused at {words.share(share)} by {by}; the checks still guard it."
    turn = stopwatch.stopped(turn).to(Phase.PAUSED, "Paused", sentence, Kind.STEP, share=share)
    return waits.resumed(turn)


def _advance(turn: Turn, step: TrafficStep) -> Turn | None:
    """Go on when this step has had its time and its evidence."""
    if turn.progress.skip:
        return _leave(turn)
    left = step.hold.for_s - stopwatch.held(turn)
    if left > 0:
        turn = steps.ahead(turn, left)
        cause = f"holding at {words.share(step.share)}"
        until = turn.after(step.hold.for_s - turn.progress.held_s, turn.progress.clock_at)
        return turn.waits(cause, until, following(turn))
    short = lacking(turn, step.hold) if step.share else ""
    if short:
        return _late(turn, step, short)
    if step.manual:
        return turn.waits("a person decides", None, f"serinus next: {following(turn)}")
    owed = ages.paid_at(turn) if _last(turn) else None
    if owed is not None:
        return turn.waits(ages.WAITS, owed, following(turn))
    return _leave(turn)


def _last(turn: Turn) -> bool:
    """Tell whether promotion follows."""
    rest = turn.delivery.steps[turn.progress.step + 1 :]
    return not any(isinstance(step, TrafficStep) for step in rest)


def lacking(turn: Turn, hold: Hold) -> str:
    """Say which evidence a step still lacks, empty when it is enough."""
    if not turn.delivery.checks:
        return ""
    reading = turn.reading
    requests = (reading.requests if reading else 0) - turn.progress.step_requests
    if requests < hold.min_samples:
        return f"{requests:,} of {hold.min_samples:,} requests"
    if stopwatch.held(turn) >= PATIENCE_S or (
        reading
        and reading.blocks - turn.progress.step_blocks >= BLOCKS
        and reading.test_stable_requests >= STABLE_REQUESTS
    ):
        return ""
    return _ENOUGH


def _late(turn: Turn, step: TrafficStep, short: str) -> Turn | None:
    """Wait for evidence, four times the step's length at most; then do as the template says."""
    limit = max(4 * step.hold.for_s, PATIENCE_S)
    if stopwatch.held(turn) < limit:
        until = turn.after(limit - turn.progress.held_s, turn.progress.clock_at)
        return turn.waits(f"waits for {short}", until, UNVERIFIED[turn.delivery.on_unverified])
    few = "too few requests" if short == _ENOUGH else f"only {short}"
    why = f"{few} came within {words.seconds(limit)}"
    match turn.delivery.on_unverified:
        case Unverified.PROMOTE:
            turn = turn.tell(Kind.VERDICT, "Unverified", f"Going on unverified: {why}.")
            return _leave(turn)
        case Unverified.ROLLBACK:
            return finish.roll_back(turn, "Unverified", f"Rolled back: {why}.")
        case Unverified.HOLD:
            sentence = f"Holding at {words.share(step.share)}: {why}."
            turn = stopwatch.stopped(turn).to(Phase.HOLDING, "Unverified", sentence, Kind.VERDICT)
            return turn.waits(why, None, finish.UNVERIFIED)
        case _:
            assert_never(turn.delivery.on_unverified)


def _leave(turn: Turn) -> Turn:
    return steps.enter(turn, turn.progress.step + 1)


def following(turn: Turn) -> str:
    """Say what comes after the current step."""
    place = turn.progress.step + 1
    all_steps = turn.delivery.steps
    if place >= len(all_steps):
        return "a report" if turn.delivery.strategy in conclude.ENDS else "promotion"
    return steps.title(all_steps[place])
