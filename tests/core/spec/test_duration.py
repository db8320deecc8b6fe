from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.spec import duration
from tests.core.spec import strategies


@given(strategies.LENGTHS)
def test_what_is_written_is_read_back(length: timedelta) -> None:
    assert length == duration.parse(duration.text(length))


@given(st.integers(0, 10**9))
def test_seconds_are_read_back_to_the_millisecond(milliseconds: int) -> None:
    seconds = milliseconds / 1000

    assert seconds == duration.seconds(duration.of_seconds(seconds))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("1h30m", 5400), ("1d", 86_400), ("1.5s", 1.5), ("250ms", 0.25)],
)
def test_units_go_from_long_to_short(text: str, seconds: float) -> None:
    assert seconds == duration.seconds(text)


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "5m1h", "5m5m", "-5m", "1.m", "5M", "m5"])
def test_what_is_no_duration_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is not a duration; wanted a number with ms"):
        duration.parse(text)


def test_nothing_is_finer_than_a_millisecond_or_longer_than_a_year() -> None:
    with pytest.raises(ValueError, match=r"'0\.5ms' is finer than a millisecond"):
        duration.parse("0.5ms")
    with pytest.raises(ValueError, match="'367d' is longer than 366 days"):
        duration.parse("367d")


def test_nothing_is_written_as_0s() -> None:
    assert "0s" == duration.text(timedelta())
