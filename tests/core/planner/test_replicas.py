import hypothesis
import pytest
from hypothesis import strategies as st

from serinus.core.planner import replicas
from serinus.core.state.workload import ReplicaState
from tests.builders import NEW, OLD, at
from tests.core.planner.stage import replica


@pytest.mark.parametrize(
    ("expected", "share", "of"),
    [(0, 0, 3), (1, 1, 3), (1, 333, 3), (2, 334, 3), (2, 500, 3), (3, 1000, 3), (1, 1000, 1)],
)
def test_a_share_needs_its_part_of_the_replicas_and_at_least_one(
    expected: int, share: int, of: int
) -> None:
    assert expected == replicas.needed(share, of)


@pytest.mark.parametrize(
    ("expected", "share", "of"),
    [(3, 0, 3), (3, 1, 3), (2, 333, 3), (2, 334, 3), (5, 500, 10), (1, 999, 3), (0, 1000, 3)],
)
def test_stable_needs_what_is_left_to_a_tenth_of_a_percent(
    expected: int, share: int, of: int
) -> None:
    assert expected == replicas.left(share, of)


def test_replicas_carry_their_part_of_the_traffic() -> None:
    assert [0, 333, 1000, 1000] == [replicas.carries(n, 3) for n in (0, 1, 3, 4)]


@hypothesis.given(number=st.integers(1, 1000), found=st.integers(1, 1000))
def test_what_replicas_carry_leaves_room_for_one_more(number: int, found: int) -> None:
    share = replicas.carries(min(found, number), number)

    assert replicas.needed(share, number) <= min(found, number)
    assert min(found, number) + replicas.left(share, number) <= number


def test_a_part_is_rounded_up() -> None:
    assert [0, 1, 1, 2] == [replicas.part(p, 4) for p in (0, 1, 250, 251)]


def test_only_the_named_replicas_of_the_revision_that_do_not_stop_count_in_their_order() -> None:
    found = [
        replica(NEW, 5),
        replica(NEW, 3),
        replica(NEW, 4, state=ReplicaState.STOPPING),
        replica(OLD, 3),
        replica(NEW, 9),
    ]

    assert [3, 5] == [r.ordinal for r in replicas.of(found, NEW, (3, 4, 5))]
    assert [] == replicas.of(found, None, (3,))


def test_a_replica_is_warm_when_it_has_been_ready_for_the_warm_up() -> None:
    ready = replica(ready_at=at(1))
    starting = replica(ordinal=4, state=ReplicaState.STARTING, ready_at=None)

    assert [ready] == replicas.warm([ready, starting], at(1, 15), 15)
    assert [] == replicas.warm([ready, starting], at(1, 14), 15)
    assert at(1, 15) == replicas.warm_at([ready, starting], 15)
    assert replicas.warm_at([starting], 15) is None
