"""A bounded surge: capacity on both sides at all times, and never more replicas than allowed."""

from typing import Any

import msgspec
import pytest

from serinus.core.planner import decide, surge
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import Surge
from serinus.core.state.release import Phase, Retreat
from serinus.core.state.verdict import ReplicaReading
from serinus.core.state.workload import ReplicaState
from tests import builders
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.core.planner.stage import replica
from tests.films import scenes

ONE = scenes.canary(100, 500, hold_s=60, max_surge=Surge(replicas=1))


def bounded(**given: Any) -> Turn:
    """Ten replicas of stable, and a candidate at 10 % with one of its own."""
    found = stage.turn(
        **{
            "delivery": ONE,
            "replicas": (*(replica(OLD, o) for o in range(10)), replica(NEW, 10)),
            "stable_ordinals": tuple(range(10)),
            "next_ordinal": 11,
            "share": 100,
            "ordinals": (10,),
            **given,
        }
    )
    tall = found.release_with(replicas=10)
    observed = msgspec.structs.replace(tall.observed, status=tall.status)
    return msgspec.structs.replace(tall, observed=observed)


def test_the_next_step_takes_the_ones_that_were_started_for_it() -> None:
    moved = surge.grow(stage.turn(spare=(7, 8)), 3)

    assert ((3, 7, 8), ()) == (moved.progress.ordinals, moved.progress.spare)
    assert ((3, 7), (8,)) == (
        surge.grow(stage.turn(spare=(7, 8)), 2).progress.ordinals,
        surge.grow(stage.turn(spare=(7, 8)), 2).progress.spare,
    )
    assert (3, 7, 9) == surge.grow(stage.turn(spare=(7,)), 3).progress.ordinals


# --- what is asked for --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "bound", "number"),
    [
        (None, None, 10),
        (2, Surge(replicas=2), 10),
        (3, Surge(per_mille=250), 10),
        (1, Surge(per_mille=1), 10),
        (2, Surge(replicas=1), 1001),
    ],
)
def test_a_bound_is_a_number_or_a_part_and_enough_for_the_first_tenth_of_a_percent(
    expected: int | None, bound: Surge | None, number: int
) -> None:
    delivery = scenes.canary(100, max_surge=bound)

    assert expected == surge.beyond(stage.release(delivery=delivery, replicas=number))


def test_the_first_release_of_all_is_not_bounded() -> None:
    assert surge.beyond(stage.release(delivery=ONE, stable=None)) is None


def test_what_stops_takes_room_until_it_is_gone() -> None:
    stopping = replica(OLD, 99, state=ReplicaState.STOPPING)
    turn = bounded(delivery=scenes.canary(100, max_surge=Surge(replicas=3)))
    observed = msgspec.structs.replace(turn.observed, replicas=(*turn.observed.replicas, stopping))
    less = msgspec.structs.replace(turn, observed=observed)

    assert [2, 1, 0] == [surge.room(turn, 9), surge.room(less, 9), surge.room(bounded(), 9)]
    assert 9 == surge.room(stage.turn(), 9)


def test_nothing_more_is_started_where_there_is_no_room() -> None:
    turn = bounded()

    assert turn == surge.grow(turn, 5)


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (1, {"phase": Phase.STARTING, "share": 0, "ordinals": ()}),
        (5, {"step": 1, "share": 100}),
        (10, {"phase": Phase.PROMOTING, "share": 1000}),
        (5, {"phase": Phase.TRIAL, "share": 500}),
        (1, {"phase": Phase.HELD, "share": 0}),
        (1, {"phase": Phase.RETREATED, "share": 0, "ordinals": ()}),
        (0, {"phase": Phase.RETREATED, "ordinals": (), "retreat": Retreat(accused=(10,))}),
    ],
)
def test_as_many_are_wanted_as_the_share_needs_once_there_is_room(
    expected: int, given: dict[str, Any]
) -> None:
    assert expected == surge.wanted(bounded(**given))


# --- one after the other ------------------------------------------------------------------------


def test_stable_gives_up_only_what_it_has_no_traffic_for_and_what_the_candidate_needs() -> None:
    moved = surge.upkeep(bounded(step=1, share=500, weight=100))

    assert tuple(range(9)) == moved_stable(moved)
    assert surge.upkeep(bounded()) is None


def test_stable_keeps_those_that_are_ready() -> None:
    young = replica(OLD, 0, state=ReplicaState.STARTING, ready_at=None)
    olds = tuple(replica(OLD, o) for o in range(1, 10))
    turn = bounded(step=1, share=500, weight=100, replicas=(young, *olds, replica(NEW, 10)))

    assert tuple(range(1, 10)) == moved_stable(surge.upkeep(turn))


