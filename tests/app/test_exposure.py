from typing import Any

import pytest

from serinus.app import exposure
from serinus.app.exposure import Exposure
from serinus.core.spec.delivery import (
    FULL,
    Delivery,
    Hold,
    MatchStep,
    MirrorStep,
    ReplaceStep,
    Step,
    Strategy,
    SwitchStep,
    TrafficStep,
)
from serinus.core.spec.requests import Condition, Match, Part
from tests.app.test_prospect import resolved

BETA = Match((Condition(Part.HEADER, "x-beta", "1"),))


def of(
    *steps: Step, rate: float | None = 200.0, strategy: Strategy = Strategy.CANARY, **given: Any
) -> Exposure:
    return exposure.of(Delivery(strategy, steps, **given), rate)


def said(found: Exposure) -> list[str]:
    return [one.sentence for one in found.stages if one.sentence]


def test_the_requests_of_each_step_are_counted_at_the_traffic_of_today() -> None:
    found = of(TrafficStep(20, Hold(300)), TrafficStep(250, Hold(60)))

    assert ["≈ 1,200 requests by the end of step 1", "≈ 4,200 requests by the end of step 2"] == (
        said(found)
    )
    assert (
        "≈ 4,200 requests (at most 25 % of requests at a time) meet the new version "
        "before it serves everybody, at today's 200 requests/s." == found.sentence
    )
    assert (200.0, 4200.0) == (found.rate, found.requests)


def test_each_stage_of_the_timeline_has_its_part_and_promotion_adds_nothing() -> None:
    found = of(TrafficStep(100, Hold(60)), TrafficStep(FULL))

    assert [0.0, 0.1, 1.0] == [one.share for one in found.stages]
    assert [0.0, 1200.0, 1200.0] == [one.requests for one in found.stages]


def test_a_judged_release_meets_those_of_its_first_look_as_well() -> None:
    delivery = resolved(template="canary-standard", parameters={"start": "5%"}).delivery
    assert delivery is not None
    judged = exposure.of(delivery, 200.0)
    first = next(one for one in judged.stages if one.requests)

    look = 200 * delivery.retreat.min_share / FULL * delivery.retreat.look_s
    assert look + 200 * 0.05 * first.seconds == first.requests


def test_a_step_that_waits_for_requests_is_as_long_as_they_take() -> None:
    delivery = resolved(template="canary-standard", parameters={"minSamples": 50}).delivery
    assert delivery is not None
    first = next(one for one in exposure.of(delivery, 10.0).stages if one.requests)

    assert (500.0, 50.0) == (first.seconds, first.requests)


@pytest.mark.parametrize("rate", [None, 0.0])
def test_without_traffic_parts_and_minutes_say_it(rate: float | None) -> None:
    found = of(TrafficStep(50, Hold(600)), TrafficStep(500), rate=rate, sticky_s=3600.0)

    assert [
        "5 % of users for 10m; by the end of step 1 as many requests as come in 30s",
        "50 % of users; by the end of step 2 as many requests as come in 30s",
    ] == said(found)
    assert (
        "As many requests as come in 30s (at most 50 % of users at a time) meet the new version "
        "before it serves everybody; how many that are is not known: none were counted lately."
        == found.sentence
    )
    assert (None, None) == (found.rate, found.requests)
    assert {None} == {one.requests for one in found.stages}


def test_few_requests_are_told_one_by_one() -> None:
    found = of(TrafficStep(10, Hold(60)), TrafficStep(100, Hold(60)), rate=0.5)

    assert ["≈ 1 request by the end of step 1", "≈ 3 requests by the end of step 2"] == said(found)
    assert found.sentence.endswith("at today's 0.5 requests/s.")


def test_copies_are_no_requests_that_anybody_is_answered() -> None:
    found = of(MirrorStep(100, hold=Hold(60)), strategy=Strategy.MIRROR)

    assert ["at most 1,200 copies; nobody gets the answers"] == said(found)
    assert "Nobody gets an answer of the new version." == found.sentence
    assert 0.0 == found.requests


def test_how_many_match_is_left_open() -> None:
    steps = MatchStep((BETA,), hold=Hold(60)), SwitchStep()

    for rate in (200.0, None):
        found = of(*steps, rate=rate)
        assert ["those that match; how many nobody can count beforehand"] == said(found)
        assert "Only those that match meet the new version before it serves everybody." == (
            found.sentence
        )


@pytest.mark.parametrize(
    ("strategy", "step", "sentence"),
    [
        (
            Strategy.BLUE_GREEN,
            SwitchStep(),
            "Nobody meets the new version before it serves everybody; then all do at once.",
        ),
        (
            Strategy.ROLLING,
            ReplaceStep(),
            "Everybody meets the new version as its replicas get ready: no step holds it back.",
        ),
    ],
)
def test_who_has_no_step_is_told_so(strategy: Strategy, step: Step, sentence: str) -> None:
    for rate in (200.0, None):
        found = of(step, rate=rate, strategy=strategy)

        assert (sentence, []) == (found.sentence, said(found))


def test_half_of_the_users_in_a_test_are_users() -> None:
    found = of(MatchStep((), 500, hold=Hold(600)), strategy=Strategy.AB_TEST)

    assert (
        "≈ 60,000 requests (at most 50 % of users at a time) meet the new version "
        "before the test is over, at today's 200 requests/s." == found.sentence
    )
