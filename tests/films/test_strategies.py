from syrupy.assertion import SnapshotAssertion

from serinus.boot.simulation import Film
from serinus.core.state.release import Phase
from tests.films import scenes
from tests.films.scenes import WELL, blue_green, changed, only_v2, recreate, rolling, served


async def test_blue_green_previews_switches_and_settles(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, scenes.good, blue_green())

    assert text == told


async def test_blue_green_switches_back_when_the_objective_is_violated(
    told: SnapshotAssertion,
) -> None:
    text = await scenes.told(changed, scenes.failing(0.2), blue_green())

    assert text == told


async def test_blue_green_switches_back_when_all_new_replicas_crash(
    told: SnapshotAssertion,
) -> None:
    crash = only_v2(lambda c: WELL._replace(alive=c.at < 300))

    text = await scenes.told(changed, crash, blue_green())

    assert text == told


async def test_blue_green_stays_when_the_preview_crashes(told: SnapshotAssertion) -> None:
    crash = only_v2(lambda c: WELL._replace(alive=c.at < 160))

    text = await scenes.told(changed, crash, blue_green())

    assert text == told


async def test_going_back_within_the_settling_uses_the_old_replicas(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(600, until=scenes.within(Phase.SETTLING))
        await film.run(60)
        film.deploy("v1")
        await film.run(5)
        assert {r.ordinal for r in await film.platform.replicas(film.key)} == {0, 1, 2, 3, 4, 5}
        await film.finish()

    text = await scenes.told(script, scenes.good, blue_green())

    assert text == told


async def test_rolling_replaces_the_replicas_a_few_at_a_time(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, scenes.good, rolling(), replicas=4)

    assert text == told


async def test_rolling_without_surge_stops_old_replicas_first(told: SnapshotAssertion) -> None:
    delivery = rolling(max_surge=0, max_unavailable=250)

    text = await scenes.told(changed, scenes.good, delivery, replicas=4)

    assert text == told


async def test_rolling_that_fails_restores_the_old_capacity(told: SnapshotAssertion) -> None:
    second = only_v2(lambda c: WELL._replace(alive=c.ordinal < 5))

    text = await scenes.told(changed, second, rolling(), replicas=4)

    assert text == told


async def test_recreate_stops_the_old_replicas_and_starts_the_new_ones(
    told: SnapshotAssertion,
) -> None:
    text = await scenes.told(changed, scenes.good, recreate())

    assert text == told


async def test_recreate_that_fails_brings_the_old_replicas_back(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, only_v2(lambda _: WELL._replace(ready=False)), recreate())

    assert text == told
