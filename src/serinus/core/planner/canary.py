"""
The canary's steps: hold a share, and go on when time and evidence are enough.

Anything that speaks against the candidate is looked at first, in the order of its weight: crash
loops, an alarm of the judge, an SLO, missing data. Only then does the clock count.
"""

from serinus.core.planner import finish, replicas, retreat, steps, stopwatch, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import TrafficStep, Unverified
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase

BLOCKS = 3
STABLE_REQUESTS = 100
PATIENCE_S = 60.0
"""A step ends after this many blocks and requests of stable's, or after this time without."""

SILENCE_S = 30.0
LONG_SILENCE_S = 300.0
EXPECTED = 7.0
"""Silence is "no data" when so many requests should have come, or after the long silence."""


def rolling(turn: Turn) -> Turn | None:
    """Look at the evidence, then at the clock."""
    step = turn.step
    if not isinstance(step, TrafficStep):
        return None
    worry = finish.liveness(turn) or retreat.alarm(turn) or _slo(turn)
    if worry is not None:
        return worry
    if turn.progress.step_at is None:
        return _follow(turn)
    if turn.progress.paused:
        return _pause(turn)
    silent = _silence(turn)
    if silent is not None:
        return silent
    turn = stopwatch.tick(turn)
    return _advance(turn, step)


def holding(turn: Turn) -> Turn | None:
    """Hold the share until data come again, the SLO holds again, or patience ends."""
    worry = finish.liveness(turn) or retreat.alarm(turn)
    if worry is not None:
        return worry
    if turn.progress.skip and isinstance(turn.step, TrafficStep):
        return _leave(
            turn.to(Phase.ROLLING, "Skipped", "A person asked for the next step.", Kind.STEP)
        )
    slo = turn.reading.slo_violated if turn.reading else ""
    problem = slo or turn.observed.source_problem or _quiet(turn)
    if not problem:
        if turn.progress.wait.then == finish.UNVERIFIED:
            return None
        return turn.to(Phase.ROLLING, "Resumed", "Evidence comes in again; going on.", Kind.STEP)
    if slo:
        return turn.waits(slo, None, "going on when the SLO holds again")
    policy = turn.delivery.on_no_data
    if turn.since(turn.progress.since) < policy.hold_s:
        return None
    length = words.seconds(policy.hold_s)
    if policy.then == "rollback":
        return finish.roll_back(turn, "NoData", f"Rolled back: {problem} for {length}.")
    return retreat.hold(
        turn,
        "NoData",
        f"Held at 0: {problem} for {length}. "
        "Without evidence nothing goes on: look at the traffic, then retry, promote or roll back.",
    )


def paused(turn: Turn) -> Turn | None:
    """Keep the share while a person wants it so; the checks still guard it."""
    worry = finish.liveness(turn) or retreat.alarm(turn)
    if worry is not None:
        return worry
    if turn.progress.step_at is None:
        return _follow(turn)
    return None


# --- what speaks against going on ---------------------------------------------------------------


def _slo(turn: Turn) -> Turn | None:
    reading = turn.reading
    if reading is None or not reading.slo_violated:
        return None
    if any(
        getattr(c.against, "rollback", False) and c.name in reading.slo_violated
        for c in turn.delivery.checks
    ):
        return finish.roll_back(turn, "SloViolated", f"Rolled back: {reading.slo_violated}.")
    sentence = f"Holding at {words.share(turn.progress.share)}: {reading.slo_violated}."
    return stopwatch.stopped(turn).to(Phase.HOLDING, "SloViolated", sentence, Kind.VERDICT)


def _silence(turn: Turn) -> Turn | None:
    problem = turn.observed.source_problem or _quiet(turn)
    if not problem:
        return None
    length = words.seconds(turn.delivery.on_no_data.hold_s)
    sentence = f"Holding at {words.share(turn.progress.share)}: {problem}. For {length} at most."
    turn = stopwatch.stopped(turn).to(Phase.HOLDING, "NoData", sentence, Kind.VERDICT)
    until = turn.after(turn.delivery.on_no_data.hold_s)
    end = "rolled back" if turn.delivery.on_no_data.then == "rollback" else "the weight goes to 0"
    return turn.waits(problem, until, end)


