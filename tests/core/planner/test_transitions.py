import pytest

from serinus.core.planner.decide import PHASES
from serinus.core.planner.transitions import ALLOWED
from serinus.core.state.release import Phase


def test_every_state_has_its_row_and_its_part_of_the_planner() -> None:
    assert set(Phase) == set(ALLOWED) == set(PHASES)


@pytest.mark.parametrize("phase", Phase)
def test_nothing_follows_an_end_and_everything_else_has_one(phase: Phase) -> None:
    reached, todo = set[Phase](), [phase]
    while todo:
        here = todo.pop()
        if here not in reached:
            reached.add(here)
            todo.extend(ALLOWED[here])

    assert phase.ended == (not ALLOWED[phase])
    assert any(p.ended for p in reached)


@pytest.mark.parametrize("phase", [p for p in Phase if not p.ended])
def test_every_state_with_a_candidate_has_a_way_back(phase: Phase) -> None:
    back = {Phase.ROLLING_BACK, Phase.SUPERSEDED, Phase.ROLLED_BACK}

    assert ALLOWED[phase] & back


@pytest.mark.parametrize("phase", Phase)
def test_no_state_follows_itself(phase: Phase) -> None:
    assert phase not in ALLOWED[phase]
