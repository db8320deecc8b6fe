"""Entering steps: gates first, then capacity, then weight. The step itself is its strategy's."""

from typing import assert_never

from msgspec.structs import replace

from serinus.core.planner import finish, replicas, waits, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import (
    FULL,
    Gate,
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


def enter(turn: Turn, index: int) -> Turn:
    """Go to a step: wait at its gates, or begin it. Behind the last step lies the promotion."""
    steps = turn.delivery.steps
    if index >= len(steps) or isinstance(steps[index], SettleStep):
        return finish.promote(turn)
    gate = closed(turn, steps[index])
    turn = turn.with_(step=index, step_at=None, held_s=0.0, clock_at=None, skip=False)
    if gate is None:
        return begin(turn)
    sentence = f"Waiting for {approvals(gate)} before {title(steps[index])}."
    return turn.to(Phase.WAITING, "ApprovalNeeded", sentence, Kind.STEP)


def closed(turn: Turn, step: Step) -> Gate | None:
    """Return the first gate of a step that is not open, with what it still needs, else None."""
    gates = () if isinstance(step, SettleStep) else step.gates
    given = len(turn.progress.approvals)
    for gate in gates:
        if given < gate.count:
            return replace(gate, count=gate.count - given)
        given -= gate.count
    return None


def begin(turn: Turn) -> Turn:
    """Begin the current step: ask for its share and the replicas that it needs."""
    release, step = turn.release, turn.step
    match step:
        case TrafficStep(share=share):
            turn = grow(turn, replicas.needed(share, release.replicas)).with_(share=share)
        case SwitchStep():
            turn = grow(turn, release.replicas).with_(share=FULL)
        case PreviewStep() | ReplaceStep() | RecreateStep() | SettleStep():
            pass
        case _:
            assert_never(step)
    if turn.progress.test.number == 0 and turn.delivery.checks:
        turn = turn.with_(test=Test(number=1, kind=_kind(turn)))
    place = f"Step {turn.progress.step + 1} of {len(turn.delivery.steps)}"
    sentence = f"{place}: {title(step)}."
    return turn.to(Phase.ROLLING, "StepStarted", sentence, Kind.STEP, approvals=())


def _kind(turn: Turn) -> TestKind:
    """Choose the first test: where traffic goes in steps there is a way to take it back."""
    beside = any(isinstance(step, TrafficStep) for step in turn.delivery.steps)
    return TestKind.RUN if beside else TestKind.TAKEOVER


def grow(turn: Turn, number: int) -> Turn:
    """Ask for more of the candidate's replicas, up to a number that may serve."""
    missing = number - len(turn.progress.ordinals)
    if missing <= 0:
        return turn
    turn, more = turn.fresh(missing)
    return turn.with_(ordinals=turn.progress.ordinals + more, pending_since=turn.now)


def waiting(turn: Turn) -> Turn | None:
    """Wait at the gates of a step."""
    gate = closed(turn, turn.step)
    if gate is None:
        return waits.resumed(turn) if turn.progress.paused else begin(turn)
    late = gate.timeout_s is not None and turn.since(turn.progress.since) >= gate.timeout_s
    if gate.timeout_s is None or (late and gate.on_timeout != "rollback"):
        return turn.waits(approvals(gate), None, "serinus approve or serinus reject")
    if late:
        why = f"{approvals(gate)} did not come within {words.seconds(gate.timeout_s)}"
        return finish.roll_back(turn, "ApprovalTimedOut", f"Rolled back: {why}.")
    then = "rolled back" if gate.on_timeout == "rollback" else "it goes on waiting"
    return turn.waits(approvals(gate), turn.after(gate.timeout_s, turn.progress.since), then)


def approvals(gate: Gate) -> str:
    """Say what a gate waits for."""
    who = f" by {' or '.join(gate.roles)}" if gate.roles else ""
    return f"{words.several(gate.count, 'approval')}{who}"


def title(step: Step) -> str:
    """Say what a step does, in a few words."""
    match step:
        case TrafficStep(share=share):
            return f"{words.of_traffic(share)} to the candidate"
        case PreviewStep():
            return "the candidate runs without traffic"
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
