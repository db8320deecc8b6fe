from datetime import timedelta

import pytest

from serinus.interfaces import words
from tests import builders


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (8.4, "8s"),
        (60, "1m"),
        (250, "4m10s"),
        (7500, "2h05m"),
        (3600, "1h"),
        (3e5, "3d"),
    ],
)
def test_lengths_of_time_have_two_units_at_most(seconds: float, text: str) -> None:
    assert text == words.seconds(seconds)


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.005, "0.5 %"), (0.25, "25 %"), (1, "100 %")]
)
def test_shares_are_written_to_a_tenth_of_a_percent(share: float, text: str) -> None:
    assert text == words.share(share)


def test_times_are_told_from_where_the_reader_stands() -> None:
    now = builders.at(3)

    assert "now" == words.ago(now, now)
    assert "3m ago" == words.ago(builders.at(0), now)
    assert words.ahead(now + timedelta(seconds=20), now).endswith(" (in 20s)")
    assert words.ahead(builders.at(0), now).endswith(" (any moment)")
    tomorrow = now + timedelta(days=1)
    assert f"{words.day(tomorrow)} (in 1d)" == words.ahead(tomorrow, now)
    assert words.day(now).startswith("2026-03-0")


def test_counts_rates_and_odds_are_plain() -> None:
    assert ("1 probe", "4,812 requests") == (words.count(1, "probe"), words.count(4812, "request"))
    assert ("–", "0.19 %") == (words.rate(None), words.rate(9 / 4812))
    assert ("0.4:1", "14:1", "over 1,000:1") == (
        words.odds(0.4),
        words.odds(14.2),
        words.odds(1e6),
    )


def test_what_is_taken_is_written_beside_its_limit() -> None:
    mib = 2**20

    assert ("120 of 256 MiB", "900 KiB of 1 GiB", "120 MiB") == (
        words.memory(120 * mib, 256 * mib),
        words.memory(900 * 1024, 1024 * mib),
        words.memory(120 * mib, None),
    )
    assert ("0.31 of 1 CPU", "0.31 of 0.5 CPU", "2.00 CPU") == (
        words.cpu(0.31, 1.0),
        words.cpu(0.31, 0.5),
        words.cpu(2.0, None),
    )
    assert ("24 of 1,024 files", "24 files") == (words.files(24, 1024), words.files(24, None))


@pytest.mark.parametrize(
    ("state", "note"),
    [
        ("ready", "exited with 1 after 0.2 s"),
        ("stopping", "ready after 0.6 s"),
        ("stopping", ""),
    ],
)
def test_a_note_that_is_a_fact_tells_of_no_trouble(state: str, note: str) -> None:
    assert not words.troubled(state, note)


def test_a_note_of_what_does_not_run_tells_of_a_trouble() -> None:
    assert words.troubled("backing off", "exited with 1 after 0.2 s")
