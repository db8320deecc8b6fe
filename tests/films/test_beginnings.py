from syrupy.assertion import SnapshotAssertion

from serinus.boot.simulation import Film
from serinus.core.state.intent import Verb
from tests.films import scenes
from tests.films.scenes import WELL, canary, changed, only_v2, served


async def test_a_first_release_has_nothing_to_compare_with(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        film.deploy("v1")
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_first_release_that_never_gets_ready_fails(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        film.deploy("v2")
        await film.finish()
        film.deploy("v3")
        await film.finish()

    text = await scenes.told(script, only_v2(lambda _: WELL._replace(ready=False)), canary())

    assert text == told


async def test_a_crash_loop_fails_before_it_gets_traffic(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, only_v2(lambda _: WELL._replace(alive=False)), canary())

    assert text == told


async def test_a_crash_loop_under_traffic_is_rolled_back(told: SnapshotAssertion) -> None:
    crash = only_v2(lambda c: WELL._replace(alive=c.at < 450))

    text = await scenes.told(changed, crash, canary())

    assert text == told


async def test_replicas_that_die_one_after_the_other_are_rolled_back(
    told: SnapshotAssertion,
) -> None:
    """Each of the candidate's replicas dies once in a while, and comes back at once."""
    leak = only_v2(lambda c: WELL._replace(alive=not 60 < (c.at - 40 * c.ordinal) % 400 < 62))

    text = await scenes.told(changed, leak, canary(500), replicas=6)

    assert text == told


async def test_a_command_that_the_platform_rejects_fails_at_once(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.platform.refuses = "the command 'shopp' does not exist"
        film.deploy("v2")
        await film.finish()
        film.platform.refuses = ""
        film.deploy("v3")
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_replicas_are_added_and_removed_at_rest(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film, 20)
        film.deploy("v1", replicas=5)
        await film.run(20)
        assert len(await film.platform.replicas(film.key)) == 5
        film.deploy("v1", replicas=2)
        await film.run(20)
        assert len(await film.platform.replicas(film.key)) == 2

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_damaged_spec_does_not_stop_a_release(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(600)
        film.specs.want("shop", None, "shop.yaml:3:5: unknown field 'replica'")
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_failed_change_is_quarantined_until_it_is_retried(told: SnapshotAssertion) -> None:
    healed = only_v2(lambda c: WELL._replace(errors=0.3 if c.at < 900 else 0.001))

    async def script(film: Film) -> None:
        await changed(film)
        await film.run(900)
        await film.ask(Verb.RETRY)
        await film.finish()

    text = await scenes.told(script, healed, canary(hold_s=120))

    assert text == told


async def test_a_deleted_application_stops_and_is_forgotten(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(600)
        await film.ask(Verb.DELETE)
        film.specs.remove("shop")
        await film.run(60)
        assert await film.platform.replicas(film.key) == ()
        assert await film.platform.applied() == {}

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_deleted_application_stays_deleted_although_its_file_is_there(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        await film.ask(Verb.DELETE)
        await film.run(60)
        assert await film.platform.replicas(film.key) == ()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_what_serves_is_adopted_when_its_memory_is_lost(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film, 20)
        film.forget()
        film.deploy("v2")
        await film.finish()

    bad = only_v2(lambda _: WELL._replace(errors=0.2))

    text = await scenes.told(script, bad, canary())

    assert text == told
