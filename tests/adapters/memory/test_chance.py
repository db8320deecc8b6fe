import pytest

from serinus.adapters.memory.chance import Chance


def test_the_same_seed_draws_the_same() -> None:
    first, second = Chance(7), Chance(7)

    assert [first.poisson(4.0) for _ in range(9)] == [second.poisson(4.0) for _ in range(9)]


@pytest.mark.parametrize("mean", [0.5, 8.0, 400.0])
def test_poisson_draws_have_their_mean(mean: float) -> None:
    chance = Chance(1)

    assert mean == pytest.approx(sum(chance.poisson(mean) for _ in range(4000)) / 4000, rel=0.1)


@pytest.mark.parametrize(("trials", "share"), [(10, 0.3), (1000, 0.002), (5000, 0.4)])
def test_binomial_draws_have_their_mean_and_never_more_than_all(trials: int, share: float) -> None:
    chance = Chance(1)
    drawn = [chance.binomial(trials, share) for _ in range(2000)]

    assert max(drawn) <= trials
    assert trials * share == pytest.approx(sum(drawn) / 2000, rel=0.1)


@pytest.mark.parametrize(
    ("trials", "share"), [(10, 0.3), (60, 0.5), (1000, 0.002), (1000, 0.998), (5000, 0.4)]
)
def test_draws_by_one_number_have_mean_and_spread_of_a_binomial(trials: int, share: float) -> None:
    chance = Chance(1)
    drawn = [chance.drawn(trials, share) for _ in range(4000)]
    mean = sum(drawn) / 4000
    variance = sum((one - mean) ** 2 for one in drawn) / 4000

    assert 0 <= min(drawn) <= max(drawn) <= trials
    assert trials * share == pytest.approx(mean, rel=0.05)
    assert trials * share * (1 - share) == pytest.approx(variance, rel=0.1)
    assert (0, 7, 0) == (chance.drawn(7, 0.0), chance.drawn(7, 1.0), chance.drawn(0, 0.5))


def test_what_cannot_be_and_what_must_be_is_not_drawn() -> None:
    assert (0, 0, 9) == (
        Chance(1).binomial(0, 0.5),
        Chance(1).binomial(9, 0.0),
        Chance(1).binomial(9, 1.0),
    )


def test_one_of_many_and_a_share_of_cases() -> None:
    chance = Chance(3)

    assert {0, 1, 2} == {chance.one(3) for _ in range(100)}
    assert 3000 == pytest.approx(sum(chance.happens(0.3) for _ in range(10_000)), rel=0.05)
