import anyio
import msgspec
import pytest

from serinus.adapters.memory.store import Store
from serinus.app import explaining, views
from serinus.app.whys import Why
from serinus.boot.simulation import Film
from serinus.core.spec.delivery import (
    AgainstStable,
    Hold,
    LogCheck,
    SettleStep,
    Strategy,
    TrafficStep,
)
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.core.state.verdict import LookReading, Outcome
from tests import builders
from tests.builders import SHOP
from tests.films import scenes
from tests.films.scenes import CHECKS, WELL, only_v2

COUNTED = {"errors": "what the router counts", "logs": "lines that match"}


def film(errors: float = 0.001) -> Film:
    steps = (TrafficStep(50, Hold(60)), TrafficStep(500, Hold(60)), SettleStep(keep_old_s=60))
    delivery = scenes.with_steps(Strategy.CANARY, steps, checks=CHECKS)
    bad = WELL._replace(errors=errors)
    return Film(only_v2(lambda c: bad if c.share >= 500 or c.at > 480 else WELL), delivery)


async def begun(one: Film) -> None:
    await scenes.served(one, 300)
    one.deploy("v2")
    await one.turn()


async def why(one: Film, number: int | None = None) -> Why:
    view = await views.explained(one.store, one.key, number, COUNTED)
    assert view is not None
    assert view.why is not None
    return view.why


@pytest.fixture(scope="module")
def gone() -> Film:
    """A release that failed at its second step and was rolled back."""
    one = film(0.2)

    async def play() -> None:
        await begun(one)
        await one.finish()

    anyio.run(play)
    return one


async def test_a_release_in_flight_is_explained_by_the_judge_as_it_stands() -> None:
    one = film()
    await begun(one)
    await one.run(600, until=scenes.at(50))
    await one.run(40)
    told = await why(one)

    assert not told.decided
    assert told.verdict is not None
    assert ("run", 0.05) == (told.verdict.test, told.verdict.share)
    assert told.verdict.forecasts
    assert told.verdict.checks[0].forecasts
    assert ["candidate", "stable"] == [asked.of for asked in told.verdict.checks[0].asked]
    assert ((), (), ()) == (told.verdict.checks[1].asked, told.unknown, told.decisions)
    assert told.why[0].startswith("Not taken back: ")
    assert None is told.ledger


async def test_each_decision_is_kept_with_the_evidence_that_it_was_made_of(gone: Film) -> None:
    told = await why(gone)

    reasons = [one.reason for one in told.decisions]
    assert ("Alarm", "ProbesFailed") == (reasons[0], reasons[-1])
    assert "ProbeFailed" in reasons
    assert not {"ProbeStarted", "RolledBack"} & set(reasons)
    alarm = told.decisions[0]
    assert alarm.evidence is not None
    assert alarm.needed is not None
    assert alarm.evidence >= 10.0 == alarm.needed
    assert ("run", "alarm", "errors", 0.5) == (
        alarm.test,
        alarm.threshold,
        alarm.accused,
        alarm.share,
    )
    assert 0 < alarm.requests
    assert 0 < alarm.stable_requests
    assert alarm.sentence.startswith("Taken back to 0 % from 50 %: errors ")
    assert all(one.at is not None for one in told.decisions)


async def test_a_release_that_was_rolled_back_is_explained_by_what_decided_it(gone: Film) -> None:
    told = await why(gone)

    assert told.decided
    assert told.verdict is not None
    assert ("probe", "ProbesFailed") == (told.verdict.test, told.verdict.reason)
    assert () == told.verdict.forecasts
    assert told.ledger is not None
    assert told.ledger.failed == told.ledger.probes >= 1
    assert told.ledger.evidence >= told.ledger.needed == 100.0
    assert {"errors"} == {one.check for one in told.verdict.replicas if one.evidence > 10}


