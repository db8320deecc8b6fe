"""
One block, all of its outcomes: what ``docs/explanation/the-proofs`` calls the three regimes.

Shares that differ from request to request; fates that depend on each other; clusters. Each test
enumerates every outcome of a few requests, so that "at most 1" is checked and not estimated.
"""

from math import exp, log

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from serinus.core.analysis import eprocess, probe, safety, strand, takeover
from serinus.core.analysis.strand import Capital, Counts, Line, Strand
from tests.core.analysis import outcomes
from tests.core.analysis.outcomes import Chance

ROUNDING = 1e-9
SHARES = st.floats(0.0, 1.0)
NULLS = st.tuples(st.floats(1.0, 2.0), st.sampled_from([0.0, 0.0002, 0.01, 0.1]))
KNOWN = st.builds(
    lambda requests, share, spread, own, own_bad: Strand(
        known=float(requests),
        failed=requests * share,
        spread=spread,
        own=float(own),
        own_failed=own * own_bad,
        weights=eprocess.FRESH,
    ),
    st.integers(20, 5000),
    st.floats(0.0, 0.9),
    st.sampled_from([0.0, 0.0, 30.0, 1000.0]),
    st.integers(0, 500),
    SHARES,
)
"""What a strand may have learnt before a block: any past of both arms, and any dispersion."""


def counted(found: Strand, chance: Chance, n: tuple[int, int], line: Line, margin: Line) -> float:
    """Return the expectation of the capital after one block, all of it bet."""
    total = 0.0
    for (x_c, x_p), p in chance.items():
        counts = (float(n[0]), float(x_c), float(n[1]), float(x_p))
        total += p * exp(strand.run(found, counts, line, margin, Capital(1.0, 0.0)).evidence)
    return total


def safe(found: Strand, chance: Chance, n: tuple[int, int], margin: Line) -> float:
    """Return the same of the evidence of safety."""
    total = 0.0
    for (x_c, x_p), p in chance.items():
        counts = (float(n[0]), float(x_c), float(n[1]), float(x_p))
        total += p * exp(strand.run(found, counts, (1.25, 0.0), margin, Capital(0.0, 1.0)).safe)
    return total


# --- (a) independent requests, each with a share of its own --------------------------------------


@given(
    KNOWN, st.lists(SHARES, min_size=1, max_size=6), st.lists(SHARES, min_size=1, max_size=5), NULLS
)
def test_requests_that_differ_are_worth_at_most_one_while_the_means_are_allowed(
    found: Strand, own: list[float], stable: list[float], line: Line
) -> None:
    """The candidate's shares are lowered together until their mean is what the line allows."""
    allowed = line[0] * sum(stable) / len(stable) + line[1]
    seen = sum(own) / len(own)
    fitting = [p * min(1.0, allowed / seen) if seen else p for p in own]
    n = (len(own), len(stable))

    assert counted(found, outcomes.independent(fitting, stable), n, line, line) <= 1 + ROUNDING


@given(KNOWN, st.lists(SHARES, min_size=1, max_size=6), st.floats(0.0001, 0.5))
def test_the_same_holds_of_an_objective(found: Strand, own: list[float], most: float) -> None:
    seen = sum(own) / len(own)
    fitting = [p * min(1.0, most / seen) if seen else p for p in own]
    chance = outcomes.independent(fitting, [])

    assert counted(found, chance, (len(own), 0), (0.0, most), (0.0, most)) <= 1 + ROUNDING


@given(
    KNOWN, st.lists(SHARES, min_size=1, max_size=5), st.lists(SHARES, min_size=1, max_size=5), NULLS
)
def test_safety_of_requests_that_differ_is_worth_at_most_one_while_the_means_are_not_safe(
    found: Strand, own: list[float], stable: list[float], margin: Line
) -> None:
    """Stable's shares are lowered together until the candidate's mean is beyond the margin."""
    worst = (sum(own) / len(own) - margin[1]) / margin[0]
    assume(worst > 0)
    seen = sum(stable) / len(stable)
    fitting = [p * min(1.0, worst / seen) if seen else p for p in stable]
    n = (len(own), len(stable))

    assert safe(found, outcomes.independent(own, fitting), n, margin) <= 1 + ROUNDING


