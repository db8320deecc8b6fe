import pytest

from serinus.core.planner.turn import Turn
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase, Wait
from tests import builders
from tests.builders import at
from tests.core.planner import stage


def test_a_move_that_the_table_does_not_have_is_a_fault_of_the_planner() -> None:
    turn = stage.turn(phase=Phase.ROLLING)

    with pytest.raises(ValueError, match=r"shop/local#7: no move from Rolling to Settling \(Why\)"):
        turn.to(Phase.SETTLING, "Why", "Because.", Kind.STEP)


def test_a_move_is_told_and_ends_the_wait() -> None:
    turn = stage.turn(phase=Phase.ROLLING, wait=Wait("holding", at(9), "more"))
    moved = turn.to(Phase.HOLDING, "NoData", "Holding.", Kind.VERDICT)

    assert (at(3), Wait()) == (moved.progress.since, moved.progress.wait)
    assert [("NoData", "Holding.", 7)] == [(e.reason, e.sentence, e.release) for e in moved.events]
    assert moved.active is not None


def test_a_move_within_a_state_keeps_its_beginning() -> None:
    moved = stage.turn(since=at(1)).to(Phase.ROLLING, "StepStarted", "Step 4.", Kind.STEP)

    assert at(1) == moved.progress.since


def test_an_end_ends_the_release() -> None:
    moved = stage.turn().to(Phase.SUPERSEDED, "Superseded", "A newer one.", Kind.RESULT)

    assert at(3) == moved.release.ended_at
    assert moved.active is None


def test_a_reading_of_another_test_is_not_about_this_one() -> None:
    other = builders.reading(test=builders.reading().test.__class__(2, stage.TEST.kind))

    assert stage.turn(reading=stage.reading()).reading is not None
    assert stage.turn(reading=other).reading is None


def test_an_application_without_a_release_has_none_to_move() -> None:
    turn = stage.turn(idle=True)

    assert turn.active is None
    with pytest.raises(LookupError, match="shop/local has no release"):
        _ = turn.release
    assert turn.tell(Kind.REPLICA, "Scaled", "More.").events[0].release is None


def test_what_cannot_be_seen_is_not_followed() -> None:
    assert stage.turn().follows()
    assert not stage.turn(weight=50).follows()
    assert not stage.turn(route_problem="dark").follows()
    assert 0 == stage.turn(route=None).weight()


def test_fresh_replicas_get_numbers_that_were_never_used() -> None:
    turn = stage.turn(next_ordinal=9)
    once, first = turn.fresh(2)
    _, second = once.fresh(1)

    assert ((9, 10), (11,)) == (first, second)


def test_waiting_for_the_same_changes_nothing() -> None:
    turn: Turn = stage.turn(wait=Wait("holding", at(9), "more"))

    assert turn is turn.waits("holding", at(9), "more")
    assert "warming" == turn.waits("warming", None, "serinus next").progress.wait.cause
    assert 0.0 == turn.since(None)
    assert at(3, 5) == turn.after(5)
