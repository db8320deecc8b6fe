from math import log
from typing import Any

import pytest

from serinus.core.planner import canary, retreat, singles
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import Surge, TrafficStep
from serinus.core.state import verdict
from serinus.core.state.release import Phase, Retreat
from serinus.core.state.verdict import Reading, ReplicaReading
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.core.planner.stage import replica
from tests.films import scenes

SAYS = "errors 3 % against 0.1 % on stable; one of 3 replicas carries the evidence"
OLDS = tuple(replica(OLD, o) for o in (0, 1, 2))


def name(ordinal: int) -> str:
    return f"{NEW[:10]}-{ordinal}"


def bad(**given: Any) -> Reading:
    loud = {"alarm": True, "log_evidence": log(20), "accused": "errors", "sentence": SAYS}
    found: Reading = stage.reading(**{"data_at": at(3).timestamp(), **loud, **given})
    return found


def alarmed(**given: Any) -> Turn:
    moved = retreat.alarm(stage.turn(**{"ordinals": (3, 4, 5), "reading": bad(), **given}))
    assert moved is not None
    return moved


def failing(requests: int, failed: int, ordinal: int = 3) -> ReplicaReading:
    return ReplicaReading("errors", name(ordinal), requests, failed, 40.0)


# --- one of several -------------------------------------------------------------------------------


def test_one_of_three_that_is_bad_alone_is_replaced_and_the_share_stays() -> None:
    moved = alarmed(reading=bad(carrier=name(4)))

    assert (Phase.ROLLING, 250, (3, 5, 9), (4,), 1) == (
        moved.progress.phase,
        moved.progress.share,
        moved.progress.ordinals,
        moved.progress.retreat.accused,
        moved.progress.retreat.replaced,
    )
    assert [f"Replaced one replica, at 25 % as before: {SAYS}."] == stage.told(moved)


def test_a_replacement_begins_another_test_and_keeps_its_evidence() -> None:
    moved = alarmed(reading=bad(carrier=name(4)))

    assert verdict.Test(2, verdict.TestKind.RUN) == moved.progress.test
    assert pytest.approx(log(20)) == moved.progress.retreat.ledger
    assert moved.progress.retreat.age_s > 0


def test_one_that_is_bad_alone_is_not_replaced_where_there_is_no_room_for_another() -> None:
    bounded = scenes.canary(10, 50, 250, 500, max_surge=Surge(replicas=1))
    moved = alarmed(reading=bad(carrier=name(4)), delivery=bounded)

    assert Phase.RETREATED is stage.phase(moved)


def test_one_that_is_bad_alone_in_a_trial_leaves_it_on_trial() -> None:
    moved = alarmed(reading=bad(carrier=name(4)), phase=Phase.TRIAL)

    assert Phase.TRIAL is stage.phase(moved)
    assert verdict.TestKind.TRIAL is moved.progress.test.kind


def test_one_of_two_is_half_of_the_version() -> None:
    moved = alarmed(ordinals=(3, 4), reading=bad(carrier=name(4)))

    assert (Phase.RETREATED, 0) == (moved.progress.phase, moved.progress.share)


def test_where_several_show_it_the_traffic_is_taken_away() -> None:
    assert Phase.RETREATED is stage.phase(alarmed())


@pytest.mark.parametrize("carrier", [name(2), "", "somebody", f"{NEW[:10]}-x"])
def test_who_does_not_serve_is_not_replaced(carrier: str) -> None:
    assert Phase.RETREATED is stage.phase(alarmed(reading=bad(carrier=carrier)))


@pytest.mark.parametrize(
    ("expected", "replaced", "most"),
    [
        (Phase.ROLLING, 0, 0),  # nothing is known of the luck: once
        (Phase.RETREATED, 1, 0),
        (Phase.ROLLING, 1, 2),  # a restless service
        (Phase.RETREATED, 2, 2),
        (Phase.RETREATED, 3, 9),  # each of them once, and it is not one of them any more
    ],
)
def test_no_more_are_replaced_than_bad_luck_allows(
    expected: Phase, replaced: int, most: int
) -> None:
    state = Retreat(replaced=replaced, most=most)

    assert expected is stage.phase(alarmed(reading=bad(carrier=name(4)), retreat=state))


