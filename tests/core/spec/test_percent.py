from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.spec import percent
from tests.core.spec import strategies


@given(strategies.SHARES)
def test_what_is_written_is_read_back(share: Fraction) -> None:
    assert share == percent.parse(percent.text(share))


@given(st.integers(0, 1000))
def test_a_mille_is_a_tenth_of_a_percent(mille: int) -> None:
    assert Fraction(mille, 1000) == percent.parse(percent.of_mille(mille))


@pytest.mark.parametrize(
    ("text", "share"), [("1%", "1/100"), ("0.1%", "1/1000"), ("2.5 %", "1/40"), ("100%", "1")]
)
def test_percentages_are_exact(text: str, share: str) -> None:
    assert Fraction(share) == percent.parse(text)


@pytest.mark.parametrize("text", ["", "5", "%", "-1%", "1.%", ".5%", "1  %", "1e2%", "5%%"])
def test_what_is_no_percentage_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is not a percentage; wanted a number with %"):
        percent.parse(text)
