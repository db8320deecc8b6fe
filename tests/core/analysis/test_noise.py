from itertools import islice
from random import Random

import pytest

from serinus.core.analysis import noise
from tests.core.analysis import numbers


def estimated(phi: float, count: int = 720, seed: int = 1) -> noise.Noise:
    return noise.estimate(list(islice(numbers.noise(Random(seed), phi), count)))


def test_independent_numbers_have_next_to_no_memory() -> None:
    found = estimated(0.0)

    assert found.sd == pytest.approx(1.0, rel=0.15)
    assert found.short == pytest.approx(1.0, rel=0.2)
    assert 1.0 <= found.wander <= 2.0


@pytest.mark.parametrize(("phi", "factor"), [(0.9, 19.0), (0.97, 65.0)])
def test_the_memory_of_numbers_is_rarely_underestimated(phi: float, factor: float) -> None:
    found = [estimated(phi, seed=seed).wander for seed in range(20)]

    assert sum(one < 0.7 * factor for one in found) <= 2
    assert sum(one > 5 * factor for one in found) <= 2


def test_a_few_wild_numbers_do_not_blow_it_up() -> None:
    random = Random(3)
    calm = list(islice(numbers.noise(random), 300))
    wild = [one + 1000.0 if i % 50 == 0 else one for i, one in enumerate(calm)]

    assert noise.estimate(wild).sd < 2 * noise.estimate(calm).sd


def test_what_never_changes_has_no_noise_and_what_is_unknown_neither() -> None:
    assert noise.Noise(count=50) == noise.estimate([7.0] * 50)
    assert noise.Noise(count=5) == noise.estimate([1.0, 2.0, 3.0, 4.0, 5.0])
    assert 0.0 == noise.estimate([7.0] * 50).long_run == noise.Noise().long_run


def test_rare_changes_are_noise_as_well() -> None:
    assert 0.0 < noise.estimate([0.0] * 50 + [1.0] + [0.0] * 50).sd


def test_little_past_makes_the_variance_larger() -> None:
    one = noise.Noise(count=720, sd=1.0, wander=2.0, short=1.0)

    assert one.long_run == pytest.approx(2.0, rel=0.1)
    assert noise.Noise(count=20, sd=1.0, wander=2.0, short=1.0).long_run > 4.0