def test_the_first_and_the_last_one_that_were_accused_are_kept() -> None:
    moved = alarmed(reading=bad(carrier=name(4)), retreat=Retreat(accused=(1, 2)))

    assert (1, 4) == moved.progress.retreat.accused


# --- only the young -------------------------------------------------------------------------------

AGES = (
    replica(NEW, 3, ready_at=at(2)),  # a minute old
    replica(NEW, 4, ready_at=at(0)),
    replica(NEW, 5, ready_at=at(-30)),
)
YOUNG: dict[str, Any] = {
    "replicas": (*OLDS, *AGES),
    "reading": bad(suspects=(name(3),), replicas=(failing(100, 20),)),
}


def test_what_only_young_ones_show_is_no_longer_asked_of_the_young() -> None:
    moved = alarmed(**YOUNG)

    assert (Phase.ROLLING, 250, (3, 4, 5), singles.YOUNG_S, 0) == (
        moved.progress.phase,
        moved.progress.share,
        moved.progress.ordinals,
        moved.progress.retreat.young_s,
        moved.progress.retreat.count,
    )
    assert verdict.Test(2, verdict.TestKind.RUN) == moved.progress.test
    assert pytest.approx(log(20)) == moved.progress.retreat.ledger
    assert [
        (
            f"At 25 % as before: {SAYS}. Only young replicas show it: from now on those younger "
            "than 5m are not judged."
        )
    ] == stage.told(moved)


def test_the_young_are_spared_on_trial_as_well() -> None:
    moved = alarmed(**YOUNG, phase=Phase.TRIAL)

    assert (Phase.TRIAL, verdict.TestKind.TRIAL) == (moved.progress.phase, moved.progress.test.kind)


def test_the_young_are_spared_once() -> None:
    moved = alarmed(**YOUNG, retreat=Retreat(young_s=singles.YOUNG_S))

    assert Phase.RETREATED is stage.phase(moved)


def test_a_young_one_that_fails_more_than_half_is_replaced() -> None:
    said = bad(suspects=(name(3),), replicas=(failing(100, 60),), carrier=name(3))
    moved = alarmed(replicas=YOUNG["replicas"], reading=said)

    assert "Replaced" == moved.events[-1].reason
    assert (4, 5, 9) == moved.progress.ordinals


@pytest.mark.parametrize(
    ("suspects", "why"),
    [
        ((), "nobody in particular"),
        ((name(3), name(4)), "three minutes are not young"),
        ((name(5),), "the oldest one"),
        ((name(3), name(4), name(5)), "nobody is left that is well"),
    ],
)
def test_what_others_show_as_well_is_no_matter_of_youth(
    suspects: tuple[str, ...], why: str
) -> None:
    said = bad(suspects=suspects, replicas=(failing(100, 20),))

    assert Phase.RETREATED is stage.phase(alarmed(replicas=YOUNG["replicas"], reading=said)), why


def test_where_all_are_young_youth_says_nothing() -> None:
    found = tuple(replica(NEW, o, ready_at=at(2, o)) for o in (3, 4, 5))
    said = bad(suspects=(name(5),), replicas=(failing(100, 20, 5),))

    assert Phase.RETREATED is stage.phase(alarmed(replicas=(*OLDS, *found), reading=said))


def test_a_step_goes_on_after_one_was_replaced() -> None:
    """The share is what it was, so that the clock of the step runs on."""
    turn = stage.turn(ordinals=(3, 4, 5), reading=bad(carrier=name(4)))
    step = turn.step
    assert isinstance(step, TrafficStep)
    moved = canary.rolling(turn, step)

    assert moved is not None
    assert turn.progress.step_at == moved.progress.step_at
