"""
Intervals for shares of users: of one, of the difference of two, once or at any time.

Counts are ``(reached, users)``; where two sides are compared, both have users. All intervals are
two-sided with an error of :data:`ERROR`.
"""

from math import exp, lgamma, log, sqrt

Counts = tuple[int, int]

ERROR = 0.05
"""How often an interval may miss what it is for: 95 % intervals."""

Z = 1.959963984540054
"""The quantile of the normal distribution that belongs to :data:`ERROR`, on two sides."""

TIGHTEST = 2_000
"""The number of users at which the interval that holds at any time is as narrow as it can be."""

PRIORS = (20.0, 1000.0)
"""Wrong splits, coarse and fine: the scatter around the share is that of so many users' draw."""


def wilson(counts: Counts) -> tuple[float, float]:
    """
    Return the score interval of one share.

    Wilson, *Probable inference, the law of succession, and statistical inference*, J. Am. Stat.
    Assoc. 22 (1927). Without users it is everything: 0 to 1.
    """
    x, n = counts
    if not n:
        return 0.0, 1.0
    share, square = x / n, Z * Z
    centre = share + square / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + square / (4 * n * n))
    low, high = (centre - half) / (1 + square / n), (centre + half) / (1 + square / n)
    return (0.0 if not x else max(0.0, low)), (1.0 if x == n else min(1.0, high))


def fixed(one: Counts, other: Counts) -> tuple[float, float]:
    """
    Return the interval of the difference ``one - other`` for one look at a planned moment.

    The hybrid score interval, number 10 of Newcombe, *Interval estimation for the difference
    between independent proportions: comparison of eleven methods*, Statist. Med. 17 (1998).
    """
    p, q = one[0] / one[1], other[0] / other[1]
    (p_low, p_high), (q_low, q_high) = wilson(one), wilson(other)
    low = p - q - sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    high = p - q + sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return max(-1.0, low), min(1.0, high)


def anytime(one: Counts, other: Counts) -> tuple[float, float]:
    """
    Return the interval of the difference ``one - other`` that holds at all moments at once.

    An asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, *Time-uniform
    central limit theory and asymptotic confidence sequences*, Ann. Statist. 52 (2024),
    arXiv 2103.06476): after ``t`` users, with the standard deviation ``s`` of what one user says of
    the difference, it reaches ::

        s · √( 2 (t ρ² + 1) / (t² ρ²) · log( √(t ρ² + 1) / α ) )

    to both sides. The difference of two means is asymptotically linear, with ``s² / t`` the sum of
    the variances of both shares. Here these are taken of shares with one user more who reached the
    goal and one who did not (Agresti and Caffo, Am. Stat. 54 (2000)), so that an interval does not
    vanish while nobody reached it. ρ² = (−2 log α + log(1 − 2 log α)) / :data:`TIGHTEST`.
    """
    t = one[1] + other[1]
    variance = _variance(one) + _variance(other)
    scaled = t * (log(1 - 2 * log(ERROR)) - 2 * log(ERROR)) / TIGHTEST
    half = sqrt(variance * 2 * (scaled + 1) / scaled * log(sqrt(scaled + 1) / ERROR))
    difference = one[0] / one[1] - other[0] / other[1]
    return max(-1.0, difference - half), min(1.0, difference + half)


def mismatch(users: int, others: int, share: float) -> float:
    """
    Return a p-value, valid at any time, of ``users`` having been drawn with ``share`` from all.

    The inverse of the evidence of a sequential test, the mean of Beta mixtures around the share
    (Lindon and Malek, *Anytime-valid inference for multinomial count data*, NeurIPS 2022,
    arXiv 2011.03567), which may be asked after every user.
    """
    if not 0 < share < 1:
        return 1.0
    null = users * log(share) + others * log(1 - share)
    found = [_mixture(users, others, size * share, size * (1 - share)) for size in PRIORS]
    most = max(found)
    evidence = most - null + log(sum([exp(one - most) for one in found]) / len(found))
    return exp(-evidence) if evidence > 0 else 1.0


def _mixture(users: int, others: int, a: float, b: float) -> float:
    """Return the logarithm of the likelihood, averaged over a Beta distribution of the share."""
    return _beta(a + users, b + others) - _beta(a, b)


def _variance(counts: Counts) -> float:
    """Return the variance of a share, taken with two users more."""
    x, n = counts
    share = (x + 1) / (n + 2)
    return share * (1 - share) / n


def _beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
