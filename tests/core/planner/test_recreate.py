from typing import Any

from serinus.core.planner import recreate
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import RecreateStep
from serinus.core.state.release import Phase
from serinus.core.state.workload import ReplicaState
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.core.planner.stage import replica
from tests.films import scenes


def rolled(**given: Any) -> Turn | None:
    begun = {"delivery": scenes.recreate(), "step": 0, "step_at": None, "weight": 0}
    turn = stage.turn(**{**begun, **given})
    assert isinstance(turn.step, RecreateStep)
    return recreate.rolling(turn, turn.step)


def test_stable_stops_first() -> None:
    moved = rolled(share=0, ordinals=())

    assert moved is not None
    assert ((), 1000) == (moved.status.stable_ordinals, moved.progress.share)


def test_a_pause_holds_before_stable_stops_and_never_after() -> None:
    before = rolled(share=0, ordinals=(), paused="ada")
    after = rolled(share=1000, ordinals=(), stable_ordinals=(), replicas=(), paused="ada")

    assert "ada paused it" == stage.progress(before).wait.cause
    assert (9, 10, 11) == stage.progress(after).ordinals


def test_the_candidate_starts_when_stable_is_gone() -> None:
    stopping = replica(OLD, 0, state=ReplicaState.STOPPING)
    gone = {"share": 1000, "ordinals": (), "stable_ordinals": ()}

    waits = stage.progress(rolled(**gone, replicas=(stopping,))).wait

    assert ("the old replicas stop", at(3, 40)) == (waits.cause, waits.until)
    assert (9, 10, 11) == stage.progress(rolled(**gone, replicas=())).ordinals


def test_the_candidate_has_a_time_to_get_ready() -> None:
    cold = replica(NEW, 3, state=ReplicaState.STARTING, ready_at=None)
    young = replica(NEW, 3, ready_at=at(2, 59))
    new = {"share": 1000, "stable_ordinals": (), "pending_since": at(2, 30)}

    waits = stage.progress(rolled(**new, replicas=(cold,))).wait
    late = rolled(**{**new, "pending_since": at(1, 59)}, replicas=(cold,))

    assert ("0 of 1 replica ready", at(3, 30)) == (waits.cause, waits.until)
    assert ["Rolled back: v2 was not ready within 1m."] == stage.told(late)
    warming = rolled(**new, replicas=(young,))
    assert "the replica warms up" == stage.progress(recreate_again(warming)).wait.cause


def recreate_again(moved: Turn | None) -> Turn | None:
    """What was pending is noted first; the next move waits."""
    assert moved is not None
    assert isinstance(moved.step, RecreateStep)
    return recreate.rolling(moved, moved.step)


def test_a_candidate_that_serves_everybody_is_promoted() -> None:
    moved = rolled(share=1000, weight=1000, stable_ordinals=(), pending_since=None)

    assert Phase.PROMOTING is stage.phase(moved)


def test_a_candidate_that_dies_is_taken_back() -> None:
    looping = replica(NEW, 3, restarts=3)

    assert Phase.ROLLING_BACK is stage.phase(
        rolled(share=1000, stable_ordinals=(), replicas=(looping,))
    )
