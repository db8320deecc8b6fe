import numpy as np
import pytest

from serinus.lab import delays
from serinus.lab.delays import Delays
from serinus.lab.moment import Moment

BOUNDS = (10, 50, 100, 600)


def moment(ticks: int = 1) -> Moment:
    clock = np.arange(float(ticks))[:, None] * 5
    return Moment(t=clock, since=clock, age=clock, weight=0.1, tick_s=5.0)


def test_half_of_the_requests_are_slower_than_the_median() -> None:
    slower = Delays(median_ms=50).slower(BOUNDS, moment())

    assert pytest.approx(0.5) == slower[1]
    assert (np.diff(slower) < 0).all()


@pytest.mark.parametrize("pareto", [None, 1.1])
def test_twice_as_slow_is_the_share_beyond_half_of_the_bound(pareto: float | None) -> None:
    twice = Delays(times=2.0, pareto=pareto).slower((100, 200, 1000), moment())
    once = Delays(pareto=pareto).slower((50, 100, 500), moment())

    assert pytest.approx(once) == twice


def test_nothing_is_quicker_than_where_a_pareto_distribution_begins() -> None:
    slower = Delays(median_ms=50, pareto=1.0).slower((10, 50, 100, 500), moment())

    assert [1.0, 1.0, 0.5, 0.1] == [pytest.approx(share) for share in slower]


def test_a_tail_adds_a_share_of_late_requests() -> None:
    common = Delays().slower(BOUNDS, moment())
    late = Delays(tail=0.05, tail_ms=500).slower(BOUNDS, moment())

    assert pytest.approx(0.95 * common[2] + 0.05) == late[2]
    assert common[3] < late[3] < common[3] + 0.05


def test_what_depends_on_the_moment_has_a_row_for_each_tick() -> None:
    slower = Delays(times=lambda m: 1 + m.since / 10).slower(BOUNDS, moment(3))

    assert (3, 1, 4) == slower.shape
    assert (np.diff(slower[:, 0, 1]) > 0).all()


def test_every_request_falls_into_one_bucket() -> None:
    requests = np.array([1000, 0, 50_000])
    slower = Delays().slower(BOUNDS, moment())

    found = delays.buckets(np.random.default_rng(1), requests, slower)

    assert (3, 5) == found.shape
    assert requests.tolist() == found.sum(axis=1).tolist()
    assert pytest.approx(slower[1], abs=0.01) == found[2, 2:].sum() / 50_000
