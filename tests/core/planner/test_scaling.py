from typing import Any

import pytest

from serinus.core.planner import begin, decide, scaling
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import Surge
from serinus.core.state.release import Phase
from tests import builders
from tests.builders import OLD
from tests.core.planner import stage
from tests.films import scenes


def asked(replicas: int, **given: Any) -> Turn:
    """A turn after it was seen that so many replicas are asked for."""
    turn = stage.turn(wanted=builders.wanted(replicas=replicas), **given)
    return begin.consider(turn) or turn


# --- in flight ----------------------------------------------------------------------------------


FLYING = [p for p in Phase if not p.ended and p not in {Phase.QUEUED, Phase.SETTLING}]


@pytest.mark.parametrize("phase", FLYING)
def test_in_flight_no_number_takes_a_replica_from_stable(phase: Phase) -> None:
    moved = asked(1, phase=phase)

    assert (0, 1, 2) == moved.status.stable_ordinals
    assert 3 == moved.release.replicas
    assert () == moved.events


@pytest.mark.parametrize(("expected", "number"), [(3, 1), (5, 5)])
def test_while_the_old_version_stays_warm_the_new_one_is_scaled_upwards_only(
    expected: int, number: int
) -> None:
    v1 = builders.revision(OLD, "v1")
    turn = stage.turn(
        phase=Phase.SETTLING, wanted=builders.wanted(revision=v1, replicas=number), weight=0
    )
    moved = begin.consider(turn) or turn

    assert expected == len(moved.status.stable_ordinals)


def test_what_fell_in_flight_is_done_afterwards() -> None:
    v1 = builders.revision(OLD, "v1")
    settled = stage.seen(idle=True, wanted=builders.wanted(revision=v1, replicas=1))

    assert (0,) == decide.decide(settled).status.stable_ordinals


def test_a_number_that_rises_in_flight_is_followed_on_both_sides() -> None:
    moved = asked(9, ordinals=(3,))

    assert (0, 1, 2, 9, 10, 11, 12, 13, 14) == moved.status.stable_ordinals
    assert (9, (3, 15, 16)) == (moved.release.replicas, moved.progress.ordinals)
    assert ["Scaled v1 from 3 to 9 replicas."] == stage.told(moved)


@pytest.mark.parametrize("phase", [Phase.RETREATED, Phase.PROBING, Phase.HELD, Phase.ROLLING_BACK])
def test_where_the_candidate_is_in_doubt_stable_alone_grows(phase: Phase) -> None:
    moved = asked(5, phase=phase)

    assert ((0, 1, 2, 9, 10), (3,)) == (moved.status.stable_ordinals, moved.progress.ordinals)


def test_the_first_release_of_all_grows_as_it_starts() -> None:
    moved = asked(5, first=True, phase=Phase.STARTING, ordinals=(0, 1, 2), stable_ordinals=())

    assert ((), (0, 1, 2, 9, 10)) == (moved.status.stable_ordinals, moved.progress.ordinals)
    assert ["Scaled v2 from 3 to 5 replicas."] == [
        told.replace("v1", "v2") for told in stage.told(moved)
    ]


def test_where_places_are_shared_the_step_itself_fills_them() -> None:
    moved = asked(5, delivery=scenes.rolling(), step=0)

    assert ((0, 1, 2), (3,)) == (moved.status.stable_ordinals, moved.progress.ordinals)
    assert 5 == moved.release.replicas


def test_where_the_surge_is_bounded_both_sides_grow_as_there_is_room() -> None:
    moved = asked(5, delivery=scenes.canary(10, 50, 250, 500, max_surge=Surge(replicas=1)))

    assert ((0, 1, 2), (3, 9)) == (moved.status.stable_ordinals, moved.progress.ordinals)


# --- at rest ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("expected", "number"), [((0,), 1), ((0, 1, 2, 9), 4)])
def test_stable_is_scaled_while_the_next_release_is_queued(
    expected: tuple[int, ...], number: int
) -> None:
    moved = asked(number, phase=Phase.QUEUED, ordinals=(), share=0)

    assert expected == moved.status.stable_ordinals


@pytest.mark.parametrize("number", [1, 5])
def test_stable_is_scaled_beside_a_change_in_quarantine(number: int) -> None:
    moved = asked(number, idle=True, quarantine=(builders.wanted().revision.id,))

    assert number == len(moved.status.stable_ordinals)
    assert moved.status.release is None


def test_what_nobody_serves_is_not_scaled() -> None:
    turn = stage.turn(first=True, idle=True)

    assert turn is scaling.follow(turn, 5)
    assert turn is scaling.follow(turn, 0)
