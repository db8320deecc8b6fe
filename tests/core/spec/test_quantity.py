from fractions import Fraction

import pytest
from hypothesis import given

from serinus.core.spec import quantity
from tests.core.spec import strategies


@given(strategies.AMOUNTS)
def test_what_is_written_is_read_back(amount: Fraction) -> None:
    assert amount == quantity.parse(quantity.text(amount))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500m", Fraction(1, 2)),
        ("2", Fraction(2)),
        ("1.5k", Fraction(1500)),
        ("1Ki", Fraction(1024)),
    ],
)
def test_suffixes_are_powers(text: str, amount: Fraction) -> None:
    assert amount == quantity.parse(text)


@pytest.mark.parametrize(
    ("amount", "text"), [(1024, "1Ki"), (3000, "3k"), (0, "0"), (7, "7"), (2**30, "1Gi")]
)
def test_an_amount_is_written_in_its_shortest_form(amount: int, text: str) -> None:
    assert text == quantity.text(Fraction(amount))


@pytest.mark.parametrize("text", ["", "m", "-1", "1 Mi", "1KB", "1mi", "0x10"])
def test_what_is_no_quantity_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is not a quantity; wanted a number"):
        quantity.parse(text)


def test_nothing_is_finer_than_a_thousandth() -> None:
    with pytest.raises(ValueError, match=r"'0\.5m' is finer than a thousandth"):
        quantity.parse("0.5m")