def _quiet(turn: Turn) -> str:
    """Say that the candidate gets no requests although it should, empty if it does."""
    progress, reading = turn.progress, turn.reading
    if not turn.delivery.checks or progress.step_at is None or not turn.weight():
        return ""
    since = progress.step_at.timestamp()
    stable_rate = 0.0
    if reading is not None:
        since = max(since, reading.data_at)
        length = turn.since(progress.test_at or progress.step_at)
        stable_rate = reading.test_stable_requests / max(length, 1.0)
    silent = turn.now.timestamp() - since
    if silent < SILENCE_S:
        return ""
    share = turn.weight()
    expected = stable_rate * share / max(1, 1000 - share) * silent
    if expected < EXPECTED and silent < LONG_SILENCE_S:
        return ""
    if expected < 1:
        return f"no data: nobody has sent requests for {words.seconds(SILENCE_S)} or longer"
    return "no data: the candidate gets no requests although stable does"


# --- the clock --------------------------------------------------------------------------------


def _follow(turn: Turn) -> Turn | None:
    """Wait until the data plane is seen to follow; then the step begins."""
    progress = turn.progress
    if turn.weight() != progress.share:
        found = turn.serving()
        ready = len(replicas.ready(found))
        need = len(progress.ordinals)
        share = words.share(progress.share)
        cause = f"{ready} of {words.several(need, 'replica')} ready for {share}"
        if turn.observed.route_problem:
            cause = turn.observed.route_problem
        return turn.waits(cause, None, f"{share} of the traffic")
    return stopwatch.reached(turn)


def _pause(turn: Turn) -> Turn:
    sentence = f"Paused at {words.share(turn.progress.share)} by {turn.progress.paused}."
    return stopwatch.stopped(turn).to(Phase.PAUSED, "Paused", sentence, Kind.STEP)


def _advance(turn: Turn, step: TrafficStep) -> Turn | None:
    """Go on when this step has had its time and its evidence."""
    if turn.progress.skip:
        return _leave(turn)
    left = step.hold.for_s - stopwatch.held(turn)
    if left > 0:
        cause = f"holding at {words.share(step.share)}"
        until = turn.after(step.hold.for_s - turn.progress.held_s, turn.progress.clock_at)
        return turn.waits(cause, until, _next(turn))
    lacking = _lacking(turn, step)
    if lacking:
        return _late(turn, step, lacking)
    if step.manual:
        return turn.waits("waits for a person: serinus next", None, _next(turn))
    return _leave(turn)


def _lacking(turn: Turn, step: TrafficStep) -> str:
    """Say which evidence is still lacking, empty when it is enough."""
    if not turn.delivery.checks or not step.share:
        return ""
    reading = turn.reading
    requests = (reading.requests if reading else 0) - turn.progress.step_requests
    if requests < step.hold.min_samples:
        return f"{requests:,} of {step.hold.min_samples:,} requests"
    if stopwatch.held(turn) >= PATIENCE_S or (
        reading and reading.blocks >= BLOCKS and reading.test_stable_requests >= STABLE_REQUESTS
    ):
        return ""
    return "the first blocks of evidence"


def _late(turn: Turn, step: TrafficStep, lacking: str) -> Turn | None:
    """Wait for evidence, four times the step's length at most; then do as the template says."""
    limit = max(4 * step.hold.for_s, PATIENCE_S)
    if stopwatch.held(turn) < limit:
        until = turn.after(limit - turn.progress.held_s, turn.progress.clock_at)
        policy = turn.delivery.on_unverified.value
        return turn.waits(f"waits for {lacking}", until, f"{policy} unverified")
    why = f"only {lacking} came within {words.seconds(limit)}"
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


def _leave(turn: Turn) -> Turn:
    return steps.enter(turn, turn.progress.step + 1)


def _next(turn: Turn) -> str:
    following = turn.progress.step + 1
    all_steps = turn.delivery.steps
    if following >= len(all_steps):
        return "promotion"
    return steps.title(all_steps[following])
