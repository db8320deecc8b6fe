"""Prometheus history as ticks: counters that begin anew, vanish, repeat and lie."""

from collections.abc import Sequence
from math import inf, nan
from typing import Any

import pytest

from serinus.core.errors import SpecError
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.sample import Series
from serinus.lab import scrapes
from serinus.lab.scrapes import Ask, Found
from serinus.ports import failures

START = 1_770_000_000.0
OLD, NEW = {"pod": "a", "version": "v1"}, {"pod": "c", "version": "v2"}


def ask(windows: int = 3, **given: Any) -> Ask:
    known = Ask("requests_total", "errors_total", START, START + 15 * windows, ("version", "v2"))
    return known._replace(**given)


def series(labels: dict[str, str], *values: float | None) -> Series:
    points = ((START + 15 * place, v) for place, v in enumerate(values) if v is not None)
    return Series(labels, tuple(points))


def read(requests: Sequence[Series], errors: Sequence[Series] = (), **given: Any) -> Found:
    return scrapes.read(requests, errors, ask(**given))


def counts(found: Found, arm: str) -> list[tuple[int, int]]:
    ticks = (*found.recording.history, *found.recording.ticks)
    return [(t.arms[arm].requests, t.arms[arm].errors) for t in ticks if arm in t.arms]


OF_NEW = series(NEW, 0, 10, 20, 30)


def test_a_counter_is_what_it_grew_by() -> None:
    found = read([series(OLD, 100, 150, 155, 255), OF_NEW], [series(OLD, 1, 1, 2, 2)])

    assert [(50, 0), (5, 1), (100, 0)] == counts(found, STABLE)
    assert [(10, 0)] * 3 == counts(found, CANDIDATE)
    assert () == found.odd


def test_a_counter_that_goes_back_began_anew() -> None:
    found = read([series(OLD, 100, 150, 3, 5), OF_NEW])

    assert [50, 3, 2] == [n for n, _ in counts(found, STABLE)]
    assert found.odd[0].startswith("1 counter went back")


def test_the_first_error_of_a_pod_that_is_there_counts() -> None:
    found = read([series(OLD, 100, 150, 200, 250), OF_NEW], [series(OLD, None, None, 2, 2)])

    assert [0, 2, 0] == [x for _, x in counts(found, STABLE)]


def test_what_a_new_pod_did_before_it_was_seen_is_not_counted() -> None:
    late = series({**OLD, "pod": "b"}, None, 5000, 5010, 5020)

    found = read([series(OLD, 100, 150, 200, 250), late, OF_NEW])

    assert [50, 60, 60] == [n for n, _ in counts(found, STABLE)]


def test_several_counters_of_one_pod_are_added() -> None:
    good, bad = {**OLD, "code": "200"}, {**OLD, "code": "500"}

    found = read([series(good, 0, 10, 20, 30), series(bad, None, None, 4, 8), OF_NEW])

    assert [10, 14, 14] == [n for n, _ in counts(found, STABLE)]


def test_a_pod_without_a_point_is_left_out_until_it_is_known_again() -> None:
    found = read([series(OLD, 0, None, 20, 30), OF_NEW])

    assert [10] == [n for n, _ in counts(found, STABLE)]


def test_errors_that_are_missing_for_a_while_take_their_requests_with_them() -> None:
    found = read([series(OLD, 0, 10, 20, 30), OF_NEW], [series(OLD, 0, None, 9, 10)])

    assert [(10, 1)] == counts(found, STABLE)
    assert "1 point missing" in found.odd[0]


def test_a_pod_that_vanishes_stays_away() -> None:
    found = read([series(OLD, 0, 10), series({**OLD, "pod": "b"}, 0, 1, 2, 3), OF_NEW])

    assert [11, 1, 1] == [n for n, _ in counts(found, STABLE)]


def test_points_twice_and_out_of_order_are_told() -> None:
    points = ((START, 0.0), (START + 30, 20.0), (START + 15, 10.0), (START + 15, 11.0))

    found = read([Series(OLD, points), OF_NEW], windows=2)

    assert [10, 10] == [n for n, _ in counts(found, STABLE)]
    assert "2 points twice or out of order" in found.odd[0]


