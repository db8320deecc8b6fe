"""A release that is judged by Flagger's rule: one is rolled back, one is promoted."""

from syrupy.assertion import SnapshotAssertion

from serinus.core.spec.rules import Flagger
from tests.films import scenes
from tests.films.scenes import canary, changed, failing

RULE = Flagger(threshold=2)


async def test_a_release_that_broke_its_limits_is_rolled_back(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, failing(0.03), canary(100, 500, rule=RULE))

    assert text == told


async def test_a_release_that_is_worse_within_its_limits_is_promoted(
    told: SnapshotAssertion,
) -> None:
    # Five times the errors of stable: the evidence says so, and the limit of 1 % is not broken.
    text = await scenes.told(changed, failing(0.005), canary(100, 500, hold_s=180, rule=RULE))

    assert text == told
