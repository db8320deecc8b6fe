from fractions import Fraction

import pytest

from serinus.core.spec.limits import Limits


@pytest.mark.parametrize("mille", [1, 5, 10, 333, 1000])
def test_a_router_does_every_tenth_of_a_percent(mille: int) -> None:
    assert Limits().fits(Fraction(mille, 1000))


@pytest.mark.parametrize(("share", "fits"), [("1/5", True), ("2/5", True), ("1/20", False)])
def test_five_replicas_do_steps_of_20_percent(share: str, *, fits: bool) -> None:
    assert fits == Limits(finest=200).fits(Fraction(share))


def test_a_third_of_three_replicas_may_be_rounded() -> None:
    thirds = Limits(finest=1000 / 3)

    assert thirds.fits(Fraction(333, 1000))
    assert thirds.fits(Fraction(667, 1000))
    assert not thirds.fits(Fraction(1, 2))


def test_a_finer_router_does_finer_steps() -> None:
    assert Limits(finest=0.5).fits(Fraction(1, 2000))


@pytest.mark.parametrize(
    ("mille", "given"), [(10, 250), (250, 250), (251, 500), (500, 500), (990, 1000), (1000, 1000)]
)
def test_what_is_finer_than_four_replicas_can_do_is_rounded_up(mille: int, given: int) -> None:
    assert given == Limits(finest=250, rounds=True).nearest(mille)
    assert mille == Limits(finest=250).nearest(mille)


def test_thirds_are_rounded_to_thirds() -> None:
    thirds = Limits(finest=1000 / 3, rounds=True)

    assert [333, 333, 667, 1000] == [thirds.nearest(share) for share in (10, 333, 500, 700)]
