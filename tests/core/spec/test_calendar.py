from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.spec import calendar
from serinus.core.spec.calendar import Weekly, Window
from tests.core.spec import strategies

BERLIN = "Europe/Berlin"
MON, TUE, FRI, SAT, SUN = 0, 1, 4, 5, 6


def at(day: int, hour: int, minute: int = 0) -> tuple[int, int]:
    return day, hour * 60 + minute


def weekly(begin: tuple[int, int], end: tuple[int, int], **given: Any) -> Window:
    return Window("w", hours=(Weekly(*begin, *end),), **given)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN), fold=fold).astimezone(UTC)


# 2026-11-02 is a Monday.
@pytest.mark.parametrize(
    ("window", "closed", "opened"),
    [
        (weekly(at(MON, 9), at(MON, 17)), ["02T08:59", "02T17:00", "03T12:00"], ["02T09:00"]),
        (weekly(at(MON, 22), at(TUE, 6)), ["02T21:59", "03T06:00"], ["02T22:00", "03T05:59"]),
        (weekly(at(SUN, 22), at(MON, 6)), ["01T21:59", "02T06:00"], ["01T22:00", "02T00:00"]),
        (weekly(at(FRI, 12), at(MON, 7)), ["06T11:59", "09T07:00"], ["06T12:00", "08T23:59"]),
        (weekly(at(SAT, 0), at(MON, 0)), ["06T23:59", "09T00:00"], ["07T00:00", "08T23:59"]),
        (weekly(at(MON, 0), at(MON, 24)), ["01T23:59", "03T00:00"], ["02T00:00", "02T23:59"]),
    ],
)
def test_hours_come_every_week(window: Window, closed: list[str], opened: list[str]) -> None:
    for week in (0, 7):
        shift = timedelta(days=week)

        assert not [
            day for day in closed if calendar.is_open(window, utc(f"2026-11-{day}") + shift)
        ]
        assert opened == [
            day for day in opened if calendar.is_open(window, utc(f"2026-11-{day}") + shift)
        ]


def test_a_blackout_is_open_outside_of_its_hours() -> None:
    window = weekly(at(FRI, 12), at(MON, 7), blackout=True)

    assert calendar.is_open(window, utc("2026-11-06T11:59"))
    assert not calendar.is_open(window, utc("2026-11-06T12:00"))
    assert utc("2026-11-09T07:00") == calendar.opens_at(window, utc("2026-11-06T12:00"))
    assert utc("2026-11-06T12:00") == calendar.closes_at(window, utc("2026-11-02T12:00"))


def test_a_span_comes_once() -> None:
    window = Window("w", begins=utc("2026-12-24T12:00"), ends=utc("2026-12-27T00:00"))
    before, within, after = (utc(f"2026-{day}T12:00") for day in ("11-01", "12-25", "12-28"))

    assert [False, True, False] == [calendar.is_open(window, t) for t in (before, within, after)]
    assert window.begins == calendar.opens_at(window, before)
    assert window.ends == calendar.closes_at(window, within)
    assert calendar.opens_at(window, after) is None


def test_hours_within_a_span_begin_after_its_beginning() -> None:
    window = weekly(
        at(MON, 9), at(MON, 17), begins=utc("2027-01-01T00:00"), ends=utc("2027-01-11T12:00")
    )

    assert utc("2027-01-04T09:00") == calendar.opens_at(window, utc("2026-11-02T10:00"))
    assert utc("2027-01-11T12:00") == calendar.closes_at(window, utc("2027-01-11T10:00"))
    assert calendar.opens_at(window, utc("2027-01-11T12:00")) is None


def test_what_never_changes_has_no_next_time() -> None:
    always = weekly(at(MON, 0), at(MON, 0))
    never = msgspec.structs.replace(always, blackout=True)
    now = utc("2026-11-02T10:00")

    assert (now, None) == (calendar.opens_at(always, now), calendar.closes_at(always, now))
    assert (None, now) == (calendar.opens_at(never, now), calendar.closes_at(never, now))


# --- the clocks are changed ---------------------------------------------------------------------