async def test_a_promoted_release_is_explained_by_what_it_was_promoted_by() -> None:
    one = film()
    await begun(one)
    await one.finish()
    told = await why(one)

    assert told.verdict is not None
    assert ("Promoting", "run") == (told.verdict.reason, told.verdict.test)
    assert ["Promoting", "Succeeded", "Settled"] == [one.reason for one in told.decisions]
    assert told.verdict.checks[0].safety is not None
    least = min(check.safety or 0.0 for check in told.verdict.checks)
    assert (least, 20.0) == (told.decisions[0].safety, told.decisions[0].safety_needed)


async def test_the_first_release_was_judged_by_nobody(gone: Film) -> None:
    told = await why(gone, 1)

    assert None is told.verdict
    assert told.why[0].startswith("It is the first release")


async def test_of_an_old_release_the_last_reading_is_told_and_what_is_not_known_any_more() -> None:
    store = Store()
    ended = builders.ended(Phase.ROLLED_BACK, 6)
    await store.record(builders.status(release=ended))
    await store.put_reading(SHOP, builders.reading(), (), None, at=builders.at(1), release=6)
    view = await views.explained(store, SHOP, 6, COUNTED)

    assert view is not None
    assert view.why is not None
    assert view.why.verdict is not None
    stream = builders.reading().streams[0]
    check = view.why.verdict.checks[0]
    assert (stream.evidence, stream.requests, None) == (
        check.evidence,
        check.requests,
        check.dispersion,
    )
    assert (explaining.UNKNOWN,) == view.why.unknown


async def test_numbers_of_an_old_reading_are_told_as_well() -> None:
    store = Store()
    look = LookReading("queue", Outcome.PASS, "queue 3", value=3.0, limit=5.0)
    await store.record(builders.status(release=builders.ended(Phase.SUCCEEDED, 6)))
    reading = builders.reading(looks=(look,))
    await store.put_reading(SHOP, reading, (), None, at=builders.at(1), release=6)
    view = await views.explained(store, SHOP, 6)

    assert view is not None
    assert view.why is not None
    assert view.why.verdict is not None
    assert [("queue", 3.0, 5.0)] == [
        (one.name, one.value, one.limit) for one in view.why.verdict.looks
    ]


async def test_who_is_in_a_hurry_is_told_nothing_of_what_may_come() -> None:
    one = film()
    await begun(one)
    await one.run(600, until=scenes.at(50))
    await one.run(40)
    view = await views.explained(one.store, one.key, None, COUNTED, foretelling=False)

    assert view is not None
    assert view.why is not None
    assert view.why.verdict is not None
    assert () == view.why.verdict.forecasts


async def test_before_the_first_release_there_is_nothing_to_explain() -> None:
    store = Store()
    await store.record(builders.idle())

    assert None is await views.explained(store, SHOP)
    assert None is await views.explained(store, Key("nobody", "local"))


async def test_a_pattern_is_told_with_the_lines_that_it_is_about() -> None:
    check = LogCheck("log-errors", AgainstStable(), "ERROR")
    delivery = builders.delivery(checks=(check,))
    stored = Store()
    await stored.record(builders.status(release=builders.release(delivery=delivery)))
    stream = builders.stream("log-errors")
    await stored.put_reading(
        SHOP, builders.reading(streams=(stream,)), (), None, at=builders.at(1), release=7
    )
    view = await views.explained(stored, SHOP, 7, COUNTED)

    assert view is not None
    assert view.why is not None
    assert view.why.verdict is not None
    assert ("log", "lines that match ERROR") == (
        view.why.verdict.checks[0].asked[0].source,
        view.why.verdict.checks[0].asked[0].text,
    )


async def test_a_controller_that_dies_all_the_time_explains_the_alarm_by_the_same_numbers(
    gone: Film,
) -> None:
    one = film(0.2)
    one.restart = True
    await begun(one)
    await one.finish()

    died = await one.store.explanations(SHOP, 2)
    lived = await gone.store.explanations(SHOP, 2)
    assert "Alarm" == died[0].reason
    assert lived[0] == died[0]


async def test_it_can_be_written_for_programs(gone: Film) -> None:
    told = msgspec.to_builtins(await why(gone))

    assert {"why", "ledger", "decided", "verdict", "decisions", "unknown"} == set(told)
    assert {"alarms", "failed", "probes", "evidence", "needed", "luck"} == set(told["ledger"])
