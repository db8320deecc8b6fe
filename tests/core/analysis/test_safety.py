from math import comb, exp, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import safety, strand
from serinus.core.analysis.strand import Capital, Strand
from tests.core.analysis.arrivals import poisson


@given(
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.floats(0.001, 0.4),
    st.floats(0.001, 0.4),
    st.sampled_from([(1.5, 0.001), (1.1, 0.0), (0.0, 0.1)]),
    st.floats(1, 3),
)
def test_one_block_of_an_unsafe_candidate_is_worth_at_most_one(
    n: tuple[int, int], theta_p: float, p: float, margin: tuple[float, float], times: float
) -> None:
    n_c, n_p = n
    worse = min((margin[0] * p + margin[1]) * times, 1.0)

    mean = sum(
        comb(n_c, x_c) * worse**x_c * (1 - worse) ** (n_c - x_c)
        * comb(n_p, x_p) * p**x_p * (1 - p) ** (n_p - x_p)
        * exp(safety.evidence(
            safety.step(safety.FRESH, (n_c, x_c, n_p, x_p), theta_p, margin, 1.0)
        ))
        for x_c in range(n_c + 1)
        for x_p in range(n_p + 1)
    )  # fmt: skip

    assert mean <= 1 + 1e-9


def verified_after(random: Random, share: float, blocks: int) -> int | None:
    """Return the block in which safety was shown first; stable has 0.1 %, both 250 requests."""
    found = Strand(known=50_000, failed=50)
    for block in range(1, blocks + 1):
        counts = (250.0, float(poisson(random, 250 * share)), 250.0, float(poisson(random, 0.25)))
        found = strand.run(found, counts, (1.25, 0.0002), (1.5, 0.001), Capital(0.0, 0.0))
        found = strand.learn(found, 250, int(counts[3]), (), 5.0)
        if found.safe >= log(20):
            return block
    return None


def test_a_candidate_at_the_margin_is_called_safe_in_at_most_one_of_twenty() -> None:
    random = Random(11)
    wrong = [verified_after(random, 0.0025, 120) for _ in range(300)]

    assert sum(found is not None for found in wrong) / 300 <= 0.05


def test_an_equal_candidate_is_shown_to_be_safe_within_minutes() -> None:
    random = Random(12)
    blocks = [verified_after(random, 0.001, 360) for _ in range(40)]
    found = [5 * block for block in blocks if block is not None]

    assert len(found) >= 38
    assert 120 <= sum(found) / len(found) <= 260  # 186 s in the design's simulation


def test_more_requests_make_smaller_regressions_visible() -> None:
    line, level = (1.25, 0.0002), log(10)
    seen = [safety.smallest((n, 19 * n), 0.001, line, 1.0, level) for n in (10, 100, 1000, 10**5)]

    assert seen == sorted(seen, reverse=True)
    assert seen[0] > 0.1
    assert seen[-1] == pytest.approx(0.0019, abs=0.0003)


def test_with_almost_no_requests_no_regression_is_visible() -> None:
    assert safety.smallest((1, 10), 0.1, (1.25, 0.0), 8.0, log(10)) == 1.0


def test_clumps_make_less_visible() -> None:
    line, level = (1.25, 0.0002), log(10)
    clear = safety.smallest((1000, 19_000), 0.001, line, 1.0, level)

    assert safety.smallest((1000, 19_000), 0.001, line, 4.0, level) > 1.5 * clear