@pytest.mark.parametrize("nine", ["2026-03-23T08:00", "2026-03-30T07:00", "2026-10-26T08:00"])
def test_nine_is_nine_in_berlin_in_winter_and_in_summer(nine: str) -> None:
    window = weekly(at(MON, 9), at(MON, 17), zone=BERLIN)

    assert utc(nine) == calendar.opens_at(window, utc(nine) - timedelta(hours=12))


def test_in_spring_hours_end_where_the_clocks_leap_over_their_end() -> None:
    window = weekly(at(SUN, 1), at(SUN, 2, 30), zone=BERLIN)

    assert calendar.is_open(window, berlin("2026-03-29T01:59:59"))
    assert berlin("2026-03-29T03:00") == calendar.closes_at(window, berlin("2026-03-29T01:30"))


def test_in_spring_hours_begin_where_the_clocks_leap_over_their_beginning() -> None:
    window = weekly(at(SUN, 2, 30), at(SUN, 5), zone=BERLIN)

    assert berlin("2026-03-29T03:00") == calendar.opens_at(window, berlin("2026-03-29T01:30"))
    assert berlin("2026-03-29T05:00") == calendar.closes_at(window, berlin("2026-03-29T03:30"))


def test_in_spring_hours_that_do_not_exist_are_left_out() -> None:
    window = weekly(at(SUN, 2, 10), at(SUN, 2, 50), zone=BERLIN)

    assert berlin("2026-04-05T02:10") == calendar.opens_at(window, berlin("2026-03-29T01:59"))


def test_in_autumn_hours_last_until_the_second_time() -> None:
    window = weekly(at(SUN, 2), at(SUN, 2, 30), zone=BERLIN)
    begin, end = berlin("2026-10-25T02:00", fold=0), berlin("2026-10-25T02:30", fold=1)

    assert timedelta(minutes=90) == end - begin
    assert begin == calendar.opens_at(window, berlin("2026-10-25T01:00"))
    assert end == calendar.closes_at(window, begin)


def test_a_day_that_a_country_left_out_is_left_out() -> None:
    window = weekly(at(FRI, 0), at(FRI, 24), zone="Pacific/Apia")
    before = datetime(2011, 12, 29, 12, tzinfo=ZoneInfo("Pacific/Apia")).astimezone(UTC)
    following = datetime(2012, 1, 6, tzinfo=ZoneInfo("Pacific/Apia")).astimezone(UTC)

    assert following == calendar.opens_at(window, before)


# --- laws ---------------------------------------------------------------------------------------

NOWS = st.integers(0, 366 * 86_400).map(lambda s: utc("2026-01-01T00:00") + timedelta(seconds=s))


@given(strategies.WINDOWS, NOWS)
def test_the_next_time_is_the_first_at_which_it_is_so(window: Window, now: datetime) -> None:
    opened = calendar.is_open(window, now)
    change = calendar.closes_at(window, now) if opened else calendar.opens_at(window, now)

    assert now == (calendar.opens_at(window, now) if opened else calendar.closes_at(window, now))
    if change is None:
        return
    assert now < change
    assert calendar.is_open(window, change) is not opened
    for part in range(20):
        assert opened is calendar.is_open(window, now + (change - now) * part / 20)
    assert opened is calendar.is_open(window, change - timedelta(microseconds=1))


@given(strategies.WINDOWS, NOWS)
def test_what_never_changes_is_the_same_a_year_on(window: Window, now: datetime) -> None:
    opened = calendar.is_open(window, now)
    change = calendar.closes_at(window, now) if opened else calendar.opens_at(window, now)
    hours = [now + timedelta(hours=13 * n) for n in range(100)]

    assert change is not None or {opened} == {calendar.is_open(window, hour) for hour in hours}


@given(strategies.WINDOWS, NOWS)
def test_a_blackout_is_the_opposite_of_allowed_hours(window: Window, now: datetime) -> None:
    other = msgspec.structs.replace(window, blackout=not window.blackout)

    assert calendar.is_open(window, now) is not calendar.is_open(other, now)
    assert calendar.opens_at(window, now) == calendar.closes_at(other, now)
