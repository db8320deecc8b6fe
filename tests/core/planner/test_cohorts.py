import pytest

from serinus.core.planner import cohorts
from serinus.core.spec.delivery import Hold, MatchStep, MirrorStep, Strategy
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state.release import Phase
from tests.builders import NEW, at
from tests.core.planner import stage
from tests.films import scenes

BETA = (Match((Condition(Part.COOKIE, "beta", "yes"),)),)
BY_COOKIE = scenes.with_steps(Strategy.AB_TEST, (MatchStep(BETA, hold=Hold(for_s=60)),), checks=())
SHADOW = scenes.with_steps(Strategy.MIRROR, (MirrorStep(70, hold=Hold(for_s=60)),))


@pytest.mark.parametrize("phase", [Phase.ROLLING, Phase.HOLDING, Phase.PAUSED])
def test_matches_and_copies_are_those_of_the_step_that_is_held(phase: Phase) -> None:
    test = stage.release(delivery=BY_COOKIE, phase=phase, step=0)
    shadow = stage.release(delivery=SHADOW, phase=phase, step=0)

    assert (BETA, 0, True) == (cohorts.matches(test), cohorts.copied(test), cohorts.visited(test))
    assert ((), 70) == (cohorts.matches(shadow), cohorts.copied(shadow))


@pytest.mark.parametrize("phase", [Phase.ROLLING_BACK, Phase.STARTING, Phase.CONCLUDED])
def test_nothing_is_left_over_elsewhere(phase: Phase) -> None:
    ended = at(3) if phase.ended else None
    test = stage.release(delivery=BY_COOKIE, phase=phase, step=0, ended_at=ended)

    assert ((), False) == (cohorts.matches(test), cohorts.visited(test))


def test_users_stay_by_a_cookie_of_this_release_but_not_in_a_probe() -> None:
    delivery = scenes.canary(500, sticky_s=3600.0)

    found = cohorts.sticky(stage.release(delivery=delivery))

    assert found is not None
    assert (f"serinus-shop-{NEW[:8]}", 3600.0) == (found.cookie, found.ttl_s)
    assert cohorts.sticky(stage.release(delivery=delivery, phase=Phase.PROBING)) is None
    assert cohorts.sticky(stage.release()) is None
