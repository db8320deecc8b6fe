import pytest

from serinus.core.planner import words


@pytest.mark.parametrize(
    ("expected", "length"),
    [("0s", 0.4), ("8s", 8), ("1m", 60), ("4m10s", 250), ("1h", 3600), ("2h05m", 7500)],
)
def test_lengths_of_time_are_short(expected: str, length: float) -> None:
    assert expected == words.seconds(length)


def test_shares_are_percentages() -> None:
    assert ["0.5 %", "5 %", "100 %"] == [words.share(s) for s in (5, 50, 1000)]
    assert "all traffic" == words.of_traffic(1000)
    assert "5 % of the traffic" == words.of_traffic(50)


def test_counts_agree_with_their_noun() -> None:
    assert "1 replica" == words.several(1, "replica")
    assert "1,200 replicas" == words.several(1200, "replica")
    assert "2 bodies" == words.several(2, "body", "bodies")
