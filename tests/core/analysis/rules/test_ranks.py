"""The rank test against worked examples, against its definition, and against all arrangements."""

from itertools import combinations
from math import comb, sqrt
from random import Random
from statistics import NormalDist, median

import pytest

from serinus.core.analysis.rules import ranks

# Hollander and Wolfe, Nonparametric Statistical Methods: permeability of membranes at term, and
# between the 12th and the 26th week.
TERM = (0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46)
EARLY = (1.15, 0.88, 0.90, 0.74, 1.21)


def score(first: list[float], second: list[float], shift: float) -> float:
    """The textbook's statistic by ranks, averaged over ties; for values that are whole numbers."""
    moved = [value - shift for value in first]
    both = sorted([*moved, *second])

    def rank(value: float) -> float:
        return both.index(value) + (both.count(value) + 1) / 2

    n, m = len(first), len(second)
    centred = sum(rank(v) for v in moved) - n * (n + 1) / 2 - n * m / 2
    ties = sum(both.count(v) ** 3 - both.count(v) for v in set(both))
    spread = sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))))
    correction = 0.5 * ((centred > 0) - (centred < 0))
    return (centred - correction) / spread


def test_the_worked_example_of_the_textbook() -> None:
    found = ranks.shift(TERM, EARLY, 0.95)

    assert 0.305 == pytest.approx(found.estimate)
    assert (-0.15, 0.76) == pytest.approx((found.low, found.high))


def test_the_example_by_hand() -> None:
    # Nine differences 1..5 of (4, 5, 6) and (1, 2, 3): 1 2 2 3 3 3 4 4 5. At 60 % z is 0.84 and the
    # deviation sqrt(9 · 7 / 12) = 2.29, so that a score counts from 4.5 + 0.5 + 1.93 pairs on.
    found = ranks.shift((4.0, 5.0, 6.0), (1.0, 2.0, 3.0), 0.60)

    assert ranks.Shift(2.0, 4.0, 3.0) == found


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_is_what_the_test_does_not_reject(seed: int) -> None:
    random = Random(seed)
    first = [float(random.randint(0, 12)) for _ in range(random.randint(2, 9))]
    second = [float(random.randint(0, 9)) for _ in range(random.randint(2, 9))]
    found = ranks.shift(first, second, 0.9)
    differences = sorted(x - y for x in first for y in second)
    least, most = differences[0], differences[-1]
    between = [place + 0.5 for place in range(-10, 13) if least < place + 0.5 < most]
    quantile = NormalDist().inv_cdf(0.95)

    assert median(differences) == found.estimate
    assert [one for one in between if abs(score(first, second, one)) < quantile] == [
        one for one in between if found.low < one < found.high
    ]


@pytest.mark.parametrize(("n", "m"), [(5, 5), (4, 7), (6, 6)])
def test_its_level_is_near_that_of_all_arrangements(n: int, m: int) -> None:
    # Without ties, all ways to choose which ranks are the first sample's are equally likely.
    outside = 0
    for chosen in combinations(range(n + m), n):
        first = [float(rank) for rank in chosen]
        second = [float(rank) for rank in range(n + m) if rank not in chosen]
        outside += ranks.shift(first, second, 0.9).low > 0.0

    assert 0.05 == pytest.approx(outside / comb(n + m, n), abs=0.02)


def test_two_constants_are_apart_by_their_difference() -> None:
    assert ranks.Shift(2.0, 2.0, 2.0) == ranks.shift((3.0, 3.0), (1.0,), 0.98)


def test_too_few_values_leave_the_whole_range() -> None:
    assert ranks.Shift(1.0, 4.0, 2.5) == ranks.shift((3.0, 5.0), (1.0, 2.0), 0.98)


def test_a_constant_beside_values_has_an_interval() -> None:
    low, high, estimate = ranks.shift((0.0,) * 8, (0.0, 0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0), 0.98)

    assert low <= estimate == 0.0 <= high
