from msgspec.structs import replace

from serinus.core.planner import ages
from serinus.core.state.release import Retreat
from tests.core.planner import stage


def test_an_alarm_owes_a_quarter_more_than_the_age_of_the_oldest_and_a_minute() -> None:
    turn = stage.turn()
    oldest = min(r.ready_at for r in turn.serving() if r.ready_at)

    assert 1.25 * turn.since(oldest) + 60 == ages.owed(turn)


def test_without_a_debt_nobody_waits() -> None:
    assert ages.paid_at(stage.turn()) is None


def test_a_debt_is_paid_when_half_of_the_replicas_are_old_enough() -> None:
    turn = stage.turn(retreat=Retreat(age_s=86_400.0))
    paid = ages.paid_at(turn)
    assert paid is not None

    later = replace(turn, observed=replace(turn.observed, now=paid))

    assert ages.paid_at(later) is None
