import pytest

from serinus.core.state import history
from serinus.core.state.release import Phase, Release
from tests import builders

NEXT = builders.release(8, version="v3", created_at=builders.at(30))


def test_a_release_that_another_one_replaced_is_superseded_from_then_on() -> None:
    end = history.overtaken(builders.release(7), NEXT)

    assert end is not None
    assert (7, builders.at(30)) == (end.number, end.ended_at)
    assert (Phase.SUPERSEDED, 0) == (end.progress.phase, end.progress.share)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, NEXT),
        (builders.release(7), None),
        (builders.release(8), NEXT),
        (builders.ended(Phase.ROLLED_BACK, 7), NEXT),
    ],
)
def test_nothing_is_overtaken_where_nothing_was_in_flight(
    before: Release | None, after: Release | None
) -> None:
    assert history.overtaken(before, after) is None