@given(KNOWN, st.lists(SHARES, min_size=1, max_size=6), st.floats(0.001, 0.5))
def test_safety_within_an_objective_is_worth_at_most_one_while_it_is_violated(
    found: Strand, own: list[float], most: float
) -> None:
    assume(sum(own) / len(own) >= most)
    total = 0.0
    for (x, _), p in outcomes.independent(own, []).items():
        counts = (float(len(own)), float(x), 0.0, 0.0)
        after = strand.run(found, counts, (0.0, most), (0.0, most), Capital(0.0, 1.0))
        total += p * exp(after.safe)

    assert total <= 1 + ROUNDING


# --- (b) fates that depend on each other, arms that are drawn ------------------------------------


@given(KNOWN, st.integers(1, 12), st.integers(1, 12), st.integers(0, 24), NULLS)
def test_drawn_arms_are_worth_at_most_one_whatever_number_of_requests_fails(
    found: Strand, n_c: int, n_p: int, m: int, line: Line
) -> None:
    """An outage of a dependency, say: how many fail, nobody knows; which arm they had is chance."""
    chance = outcomes.routed(n_c, n_p, min(m, n_c + n_p))

    assert counted(found, chance, (n_c, n_p), line, line) <= 1 + ROUNDING


@given(
    st.floats(0.0, 1.0),
    st.floats(1e-6, 1.0),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 18),
    NULLS,
    st.sampled_from([1.0, 2.5, 8.0]),
)
def test_a_probe_of_drawn_arms_is_worth_at_most_one(  # noqa: PLR0917  the terms of one claim
    theta: float, theta_p: float, n_c: int, n_p: int, m: int, line: Line, phi: float
) -> None:
    total = 0.0
    for (x_c, x_p), p in outcomes.routed(n_c, n_p, min(m, n_c + n_p)).items():
        counts = (float(n_c), float(x_c), float(n_p), float(x_p))
        ratios = probe.step(probe.FRESH, counts, theta, min(theta_p, 0.98), line, phi)
        total += p * exp(probe.evidence(ratios))

    assert total <= 1 + ROUNDING


def test_bets_on_independent_requests_would_break_under_a_shared_outage() -> None:
    """
    Why the likelihood is that of Poisson counts, although a request fails once or not at all.

    The likelihood ratio of independent requests has mean 1 when they are independent, and loses
    that when their fates are tied together. The Poisson form does not, at the same bet.
    """
    n_c, n_p, bet, theta_p = 5, 50, 0.9, 0.001
    theta_0 = (n_c * bet + n_p * theta_p) / (n_c + n_p)  # ratio 1: the nearest allowed pair
    tied = theirs = 0.0
    for (x_c, x_p), p in outcomes.routed(n_c, n_p, 5).items():
        ratio = (bet / theta_0) ** x_c * ((1 - bet) / (1 - theta_0)) ** (n_c - x_c)
        ratio *= (theta_p / theta_0) ** x_p * ((1 - theta_p) / (1 - theta_0)) ** (n_p - x_p)
        theirs += p * ratio
        counts = (float(n_c), float(x_c), float(n_p), float(x_p))
        tied += p * exp(eprocess.gains(counts, [bet], theta_p, 1.0, 0.0)[0])

    assert theirs > 3
    assert tied <= 1 + ROUNDING


# --- (c) clusters --------------------------------------------------------------------------------


@given(
    st.sampled_from([{1: 1.0}, {2: 1.0}, {3: 0.5, 1: 0.5}, {5: 0.3, 2: 0.7}, {8: 1.0}]),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.floats(0.001, 0.2),
    st.floats(0.0, 1.0),
    st.floats(0.001, 0.3),
    NULLS,
)
def test_clusters_up_to_the_dispersion_are_worth_at_most_one(  # noqa: PLR0917  as above
    sizes: dict[int, float],
    n: tuple[int, int],
    p: float,
    below: float,
    theta_p: float,
    line: Line,
) -> None:
    """``phi`` is the largest size; what each arm shows on average is what the line allows."""
    phi, one = max(sizes), sum(size * chance for size, chance in sizes.items())
    allowed = (line[0] * p + line[1]) * below
    own = outcomes.clusters(n[0] * allowed / one, sizes)
    stable = outcomes.clusters(n[1] * p / one, sizes)
    limit = line[0] * theta_p + line[1]
    thetas = eprocess.bets(limit, 0.0, 0.0)
    means = [0.0] * len(thetas)
    for x_c, chance_c in enumerate(own):
        for x_p, chance_p in enumerate(stable):
            if (chance := chance_c * chance_p) < 1e-18:
                continue
            counts = (float(n[0]), float(x_c), float(n[1]), float(x_p))
            gained = eprocess.gains(counts, thetas, theta_p, *line)
            for place, gain in enumerate(gained):
                means[place] += chance * exp(gain / phi)

    assert max(means) <= 1 + ROUNDING


