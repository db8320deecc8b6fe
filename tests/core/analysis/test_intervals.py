from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import intervals
from serinus.core.analysis.intervals import Counts
from tests.core.analysis import abtest


def test_the_interval_of_one_share_is_wilsons() -> None:
    # Newcombe, Two-sided confidence intervals for the single proportion, table I (1998).
    assert (0.2553, 0.3662) == pytest.approx(intervals.wilson((81, 263)), abs=5e-5)
    assert (0.0624, 0.1605) == pytest.approx(intervals.wilson((15, 148)), abs=5e-5)
    assert (0.0, 0.1611) == pytest.approx(intervals.wilson((0, 20)), abs=5e-5)
    assert (0.0061, 0.1718) == pytest.approx(intervals.wilson((1, 29)), abs=5e-5)


def test_nothing_counted_could_be_any_share() -> None:
    assert (0.0, 1.0) == intervals.wilson((0, 0))


@pytest.mark.parametrize(
    ("one", "other", "interval"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_the_interval_of_a_planned_look_is_newcombes(
    one: Counts, other: Counts, interval: tuple[float, float]
) -> None:
    # Newcombe, Interval estimation for the difference between independent proportions, table II.
    assert interval == pytest.approx(intervals.fixed(one, other), abs=5e-5)


def test_the_interval_at_any_time_is_robbins_mixture_of_the_difference() -> None:
    # By hand: s² = 10,000 · (0.1212·0.8788 + 0.1120·0.8880) / 5,000, ρ² = 7.9362 / 2,000.
    low, high = intervals.anytime((605, 5000), (559, 5000))

    assert 0.0092 == pytest.approx((low + high) / 2)
    assert 0.02023 == pytest.approx((high - low) / 2, abs=5e-5)


shares = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(
    lambda drawn: (min(drawn), max(20, *drawn))
)


@given(shares, shares)
def test_an_interval_holds_the_difference_that_was_seen_and_turns_with_the_sides(
    one: Counts, other: Counts
) -> None:
    seen = one[0] / one[1] - other[0] / other[1]
    for interval in (intervals.fixed, intervals.anytime):
        low, high = interval(one, other)
        turned = interval(other, one)

        assert -1.0 <= low <= seen + 1e-12
        assert seen - 1e-12 <= high <= 1.0
        assert (-high, -low) == pytest.approx(turned)


@given(shares, shares)
def test_who_may_look_at_any_time_sees_less_sharply(one: Counts, other: Counts) -> None:
    fixed, anytime = intervals.fixed(one, other), intervals.anytime(one, other)

    assert fixed[1] - fixed[0] <= anytime[1] - anytime[0] + 1e-9


@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("late", [0.0, 0.8])
def test_looking_each_day_finds_no_difference_where_there_is_none(
    share: float, late: float
) -> None:
    random = Random(20)
    found = once = 0
    for _ in range(200):
        course = list(abtest.days(random, (0.05, 0.05), share=share, users=200, late=late))
        looks = [intervals.anytime(one, other) for one, other in course]
        found += any(not low <= 0 <= high for low, high in looks)
        low, high = intervals.fixed(*course[-1])
        once += not low <= 0 <= high

    # 5 % of 200 are 10; three standard deviations more are 19.
    assert found <= 10
    assert once <= 19


def test_a_difference_that_is_there_is_found_and_held_by_the_interval() -> None:
    random = Random(21)
    missed, found = 0, 0
    for _ in range(100):
        course = list(abtest.days(random, (0.16, 0.10), share=0.5, users=300))
        looks = [intervals.anytime(one, other) for one, other in course]
        missed += any(not low <= 0.06 <= high for low, high in looks)
        found += any(low > 0 for low, _ in looks)

    assert missed <= 5
    assert found >= 95


def test_a_fair_draw_is_not_suspected_however_often_it_is_looked_at() -> None:
    random = Random(22)
    worst = 1.0
    for _ in range(20):
        own = 0
        for users in range(1, 3001):
            own += random.random() < 0.3
            worst = min(worst, intervals.mismatch(own, users - own, 0.3))

    assert worst > 0.001


def test_a_side_that_loses_users_is_suspected() -> None:
    assert intervals.mismatch(4_700, 5_300, 0.5) < 0.001
    assert intervals.mismatch(0, 200, 0.1) < 0.001
    assert intervals.mismatch(4_950, 5_050, 0.5) > 0.05


def test_a_draw_that_leaves_nobody_a_choice_is_never_suspected() -> None:
    assert 1.0 == intervals.mismatch(100, 0, 1.0)
