"""Guards beside the counts in whole releases, also by a controller that forgets all the time."""

from collections.abc import Callable
from random import Random

from syrupy.assertion import SnapshotAssertion

from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.boot import simulation
from serinus.boot.simulation import Film
from serinus.core.spec.delivery import (
    AgainstSlo,
    AgainstStable,
    Burn,
    Check,
    Compared,
    Delivery,
    ErrorsCheck,
    Hold,
    LogCheck,
    Look,
    NewLinesCheck,
    QueryCheck,
    Strategy,
    Threshold,
    TrafficStep,
)
from serinus.core.state.intent import Verb
from serinus.core.state.release import Phase
from serinus.core.state.sample import Sample
from tests.films import scenes
from tests.films.scenes import WELL, changed, only_v2, served

BUDGET = AgainstSlo(max=0.01, over_s=86_400.0, burns=(Burn(600.0, 60.0, 5.0),), freeze=True)


def guarded(*looks: Look, checks: tuple[Check, ...] = scenes.CHECKS) -> Delivery:
    """Two shares, and these guards."""
    steps = (TrafficStep(100, Hold(for_s=300)), TrafficStep(500, Hold(for_s=300)))
    return scenes.with_steps(Strategy.CANARY, steps, checks=checks, looks=looks)


# --- log lines ----------------------------------------------------------------------------------


async def test_a_version_that_logs_more_errors_is_taken_back(told: SnapshotAssertion) -> None:
    check = LogCheck("lines", AgainstStable(), "ERROR")
    loud = only_v2(lambda _: WELL._replace(lines=0.3))

    text = await scenes.told(changed, loud, guarded(checks=(check,)))

    assert text == told


async def test_a_new_kind_of_line_is_shown_to_a_person_who_goes_on(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(900)
        status = await film.status()
        assert status.release is not None
        assert "ERROR" in status.release.progress.wait.cause
        await film.ask(Verb.NEXT, reason="it is expected")
        await film.finish()

    new = only_v2(lambda _: WELL._replace(lines=0.05))
    text = await scenes.told(script, new, guarded(NewLinesCheck("new", "ERROR")))

    assert text == told


# --- numbers ------------------------------------------------------------------------------------


def measured(number: Callable[[float], float], stable: float = 100.0) -> scenes.Script:
    """Let a source tell a number of both versions every five seconds."""

    async def script(film: Film) -> None:
        await served(film)
        random = Random(3)
        film.deploy("v2")
        for _ in range(300):
            since = (film.clock.now() - film.began).total_seconds()
            values = {
                "stable": random.gauss(stable, 2),
                "candidate": random.gauss(number(since), 2),
            }
            at = film.clock.now().timestamp()
            film.desk.samples[film.key] = [Sample("queue", at, values)]
            await film.run(0.0)
            film.clock.move(film.tick_s)
            if simulation.ended(await film.status()):
                break

    return script


async def test_a_number_that_grows_beyond_stables_is_taken_back(told: SnapshotAssertion) -> None:
    look = QueryCheck("queue", Compared(ratio=1.1), "queue", every_s=5.0)

    text = await scenes.told(
        measured(lambda at: 100.0 if at < 400 else 150.0), scenes.good, guarded(look)
    )

    assert text == told


async def test_a_number_beyond_its_threshold_is_taken_back(told: SnapshotAssertion) -> None:
    look = QueryCheck("queue", Threshold(max=120.0, strikes=3), "queue", every_s=5.0)

    text = await scenes.told(
        measured(lambda at: 100.0 if at < 400 else 150.0), scenes.good, guarded(look)
    )

    assert text == told


async def test_a_source_that_cannot_be_asked_any_more_holds_the_release(
    told: SnapshotAssertion,
) -> None:
    look = QueryCheck("queue", Threshold(max=120.0), "queue", every_s=5.0)

    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        for _ in range(60):
            at = film.clock.now().timestamp()
            film.desk.samples[film.key] = [Sample("queue", at, problem="nobody listens there")]
            await film.run(0.0)
            film.clock.move(film.tick_s)
        await film.ask(Verb.PROMOTE, reason="the source is away")
        await film.finish()

    text = await scenes.told(script, scenes.good, guarded(look))

    assert text == told


# --- error budgets ------------------------------------------------------------------------------


async def test_a_budget_that_burns_holds_a_release_until_it_does_not(
    told: SnapshotAssertion,
) -> None:
    def behave(seen: Circumstance) -> Behaviour:
        burns = seen.version == "v1" and 300 <= seen.at < 420
        return Behaviour(errors=0.2 if burns else 0.001)

    # A budget is read every 15 s: who forgets reads it anew, and would be seconds ahead.
    checks = (ErrorsCheck("budget", BUDGET),)
    text = await scenes.told(changed, behave, guarded(checks=checks), tick_s=15.0)

    assert text == told


async def test_a_budget_that_is_spent_keeps_a_release_from_beginning(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        film.deploy("v1")
        await film.finish()
        await film.run(300)
        film.deploy("v2")
        await film.run(60)
        assert scenes.within(Phase.QUEUED)(await film.status())
        await film.ask(Verb.NEXT, reason="it is the repair")
        await film.finish()

    def spent(seen: Circumstance) -> Behaviour:
        return Behaviour(errors=0.05 if seen.version == "v1" else 0.001)

    checks = (ErrorsCheck("budget", BUDGET),)
    text = await scenes.told(script, spent, guarded(checks=checks), tick_s=15.0)

    assert text == told
