import pytest

from serinus.core.state.release import Phase
from tests.builders import release


def test_a_release_has_a_name() -> None:
    assert "shop/local#7" == release().name


@pytest.mark.parametrize("phase", Phase)
def test_five_states_are_ends(phase: Phase) -> None:
    ends = {Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.SUPERSEDED, Phase.CONCLUDED, Phase.FAILED}

    assert phase.ended == (phase in ends)
