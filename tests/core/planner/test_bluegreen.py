from typing import Any

from serinus.core.planner import bluegreen
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import PreviewStep, SwitchStep
from serinus.core.state.release import Phase
from serinus.core.state.verdict import BudgetReading
from serinus.core.state.workload import ReplicaState
from tests.builders import NEW, at
from tests.core.planner import stage
from tests.core.planner.stage import replica
from tests.films import scenes

PREVIEW = {
    "delivery": scenes.blue_green(),
    "step": 0,
    "share": 0,
    "weight": 0,
    "step_at": None,
    "clock_at": None,
    "ordinals": (3, 4, 5),
}
SWITCH = {**PREVIEW, "step": 1, "share": 1000}


def rolled(**given: Any) -> Turn | None:
    turn = stage.turn(**given)
    assert isinstance(turn.step, PreviewStep | SwitchStep)
    return bluegreen.rolling(turn, turn.step)


def test_a_preview_waits_for_its_replicas() -> None:
    cold = replica(NEW, 3, state=ReplicaState.STARTING, ready_at=None)
    moved = rolled(**PREVIEW, replicas=(cold,), pending_since=at(2))

    assert "0 of 3 replicas ready" == stage.progress(moved).wait.cause


def test_a_preview_is_held_for_its_time_unless_it_is_skipped() -> None:
    begun = rolled(**PREVIEW)
    skipped = rolled(**PREVIEW, skip=True)
    over = rolled(**{**PREVIEW, "held_s": 60.0, "step_at": at(1)})

    assert (at(3), at(4)) == (stage.progress(begun).step_at, stage.progress(begun).wait.until)
    assert 1 == stage.progress(skipped).step
    assert (1, 1000) == (stage.progress(over).step, stage.progress(over).share)


def test_a_burning_budget_keeps_the_switch_back() -> None:
    fire = (BudgetReading("errors", 0.5, 10, 5, burning="errors burns 20 times too fast"),)
    over = {**PREVIEW, "held_s": 60.0, "step_at": at(1), "budgets": fire}

    assert "errors burns 20 times too fast" == stage.progress(rolled(**over)).wait.cause
    assert 1 == stage.progress(rolled(**over, skip=True)).step


def test_a_paused_preview_waits_for_its_person_and_its_clock_stands() -> None:
    moved = rolled(**{**PREVIEW, "clock_at": at(2, 55)}, paused="ada")

    assert "ada paused it" == stage.progress(moved).wait.cause
    assert (None, 5.0) == (stage.progress(moved).clock_at, stage.progress(moved).held_s)


def test_a_switch_waits_for_the_data_plane_and_is_promoted() -> None:
    waits = rolled(**SWITCH)
    done = rolled(**{**SWITCH, "weight": 1000})

    assert "promoted" == stage.progress(waits).wait.then
    assert (Phase.PROMOTING, 1000) == (stage.phase(done), stage.progress(done).max_share)


def test_a_preview_that_dies_is_taken_back() -> None:
    looping = replica(NEW, 3, restarts=3, note="exited with 1")
    moved = rolled(**{**PREVIEW, "ordinals": (3,)}, replicas=(looping,))

    assert Phase.ROLLING_BACK is stage.phase(moved)
