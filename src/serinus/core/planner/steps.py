"""Entering steps: gates first, then capacity, then weight. The step itself is its strategy's."""

from typing import assert_never

from serinus.core.planner import conclude, finish, gates, replicas, surge, waits, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import (
    FULL,
    Approval,
    MatchStep,
    MirrorStep,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    SettleStep,
    Step,
    SwitchStep,
    TrafficStep,
)
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase
from serinus.core.state.verdict import Test, TestKind

AHEAD_S = 10.0
"""So much earlier than needed the replicas of the next step are started, in seconds."""


def enter(turn: Turn, index: int) -> Turn:
    """
    Go to a step: wait at its gates, or begin it.

    Behind the last step lies the promotion, or the conclusion of a test.
    """
    steps = turn.delivery.steps
    if index >= len(steps) or isinstance(steps[index], SettleStep):
        if turn.delivery.strategy in conclude.ENDS:
            return conclude.conclude(turn)
        return finish.promote(turn)
    turn = turn.with_(step=index, step_at=None, held_s=0.0, clock_at=None, skip=False, gate_at=None)
    found = gates.closed(turn, steps[index])
    if found is None:
        return begin(turn)
    return _stops(turn, found)


def _stops(turn: Turn, found: gates.Closed) -> Turn:
    """Stop at a gate, and tell it; each has deadlines of its own, from when it is come to."""
    reason = "ApprovalNeeded" if isinstance(found.gate, Approval) else "GateClosed"
    turn = turn.with_(gate_at=(found.place, turn.now))
    return turn.to(Phase.WAITING, reason, _waits_for(turn, found), Kind.STEP)


def _waits_for(turn: Turn, found: gates.Closed) -> str:
    return f"Waiting for {gates.said(found.gate)} before {title(turn.step)}."


def begin(turn: Turn) -> Turn:
    """Begin the current step: ask for its share and the replicas that it needs."""
    release, step = turn.release, turn.step
    match step:
        case TrafficStep(share=share):
            turn = surge.grow(turn, replicas.needed(share, release.replicas))
            turn = turn.with_(share=first_look(turn, share), look_at=None)
        case SwitchStep():
            turn = surge.grow(turn, release.replicas).with_(share=FULL)
        case MatchStep(share=share):
            turn = surge.grow(turn, replicas.needed(share or FULL, release.replicas)).with_(
                share=share
            )
        case MirrorStep(share=share):
            turn = surge.grow(turn, replicas.needed(share, release.replicas))
        case PreviewStep() | ReplaceStep() | RecreateStep() | SettleStep():
            pass
        case _:
            assert_never(step)
    turn = _tested(turn)
    place = f"Step {turn.progress.step + 1} of {len(turn.delivery.steps)}"
    sentence = f"{place}: {title(step)}{_after_a_look(turn)}."
    changes = {"approvals": (), "approved_at": (), "opened": (), "gate": "", "gate_at": None}
    return turn.to(Phase.ROLLING, "StepStarted", sentence, Kind.STEP, **changes)


def first_look(turn: Turn, share: int) -> int:
    """
    Return the share to begin a step with: a little, where the candidate never had any.

    What is completely broken is seen at once, and a few requests are enough for it.
    """
    policy, progress = turn.delivery.retreat, turn.progress
    new = not progress.max_share and not progress.retreat.count
    judged = turn.delivery.checks and turn.release.stable is not None
    return min(share, policy.min_share) if new and judged and policy.look_s else share


def _after_a_look(turn: Turn) -> str:
    """Say that the step begins with less than its share, if it does."""
    step, share = turn.step, turn.progress.share
    looks = isinstance(step, TrafficStep) and share < step.share
    return f", after a first look at {words.share(share)}" if looks else ""


def _tested(turn: Turn) -> Turn:
    """
    Begin the test that the step needs.

    Where traffic goes in steps there is a way to take it back: a run. Copies, cohorts and switches
    are judged as takeovers; what copies have shown is not counted again for the real requests.
    """
    if not turn.delivery.checks and not turn.delivery.looks:
        return turn
    before, step = turn.progress.test, turn.step
    stepwise = any(isinstance(s, TrafficStep) for s in turn.delivery.steps)
    copies = any(isinstance(s, MirrorStep) for s in turn.delivery.steps)
    run = stepwise and not isinstance(step, MirrorStep)
    kind = TestKind.RUN if run else TestKind.TAKEOVER
    again = (run and before.kind is TestKind.TAKEOVER) or (copies and isinstance(step, SwitchStep))
    if before.number and not again:
        return turn
    return turn.with_(test=Test(number=before.number + 1, kind=kind), test_at=None)


def ahead(turn: Turn, left_s: float) -> Turn:
    """
    Start the replicas of the next step while this one has ``left_s`` seconds to go.

    They are ready and warm when they are needed, and the step does not wait for them. How long that
    takes is known from those that serve.
    """
    progress, following = turn.progress, turn.delivery.steps[turn.progress.step + 1 :]
    took = [(r.ready_at - r.started_at).total_seconds() for r in turn.serving() if r.ready_at]
    if progress.spare or not took or left_s > max(took) + turn.delivery.warmup_s + AHEAD_S:
        return turn
    share = FULL
    if following and isinstance(following[0], TrafficStep):
        share = following[0].share
    missing = replicas.needed(share, turn.release.replicas) - len(progress.ordinals)
    if missing <= 0:
        return turn
    turn, fresh = turn.fresh(surge.room(turn, missing))
    return turn.with_(spare=fresh)


def waiting(turn: Turn) -> Turn | None:
    """Wait at the gates of a step."""
    found = gates.closed(turn, turn.step)
    if found is not None:
        before = turn.progress.gate_at
        if found.place != (before[0] if before else 0):
            turn = _stops(turn, found)
        sentence = _waits_for(turn, found)
        if sentence != turn.progress.sentence:
            turn = turn.with_(sentence=sentence)
        return gates.waiting(turn, found)
    return waits.resumed(turn) if turn.progress.paused else begin(turn)


def title(step: Step) -> str:
    """Say what a step does, in a few words."""
    match step:
        case TrafficStep(share=share):
            return f"{words.of_traffic(share)} to the candidate"
        case PreviewStep():
            return "the candidate runs without traffic"
        case MirrorStep(share=share):
            return f"{words.share(share)} of the requests are copied to the candidate"
        case MatchStep(share=share):
            who = f"{words.share(share)} of the users" if share else "the requests that match"
            return f"{who} get the candidate"
        case SwitchStep():
            return "all traffic switches to the candidate"
        case ReplaceStep():
            return "replicas are replaced a few at a time"
        case RecreateStep():
            return "the old replicas stop, then the new ones start"
        case SettleStep(keep_old_s=length):
            return f"the old replicas stay warm for {words.seconds(length)}"
        case _:
            assert_never(step)
