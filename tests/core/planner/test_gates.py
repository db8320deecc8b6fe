from datetime import timedelta

import pytest

from serinus.core.planner import decide, gates, steps
from serinus.core.planner.plan import Ask
from serinus.core.spec.calendar import Weekly, Window
from serinus.core.spec.delivery import (
    Approval,
    Delivery,
    Gate,
    SettleStep,
    Strategy,
    TrafficStep,
    Webhook,
    WindowGate,
)
from serinus.core.state.gates import GateAnswer, Opening
from serinus.core.state.release import Phase
from tests import builders
from tests.builders import at
from tests.core.planner import stage
from tests.films import scenes

HOOK = Webhook("https://ci.example.com/token-123/gate?x=1", every_s=5.0)
MONDAY = Window("monday", hours=(Weekly(0, 0, 1, 0),))  # the stage's day, whole
TUESDAY = Window("tuesday", hours=(Weekly(1, 0, 2, 0),), message="not before the meeting")


def gated(*found: Gate) -> Delivery:
    step = TrafficStep(500, gates=found)
    return scenes.with_steps(Strategy.CANARY, (TrafficStep(50), step, SettleStep()))


def at_gate(*found: Gate, **given: object) -> dict[str, object]:
    return {"delivery": gated(*found), "step": 1, "phase": Phase.WAITING, "share": 50, **given}


def answer(opening: Opening, sentence: str = "", place: int = 0) -> GateAnswer:
    return GateAnswer(f"shop/local/7/2/{place}", opening, at(3), sentence)


def test_gates_open_in_their_order() -> None:
    turn = stage.turn(**at_gate(WindowGate(MONDAY), Approval(), HOOK))

    found = gates.closed(turn, turn.step)

    assert found is not None
    assert (1, Approval()) == (found.place, found.gate)


def test_a_step_without_gates_and_the_settling_are_open() -> None:
    turn = stage.turn()

    assert gates.closed(turn, TrafficStep(10)) is None
    assert gates.closed(turn, SettleStep()) is None


def test_a_closed_window_says_when_it_opens() -> None:
    turn = stage.turn(**at_gate(WindowGate(TUESDAY)))

    moved = stage.progress(steps.waiting(turn))

    assert "the window tuesday (not before the meeting)" == moved.wait.cause
    assert at(0).replace(hour=0) + timedelta(days=1) == moved.wait.until
    assert "window" == moved.gate


def test_an_approval_that_expired_counts_no_more() -> None:
    gate = Approval(count=2, expires_s=60.0)
    given = {"approvals": ("ada", "bob"), "approved_at": (at(1), at(2.5))}
    turn = stage.turn(**at_gate(gate, **given))

    found = gates.closed(turn, turn.step)

    assert found is not None
    assert Approval(count=1, expires_s=60.0) == found.gate
    assert at(3.5) == gates.wake(turn)


def test_nobody_approves_twice_for_two_gates() -> None:
    turn = stage.turn(**at_gate(Approval(), Approval(roles=("sre",)), approvals=("ada",)))

    found = gates.closed(turn, turn.step)

    assert found is not None
    assert 1 == found.place


def test_roles_that_somebody_has_are_asked_for() -> None:
    wanted = builders.wanted(roles={"sre": ("bob",)})
    turn = stage.turn(**at_gate(Approval(roles=("sre",))), wanted=wanted)

    assert gates.may(turn, Approval(roles=("sre",)), "bob")
    assert not gates.may(turn, Approval(roles=("sre",)), "ada")
    assert gates.may(turn, Approval(roles=("owner",)), "ada")
    assert "sre (bob) or owner" == gates.who(turn, Approval(roles=("sre", "owner")))


def test_a_webhook_is_asked_while_it_is_waited_for() -> None:
    plan = decide.decide(stage.seen(**at_gate(HOOK)))

    (ask,) = (action for action in plan.actions if isinstance(action, Ask))
    assert ("shop/local/7/2/0", 5.0) == (ask.question.id, ask.every_s)
    assert (2, 0.5, "v2") == (ask.question.step, ask.question.share, ask.question.version)


@pytest.mark.parametrize("phase", [Phase.ROLLING, Phase.PAUSED])
def test_nobody_is_asked_elsewhere(phase: Phase) -> None:
    assert () == gates.asks(stage.turn(**at_gate(HOOK, phase=phase)))


