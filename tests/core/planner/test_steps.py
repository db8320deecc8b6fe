from typing import Any

import pytest

from serinus.core.planner import gates, steps
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import (
    Approval,
    Hold,
    MatchStep,
    MirrorStep,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    SettleStep,
    Step,
    Strategy,
    SwitchStep,
    TrafficStep,
)
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.spec.wayback import RetreatPolicy
from serinus.core.state.release import Phase, Progress, Retreat
from tests.builders import at
from tests.core.planner import stage
from tests.films import scenes

BETA = (Match((Condition(Part.HEADER, "x-beta"),)),)
TWO = Approval(count=2, roles=("lead", "owner"))
GATED = scenes.with_steps(
    Strategy.CANARY,
    (TrafficStep(50), TrafficStep(500, Hold(60), gates=(TWO, Approval())), SettleStep()),
)


def test_a_step_begins_with_its_share_and_its_replicas() -> None:
    moved = steps.enter(stage.turn(step=0, share=10, held_s=99.0), 3)

    assert (3, 500, (3, 9), 0.0) == (
        moved.progress.step,
        moved.progress.share,
        moved.progress.ordinals,
        moved.progress.held_s,
    )
    assert ["Step 4 of 5: 50 % of the traffic to the candidate."] == stage.told(moved)


def test_the_first_step_begins_the_first_test() -> None:
    untested = stage.TEST.__class__(number=0, kind=stage.TEST.kind)

    assert 1 == steps.enter(stage.turn(test=untested), 0).progress.test.number
    assert 1 == steps.enter(stage.turn(), 1).progress.test.number
    without = stage.turn(test=untested, delivery=scenes.canary(checks=()))
    assert 0 == steps.enter(without, 0).progress.test.number


def test_behind_the_last_step_lies_the_promotion() -> None:
    assert Phase.PROMOTING is steps.enter(stage.turn(), 4).progress.phase
    assert Phase.PROMOTING is steps.enter(stage.turn(delivery=scenes.rolling()), 1).progress.phase


def test_a_gate_is_waited_at_and_the_share_stays() -> None:
    moved = steps.enter(stage.turn(delivery=GATED, step=0, share=50), 1)

    assert (Phase.WAITING, 50) == (moved.progress.phase, moved.progress.share)
    assert [
        "Waiting for 2 approvals by lead or owner before 50 % of the traffic to the candidate."
    ] == stage.told(moved)


def test_gates_open_one_after_the_other() -> None:
    def wait(*given: str) -> str:
        turn = stage.turn(
            delivery=GATED, step=1, share=50, phase=Phase.WAITING, approvals=tuple(given)
        )
        return stage.progress(steps.waiting(turn)).wait.cause

    assert "2 approvals by lead or owner" == wait()
    assert "1 approval by lead or owner" == wait("ada")
    assert "1 approval" == wait("ada", "bob")
    assert "" == wait("ada", "bob", "eve")


def test_an_open_gate_of_a_paused_release_stays_shut() -> None:
    turn = stage.turn(
        delivery=scenes.gated(250, Approval()),
        step=1,
        share=50,
        phase=Phase.WAITING,
        approvals=("ada",),
        paused="bob",
    )

    assert "bob paused it" == stage.progress(steps.waiting(turn)).wait.cause


@pytest.mark.parametrize(
    ("phase", "then", "gate", "minutes"),
    [
        (Phase.WAITING, "serinus approve or serinus reject", Approval(), 99),
        (Phase.WAITING, "serinus approve or serinus reject", Approval(timeout_s=60), 3),
        (Phase.WAITING, "rolled back", Approval(timeout_s=180, on_timeout="rollback"), 3),
        (Phase.ROLLING_BACK, "", Approval(timeout_s=60, on_timeout="rollback"), 3),
    ],
)
def test_a_gate_waits_as_long_as_it_says(
    phase: Phase, then: str, gate: Approval, minutes: float
) -> None:
    turn = stage.turn(
        delivery=scenes.gated(250, gate),
        step=1,
        share=50,
        phase=Phase.WAITING,
        since=at(2),
        now=at(minutes),
    )
    moved = steps.waiting(turn)

    assert (phase, then) == (stage.phase(moved), stage.progress(moved).wait.then)


