"""Seeded randomness: how many of so many, as nature draws them."""

import math
import random

SMALL = 30.0
"""Up to this many, numbers are drawn one by one; above it a normal distribution is near enough."""


class Chance:
    """Draws that are the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a simulation, not a secret

    def poisson(self, mean: float) -> int:
        """Draw from a Poisson distribution (by products of uniforms; normal where it is large)."""
        if mean > SMALL:
            return max(0, round(self._random.gauss(mean, math.sqrt(mean))))
        limit, number, product = math.exp(-mean), 0, self._random.random()
        while product > limit:
            number += 1
            product *= self._random.random()
        return number

    def binomial(self, trials: int, share: float) -> int:
        """Draw from a binomial distribution."""
        if share <= 0 or trials <= 0:
            return 0
        if share >= 1:
            return trials
        if trials * share < SMALL and trials > SMALL:
            return min(trials, self.poisson(trials * share))
        if trials > 10 * SMALL:
            spread = math.sqrt(trials * share * (1 - share))
            return min(trials, max(0, round(self._random.gauss(trials * share, spread))))
        return sum(self._random.random() < share for _ in range(trials))

    def drawn(self, trials: int, share: float) -> int:
        """
        Draw from a binomial distribution by one random number.

        Exact where few of either outcome are expected (sequential inversion: Kachitvichyanukul and
        Schmeiser, *Binomial random variate generation*, Commun. ACM 31 (1988)), normal elsewhere.
        """
        if share > 1 / 2:
            return trials - self.drawn(trials, 1 - share)
        mean = trials * share
        if mean <= 0:
            return 0
        if mean > SMALL:
            spread = math.sqrt(mean * (1 - share))
            return min(trials, max(0, round(self._random.gauss(mean, spread))))
        left, chance, number = self._random.random(), (1 - share) ** trials, 0
        odds = share / (1 - share)
        while left > chance and number < trials:
            left -= chance
            number += 1
            chance *= odds * (trials - number + 1) / number
        return number

    def one(self, number: int) -> int:
        """Draw one of so many."""
        return self._random.randrange(number)

    def happens(self, share: float) -> bool:
        """Tell whether something that happens in a share of all cases happens now."""
        return self._random.random() < share