def test_clusters_that_are_taken_for_single_requests_are_worth_more_than_one() -> None:
    """Why there is a dispersion at all: half of it is not enough, and none is far from enough."""
    counts = outcomes.clusters(2.0, {8: 1.0})
    worth = {}
    for phi in (1.0, 4.0, 8.0):
        worth[phi] = 0.0
        for x, chance in enumerate(counts):
            gains = eprocess.gains((100.0, float(x), 0.0, 0.0), [0.6], 0.16, 0.0, 0.16)
            worth[phi] += chance * exp(gains[0] / phi)

    assert worth[1.0] > 1000
    assert worth[4.0] > 1.1
    assert worth[8.0] <= 1


# --- what is done to the evidence afterwards -----------------------------------------------------


@given(KNOWN, st.integers(1, 6), st.integers(1, 6), st.integers(0, 12), NULLS, st.floats(0.01, 3))
def test_a_cap_only_takes_evidence_away(  # noqa: PLR0917  as above
    found: Strand, n_c: int, n_p: int, m: int, line: Line, most: float
) -> None:
    free = capped = 0.0
    for (x_c, x_p), p in outcomes.routed(n_c, n_p, min(m, n_c + n_p)).items():
        counts: Counts = (float(n_c), float(x_c), float(n_p), float(x_p))
        one = strand.run(found, counts, line, None, Capital(1.0, 0.0))
        other = strand.run(found, counts, line, None, Capital(1.0, 0.0, most))
        free, capped = free + p * exp(one.evidence), capped + p * exp(other.evidence)
        assert other.evidence <= min(one.evidence, most) + ROUNDING

    assert capped <= free + ROUNDING
    assert capped <= 1 + ROUNDING


@given(st.lists(SHARES, min_size=1, max_size=6), st.integers(20, 10**5), st.integers(0, 50))
def test_what_is_judged_by_a_bound_of_the_past_is_worth_at_most_one_while_the_bound_is_one(
    own: list[float], known: int, failed: int
) -> None:
    """After a takeover: stable's true share is below its upper bound, in 99 of 100 cases."""
    found, line = Strand(known=float(known), failed=float(min(failed, known))), (1.25, 0.0002)
    limit = takeover.limit(found, line)
    assume(limit is not None)
    assert limit is not None
    seen = sum(own) / len(own)
    fitting = [p * min(1.0, limit / seen) if seen else p for p in own]
    total = 0.0
    for (x, _), p in outcomes.independent(fitting, []).items():
        counts = (float(len(own)), float(x), 0.0, 0.0)
        after = takeover.run(found, counts, line, (1.5, 0.001), Capital(1.0, 0.0, log(100) / 2))
        total += p * exp(after.evidence)

    assert total <= 1 + ROUNDING


@pytest.mark.parametrize("ratio", [0.5, 0.9])
def test_a_margin_below_stable_would_not_be_covered_by_drawn_arms(ratio: float) -> None:
    """Regime (b) needs a ratio of at least 1, and so no spec may ask for less."""
    total = 0.0
    for (x_c, x_p), p in outcomes.routed(2, 50, 1).items():
        counts = (2.0, float(x_c), 50.0, float(x_p))
        total += p * exp(eprocess.gains(counts, [0.9], 0.001, ratio, 0.0)[0])

    assert total > 1


def test_safety_is_not_covered_by_drawn_arms() -> None:
    """The other side of the question: with arms drawn at random nothing is worse, or safe."""
    total = 0.0
    for (x_c, x_p), p in outcomes.routed(10, 10, 4).items():
        counts = (10.0, float(x_c), 10.0, float(x_p))
        after = safety.step(safety.FRESH, counts, 0.2, (1.5, 0.001), 1.0)
        total += p * exp(safety.evidence(after))

    assert total > 1