def test_a_gate_that_goes_on_waiting_says_when_it_would_have_ended() -> None:
    turn = stage.turn(
        delivery=scenes.gated(250, Approval(timeout_s=600)), step=1, phase=Phase.WAITING
    )

    assert at(12) == stage.progress(steps.waiting(turn)).wait.until


@pytest.mark.parametrize(
    ("title", "step"),
    [
        ("all traffic to the candidate", TrafficStep(1000)),
        ("the candidate runs without traffic", PreviewStep()),
        ("all traffic switches to the candidate", SwitchStep()),
        ("10 % of the requests are copied to the candidate", MirrorStep(100)),
        ("50 % of the users get the candidate", MatchStep(share=500)),
        ("the requests that match get the candidate", MatchStep(BETA)),
        ("replicas are replaced a few at a time", ReplaceStep()),
        ("the old replicas stop, then the new ones start", RecreateStep()),
        ("the old replicas stay warm for 10m", SettleStep()),
    ],
)
def test_every_step_has_a_title(title: str, step: Step) -> None:
    assert title == steps.title(step)
    assert gates.closed(stage.turn(), step) is None


# --- the first look -----------------------------------------------------------------------------


def new(**given: Any) -> Turn:
    """A candidate that never had any traffic, before its first step."""
    return stage.turn(**{"step": 0, "share": 0, "max_share": 0, "ordinals": (), **given})


def test_who_never_had_any_traffic_gets_a_little_of_it_first() -> None:
    policy = stage.DELIVERY.retreat

    assert policy.min_share == steps.first_look(new(), 250)
    assert 5 == steps.first_look(new(), 5)
    moved = steps.enter(new(), 2)
    assert 10 == moved.progress.share
    assert ["Step 3 of 5: 25 % of the traffic to the candidate, after a first look at 1 %."] == (
        stage.told(moved)
    )


@pytest.mark.parametrize(
    "given",
    [
        {"max_share": 50},
        {"retreat": Retreat(count=1)},
        {"first": True},
        {"delivery": scenes.canary(10, 250, checks=())},
        {"delivery": scenes.canary(10, 250, retreat=RetreatPolicy(look_s=0.0))},
    ],
    ids=["it was seen", "it retreated", "there is no stable", "no checks", "not wanted"],
)
def test_who_needs_no_first_look_gets_its_share_at_once(given: dict[str, Any]) -> None:
    assert 250 == steps.first_look(new(**given), 250)


def test_the_replicas_of_the_step_start_before_the_first_look() -> None:
    moved = steps.enter(new(), 3)

    assert (10, 2) == (moved.progress.share, len(moved.progress.ordinals))


# --- the replicas of the next step --------------------------------------------------------------


def held(left_s: float, **given: Any) -> Progress:
    """So long before a step at 25 % ends, with a replica that took a minute to get ready."""
    return steps.ahead(stage.turn(**given), left_s).progress


def test_the_replicas_of_the_next_step_start_before_it_begins() -> None:
    took = 60.0 + stage.DELIVERY.warmup_s + steps.AHEAD_S

    assert ((), (3,)) == (held(took + 1).spare, held(took + 1).ordinals)
    assert ((9,), (3,)) == (held(took - 1).spare, held(took - 1).ordinals)
    assert () == held(took - 1, step=1, share=50).spare  # one replica is enough for 25 %, too


def test_before_the_promotion_as_many_start_as_there_are_of_stable() -> None:
    assert (9, 10) == held(10.0, step=3, share=500).spare


def test_who_warms_up_already_is_not_started_twice() -> None:
    assert (7,) == held(10.0, spare=(7,)).spare


def test_without_a_replica_that_is_ready_nobody_knows_how_long_it_takes() -> None:
    young = (stage.replica(ready_at=None),)

    assert () == held(10.0, replicas=young).spare
