from math import inf, nan

import pytest

from serinus.core.analysis import sight
from serinus.core.analysis.sight import Pair, Served, Sight
from serinus.core.spec.delivery import Compared, NewLinesCheck, QueryCheck, Threshold
from serinus.core.state.sample import EVERYBODY, Sample

COMPARED = QueryCheck("queue", Compared(), "queue")
LIMITED = QueryCheck("depth", Threshold(max=10.0), "depth")
BOTH = Served(candidate=True, stable=True)


def read(check: QueryCheck, served: Served = BOTH, problem: str = "", **values: float) -> Pair:
    return sight.read(check, Sample(check.name, 5.0, values, problem), served)


def test_numbers_of_both_arms_are_a_pair() -> None:
    assert Pair(3.0, 2.0) == read(COMPARED, candidate=3.0, stable=2.0)


def test_a_threshold_needs_the_candidate_or_everybody() -> None:
    everybody = Sample("depth", 5.0, {EVERYBODY: 7.0})

    assert Pair(3.0) == read(LIMITED, candidate=3.0, stable=2.0)
    assert Pair(7.0) == sight.read(LIMITED, everybody, BOTH)


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        ({"stable": 2.0}, "no data for the candidate"),
        ({"candidate": 3.0}, "no data for stable"),
        ({}, "no data for the candidate"),
        (
            {"candidate": nan, "stable": 2.0},
            "the number of the candidate is not a number (0/0, in most queries)",
        ),
    ],
)
def test_no_data_is_no_number_and_no_error(values: dict[str, float], trouble: str) -> None:
    found = sight.read(COMPARED, Sample("queue", 5.0, values), BOTH)

    assert (None, trouble, False) == (found.own, found.trouble, found.failed)


def test_an_infinite_number_and_a_source_that_fails_are_errors() -> None:
    infinite = read(COMPARED, candidate=3.0, stable=inf)
    several = read(COMPARED, candidate=3.0, stable=2.0, problem="the answer has 3 series, want 1")

    assert ("the number of stable is infinite", True) == (infinite.trouble, infinite.failed)
    assert Pair(trouble="the answer has 3 series, want 1", failed=True) == several


def test_an_arm_that_answers_nobody_says_nothing() -> None:
    idle = read(COMPARED, Served(candidate=False, stable=True), candidate=3.0, stable=2.0)
    alone = read(COMPARED, Served(candidate=True, stable=False), candidate=3.0, stable=2.0)

    assert Pair(None, 2.0, sight.UNSERVED) == idle
    assert Pair(None, None, "no requests reached stable since the last look") == alone


def test_what_brings_no_number_is_neither_a_strike_nor_a_pass() -> None:
    found = Sight("depth")
    seen = []
    for pair in (Pair(11.0), Pair(trouble="no data"), Pair(trouble="x", failed=True), Pair(11.0)):
        found = sight.take(found, LIMITED, 5.0, pair)
        seen.append(found.strikes)

    assert [1, 1, 1, 2] == seen
    assert 0 == sight.take(found, LIMITED, 5.0, Pair(9.0)).strikes
    assert 0 == sight.begin(found).strikes


def test_errors_in_a_row_make_a_look_unknown() -> None:
    found = sight.open(COMPARED)
    failed = Pair(trouble="refused", failed=True)
    for _ in range(2):
        found = sight.take(found, COMPARED, 5.0, failed)

    assert not sight.unknown(found)
    assert "refused" == sight.unknown(sight.take(found, COMPARED, 5.0, failed))
    assert not sight.unknown(sight.take(found, COMPARED, 5.0, Pair(1.0, 1.0)))


def test_a_look_that_never_has_a_number_is_unknown_and_one_that_had_is_not() -> None:
    found = had = sight.take(sight.open(COMPARED), COMPARED, 5.0, Pair(1.0, 1.0))
    found = sight.open(COMPARED)
    for _ in range(5):
        found = sight.take(found, COMPARED, 5.0, Pair(trouble="no data for the candidate"))
        had = sight.take(had, COMPARED, 5.0, Pair(trouble="no data for the candidate"))

    assert "no data for the candidate in 5 looks" == sight.unknown(found)
    assert not sight.unknown(had)


def test_waiting_for_requests_is_no_reason_to_give_up() -> None:
    found = sight.open(COMPARED)
    for _ in range(50):
        found = sight.take(found, COMPARED, 5.0, Pair(trouble=sight.UNSERVED))

    assert not sight.unknown(found)


def test_only_what_is_compared_learns_numbers_and_only_lines_learn_lines() -> None:
    lines = sight.open(NewLinesCheck("new", "ERROR"))

    assert sight.learn(sight.open(LIMITED), Pair(1.0)).gauge is None
    assert sight.remember(lines, [1.0]) == lines
    assert sight.kinds(lines, None, None, (9, 9)) == lines
    assert sight.kinds(lines, {"boom": 1}, None, (9, 9)).lines != lines.lines
