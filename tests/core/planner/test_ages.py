from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from serinus.core.planner import ages, canary
from serinus.core.planner.turn import Turn
from serinus.core.spec import wayback
from serinus.core.spec.delivery import Hold, Strategy, TrafficStep
from serinus.core.state.release import Phase, Retreat
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.core.planner.stage import replica
from tests.films import scenes

OLDS = tuple(replica(OLD, o) for o in (0, 1, 2))
ONE = scenes.with_steps(Strategy.CANARY, (TrafficStep(250, Hold(60)),))


def aged(*ready_at: datetime, **given: Any) -> Turn:
    """A turn at 12:03 in which the candidate's replicas are ready since then."""
    found = tuple(replica(NEW, 3 + place, ready_at=one) for place, one in enumerate(ready_at))
    ordinals = tuple(one.ordinal for one in found)
    return stage.turn(ordinals=ordinals, replicas=(*OLDS, *found), **given)


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


def test_the_oldest_of_the_accused_says_what_is_owed() -> None:
    assert 1.25 * 180 + 60 == ages.owed(aged(at(0), at(2)))


def test_a_replica_that_was_never_ready_owes_nothing() -> None:
    turn = stage.turn(replicas=(*OLDS, replica(NEW, 3, ready_at=None)))

    assert 0.0 == ages.owed(turn)


@pytest.mark.parametrize(
    ("expected", "ready_at"),
    [
        (at(7), (at(2),)),
        (at(6), (at(1), at(2))),  # the older half
        (at(6), (at(0), at(1), at(2))),
        (None, (at(-10), at(-10), at(2))),
    ],
)
def test_half_of_the_replicas_have_to_be_old_enough(
    expected: datetime | None, ready_at: tuple[datetime, ...]
) -> None:
    assert expected == ages.paid_at(aged(*ready_at, retreat=Retreat(age_s=300.0)))


def test_where_stable_has_bad_luck_itself_an_alarm_says_nothing_of_age() -> None:
    restless = Retreat(age_s=300.0, chance=wayback.RESTLESS + 0.01)
    quiet = Retreat(age_s=300.0, chance=wayback.RESTLESS)

    assert ages.paid_at(aged(at(2), retreat=restless)) is None
    assert at(7) == ages.paid_at(aged(at(2), retreat=quiet))


def rolled(**given: Any) -> Turn:
    said = stage.reading(data_at=at(3).timestamp(), requests=900, blocks=60)
    turn = aged(at(2), reading=said, delivery=ONE, step=0, held_s=600.0, **given)
    step = turn.step
    assert isinstance(step, TrafficStep)
    moved = canary.rolling(turn, step)
    assert moved is not None
    return moved


def test_the_last_step_waits_for_the_debt_and_then_it_is_promoted() -> None:
    waits = rolled(retreat=Retreat(age_s=300.0))
    goes_on = rolled(retreat=Retreat(age_s=60.0))

    assert (Phase.ROLLING, ages.WAITS, at(7), "promotion") == (
        waits.progress.phase,
        waits.progress.wait.cause,
        waits.progress.wait.until,
        waits.progress.wait.then,
    )
    assert Phase.PROMOTING is stage.phase(goes_on)
