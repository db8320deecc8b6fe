from math import log
from typing import Any

import pytest
from msgspec.structs import replace

from serinus.core.planner import luck
from serinus.core.planner.turn import Turn
from serinus.core.spec.wayback import RetreatPolicy
from serinus.core.state.release import Retreat
from tests.core.planner import stage


def turn(policy: RetreatPolicy | None = None, **given: Any) -> Turn:
    delivery = replace(stage.DELIVERY, retreat=policy or RetreatPolicy())
    return stage.turn(delivery=delivery, **given)


def test_what_the_template_says_stands_above_what_was_learnt() -> None:
    told = turn(RetreatPolicy(probes=4, max_retreats=0))
    learnt = Retreat(wanted=1, most=9)

    assert (4, 0) == (luck.wanted(told, learnt), luck.most(told, learnt))


def test_what_was_learnt_stands_above_what_is_assumed() -> None:
    learnt = Retreat(wanted=1, most=9)

    assert (1, 9) == (luck.wanted(turn(), learnt), luck.most(turn(), learnt))


def test_where_nothing_can_be_learnt_it_takes_two_probes_and_a_fourth_alarm() -> None:
    assert (2, 3) == (luck.wanted(turn(), Retreat()), luck.most(turn(), Retreat()))


def test_what_the_judge_learns_is_kept_for_the_episode() -> None:
    said = stage.reading(probes=3, alarms=5, luck="4 of 120 windows", chance=0.04)
    moved = luck.learnt(turn(reading=said))

    assert Retreat(wanted=3, most=5, luck="4 of 120 windows", chance=0.04) == (
        moved.progress.retreat
    )
    assert luck.learnt(moved) is moved


def test_a_judge_that_knows_nothing_takes_nothing_away() -> None:
    before = turn(reading=stage.reading(), retreat=Retreat(wanted=3, most=5))

    assert luck.learnt(before) is before
    assert luck.learnt(turn(reading=None)).progress.retreat == Retreat()


def test_a_quieter_accusation_does_not_take_alarms_back_that_were_granted() -> None:
    """How many probes it takes is asked of the accusation at hand; the luck is the service's."""
    said = stage.reading(probes=1, alarms=1, luck="0 of 120 windows", chance=0.01)
    moved = luck.learnt(turn(reading=said, retreat=Retreat(wanted=3, most=5, chance=0.04)))

    assert (1, 5, 0.04) == (
        moved.progress.retreat.wanted,
        moved.progress.retreat.most,
        moved.progress.retreat.chance,
    )


@pytest.mark.parametrize(
    ("expected", "fails", "ledger"),
    [
        (10.0, 0, log(10)),  # another one follows
        (10.0, 1, log(20)),  # 20 × 10 are more than 100
        (50.0, 1, log(2)),  # what is lacking to 100:1
        (200.0, 1, log(0.5)),  # passed probes are paid back
    ],
)
def test_the_last_probe_goes_on_until_the_ledger_is_full(
    expected: float, fails: int, ledger: float
) -> None:
    state = Retreat(fails=fails, ledger=ledger)

    assert pytest.approx(log(expected)) == luck.level(turn(RetreatPolicy(probes=2)), state)
