from syrupy.assertion import SnapshotAssertion

from serinus.boot.simulation import Film
from serinus.core.spec.wayback import NoDataPolicy, Unverified
from serinus.core.state.intent import Verb
from serinus.core.state.release import Phase
from tests.films import scenes
from tests.films.scenes import canary, served


async def test_a_release_without_data_is_held_and_then_taken_to_0(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.at(50))
        film.platform.rate = 0.0
        await film.run(900, until=scenes.within(Phase.HELD))
        film.platform.rate = 100.0
        await film.ask(Verb.RETRY)
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_release_without_data_is_rolled_back_if_the_template_says_so(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.platform.rate = 0.0
        film.deploy("v2")
        await film.finish()

    text = await scenes.told(
        script, scenes.good, canary(on_no_data=NoDataPolicy(hold_s=120, then="rollback"))
    )

    assert text == told


async def test_a_release_waits_while_the_metrics_are_away(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.at(50))
        film.platform.blind = "the proxy's statistics cannot be read: connection refused"
        await film.run(120)
        film.platform.blind = ""
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_no_more_weight_is_given_while_the_metrics_are_away(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(10)
        film.platform.blind = "the proxy's statistics cannot be read: connection refused"
        await film.run(120)
        film.platform.blind = ""
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_release_waits_while_the_data_plane_is_dark(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.at(10))
        await film.run(280)
        film.platform.dark = "Envoy does not answer on its admin socket"
        await film.run(120)
        film.platform.dark = ""
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_a_router_that_does_not_follow_is_named_until_it_does(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(3600, until=scenes.at(10))
        await film.run(280)
        lag = "the router does not follow: wanted 5 %, seen 0 of {} requests for {}"
        film.platform.lags = lag.format("1,000", "10s")
        await film.run(60)
        film.platform.lags = lag.format("2,000", "20s")
        await film.run(60)
        film.platform.lags = ""
        await film.finish()

    text = await scenes.told(script, scenes.good, canary())

    assert text == told


async def test_an_objective_that_is_violated_holds_the_weight(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(1800)
        await film.ask(Verb.ROLLBACK, reason="errors")
        await film.finish()

    delivery = canary(checks=scenes.slo(0.01, rollback=False))
    text = await scenes.told(script, scenes.failing(0.03), delivery)

    assert text == told


async def test_an_objective_that_says_so_rolls_back(told: SnapshotAssertion) -> None:
    delivery = canary(checks=scenes.slo(0.01))
    text = await scenes.told(scenes.changed, scenes.failing(0.03), delivery)

    assert text == told


async def test_an_unverified_release_is_held_if_the_template_says_so(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(900, until=scenes.within(Phase.HOLDING))
        await film.ask(Verb.NEXT)
        await film.ask(Verb.PROMOTE, reason="the shop is closed, I tried it by hand")
        await film.finish()

    delivery = canary(50, 500, hold_s=60, on_unverified=Unverified.HOLD)
    text = await scenes.told(script, scenes.good, delivery, rate=2.0)

    assert text == told
