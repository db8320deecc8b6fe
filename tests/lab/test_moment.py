import numpy as np
import pytest

from serinus.lab.moment import Moment


def moment(begins: list[float], tick_s: float = 5.0) -> Moment:
    clock = np.array(begins)[:, None]
    return Moment(t=clock, since=clock, age=clock, weight=0.1, tick_s=tick_s)


def test_a_spell_is_counted_by_the_part_of_each_tick_that_is_in_it() -> None:
    found = moment([0, 60, 120, 180], tick_s=60.0).during(90, 180)

    assert [0.0, 0.5, 1.0, 0.0] == found[:, 0].tolist()


def test_a_spell_of_age_has_no_end_unless_one_is_given() -> None:
    found = moment([0, 5, 10, 9000])

    assert [0.0, 1.0, 1.0, 1.0] == found.aged(5)[:, 0].tolist()
    assert [0.0, 1.0, 0.0, 0.0] == found.aged(5, 10)[:, 0].tolist()


@pytest.mark.parametrize("tick_s", [1.0, 5.0, 15.0, 60.0])
@pytest.mark.parametrize("phase", [0.0, 3.3, 290.0])
def test_spells_that_come_back_last_equally_long_whatever_the_ticks(
    tick_s: float, phase: float
) -> None:
    ticks = moment([tick_s * place for place in range(round(3000 / tick_s))], tick_s)

    found = ticks.every(300, 10, phase)

    assert pytest.approx(100) == found.sum() * tick_s
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-9


def test_spells_begin_at_their_phase() -> None:
    found = moment([295.0, 300.0, 305.0, 310.0, 605.0]).every(300, 10, 5)

    assert [0.0, 0.0, 1.0, 1.0, 1.0] == found[:, 0].tolist()