def test_a_webhook_behind_an_approval_is_not_asked_yet() -> None:
    assert () == gates.asks(stage.turn(**at_gate(Approval(), HOOK)))


def test_a_yes_is_kept_while_a_later_gate_is_waited_for() -> None:
    turn = stage.turn(**at_gate(HOOK, Approval()), answers=(answer(Opening.OPEN),))

    once = steps.waiting(turn)
    assert once is not None
    again = steps.waiting(once)

    assert (0,) == stage.progress(once).opened
    assert "1 approval" == stage.progress(again).wait.cause


def test_an_answer_to_another_question_opens_nothing() -> None:
    turn = stage.turn(**at_gate(HOOK), answers=(answer(Opening.OPEN, place=1),))

    moved = stage.progress(steps.waiting(turn))

    assert "the webhook at ci.example.com: no answer yet" == moved.wait.cause
    assert "token-123" not in str(moved)


@pytest.mark.parametrize(
    ("opening", "cause"),
    [
        (Opening.WAIT, "the webhook at ci.example.com asks to wait: so"),
        (Opening.REFUSED, "the webhook at ci.example.com refuses: so"),
        (Opening.ERROR, "the webhook at ci.example.com cannot be asked: so"),
    ],
)
def test_whatever_is_answered_is_told(opening: Opening, cause: str) -> None:
    turn = stage.turn(**at_gate(HOOK), answers=(answer(opening, "so"),))

    assert cause == stage.progress(steps.waiting(turn)).wait.cause


def test_a_deadline_counts_from_when_its_gate_is_the_one_that_is_waited_for() -> None:
    """An approval that took its time is no reason to roll back what nobody asked yet."""
    gate = Webhook(HOOK.url, limit_s=60.0, on_timeout="rollback")
    waited = at_gate(Approval(), gate, since=at(-60), gate_at=(0, at(-60)), approvals=("ada",))

    asked = steps.waiting(stage.turn(**waited))
    late = steps.waiting(stage.turn(**{**waited, "gate_at": (1, at(2))}))

    assert (1, at(3)) == stage.progress(asked).gate_at
    assert at(4) == stage.progress(asked).wait.until
    assert Phase.ROLLING_BACK is stage.phase(late)


def test_a_window_that_never_opens_says_who_goes_past_it() -> None:
    never = Window("never", hours=())

    moved = stage.progress(steps.waiting(stage.turn(**at_gate(WindowGate(never)))))

    assert moved.wait.until is None
    assert "serinus next -m REASON goes past it" == moved.wait.then


def test_a_deadline_rolls_back_where_the_gate_says_so() -> None:
    gate = Webhook(HOOK.url, limit_s=60.0, on_timeout="rollback")

    moved = steps.waiting(stage.turn(**at_gate(gate, since=at(1))))

    assert Phase.ROLLING_BACK is stage.phase(moved)
    assert "no answer yet, for 1m" in stage.told(moved)[-1]


def test_the_gate_that_is_waited_for_is_told_and_has_its_own_time() -> None:
    hook = Webhook(HOOK.url, limit_s=60.0, on_timeout="rollback")
    given = {"approvals": ("ada",), "approved_at": (at(3),), "since": at(1)}

    moved = steps.waiting(stage.turn(**at_gate(Approval(), hook, **given)))

    assert moved is not None
    progress = stage.progress(moved)
    assert Phase.WAITING is progress.phase
    assert progress.sentence.startswith("Waiting for the webhook at ci.example.com before ")
    assert moved.now + timedelta(seconds=60) == progress.wait.until
    assert "GateClosed" == moved.events[-1].reason


def test_an_approval_behind_another_gate_asks_people_when_its_turn_comes() -> None:
    moved = steps.waiting(stage.turn(**at_gate(WindowGate(MONDAY), Approval(count=2))))

    assert moved is not None
    assert "ApprovalNeeded" == moved.events[-1].reason


def test_the_sentence_counts_approvals_down() -> None:
    given = {"approvals": ("ada",), "approved_at": (at(3),)}

    moved = steps.waiting(stage.turn(**at_gate(Approval(count=2), **given)))

    assert moved is not None
    assert stage.progress(moved).sentence.startswith("Waiting for 1 approval before ")
    assert () == moved.events
