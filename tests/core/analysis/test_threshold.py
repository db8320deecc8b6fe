import pytest

from serinus.core.analysis import threshold
from serinus.core.spec.delivery import Threshold

BOTH = Threshold(min=1.0, max=10.0)


@pytest.mark.parametrize("value", [1.0, 5.0, 10.0])
def test_the_limits_themselves_are_within(value: float) -> None:
    assert not threshold.outside(BOTH, value)


@pytest.mark.parametrize("value", [-3.0, 0.9, 10.1])
def test_what_is_beyond_a_limit_is_outside(value: float) -> None:
    assert threshold.outside(BOTH, value)


def test_only_a_number_within_sets_the_strikes_back() -> None:
    found, seen = 0, []
    for value in (11.0, 0.5, 5.0, 12.0, 12.0, 12.0):
        found = threshold.strikes(BOTH, found, value)
        seen.append(found)

    assert [1, 2, 0, 1, 2, 3] == seen
    assert [False, True] == [threshold.struck(BOTH, strikes) for strikes in (2, 3)]


def test_no_strikes_at_all_still_take_one() -> None:
    assert not threshold.struck(Threshold(max=1.0, strikes=0), 0)
    assert threshold.struck(Threshold(max=1.0, strikes=0), 1)


def test_the_limit_that_is_shown_is_the_nearer_one() -> None:
    assert [1.0, 10.0, 10.0] == [threshold.limit(BOTH, value) for value in (0.0, 50.0, None)]
    assert 3.0 == threshold.limit(Threshold(min=3.0), 5.0)
    assert threshold.limit(Threshold(), 5.0) is None
