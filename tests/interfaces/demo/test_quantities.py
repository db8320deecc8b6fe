import pytest

from serinus.interfaces.demo import quantities


@pytest.mark.parametrize(("text", "share"), [("0%", 0.0), ("2.5%", 0.025), ("100%", 1.0)])
def test_a_share_is_written_in_percent(text: str, share: float) -> None:
    assert share == quantities.share(text)


@pytest.mark.parametrize("text", ["", "5", "-1%", "101%", "%", "5 %", "nan%", "٥%x"])
def test_what_is_no_share_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 5%"):
        quantities.share(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("250ms", 0.25), ("30s", 30.0), ("2m", 120.0), ("1h", 3600.0)]
)
def test_a_duration_bears_its_unit(text: str, seconds: float) -> None:
    assert seconds == quantities.duration_s(text)


@pytest.mark.parametrize("text", ["", "5", "s", "-1s", "25h", "5 s", "5d", "inf"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 250ms, 30s or 2m"):
        quantities.duration_s(text)


@pytest.mark.parametrize(("text", "size"), [("1kB", 1000), ("1.5MB", 1_500_000), ("1GB", 10**9)])
def test_a_size_bears_its_unit(text: str, size: int) -> None:
    assert size == quantities.size(text)


@pytest.mark.parametrize("text", ["", "5", "5mb", "MB", "-1MB"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 512kB"):
        quantities.size(text)


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "11", "1.0", "²"])
def test_a_number_stays_within_its_bounds(text: str) -> None:
    with pytest.raises(ValueError, match="from 1 to 10"):
        quantities.number(text, 1, 10)


def test_a_number_reaches_its_bounds() -> None:
    assert (1, 10) == (quantities.number("1", 1, 10), quantities.number("10", 1, 10))
