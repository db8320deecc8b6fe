import pytest

from serinus.core.planner import words as planners
from serinus.core.spec import prose
from serinus.interfaces import words as commands


@pytest.mark.parametrize(
    ("expected", "length"),
    [("0s", 0.4), ("8s", 8), ("1m", 59.6), ("4m10s", 250), ("1h", 3600), ("2h05m", 7500)],
)
def test_a_length_of_time_is_written_alike_on_every_floor(expected: str, length: float) -> None:
    assert expected == prose.seconds(length)
    assert expected == planners.seconds(length)
    assert expected == commands.seconds(length)


def test_counts_agree_with_their_noun() -> None:
    assert "1 replica" == prose.several(1, "replica")
    assert "2 bodies" == prose.several(2, "body", "bodies")
