import pytest

from serinus.interfaces.web import figures
from tests import builders

NARROW = figures.NARROW


@pytest.mark.parametrize(
    ("expected", "fraction"), [("25 %", 0.25), ("2.5 %", 0.025), ("0 %", 0.0), ("–", None)]
)
def test_a_share_has_at_most_one_digit_behind_its_point(
    expected: str, fraction: float | None
) -> None:
    assert expected.replace(" ", NARROW) == figures.share(fraction)


def test_a_rate_has_two_figures_that_count() -> None:
    assert "1.2 %" == figures.rate(0.01234).replace(NARROW, " ")
    assert figures.NONE == figures.rate(None)


def test_evidence_is_written_as_sentences_have_it() -> None:
    assert ("14:1", "0.5:1", "–") == (
        figures.odds(14.2),
        figures.odds(0.5),
        figures.odds(None),
    )


def test_times_are_told_as_people_tell_them() -> None:
    now = builders.at(12)

    assert "just now" == figures.ago(builders.at(11, 59), now)
    assert "11m ago" == figures.ago(builders.at(0, 31), now)
    assert "4m12s" == figures.ahead(builders.at(16, 12), now)
    assert "any moment" == figures.ahead(builders.at(11), now)
    assert "2026-03-02T12:00:00Z" == figures.iso(builders.NOON)


def test_a_time_below_a_chart_is_no_finer_than_the_chart() -> None:
    told = [figures.column(builders.at(1, 5), span) for span in (600, 3600, 100_000)]

    assert [8, 5, 11] == [len(one) for one in told]
    assert told[0].startswith(told[1])
    assert told[2].endswith(told[1])


def test_what_is_not_known_is_a_dash() -> None:
    now = builders.NOON

    assert {"–"} == {
        figures.ago(None, now),
        figures.ahead(None, now),
        figures.clock(None),
        figures.day(None),
        figures.length(None),
        figures.number(None),
        figures.measured(None, "s"),
    }


def test_a_number_is_written_in_its_own_unit() -> None:
    assert "48 MiB" == figures.measured(48 * 1024 * 1024, "bytes").replace(NARROW, " ")
    assert "0.212 s" == figures.measured(0.2124, "s").replace(NARROW, " ")
    assert "4,812" == figures.measured(4812, "")


def test_a_length_is_never_negative() -> None:
    assert "0s" == figures.length(-3)
    assert "4m12s" == figures.length(252)