def test_what_is_no_count_is_left_out() -> None:
    found = read([series(OLD, 0, nan, inf, -1), series({**OLD, "pod": "b"}, 0, 1, 2, 3), OF_NEW])

    assert [1, 1, 1] == [n for n, _ in counts(found, STABLE)]
    assert any("3 points that were no counts" in one for one in found.odd)


def test_more_errors_than_requests_takes_the_window_of_both_arms() -> None:
    found = read([series(OLD, 0, 10, 20, 30), OF_NEW], [series(OLD, 0, 0, 50, 50)])

    assert 2 == len(found.recording.ticks)
    assert "1 window with more errors than requests" in found.odd[0]


def test_what_was_before_the_candidate_is_history() -> None:
    late = series(NEW, None, None, 0, 10)

    found = read([series(OLD, 0, 10, 20, 30), late])

    assert (2, 1) == (len(found.recording.history), len(found.recording.ticks))


def test_what_grows_by_fractions_is_no_counter() -> None:
    with pytest.raises(SpecError, match=r"--requests: it grew by 10\.500"):
        read([series(OLD, 0, 10.5, 21, 31.5), OF_NEW])


def test_what_goes_up_and_down_is_no_counter() -> None:
    wild = series(OLD, *([50, 3] * 20))

    with pytest.raises(SpecError, match="these are no counters"):
        read([wild, series(NEW, *range(40))], windows=39)


def test_an_empty_range_says_so() -> None:
    with pytest.raises(SpecError, match="requests_total has no series between"):
        read([])


def test_nobody_is_the_candidate_and_nobody_is_stable() -> None:
    with pytest.raises(SpecError) as found:
        read([series({"pod": "a", "version": "v1"}, 0, 1)], stable=("version", "v0"))

    assert "--candidate: no series has version='v2'; its values are v1" in str(found.value)
    assert "--stable: no series has version='v0'" in str(found.value)
    with pytest.raises(SpecError, match="every series is the candidate's"):
        read([OF_NEW])


def test_pods_that_cannot_be_told_apart_ask_for_a_label() -> None:
    with pytest.raises(SpecError, match=r"--pod \(there are: host, version\)"):
        read([series({"host": "a", "version": "v1"}, 0, 1)])


class Answers:
    """A source that answers from a function, and notes what it was asked."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.asked: list[tuple[str, float, float, float]] = []
        self.problem = problem

    async def instant(self, query: str, at: float) -> tuple[Series, ...]:
        raise NotImplementedError  # history is asked for by ranges alone; an instant is a fault

    async def range(
        self, query: str, start: float, end: float, step_s: float
    ) -> tuple[Series, ...]:
        self.asked.append((query, start, end, step_s))
        if self.problem is not None:
            raise self.problem
        if query == "errors_total":
            return ()
        times = [start + step_s * n for n in range(round((end - start) / step_s) + 1)]
        grows = tuple((at, round((at - START) * 2)) for at in times)
        return (Series(OLD, grows), Series(NEW, grows))


async def test_a_long_range_is_asked_for_in_parts_that_meet() -> None:
    source = Answers()

    found = await scrapes.fetch(source, ask(1200))

    assert [500, 500, 200] == [round((e - s) / 15) for q, s, e, _ in source.asked if q[0] == "r"]
    assert [(30, 0)] * 1200 == counts(found, STABLE)
    assert () == found.odd


async def test_what_cannot_be_asked_is_told_at_once_and_nobody_is_asked() -> None:
    source = Answers()
    wrong = ask(requests="rate(requests_total[1m])", errors=" ", start=START + 90, step_s=0.5)

    with pytest.raises(SpecError) as found:
        await scrapes.fetch(source, wrong)

    said = str(found.value)
    assert "rate(…) counts every scrape many times" in said
    assert "--errors: it is empty" in said
    assert "the range is empty" in said
    assert "--step: 0.5 s" in said
    assert [] == source.asked


async def test_too_many_points_and_too_few_are_told() -> None:
    with pytest.raises(SpecError, match="more than 50,000 points"):
        await scrapes.fetch(Answers(), ask(60_000))
    with pytest.raises(SpecError, match="shorter than two steps"):
        await scrapes.fetch(Answers(), ask(1))


async def test_a_source_that_is_away_is_passed_on() -> None:
    with pytest.raises(failures.Unavailable):
        await scrapes.fetch(Answers(failures.Unavailable("nobody listens there")), ask())
