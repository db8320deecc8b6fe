import pytest

from serinus.core.spec import versions


def test_versions_are_ordered_by_number() -> None:
    written = ["1.10.0", "1.9.9", "0.0.1", "2.0.0"]

    assert ["0.0.1", "1.9.9", "1.10.0", "2.0.0"] == sorted(
        written, key=lambda v: versions.key(v) or (0, 0, 0)
    )


@pytest.mark.parametrize("text", ["", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.x", "٣.0.0", "1.0.0\n"])
def test_a_version_is_three_numbers(text: str) -> None:
    assert versions.key(text) is None


@pytest.mark.parametrize(
    ("asked", "fits"),
    [("", True), ("1", True), ("1.2", True), ("1.2.0", True), ("2", False), ("1.20", False)],
)
def test_a_shorter_version_asks_for_all_that_begin_so(asked: str, *, fits: bool) -> None:
    assert fits == versions.fits("1.2.0", asked)
