import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.adapters.memory.platform import Behave
from serinus.boot.simulation import Film
from serinus.core.state.intent import Verb
from serinus.core.state.release import Phase
from tests.films import scenes
from tests.films.scenes import WELL, changed, only_v2, served


def shops(stable: float, candidate: float) -> Behave:
    """Shops in which so large a share of the visits ends at the checkout."""
    converting = only_v2(lambda _: WELL._replace(converts=candidate))
    return lambda c: converting(c) if c.version == "v2" else WELL._replace(converts=stable)


# --- A/B ----------------------------------------------------------------------------------------


async def test_an_ab_test_runs_its_time_and_promotes_nobody(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, shops(0.1, 0.16), scenes.ab_test(), rate=20.0)

    assert text == told


async def test_a_difference_that_may_be_chance_is_called_that(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, shops(0.1, 0.1), scenes.ab_test(), rate=20.0)

    assert text == told


async def test_an_ab_test_ends_when_the_objective_of_its_guard_is_violated(
    told: SnapshotAssertion,
) -> None:
    text = await scenes.told(changed, scenes.failing(0.2), scenes.ab_test())

    assert text == told


async def test_a_cohort_by_header_is_concluded_as_well(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, scenes.good, scenes.by_header())

    assert text == told


async def test_the_same_test_is_not_begun_again_but_another_delivery_is(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.finish()
        await film.run(120)
        film.delivery = scenes.canary(500, hold_s=60)
        film.deploy("v2", digest="1")
        await film.run(1)
        await film.finish()

    text = await scenes.told(script, scenes.good, scenes.ab_test(hold_s=300))

    assert text == told


async def test_a_person_ends_an_ab_test_early_or_promotes_it(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(60)
        assert "the current wait is skipped." == await film.ask(Verb.NEXT)
        await film.finish()
        film.deploy("v3")
        await film.run(60)
        await film.ask(Verb.PROMOTE, reason="it is the law")
        await film.finish()

    text = await scenes.told(script, scenes.good, scenes.ab_test(hold_s=900))

    assert text == told


# --- mirrors ------------------------------------------------------------------------------------


async def test_a_shadow_tells_what_it_would_have_done(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, scenes.good, scenes.shadow())

    assert text == told


@pytest.mark.parametrize("errors", [0.02, 1.0])
async def test_a_shadow_that_fails_is_taken_back_and_nobody_meets_it(
    told: SnapshotAssertion, errors: float
) -> None:
    async def script(film: Film) -> None:
        await changed(film)
        status = await film.status()
        assert status.release is not None
        assert 0 == status.release.progress.max_share

    text = await scenes.told(script, scenes.failing(errors), scenes.shadow())

    assert text == told


async def test_a_mirrored_blue_green_switches_when_copies_show_it_is_safe(
    told: SnapshotAssertion,
) -> None:
    text = await scenes.told(changed, scenes.good, scenes.mirrored())

    assert text == told


async def test_a_mirrored_blue_green_never_switches_to_what_fails_in_copies(
    told: SnapshotAssertion,
) -> None:
    text = await scenes.told(changed, scenes.failing(0.05), scenes.mirrored())

    assert text == told


async def test_a_mirror_that_is_paused_waits_for_a_person(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(120)
        await film.ask(Verb.PAUSE)
        await film.run(900)
        status = await film.status()
        assert status.release is not None
        assert Phase.ROLLING is status.release.progress.phase
        await film.ask(Verb.RESUME, actor="bob")
        await film.finish()

    text = await scenes.told(script, scenes.good, scenes.mirrored())

    assert text == told


async def test_a_canary_may_begin_with_copies(told: SnapshotAssertion) -> None:
    late = only_v2(lambda c: WELL._replace(errors=0.1 if c.share > 100 else 0.001))

    text = await scenes.told(changed, late, scenes.mirrored_canary())

    assert text == told
