from syrupy.assertion import SnapshotAssertion

from serinus.boot.simulation import Film
from serinus.core.spec.delivery import Approval
from serinus.core.state.intent import Verb
from serinus.core.state.release import Phase
from tests.films import scenes
from tests.films.scenes import WELL, canary, changed, gated, only_v2, served


async def test_a_newer_change_supersedes_a_canary(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.at(250))
        film.deploy("v3")
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_newer_change_supersedes_a_rolling_release(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(40)
        film.deploy("v3")
        await film.finish()
        await film.finish()

    text = await scenes.told(script, scenes.good, scenes.rolling(), replicas=4)

    assert text == told


async def test_asking_for_the_stable_version_again_supersedes_the_release(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.at(250))
        film.deploy("v1")
        await film.run(60)

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_paused_release_keeps_its_share_until_it_is_resumed(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.at(50))
        await film.ask(Verb.PAUSE, reason="lunch")
        await film.run(1200)
        await film.ask(Verb.NEXT)
        await film.ask(Verb.RESUME)
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_release_that_is_paused_before_its_first_step_gets_no_traffic(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(5)
        await film.ask(Verb.PAUSE)
        await film.run(300)
        await film.ask(Verb.RESUME)
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_paused_release_is_still_guarded(told: SnapshotAssertion) -> None:
    outage = only_v2(lambda c: WELL._replace(errors=1.0 if c.at > 620 else 0.001))

    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.at(50))
        await film.ask(Verb.PAUSE)
        await film.finish()

    text = await scenes.told(script, outage, canary())

    assert text == told


async def test_next_skips_the_rest_of_a_step(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        for share in (10, 50, 250, 500):
            await film.run(3600, until=scenes.at(share))
            await film.run(60)
            await film.ask(Verb.NEXT)
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_gate_waits_for_its_approvals(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.within(Phase.WAITING))
        await film.run(600)
        await film.ask(Verb.NEXT)
        await film.ask(Verb.APPROVE, "ada")
        await film.ask(Verb.APPROVE, "ada")
        await film.ask(Verb.APPROVE, "bob", "looks good")
        await film.finish()

    text = await scenes.told(script, scenes.good, gated(250, Approval(count=2)))

    assert text == told


async def test_a_rejected_release_is_taken_back(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.within(Phase.WAITING))
        await film.ask(Verb.REJECT, "bob", "not on a Friday")
        await film.finish()

    text = await scenes.told(script, scenes.good, gated(50, Approval(roles=("lead",))))

    assert text == told


async def test_a_gate_that_nobody_opens_in_time_takes_the_release_back(
    told: SnapshotAssertion,
) -> None:
    gate = Approval(timeout_s=1800, on_timeout="rollback")

    text = await scenes.told(changed, scenes.good, gated(500, gate))

    assert text == told


async def test_a_release_that_waits_at_a_gate_is_still_guarded(told: SnapshotAssertion) -> None:
    outage = only_v2(lambda c: WELL._replace(errors=0.5 if 600 < c.at < 620 else 0.001))

    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.within(Phase.WAITING))
        await film.run(900)
        await film.ask(Verb.APPROVE)
        await film.finish()

    text = await scenes.told(script, outage, gated(250, Approval()))

    assert text == told


async def test_a_held_release_is_retried(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await _hold(film)
        await film.ask(Verb.RETRY)
        await film.finish()

    text = await scenes.told(script, _moody, canary(hold_s=900))

    assert text == told


async def test_a_held_release_is_promoted_with_a_reason(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await _hold(film)
        await film.ask(Verb.PROMOTE)
        await film.ask(Verb.PROMOTE, reason="the batch job did it, not v2")
        await film.finish()

    text = await scenes.told(script, _moody, canary(hold_s=900))

    assert text == told


async def _hold(film: Film) -> None:
    await served(film)
    film.deploy("v2")
    await film.run(7200, until=scenes.within(Phase.HELD))
    await film.run(1800)


_moody = only_v2(lambda c: WELL._replace(errors=0.5 if c.at % 590 < 15 and c.at < 3600 else 0.001))


async def test_a_person_promotes_now(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.at(50))
        await film.run(60)
        await film.ask(Verb.PROMOTE, reason="the old version leaks money")
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_person_rolls_back_within_the_settling(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(7200, until=scenes.within(Phase.SETTLING))
        await film.run(30)
        await film.ask(Verb.ROLLBACK, "bob", "the prices are wrong")
        await film.finish()

    text = await scenes.told(script, scenes.good, canary(hold_s=60))

    assert text == told


async def test_what_makes_no_sense_is_refused_with_a_sentence(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        for verb in Verb:
            if verb is not Verb.DELETE:
                await film.ask(verb, reason="to see what happens")
        await served(film, 20)
        for verb in Verb:
            if verb is not Verb.DELETE:
                await film.ask(verb, reason="to see what happens")
        film.deploy("v2")
        await film.run(3600, until=scenes.at(50))
        for verb in (Verb.RESUME, Verb.RETRY, Verb.APPROVE, Verb.REJECT):
            await film.ask(verb)
        await film.ask(Verb.NEXT, step=1)

    text = await scenes.told(script, scenes.good, canary())

    assert text == told
