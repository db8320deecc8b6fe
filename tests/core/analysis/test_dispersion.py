from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import dispersion


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=8))
def test_the_dispersion_is_at_least_one_and_at_most_eight(parts: list[tuple[int, int]]) -> None:
    spread, events = dispersion.clumps([(max(n, x), x) for n, x in parts])

    assert 1 <= dispersion.phi(spread, events) <= dispersion.MOST


def test_independent_errors_have_a_dispersion_near_one() -> None:
    random, spread, events = Random(3), 0.0, 0.0
    for _ in range(500):
        parts = [(100, sum(random.random() < 0.02 for _ in range(100))) for _ in range(5)]
        one = dispersion.clumps(parts)
        spread, events = spread + one[0], events + one[1]

    assert spread / events == pytest.approx(1.0, abs=0.1)


def test_errors_that_come_ten_at_a_time_have_a_dispersion_near_ten() -> None:
    random, spread, events = Random(4), 0.0, 0.0
    for _ in range(2000):
        parts = [(100, 10 * (random.random() < 0.02)) for _ in range(5)]
        one = dispersion.clumps(parts)
        spread, events = spread + one[0], events + one[1]

    assert spread / events == pytest.approx(10.0, rel=0.15)
    assert dispersion.phi(spread, events) == dispersion.MOST


def test_one_part_alone_says_nothing() -> None:
    assert dispersion.clumps([(100, 50), (0, 0)]) == (0.0, 0.0)


def test_lines_may_clump_more_than_requests() -> None:
    assert dispersion.phi(1e6, 10.0) == dispersion.MOST
    assert dispersion.phi(1e6, 10.0, dispersion.MOST_LINES) == dispersion.MOST_LINES
