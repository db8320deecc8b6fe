"""
All outcomes of a few requests with their probabilities: what a proof by exact enumeration needs.

A chance is a mapping from (candidate's bad ones, stable's bad ones) to its probability.
"""

from collections.abc import Mapping, Sequence
from math import comb, exp

Chance = Mapping[tuple[int, int], float]


def bad(shares: Sequence[float]) -> list[float]:
    """Return how probable each number of bad requests is; each request has its own share."""
    found = [1.0]
    for share in shares:
        found = [
            (found[x] if x < len(found) else 0.0) * (1 - share)
            + (found[x - 1] * share if x else 0.0)
            for x in range(len(found) + 1)
        ]
    return found


def independent(candidate: Sequence[float], stable: Sequence[float]) -> Chance:
    """Every request fails by itself, each with a probability of its own."""
    own, other = bad(candidate), bad(stable)
    return {(x, y): p * q for x, p in enumerate(own) for y, q in enumerate(other)}


def routed(n_c: int, n_p: int, m: int) -> Chance:
    """Which ``m`` of all requests fail is settled before the router draws the arm of each."""
    ways = comb(n_c + n_p, m)
    return {
        (x, m - x): comb(n_c, x) * comb(n_p, m - x) / ways
        for x in range(max(0, m - n_p), min(n_c, m) + 1)
    }


def clusters(mean: float, sizes: Mapping[int, float], most: int = 80) -> list[float]:
    """
    Return how probable each number of bad requests is when they come in independent clusters.

    ``mean``: of the number of clusters (Poisson); ``sizes``: how probable each size is. By Panjer's
    recursion; what lies beyond ``most`` bad requests is left out.
    """
    found = [exp(-mean)]
    for x in range(1, most):
        found.append(
            sum(mean * size / x * p * found[x - size] for size, p in sizes.items() if size <= x)
        )
    return found


def mean(chance: Chance, worth: Mapping[tuple[int, int], float]) -> float:
    """Return the expectation of what each outcome is worth."""
    return sum(p * worth[outcome] for outcome, p in chance.items())
