import numpy as np
import pytest

from serinus.lab import bursts


@pytest.mark.parametrize("mean", [1.0, 5.0, 40.0])
def test_sizes_are_geometric(mean: float) -> None:
    number = np.ones(20_000, dtype=np.int64)

    sizes = bursts.geometric(np.random.default_rng(1), number, mean)

    assert sizes.min() == 1
    assert pytest.approx(mean, rel=0.03) == sizes.mean()
    assert pytest.approx(1 / mean, rel=0.1) == (sizes == 1).mean()


def test_no_burst_has_no_errors() -> None:
    number = np.array([0, 3, 0])

    sizes = bursts.geometric(np.random.default_rng(1), number, 5.0)

    assert 0 == sizes[0] == sizes[2]
    assert sizes[1] >= 3


def test_what_has_no_room_comes_in_the_next_ticks() -> None:
    due, room = np.array([7, 0, 0, 1]), np.array([3, 2, 5, 0])
    owed = np.zeros_like(due)

    bursts.spill(due, room, owed)

    assert [3, 2, 2, 0] == np.minimum(due, room).tolist()
    assert [4, 2, 0, 1] == owed.tolist()


def test_bursts_come_with_the_requests() -> None:
    requests = np.full(50_000, 100)

    found = bursts.errors(np.random.default_rng(1), requests, bursts.Bursts(1e-3, 8))

    assert pytest.approx(0.8, rel=0.1) == found.mean()
