from datetime import UTC, datetime
from math import exp
from random import Random
from typing import Any

import msgspec
import pytest

from serinus.core.analysis import explain, judge
from serinus.core.analysis.memory import Judge
from serinus.core.spec.delivery import (
    AgainstStable,
    Hold,
    LatencyCheck,
    MatchStep,
    MirrorStep,
    NetworkCheck,
    NewLinesCheck,
    SwitchStep,
    TrafficStep,
)
from serinus.core.spec.rules import Flagger
from serinus.core.state import verdict
from serinus.core.state.explanation import Explanation
from serinus.core.state.release import Release
from serinus.core.state.sample import Sample
from tests import builders
from tests.core.analysis import arrivals, numbers
from tests.core.analysis.arrivals import ERRORS, LATENCY, LOGS, OBJECTIVE, TAILS
from tests.core.analysis.test_ahead import opened

TAKEOVER = verdict.Test(2, verdict.TestKind.TAKEOVER)


def release(found: Judge, share: int = 50, **given: Any) -> Release:
    steps = given.pop("steps", (TrafficStep(share, Hold(60)),))
    delivery = arrivals.delivery(*found.terms.checks, looks=found.terms.looks)
    delivery = msgspec.structs.replace(delivery, steps=steps)
    return builders.release(delivery=delivery, share=share, step=0, **given)


def explained(found: Judge, **given: Any) -> Explanation:
    return explain.explain(found, release(found, **given))


def test_every_number_of_a_verdict_is_told_with_what_it_is_measured_against() -> None:
    found = opened(ERRORS, LATENCY, tails=TAILS)
    read, told = judge.reading(found), explained(found)
    errors, latency = told.checks

    assert datetime.fromtimestamp(1060, UTC) == told.at
    assert ("run", 1, "alarm", 10.0) == (told.test, told.number, told.threshold, told.needed)
    assert told.evidence == pytest.approx(exp(read.log_evidence))
    assert (0.05, read.sentence, read.smallest) == (told.share, told.sentence, told.smallest)
    assert told.rate == pytest.approx(100, rel=0.05)
    assert ("errors", "errors", "stable", None) == (
        errors.name,
        errors.kind,
        errors.against,
        errors.bound_ms,
    )
    assert (read.streams[0].evidence, 15.0) == (errors.evidence, errors.needed)
    assert (1.25, 0.0002, 1.5, 0.001) == (
        errors.ratio,
        errors.plus,
        errors.margin_ratio,
        errors.margin_plus,
    )
    assert errors.stable_rate is not None
    assert errors.limit == pytest.approx(1.25 * errors.stable_rate + 0.0002)
    assert errors.margin == pytest.approx(1.5 * errors.stable_rate + 0.001)
    assert errors.safety_needed == pytest.approx(20.0)
    assert errors.judged == errors.requests == read.requests
    assert errors.dispersion is not None
    assert errors.dispersion >= 1.0
    assert ("latency", 30.0) == (latency.kind, latency.needed)
    assert latency.bound_ms in {50, 100, 250, 500}
    assert ["alarm", "alarm"] == [one.event for check in told.checks for one in check.forecasts]
    assert "verified" in [one.event for one in explained(opened(blocks=30)).forecasts]


def test_nothing_is_foretold_of_what_has_no_traffic_has_ended_or_was_decided() -> None:
    found = opened()
    told = [
        explained(found, share=0),
        explained(found, ended_at=builders.at(3)),
        explained(found, steps=(MirrorStep(1000),)),
        explain.explain(found, release(found), foretelling=False),
    ]

    assert [()] * 4 == [one.forecasts for one in told]
    assert [()] * 4 == [one.checks[0].forecasts for one in told]


def test_a_test_with_users_is_foretold_by_the_share_that_it_was_seen_to_have() -> None:
    found = opened(weight=0.5)
    told = explained(found, share=500, steps=(MatchStep(share=500, hold=Hold(600)),))

    assert told.share == pytest.approx(0.5, abs=0.03)


def test_an_objective_is_measured_against_its_own_level() -> None:
    errors, objective = explained(opened(ERRORS, OBJECTIVE)).checks

    assert ("slo", "objective", 100.0) == (objective.against, objective.threshold, objective.needed)
    assert (0.0, 0.01, 0.01) == (objective.ratio, objective.plus, objective.margin)
    assert errors.weight == pytest.approx(2 / 3)


def test_a_probe_tells_of_the_check_that_it_is_about() -> None:
    found = opened(ERRORS, LATENCY, tails=TAILS, blocks=30, candidate=0.2)
    found = judge.turn(found, verdict.Test(2, verdict.TestKind.PROBE, "errors"))
    found = judge.advance(found, arrivals.tick(Random(4), found.at + 5, weight=0.01, candidate=0.3))
    told = explained(found, share=10)
    errors, latency = told.checks

    assert ("probe", "probe", 10.0) == (told.test, told.threshold, told.needed)
    assert ("probe", 10.0) == (errors.threshold, errors.needed)
    assert (None, None, None) == (latency.evidence, latency.unguarded, latency.needed)
    last = msgspec.structs.replace(found, test=msgspec.structs.replace(found.test, level=4.0))
    assert explained(last).needed == pytest.approx(exp(4.0))


