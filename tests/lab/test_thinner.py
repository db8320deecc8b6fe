"""Thinner traffic keeps rates, adds nothing, and tells the recorded share from counts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from serinus.core.state.counts import Arm, Tick
from serinus.lab import thinner
from tests.lab.recordings import drawn


@given(some.integers(0, 400), some.floats(0, 1), some.integers(0, 99))
def test_a_part_is_never_more_than_the_whole(trials: int, share: float, seed: int) -> None:
    found = thinner.binomial(trials, share, random.Random(seed))

    assert 0 <= found <= trials


@pytest.mark.parametrize(("trials", "share"), [(20, 0.3), (100, 0.05), (100, 0.9), (5000, 0.2)])
def test_parts_have_the_mean_and_the_spread_of_a_binomial(trials: int, share: float) -> None:
    chance = random.Random(5)
    found = [thinner.binomial(trials, share, chance) for _ in range(2000)]

    mean = sum(found) / len(found)
    spread = sum((one - mean) ** 2 for one in found) / len(found)
    variance = trials * share * (1 - share)
    assert mean == pytest.approx(trials * share, abs=5 * (variance / 2000) ** 0.5)
    assert spread == pytest.approx(variance, rel=0.2)


@given(
    some.lists(some.integers(0, 60), min_size=3, max_size=3),
    some.integers(0, 100),
    some.floats(0, 1),
)
def test_a_thinned_arm_is_as_valid_as_a_whole_one(slower: list[int], bad: int, keep: float) -> None:
    falling = tuple(sorted(slower, reverse=True))
    arm = Arm({"a-0": (100, bad)}, 100, falling, {"a-0": {"logs": 7}}, {"logs": {"x": 3}})

    found = thinner.thin(arm, keep, random.Random(1))

    assert 0 <= found.errors <= found.requests <= 100
    assert list(found.slower) == sorted(found.slower, reverse=True)
    assert found.slower[0] <= found.timed <= 100
    assert found.lines["a-0"]["logs"] <= 7
    assert found.kinds["logs"]["x"] <= 3


def test_the_recorded_share_is_told_on_both_sides_of_a_step() -> None:
    ticks = drawn(((0.05, 60.0), (0.25, 60.0))).ticks

    least, most, _ = thinner.recorded(ticks)

    assert least[11] == pytest.approx(0.05, abs=0.01)
    assert most[12] == pytest.approx(0.25, abs=0.02)


def test_the_same_share_is_not_thinned_and_none_gives_nothing() -> None:
    ticks = drawn(((0.05, 60.0),)).ticks
    thin = thinner.Thinner(ticks, random.Random(1))

    assert ticks[3] is thin.tick(3, 0.05).tick or ticks[3] == thin.tick(3, 0.05).tick
    assert "candidate" not in thin.tick(3, 0.0).tick.arms


def test_a_tick_without_the_candidate_stays_as_it_is() -> None:
    tick = Tick(5.0, 5.0, {"stable": Arm({"a-0": (500, 0)})})

    found = thinner.Thinner([tick], random.Random(1)).tick(0, 0.5)

    assert tick == found.tick
    assert found.short


def test_a_share_that_is_known_is_taken_and_is_not_passed_on_for_another() -> None:
    arms = {"stable": Arm({"a-0": (900, 0)}), "candidate": Arm({"c-0": (100, 0)})}
    ticks = [Tick(5.0 * place, 5.0, arms, wanted=100) for place in (1, 2, 3)]
    thin = thinner.Thinner(ticks, random.Random(1))

    same, less = thin.tick(1, 0.1).tick, thin.tick(1, 0.05).tick

    assert [0.1] * 3 == thin.shares
    assert ticks[1] == same
    assert less.wanted is None
    assert 30 <= less.arms["candidate"].requests <= 70
