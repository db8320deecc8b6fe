import msgspec
import pytest

from serinus.core.analysis.rules import windows
from serinus.core.analysis.rules.windows import Sums, Window
from serinus.core.state.counts import Arm, Tick
from tests.core.analysis.rules.watched import BEGIN, minutes, tick


def test_each_window_begins_where_the_last_one_ended() -> None:
    window = Window()
    found: list[Window] = []
    for one in minutes([(10, 1), (20, 2), (30, 3)], [(90, 0)] * 3):
        closed, window = windows.take(window, one, 60.0)
        found += closed

    assert [BEGIN, BEGIN + 60, BEGIN + 120] == [one.begun for one in found]
    assert [Sums(10, 1), Sums(20, 2), Sums(30, 3)] == [one.own for one in found]
    assert [60.0, 60.0, 60.0] == [one.seconds for one in found]
    assert {90} == {one.stable.requests for one in found}
    assert window == Window(BEGIN + 180)


def test_nothing_begins_before_the_candidate_answers_unless_it_is_asked_for() -> None:
    nobody = tick(5.0, stable=(100, 0))

    assert ((), Window()) == windows.take(Window(), nobody, 60.0)
    assert BEGIN == windows.take(Window(), nobody, 60.0, idle=True)[1].begun


def test_windows_in_which_nothing_was_scraped_are_closed_without_seconds() -> None:
    _, window = windows.take(Window(), tick(5.0, (1, 0)), 60.0)
    closed, window = windows.take(window, tick(185.0, (7, 0)), 60.0)

    assert [5.0, 0.0, 0.0] == [one.seconds for one in closed]
    assert Sums(7, 0) == window.own


def test_a_long_gap_begins_anew() -> None:
    _, window = windows.take(Window(), tick(5.0, (1, 0)), 60.0)
    closed, window = windows.take(window, tick(86_400.0, (7, 0)), 60.0)

    assert () == closed
    assert Window(BEGIN + 86_395, 5.0, Sums(7, 0)) == window


def test_a_clock_that_was_set_back_begins_anew() -> None:
    _, window = windows.take(Window(), tick(500.0, (1, 0)), 60.0)
    closed, window = windows.take(window, tick(10.0, (7, 0)), 60.0)

    assert () == closed
    assert Window(BEGIN + 5, 5.0, Sums(7, 0)) == window


def test_replicas_that_are_too_young_are_left_out_and_with_them_all_times() -> None:
    arms = {"candidate": Arm({"c0": (10, 1), "c1": (10, 9)}, timed=20, slower=(5,))}
    young = Tick(BEGIN + 5, 5.0, arms, (500,), masked=("c1",))
    old = msgspec.structs.replace(young, masked=())

    assert Sums(10, 1) == windows.take(Window(), young, 60.0, 500)[1].own
    assert Sums(20, 10, 20, 5) == windows.take(Window(), old, 60.0, 500)[1].own
    assert Sums(20, 10) == windows.take(Window(), old, 60.0, 750)[1].own


def test_more_errors_than_requests_are_no_more_than_all() -> None:
    assert Sums(3, 3) == windows.take(Window(), tick(5.0, (3, 8)), 60.0)[1].own


@pytest.mark.parametrize(
    ("sums", "share", "tail"), [(Sums(), None, None), (Sums(4, 1, 2, 1), 0.25, 0.5)]
)
def test_without_requests_there_is_no_share(
    sums: Sums, share: float | None, tail: float | None
) -> None:
    assert (share, tail) == (sums.share(), sums.tail())
