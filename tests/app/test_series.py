from datetime import timedelta
from typing import Any

import pytest

from serinus.app import series
from serinus.core.spec.delivery import (
    AgainstStable,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
    NetworkCheck,
)
from serinus.core.state.counts import NETWORK, Arm, Tick
from tests import builders
from tests.builders import NEW, OLD


def ticks(many: int = 12, **given: Any) -> list[Tick]:
    return [builders.tick(5 * (number + 1), **given) for number in range(many)]


def line(found: tuple[series.Line, ...], check: str) -> series.Line:
    return next(one for one in found if one.check == check)


def test_each_check_has_a_line_in_the_order_of_the_plan() -> None:
    found = series.of(builders.release(), ticks(), builders.reading())

    assert [("error-rate", "errors"), ("latency", "latency")] == [
        (one.check, one.kind) for one in found
    ]
    assert (0.0027, None) == (found[0].limit, found[1].limit)
    assert (None, 250) == (found[0].bound_ms, found[1].bound_ms)


def test_a_point_is_the_share_of_bad_requests_of_each_arm() -> None:
    found = series.of(builders.release(), ticks(), None)
    point = line(found, "error-rate").points[0]

    assert (1 / 90, 0.0) == (point.stable, point.candidate)
    assert (90, 1, 10, 0) == (
        point.stable_requests, point.stable_bad, point.requests, point.bad
    )  # fmt: skip
    assert point.low == 0.0
    assert point.high is not None
    assert 0.2 < point.high < 0.35
    assert (3 / 90, 0.1) == (
        line(found, "latency").points[0].stable,
        line(found, "latency").points[0].candidate,
    )


def test_a_gap_in_time_is_a_gap_in_the_line() -> None:
    found = series.of(builders.release(), [builders.tick(5), builders.tick(20)], None)
    points = found[0].points

    assert [False, True, True, False] == [point.stable is None for point in points]
    assert [True, False, False, True] == [point.requests > 0 for point in points]


def test_a_long_release_has_no_more_bins_than_a_chart_has_room_for() -> None:
    found = series.of(builders.release(), ticks(2000), None)

    assert 300 == found[0].seconds
    assert series.MOST >= len(found[0].points)
    assert 2000 * 90 == sum(point.stable_requests for point in found[0].points)


def test_the_last_part_alone_is_drawn_in_finer_bins() -> None:
    since = builders.NOON + timedelta(seconds=9105)
    found = series.of(builders.release(), ticks(2000), None, since)

    assert 15 == found[0].seconds
    assert since.timestamp() == found[0].points[0].at
    assert series.MOST + 1 >= len(found[0].points)


def test_days_of_ticks_are_no_more_points_than_an_hour_of_them() -> None:
    days = [builders.tick(60 * number) for number in range(1, 3 * 1440)]
    found = series.of(builders.release(), days, None)

    assert 7200 == found[0].seconds
    assert series.MOST >= len(found[0].points)


def test_where_nothing_was_counted_lately_a_line_has_no_points() -> None:
    found = series.of(builders.release(), ticks(), None, builders.at(90))

    assert [(), ()] == [one.points for one in found]


def test_bins_begin_at_round_times_so_that_they_stay_where_they_are() -> None:
    first = series.of(builders.release(), ticks(12), None)[0]
    later = series.of(builders.release(), ticks(13), None)[0]

    assert first.points == later.points[: len(first.points)]


def test_log_lines_and_broken_connections_are_counted_by_their_names() -> None:
    checks = (
        LogCheck(name="panics", against=AgainstStable(), pattern="panic"),
        NetworkCheck(name="network", against=AgainstStable()),
    )
    lines = {f"{NEW[:10]}-0": {"panics": 3, NETWORK: 1}}
    arms = {
        "stable": Arm({f"{OLD[:10]}-0": (90, 0)}),
        "candidate": Arm({f"{NEW[:10]}-0": (10, 0)}, lines=lines),
    }
    release = builders.release(delivery=builders.delivery(checks=checks))
    found = series.of(release, ticks(1, arms=arms), None)

    assert (0.3, 0.1) == (found[0].points[0].candidate, found[1].points[0].candidate)
    assert ("logs", "network") == (found[0].kind, found[1].kind)


def test_more_lines_than_requests_have_no_interval() -> None:
    check = LogCheck(name="panics", against=AgainstStable(), pattern="panic")
    arms = {"candidate": Arm({"x-0": (10, 0)}, lines={"x-0": {"panics": 30}})}
    release = builders.release(delivery=builders.delivery(checks=(check,)))
    point = series.of(release, ticks(1, arms=arms), None)[0].points[0]

    assert (3.0, None, None, None) == (point.candidate, point.low, point.high, point.stable)


def test_a_latency_that_nobody_timed_has_no_points_but_gaps() -> None:
    found = line(series.of(builders.release(), ticks(1, bounds_ms=()), None), "latency")

    assert (None, None) == (found.points[0].stable, found.points[0].candidate)


def test_a_latency_without_a_bound_is_drawn_at_the_middle_one_that_is_counted() -> None:
    bare = LatencyCheck(name="latency", against=AgainstStable())
    release = builders.release(delivery=builders.delivery(checks=(bare,)))
    arms = {"stable": Arm({"x-0": (9, 0)}, timed=9, slower=(5, 3, 1))}
    found = series.of(release, ticks(1, arms=arms, bounds_ms=(100, 250, 500)), None)[0]

    assert (250, 3 / 9) == (found.bound_ms, found.points[0].stable)


def test_nothing_counted_is_nothing_drawn() -> None:
    assert () == series.of(builders.release(), [], None)
    assert series.load([]) is None


def test_the_load_is_requests_each_second_of_each_arm() -> None:
    found = series.load([builders.tick(5), builders.tick(10), builders.tick(20)])

    assert found is not None
    assert ((18.0, 18.0, 0.0, 18.0), (2.0, 2.0, 0.0, 2.0)) == (found.stable, found.candidate)


@pytest.mark.parametrize(("bad", "requests"), [(0, 10), (10, 10), (1, 400), (3, 7)])
def test_the_interval_is_around_the_share_and_within_all(bad: int, requests: int) -> None:
    low, high = series.interval(bad, requests)

    assert 0 <= low <= bad / requests <= high + 1e-12
    assert high <= 1


def test_a_check_that_only_counts_errors_reads_no_histogram() -> None:
    check = ErrorsCheck(name="errors", against=AgainstStable())
    release = builders.release(delivery=builders.delivery(checks=(check,)))

    assert [None] == [one.bound_ms for one in series.of(release, ticks(1), None)]
