from typing import Any

from msgspec.structs import replace

from serinus.core.planner import evidence, rolling
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import ReplaceStep
from serinus.core.state.release import Phase
from serinus.core.state.verdict import BudgetReading
from serinus.core.state.workload import ReplicaState
from tests.builders import NEW, at
from tests.core.planner import stage
from tests.core.planner.stage import replica
from tests.films import scenes


def rolled(delivery: Any = None, **given: Any) -> Turn | None:
    begun = {"delivery": delivery or scenes.rolling(), "step": 0, "step_at": None}
    turn = stage.turn(**{**begun, **given})
    assert isinstance(turn.step, ReplaceStep)
    return rolling.rolling(turn, turn.step)


def test_new_replicas_take_their_part_when_they_are_warm() -> None:
    young = replica(NEW, 3, ready_at=at(2, 55))
    moved = rolled(share=0)

    assert "the replica warms up" == stage.progress(rolled(share=0, replicas=(young,))).wait.cause
    assert (333, 333) == (stage.progress(moved).share, stage.progress(moved).max_share)
    assert ["1 of 3 replicas of v2 take 33.3 % of the traffic."] == stage.told(moved)


def test_old_replicas_stop_when_the_data_plane_has_followed() -> None:
    lagging = rolled(share=333, weight=0)
    moved = rolled(share=333)

    assert "the next replicas" == stage.progress(lagging).wait.then
    assert moved is not None
    assert (0, 1) == moved.status.stable_ordinals


def test_the_next_batch_starts_when_the_surplus_has_gone() -> None:
    assert (3, 9) == stage.progress(rolled(share=333, stable_ordinals=(0, 1))).ordinals


def test_without_surge_old_replicas_stop_first() -> None:
    down = scenes.rolling(max_surge=0, max_unavailable=400)
    moved = rolled(down, share=333, stable_ordinals=(0, 1))

    assert moved is not None
    assert ((), (3, 9, 10)) == (moved.status.stable_ordinals, moved.progress.ordinals)


def test_when_every_place_is_taken_it_is_promoted() -> None:
    moved = rolled(share=1000, ordinals=(3, 4, 5), stable_ordinals=())

    assert Phase.PROMOTING is stage.phase(moved)


def test_a_pause_stops_the_next_batch() -> None:
    assert "ada paused it" == stage.progress(rolled(share=333, paused="ada")).wait.cause


def test_a_violated_objective_halts_it_until_a_person_goes_on() -> None:
    violated = stage.reading(slo_violated="slo violated: errors 3 %", slo_check="slo")
    halted = rolled(share=333, reading=violated)
    going_on = rolled(share=333, reading=violated, skip=True)

    assert evidence.HALTED == stage.progress(halted).wait.then
    assert going_on is not None
    assert (0, 1) == going_on.status.stable_ordinals


def test_a_burning_budget_halts_it_until_that_ends() -> None:
    fire = (BudgetReading("errors", 0.5, 10, 5, burning="errors burns 20 times too fast"),)
    wait = stage.progress(rolled(share=333, budgets=fire)).wait

    assert ("errors burns 20 times too fast", evidence.HALTED) == (wait.cause, wait.then)


def test_an_objective_that_says_so_and_a_crash_loop_take_it_back() -> None:
    violated = stage.reading(slo_violated="errors violated: errors 3 %", slo_check="errors")
    strict = replace(scenes.rolling(), checks=scenes.slo())
    looping = replica(NEW, 3, state=ReplicaState.BACKING_OFF, restarts=3)

    assert ["Rolled back: errors 3 %."] == stage.told(rolled(strict, share=333, reading=violated))
    assert Phase.ROLLING_BACK is stage.phase(rolled(share=333, replicas=(looping,)))
