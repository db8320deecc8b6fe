"""A rule in the place of the evidence: it alone acts, and both are told."""

from random import Random

import msgspec
import pytest

from serinus.core.analysis import judge
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.rules import flagger
from serinus.core.spec.rules import Argo, Condition, Flagger, Kayenta, Rule, What
from serinus.core.state.verdict import Outcome, Reading
from serinus.core.state.verdict import Test as Question
from serinus.core.state.verdict import TestKind as Kind
from tests.core.analysis import arrivals

TWICE = Flagger(threshold=2)


def opened(rule: Rule | None) -> Judge:
    return arrivals.opened((), rule=rule)


def watched(found: Judge, seconds: float, share: float, weight: float = 0.1) -> Judge:
    """Go on for some seconds in which the candidate errs in a share of its requests."""
    random, at = Random(1), max(found.at, 1000.0)
    for place in range(1, int(seconds / 5) + 1):
        tick = arrivals.tick(random, at + 5 * place, candidate=share, weight=weight)
        found = judge.advance(found, tick)
    return found


def read(found: Judge) -> Reading:
    return judge.reading(found)


def test_without_a_rule_the_evidence_alarms_and_no_rule_is_told() -> None:
    found = read(watched(opened(None), 120.0, 0.2))

    assert found.alarm
    assert () == found.looks


def test_with_a_rule_the_evidence_is_told_and_does_not_act() -> None:
    found = read(watched(opened(TWICE), 60.0, 0.2))

    assert not found.alarm
    assert Outcome.FAIL is found.streams[0].outcome
    assert "evidence over 1,000:1" in found.streams[0].sentence
    assert "the evidence speaks against it and does not act: errors" in found.sentence


def test_a_rule_that_failed_strikes_like_a_threshold() -> None:
    before, after = watched(opened(TWICE), 175.0, 0.2), watched(opened(TWICE), 180.0, 0.2)

    assert not read(before).struck
    assert read(after).struck.startswith("flagger: 2 failed intervals of 1m, the threshold is 2;")
    assert Outcome.FAIL is read(after).looks[0].outcome
    assert "flagger" == read(after).looks[0].check


def test_silence_is_no_data_and_strikes_nobody() -> None:
    found = read(watched(watched(opened(TWICE), 60.0, 0.0), 1200.0, 0.0, weight=0.0))

    assert not found.struck
    assert Outcome.NO_DATA is found.looks[0].outcome


def test_a_rule_that_is_in_doubt_asks_a_person() -> None:
    unsure = Argo(
        success=Condition(What.ERRORS, "<=", 0.01), failure=Condition(What.ERRORS, ">", 0.9)
    )

    assert read(watched(opened(unsure), 60.0, 0.2)).halted.startswith("argo: 1 inconclusive")


def test_a_probe_is_not_asked_and_another_run_goes_on_counting() -> None:
    found = watched(opened(TWICE), 60.0, 0.2)
    probed = judge.turn(found, Question(2, Kind.PROBE, "errors"))
    probed = watched(probed, 300.0, 0.2)
    again = watched(judge.turn(probed, Question(3, Kind.RUN)), 60.0, 0.2)

    assert isinstance(probed.ruled, flagger.State)
    assert isinstance(again.ruled, flagger.State)
    assert (1, 2) == (probed.ruled.failures, again.ruled.failures)


def test_a_takeover_begins_anew_and_is_judged_by_the_rule_alone() -> None:
    found = watched(opened(TWICE), 120.0, 0.2)
    over = watched(judge.turn(found, Question(2, Kind.TAKEOVER)), 60.0, 0.2)

    assert isinstance(over.ruled, flagger.State)
    assert 1 == over.ruled.failures
    assert not read(over).regressed
    assert read(watched(over, 120.0, 0.2)).struck


@pytest.mark.parametrize("rule", [Flagger(), Argo(), Kayenta()], ids=str)
def test_the_memory_comes_back_from_json_bit_for_bit(rule: Rule) -> None:
    once = again = opened(rule)
    random = Random(3)
    for place in range(1, 80):
        tick = arrivals.tick(random, 1000.0 + 5 * place, candidate=0.03)
        once = judge.advance(once, tick)
        again = msgspec.json.decode(msgspec.json.encode(again), type=Judge)
        again = judge.advance(again, tick)

    assert once == again
