import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.lab import exact

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS)
def test_the_upper_bound_is_the_share_that_so_few_would_be_unlikely_for(
    counts: tuple[int, int],
) -> None:
    found, runs = counts
    bound = exact.upper(found, runs)

    assert found / runs <= bound <= 1.0
    assert found == runs or exact.at_most(found, runs, bound) == pytest.approx(0.05, abs=1e-6)


@given(COUNTS)
def test_the_lower_bound_mirrors_the_upper_one(counts: tuple[int, int]) -> None:
    found, runs = counts

    assert exact.lower(found, runs) == pytest.approx(1 - exact.upper(runs - found, runs))
    assert exact.lower(found, runs) <= found / runs + 1e-9


@given(COUNTS, st.integers(0, 20))
def test_the_distribution_is_the_binomial_one(counts: tuple[int, int], twentieths: int) -> None:
    found, runs = counts
    share = Fraction(twentieths, 20)
    expected = sum(
        math.comb(runs, k) * share**k * (1 - share) ** (runs - k) for k in range(found + 1)
    )

    assert float(expected) == pytest.approx(exact.at_most(found, runs, float(share)), abs=1e-9)


def test_a_hundred_runs_without_any_cannot_show_one_per_cent_but_two_thousand_can() -> None:
    assert [0.0295, 0.0015] == [round(exact.upper(0, runs), 4) for runs in (100, 2000)]
    assert exact.upper(20, 2000) < 0.015 < exact.upper(22, 2000)
