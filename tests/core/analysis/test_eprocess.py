from itertools import product
from math import comb, exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import eprocess, strand
from serinus.core.analysis.strand import Capital, Strand

SHARES = st.floats(0.0005, 0.6)
LINES = st.tuples(  # ratio, plus, and how many times worse than allowed the bet is
    st.floats(1.0, 2.0), st.sampled_from([0.0, 0.0002, 0.01, 0.1]), st.floats(1.05, 50.0)
)


def binomial(n: int, x: int, p: float) -> float:
    return float(comb(n, x) * p**x * (1 - p) ** (n - x))


def expectation(
    n: tuple[int, int], bet: tuple[float, float], line: tuple[float, float], truth: list[float]
) -> float:
    """Enumerate all outcomes of one block; ``truth``: the candidate's share, then stable's."""
    n_c, n_p = n
    return sum(
        binomial(n_c, x_c, truth[0])
        * binomial(n_p, x_p, truth[1])
        * exp(eprocess.gains((n_c, x_c, n_p, x_p), [bet[0]], bet[1], *line)[0])
        for x_c in range(n_c + 1)
        for x_p in range(n_p + 1)
    )


@given(st.tuples(st.integers(1, 5), st.integers(1, 5)), SHARES, SHARES, LINES, st.floats(0, 1))
def test_one_block_is_worth_at_most_one_when_the_candidate_is_no_worse_than_allowed(
    n: tuple[int, int], theta_p: float, p: float, line: tuple[float, float, float], below: float
) -> None:
    ratio, plus, times = line
    theta_c = min((ratio * theta_p + plus) * times, 0.999)
    if theta_c <= ratio * theta_p + plus:
        return
    allowed = min(ratio * p + plus, 1.0)

    at_the_line = expectation(n, (theta_c, theta_p), (ratio, plus), [allowed, p])
    under_it = expectation(n, (theta_c, theta_p), (ratio, plus), [allowed * below, p])

    assert at_the_line <= 1 + 1e-9
    assert under_it <= 1 + 1e-9


@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 16), SHARES, LINES)
def test_random_routing_keeps_it_so_however_the_outcomes_depend_on_each_other(
    n_c: int, n_p: int, m: int, theta_p: float, line: tuple[float, float, float]
) -> None:
    ratio, plus, times = line
    m = min(m, n_c + n_p)
    theta_c = min((ratio * theta_p + plus) * times, 0.999)
    if theta_c <= ratio * theta_p + plus:
        return
    ways = comb(n_c + n_p, m)

    mean = sum(
        comb(n_c, x) * comb(n_p, m - x) / ways
        * exp(eprocess.gains((n_c, x, n_p, m - x), [theta_c], theta_p, ratio, plus)[0])
        for x in range(max(0, m - n_p), min(n_c, m) + 1)
    )  # fmt: skip

    assert mean <= 1 + 1e-9


@pytest.mark.parametrize("shares", [(0.02, 0.3, 0.1), (0.1, 0.1, 0.1), (0.4, 0.01, 0.2)])
def test_bets_late_capital_and_learning_together_are_worth_at_most_one(
    shares: tuple[float, ...],
) -> None:
    line, n_c, n_p = (1.25, 0.01), 2, 3
    capital = (Capital(0.6, 0.4), Capital(0.2, 0.2), Capital(0.2, 0.0))
    outcomes = list(product(range(n_c + 1), range(n_p + 1)))
    mean = 0.0
    for path in product(outcomes, repeat=3):
        chance, found = 1.0, Strand(known=40.0, failed=3.0)
        for (x_c, x_p), p, share in zip(path, shares, capital, strict=True):
            chance *= binomial(n_c, x_c, line[0] * p + line[1]) * binomial(n_p, x_p, p)
            counts = (float(n_c), float(x_c), float(n_p), float(x_p))
            found = strand.run(found, counts, line, (1.5, 0.01), share)
            found = strand.learn(found, n_p, x_p, (), 5.0)
        mean += chance * exp(found.evidence)

    assert 0.5 < mean <= 1 + 1e-9


@given(st.floats(1e-7, 0.9), st.integers(0, 10**6), st.floats(0, 1))
def test_every_bet_is_on_a_regression(limit: float, requests: int, share: float) -> None:
    bets = eprocess.bets(limit, requests, requests * share)

    assert len(bets) == eprocess.BETS
    assert all(limit < bet < 1 for bet in bets)


def test_a_limit_that_leaves_no_room_is_not_bet_against() -> None:
    assert eprocess.bets(0.98, 100, 50) == ()


@given(
    st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)
)
def test_a_million_requests_a_block_do_no_harm(
    n_c: int, n_p: int, bad_c: float, bad_p: float, theta: float
) -> None:
    found = Strand(known=1e6, failed=1e6 * theta)
    counts = (float(n_c), float(int(n_c * bad_c)), float(n_p), float(int(n_p * bad_p)))

    for _ in range(3):
        found = strand.run(found, counts, (1.25, 0.0002), (1.5, 0.001), Capital(0.1, 0.5))

    assert all(abs(number) < 1e300 for number in (*found.weights, *found.safety, found.evidence))
    assert 0 <= eprocess.value(found.evidence) < float("inf")


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=9), st.floats(0, 1))
def test_the_total_is_the_sum_of_the_capital(logs: list[float], cash: float) -> None:
    assert exp(eprocess.total(logs, cash)) == pytest.approx(sum(map(exp, logs)) + cash)


def test_the_projection_lies_on_the_line_and_keeps_an_allowed_pair() -> None:
    p, q = eprocess.project(50, 950, 0.05, 0.001, 1.25, 0.0002)

    assert q == pytest.approx(1.25 * p + 0.0002)
    assert 0.001 < p < 0.01
    assert eprocess.project(50, 950, 0.00145, 0.001, 1.25, 0.0002)[0] == pytest.approx(0.001)


def test_the_belief_is_where_the_capital_is() -> None:
    assert eprocess.belief([0.0, log(1e-9)], [0.2, 0.9]) == pytest.approx(0.2, rel=1e-6)
    assert eprocess.mean([0.0, log(3)]) == pytest.approx(log(2))
