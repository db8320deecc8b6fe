import pytest

from serinus.core.analysis import figures, newlines
from serinus.core.analysis.newlines import NewLines
from serinus.core.spec.delivery import Compared, NewLinesCheck, Threshold

NEW = NewLinesCheck("new-errors", "ERROR")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "", "0"),
        (3.14159, "", "3.14"),
        (123456.7, "", "123,457"),
        (851443712.0, "bytes", "812 MiB"),
        (12.0, "bytes", "12 B"),
        (5e15, "bytes", "4,547 TiB"),
        (0.0125, "s", "12.5 ms"),
        (2.5, "s", "2.5 s"),
        (0.00004, "s", "40 µs"),
        (-3.0, "", "-3"),
    ],
)
def test_a_number_has_its_unit_and_the_digits_that_count(
    value: float, unit: str, text: str
) -> None:
    assert text == figures.figure(value, unit)


def test_a_comparison_says_that_it_is_approximate() -> None:
    values = (851443712.0, 671088640.0, 838860800.0)

    assert (
        "memory 812 MiB against 640 MiB on stable, allowed at most 800 MiB "
        "(14 looks, evidence 12:1; approximate)"
    ) == figures.compared("memory", Compared(), values, "bytes", 14, 12.0, known=True)


def test_a_comparison_of_what_is_not_known_well_says_so() -> None:
    assert (
        "rate 5 against 9 on stable, allowed at least 7.2 "
        "(1 look; too little is known yet of how much it wanders by itself)"
    ) == figures.compared("rate", Compared(higher=False), (5.0, 9.0, 7.2), "", 1, 1.0, known=False)


def test_a_threshold_is_told_with_its_limits_and_strikes() -> None:
    both, most = Threshold(min=1.0, max=10.0), Threshold(max=10.0)

    assert "q 5, allowed at least 1 and at most 10" == figures.threshold("q", both, 5.0, "", 0)
    assert "q 12, allowed at most 10 (1 strike of 3)" == figures.threshold("q", most, 12, "", 1)
    assert "q 12, allowed at most 10 (3 looks in a row)" == figures.threshold("q", most, 12, "", 3)
    assert "q 5, allowed anything" == figures.threshold("q", Threshold(), 5.0, "", 0)


def test_a_look_without_a_number_says_why_and_what_stays() -> None:
    assert "q: no data" == figures.silent("q", "no data")
    assert "q: no data (2 strikes before stay)" == figures.silent("q", "no data", 2)


def test_new_kinds_of_lines_are_told_short() -> None:
    one = newlines.count(NewLines(), {"boom " * 50: 3}, {}, (10, 90))
    two = newlines.count(one, {"bang": 9}, {}, (0, 0))

    assert 'no new kind of line matching "ERROR"' == figures.new_lines(NEW, NewLines(), 1.0)
    assert figures.new_lines(NEW, one, 1000.0).endswith(
        '…" 3 times (evidence 1,000:1; approximate)'
    )
    assert (
        'new on the candidate and never on stable: "bang" 9 times, and 1 other new kind '
        "(approximate)"
    ) == figures.new_lines(NEW, two, 1.0)
