import pytest

from serinus.app import foreseen


@pytest.mark.parametrize(
    ("number", "text"), [(None, "1"), (0.2, "1"), (2.4, "2"), (12_345.6, "12,346")]
)
def test_expected_requests_are_told_as_whole_ones_and_never_as_none(
    number: float | None, text: str
) -> None:
    assert text == foreseen.count(number)
