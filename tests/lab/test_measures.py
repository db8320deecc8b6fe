import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.lab import exact, measures
from tests.lab import results
from tests.lab.results import BACK, HELD, MISSED, PROMOTED


def test_ends_are_counted_each_for_itself() -> None:
    row = results.found(n=[PROMOTED] * 6 + [BACK] * 3 + [HELD]).rows[0]

    assert (10, 3, 1, 6, 0) == (row.runs, row.rolled_back, row.held, row.promoted, row.open)
    assert exact.upper(3, 10) == row.rolled_back_most
    assert (3 * 1 + 3) / 10 == row.retreats


def test_the_delay_is_that_of_promoted_releases_alone() -> None:
    late = msgspec.structs.replace(PROMOTED, delay_s=300.0)
    row = results.found(n=[PROMOTED] * 98 + [late] * 2 + [BACK] * 50).rows[0]

    assert ((98 * 30 + 600) / 100, 300.0) == (row.delay_s, row.delay_p99_s)


def test_ratios_are_those_of_means_on_the_same_runs() -> None:
    row = results.found(a=[BACK, BACK, HELD, MISSED]).rows[0]

    assert (90 / 40, 90 / 64) == (row.bad_ratio, row.bad_ratio2)
    assert (60 + 60 + 90 + 120) / 40 == row.final_ratio


def test_a_candidate_that_is_never_without_traffic_counts_until_the_end() -> None:
    row = results.found(a=[BACK, MISSED]).rows[0]

    assert (70.0, 7.0) == (row.off_s, row.off_ratio)


def test_the_curve_tells_how_many_are_without_traffic_by_then() -> None:
    row = results.found(a=[BACK, HELD, MISSED, MISSED]).rows[0]

    # Two minutes in sixty points: one each two seconds.
    assert [0.0, 0.25, 0.25, 0.5] == [row.curve[at] for at in (8, 9, 13, 14)]
    assert 0.5 == row.curve[-1]


def test_what_is_beyond_the_margin_of_promotion_and_promoted_as_verified_is_falsely_so() -> None:
    unverified = msgspec.structs.replace(MISSED, verified=False)
    verified_before = msgspec.structs.replace(BACK, verified=True)
    row = results.found(a=[MISSED, unverified, verified_before, BACK]).rows[0]

    assert (1, 2) == (row.falsely_verified, row.missed)
    assert 0 == results.found(n=[PROMOTED]).rows[0].falsely_verified


def test_together_the_worst_null_stands_for_all() -> None:
    one = results.usual().of("serinus")

    assert (0.01, "n") == one.rolled_back
    assert (exact.upper(1, 100), "n") == one.rolled_back_most
    assert ((0.0, "n"), (0.1, "p")) == (one.held, one.held_with_pod_faults)
    assert ((30.0, "n"), 0.01, (0.01, "a")) == (one.delay_s, one.missed, one.missed_worst)
    assert (2, 1, 0, 0) == (one.nulls, one.regressions, one.above_one_percent, one.without_ratio)


def test_an_oracle_is_once_as_good_as_itself() -> None:
    found = results.usual()

    assert (1.0, 1.0) == (found.of("oracle").bad_ratio, found.of("oracle2").bad_ratio2)


@given(st.lists(st.floats(0.01, 100), min_size=1))
def test_the_geometric_mean_lies_between_the_least_and_the_most(values: list[float]) -> None:
    found = measures.geometric([None, *values])

    assert found is not None
    assert min(values) * (1 - 1e-9) <= found <= max(values) * (1 + 1e-9)


def test_of_nothing_there_is_no_mean() -> None:
    assert measures.geometric([None]) is None
    assert results.found(n=[PROMOTED]).of("serinus").bad_ratio is None


def test_one_over_the_mean_is_the_mean_of_the_inverses() -> None:
    assert measures.geometric([2.0, 8.0]) == pytest.approx(4.0)