def test_a_takeover_goes_back_at_the_evidence_that_gives_a_release_up() -> None:
    found = judge.turn(opened(), TAKEOVER)
    found = judge.advance(found, arrivals.tick(Random(4), found.at + 5, weight=1.0))
    told = explained(found, share=1000, steps=(SwitchStep(),))

    assert ("takeover", "give up", 100.0, 1.0) == (
        told.test,
        told.threshold,
        told.needed,
        told.share,
    )
    assert ["rolledBack"] == [one.event for one in told.forecasts]


def test_what_cannot_be_judged_is_missing() -> None:
    slow = LatencyCheck("latency", AgainstStable())
    told = explained(arrivals.opened((), slow, NetworkCheck("network", AgainstStable())))

    assert (
        "latency: waits for stable's first requests to choose its bounds",
        "network: no requests reached the candidate yet",
    ) == told.missing
    assert told.at is None
    assert (None, None) == (told.checks[0].evidence, told.checks[0].limit)
    assert ["latency", "network"] == [one.kind for one in told.checks]
    unjudged = judge.turn(arrivals.opened(), TAKEOVER)
    assert "no requests came since the switch" in explained(unjudged).missing


def test_queries_are_told_word_for_word_and_filled_in() -> None:
    query = msgspec.structs.replace(numbers.QUEUE, query='queue{rev="$revision"}')
    lines = NewLinesCheck("new", "ERROR")
    found = judge.open(
        arrivals.delivery(LOGS, looks=(query, numbers.LIMITED, numbers.MEMORY, lines)),
        arrivals.history(Random(1)),
        plan_seconds=1800,
        test=arrivals.RUN,
    )
    queue, depth, memory, new = explained(found).looks

    assert [
        ("candidate", "prometheus", 'queue{rev="d4e5f6a7b8"}'),
        ("stable", "prometheus", 'queue{rev="a1b2c3d4e5"}'),
    ] == [(one.of, one.source, one.text) for one in queue.asked]
    assert [("everybody", "max(depth)")] == [(one.of, one.text) for one in depth.asked]
    assert "memory of each replica" == memory.asked[0].text
    assert "kinds of lines that match: ERROR" == new.asked[1].text
    assert ["query", "query", "usage", "newLines"] == [one.kind for one in explained(found).looks]
    assert "logs" == explained(found).checks[0].kind
    assert (0, 3) == (depth.strikes, depth.strikes_needed)
    assert "rolled back after 3 looks outside of it in a row (15 s)" == depth.forecasts[0].sentence


def test_a_number_that_is_compared_has_evidence_and_what_it_needs_alone() -> None:
    random = Random(5)
    found = judge.open(
        arrivals.delivery(ERRORS, looks=(numbers.QUEUE,)),
        arrivals.history(random),
        plan_seconds=1800,
        test=arrivals.RUN,
        past=judge.Past(numbers.past(random)),
    )
    found = numbers.watched(found, random, numbers.both(random), 20)
    found = judge.look(found, [Sample("queue", found.at + 1, {}, problem="it is down")])
    queue = explained(found).looks[0]

    assert queue.count is not None
    assert queue.count > 5
    assert queue.evidence is not None
    assert queue.needed == pytest.approx(30.0)
    assert "it is down" == queue.trouble
    assert None is explained(judge.turn(found, TAKEOVER)).looks[0].needed
    probing = judge.turn(found, verdict.Test(2, verdict.TestKind.PROBE, "queue"))
    assert explained(probing).looks[0].needed == pytest.approx(10.0)


def test_a_rule_of_another_tool_is_told_first_and_nothing_is_foretold() -> None:
    given = arrivals.delivery(ERRORS, looks=(numbers.LIMITED,), rule=Flagger())
    found = judge.open(given, arrivals.history(Random(1)), plan_seconds=1800, test=arrivals.RUN)
    found, _ = arrivals.until_alarm(found, Random(2), 15)
    rule, depth = explained(found).looks

    assert ("rule", "depth") == (rule.kind, depth.name)
    assert (rule.name, rule.sentence) == (
        judge.reading(found).looks[0].check,
        judge.reading(found).looks[0].sentence,
    )
    assert () == explained(found).forecasts == explained(found).checks[0].forecasts


def test_without_checks_there_is_no_evidence() -> None:
    found = judge.open(
        msgspec.structs.replace(arrivals.delivery(), checks=()),
        (),
        plan_seconds=60,
        test=arrivals.RUN,
    )
    told = explained(found)

    assert (None, None, ()) == (told.evidence, told.needed, told.checks)


def test_it_is_written_as_json_and_read_again() -> None:
    told = explained(opened(ERRORS, LATENCY, tails=TAILS))
    body = msgspec.json.encode(told)

    assert told == msgspec.json.decode(body, type=Explanation)
    assert {"testStableRequests", "checks", "carried"} < set(msgspec.json.decode(body))
