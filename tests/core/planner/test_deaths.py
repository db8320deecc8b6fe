"""Deaths that are spread over the candidate's replicas, held against it while stable lives."""

import pytest

from serinus.core.planner import deaths, finish
from serinus.core.state.release import Phase
from serinus.core.state.workload import Replica
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.core.planner.stage import replica

OOM = "killed for using more memory than its limit of 64Mi"
STABLE = tuple(replica(OLD, ordinal) for ordinal in range(3))


def died(*times: int, note: str = "") -> tuple[Replica, ...]:
    return tuple(
        replica(NEW, 3 + place, deaths=number, restarts=number, note=note if number else "")
        for place, number in enumerate(times)
    )


def told(*candidate: Replica, stable: tuple[Replica, ...] = STABLE) -> str:
    ordinals = tuple(one.ordinal for one in candidate)
    return deaths.told(stage.turn(ordinals=ordinals, replicas=(*stable, *candidate)))


def test_three_deaths_of_several_replicas_are_not_bad_luck() -> None:
    assert f"its 3 replicas ended 3 times; those of v1 did not; last: {OOM}" == told(
        *died(1, 1, 1, note=OOM)
    )
    assert "its 2 replicas ended 3 times; those of v1 did not" == told(*died(1, 2))


@pytest.mark.parametrize("times", [(0, 0, 0), (1, 1, 0), (2, 0), (5,)])
def test_fewer_deaths_and_those_of_one_replica_alone_say_nothing_here(
    times: tuple[int, ...],
) -> None:
    assert "" == told(*died(*times))


def test_where_stable_dies_as_well_it_is_not_the_version() -> None:
    dying = tuple(replica(OLD, o, deaths=1, started_at=at(2)) for o in range(3))

    assert "" == told(*died(1, 1, 1), stable=dying)


def test_one_death_of_stable_excuses_little() -> None:
    dying = (replica(OLD, 0, deaths=1, started_at=at(2)), *STABLE[1:])
    found = told(*died(2, 2, 2), stable=dying)

    assert "its 3 replicas ended 6 times; those of v1 once" == found


def test_what_stable_died_of_before_the_release_excuses_nothing() -> None:
    dying = tuple(replica(OLD, o, deaths=4, started_at=at(-30)) for o in range(3))

    assert "" != told(*died(1, 1, 1), stable=dying)


def test_without_a_stable_version_there_is_nothing_to_compare_with() -> None:
    candidate = died(1, 1, 1)
    turn = stage.turn(ordinals=(3, 4, 5), replicas=candidate, first=True)

    assert "its 3 replicas ended 3 times" == deaths.told(turn)


def test_a_release_whose_replicas_die_is_taken_back_with_the_reason() -> None:
    found = (*STABLE, *died(1, 1, 1, note=OOM))
    moved = finish.liveness(stage.turn(ordinals=(3, 4, 5), replicas=found))
    died_of = f"its 3 replicas ended 3 times; those of v1 did not; last: {OOM}"

    assert [f"Rolled back: v2 does not live: {died_of}."] == stage.told(moved)
    assert Phase.ROLLING_BACK is stage.phase(moved)
