from serinus.core.planner import stopwatch
from tests.builders import at
from tests.core.planner import stage


def test_the_clock_starts_at_the_first_look() -> None:
    moved = stopwatch.tick(stage.turn(clock_at=None))

    assert at(3) == moved.progress.clock_at
    assert 0.0 == moved.progress.held_s


def test_the_clock_is_written_down_every_five_seconds() -> None:
    turn = stage.turn(clock_at=at(2, 56), held_s=30.0)

    assert turn is stopwatch.tick(turn)
    assert 34.0 == stopwatch.held(turn)

    moved = stopwatch.tick(stage.turn(clock_at=at(2, 55), held_s=30.0))

    assert (35.0, at(3)) == (moved.progress.held_s, moved.progress.clock_at)


def test_a_time_in_which_nobody_looked_counts_ten_seconds_at_most() -> None:
    turn = stage.turn(clock_at=at(0), held_s=30.0)

    assert 40.0 == stopwatch.tick(turn).progress.held_s
    assert 40.0 == stopwatch.held(turn)
    assert 40.0 == stopwatch.stopped(turn).progress.held_s


def test_a_clock_that_is_set_back_takes_nothing_from_what_was_held_and_goes_on() -> None:
    turn = stage.turn(clock_at=at(60), held_s=30.0)
    moved = stopwatch.tick(turn).progress

    assert 30.0 == stopwatch.held(turn)
    assert 30.0 == stopwatch.stopped(turn).progress.held_s
    assert (30.0, at(3)) == (moved.held_s, moved.clock_at)


def test_what_began_before_the_clock_was_set_back_does_not_lie_ahead() -> None:
    turn = stage.turn(clock_at=at(60), step_at=at(59), test_at=at(1))
    moved = stopwatch.tick(turn).progress

    assert (at(3), at(1)) == (moved.step_at, moved.test_at)


def test_a_stopped_clock_stands() -> None:
    turn = stage.turn(clock_at=None, held_s=30.0)

    assert turn is stopwatch.stopped(turn)
    assert 30.0 == stopwatch.held(turn)


def test_a_step_begins_when_the_data_plane_is_seen_to_follow() -> None:
    turn = stage.turn(step_at=None, share=250, max_share=50, pending_since=at(2))
    moved = stopwatch.reached(turn).progress
    counted = stopwatch.reached(stage.turn(test_at=None, reading=stage.reading())).progress

    assert (at(3), 0, 250) == (moved.step_at, moved.step_requests, moved.max_share)
    assert moved.pending_since is None
    assert at(1) == moved.test_at
    assert (4812, at(3)) == (counted.step_requests, counted.test_at)
