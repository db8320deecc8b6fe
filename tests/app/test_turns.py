from serinus.app.turns import Turns


def test_turns_are_counted_by_how_they_came_out() -> None:
    turns = Turns()
    turns.count("ok", 0.5)
    turns.count("ok", 0.25)
    turns.count("failed", 1.0)

    assert {"ok": 2, "conflict": 0, "failed": 1} == turns.by
    assert 1.75 == turns.seconds


def test_a_clock_that_was_set_back_takes_no_time_away() -> None:
    turns = Turns()
    turns.count("ok", -3600.0)

    assert 0.0 == turns.seconds