def test_the_next_replicas_wait_until_the_last_ones_serve_what_they_can_carry() -> None:
    nine = tuple(replica(OLD, o) for o in range(9))
    given: dict[str, Any] = {
        "delivery": scenes.canary(100, 500, max_surge=Surge(replicas=2)),
        "step": 1,
        "share": 500,
        "stable_ordinals": tuple(range(9)),
        "ordinals": (10, 11),
        "next_ordinal": 12,
        "replicas": (*nine, replica(NEW, 10), replica(NEW, 11)),
    }
    young = (*nine, replica(NEW, 10), replica(NEW, 11, ready_at=at(2, 55)))

    assert surge.upkeep(bounded(**given, weight=199)) is None
    waits = stage.progress(surge.upkeep(bounded(**{**given, "replicas": young}, weight=200)))
    assert (10, 11) == waits.ordinals
    assert (10, 11, 12) == stage.progress(surge.upkeep(bounded(**given, weight=200))).ordinals


def test_without_a_route_that_can_be_seen_nothing_is_given_up() -> None:
    assert surge.upkeep(bounded(step=1, share=500, route=None)) is None
    assert surge.upkeep(bounded(phase=Phase.SETTLING, share=1000)) is None
    assert surge.upkeep(stage.turn(idle=True)) is None


# --- the way back -------------------------------------------------------------------------------

HALF: dict[str, Any] = {
    "step": 1,
    "phase": Phase.ROLLING_BACK,
    "share": 0,
    "weight": 500,
    "stable_ordinals": (0, 1, 2, 3, 4, 5),
    "ordinals": (10, 11, 12, 13, 14),
    "next_ordinal": 15,
    "replicas": (
        *(replica(OLD, o) for o in range(6)),
        *(replica(NEW, o) for o in range(10, 15)),
    ),
    "since": at(3),
}


def left(**given: Any) -> int:
    turn = bounded(**{**HALF, **given})
    return surge.back(turn.status, turn.release, turn.observed, turn.weight())


def test_the_traffic_goes_back_as_far_as_stable_carries_it() -> None:
    assert 400 == left()


def test_the_candidate_lets_go_of_what_it_has_no_traffic_for_and_stable_takes_the_room() -> None:
    fewer = surge.upkeep(bounded(**{**HALF, "weight": 400}))
    gone = tuple(one for one in HALF["replicas"] if one.ordinal != 14)
    more = bounded(**{**HALF, "weight": 400, "ordinals": (10, 11, 12, 13), "replicas": gone})

    assert (10, 11, 12, 13) == stage.progress(fewer).ordinals
    assert (0, 1, 2, 3, 4, 5, 15) == moved_stable(surge.upkeep(more))


def test_where_the_candidate_is_dead_the_traffic_goes_back_at_once() -> None:
    dead = tuple(
        one if one.revision == OLD else msgspec.structs.replace(one, state=ReplicaState.BACKING_OFF)
        for one in HALF["replicas"]
    )

    assert 0 == left(replicas=dead)


def test_where_stable_does_not_come_back_in_time_the_traffic_goes_back_all_the_same() -> None:
    assert 400 == left(since=at(-16, 59))
    assert 0 == left(since=at(-17))


@pytest.mark.parametrize(
    ("expected", "bad", "number", "current"),
    [(0, 50, 1, True), (400, 49, 1, True), (400, 50, 2, True), (400, 50, 1, False)],
)
def test_a_candidate_that_fails_half_of_its_requests_is_left_at_once(
    expected: int, bad: int, number: int, *, current: bool
) -> None:
    test = msgspec.structs.replace(stage.TEST, number=number)
    one = ReplicaReading("errors", f"{NEW[:10]}-10", 100, bad, 1.0, current=current)

    assert expected == left(reading=stage.reading(test=test, replicas=(one,)))


def test_a_release_that_is_not_bounded_gives_all_back_at_once() -> None:
    assert 0 == left(delivery=scenes.canary(100, 500))


def test_what_the_way_back_waits_for_is_said_with_its_end() -> None:
    assert ("6 of 10 replicas of v1 ready", at(23)) == surge.coming(bounded(**HALF))
    assert surge.coming(bounded()) is None


def test_a_release_ends_when_stable_is_named_whole_again() -> None:
    assert surge.coming(bounded(**{**HALF, "weight": 0})) is not None
    assert surge.coming(bounded(phase=Phase.ROLLING_BACK, share=0)) is None


def test_a_newer_change_waits_until_stable_has_come_back() -> None:
    newer = builders.wanted(revision=builders.revision("v3"))
    plan = decide.decide(
        bounded(**{**HALF, "phase": Phase.ROLLING, "share": 500}, wanted=newer).observed
    )

    assert plan.status.release is not None
    assert Phase.ROLLING_BACK is plan.status.release.progress.phase


def moved_stable(moved: Turn | None) -> tuple[int, ...]:
    assert moved is not None
    return moved.status.stable_ordinals
