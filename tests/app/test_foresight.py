import time
from typing import Any

import msgspec
import pytest

from serinus.app import foresight
from serinus.app.basis import Basis, Known
from serinus.app.foreseen import Foresight
from serinus.boot import catalogue
from serinus.core.spec.delivery import (
    AgainstStable,
    Delivery,
    ErrorsCheck,
    Hold,
    LatencyCheck,
    TrafficStep,
)
from serinus.core.spec.wayback import RetreatPolicy
from tests import builders

CANARY = catalogue.delivery("canary-standard")
KNOWN = {"errors": Known(0.001), "latency": Known(0.01)}


def stands(rate: float | None = 100.0, **given: Any) -> Basis:
    return Basis(**{"rate": rate, "known": KNOWN, "sentence": "given", **given})


def foresee(rate: float = 100.0, delivery: Delivery = CANARY, **given: Any) -> Foresight:
    return foresight.foresee(delivery, stands(rate, **given), 3)


def test_every_step_tells_when_what_is_seen() -> None:
    found = foresee()
    errors, latency = found.checks

    assert ("", 1200.0) == (found.problem, found.seconds)
    assert [0.01, 0.05, 0.25, 0.5] == [step.share for step in errors.steps]
    assert [1, 1, 1, 2] == [step.replicas for step in errors.steps]
    assert [1, 2, 3, 4] == [step.number for step in errors.steps]
    for step in errors.steps:
        times = [size.seconds for size in step.sizes]
        assert [1.0, 0.05, 0.01] == [size.share for size in step.sizes]
        assert all(at is not None and at >= 5 for at in times)
        assert sorted(at for at in times if at is not None) == times
        for size in step.sizes:
            assert size.bad is not None
            assert size.decided is None or size.decided > (size.seconds or 0)
    smallest = [step.smallest or 1.0 for step in errors.steps]
    assert sorted(smallest, reverse=True) == smallest
    assert errors.limit is not None
    assert errors.limit < smallest[-1] < 0.005
    # A slow hundredth is allowed already, so larger ones are shown.
    assert (1.0, 0.05, 0.02) == tuple(size.share for size in latency.steps[0].sizes)


def test_a_first_look_stands_before_a_larger_first_step() -> None:
    steps = (TrafficStep(100, Hold(300)),)
    first, second = foresee(delivery=msgspec.structs.replace(CANARY, steps=steps)).checks[0].steps

    assert (0, 0.01, CANARY.retreat.look_s) == (first.number, first.share, first.seconds)
    assert (1, 0.1) == (second.number, second.share)


def test_steps_that_wait_for_requests_are_longer_and_tell_if_in_vain() -> None:
    steps = (TrafficStep(100, Hold(60, min_samples=900)), TrafficStep(500, Hold(60)))
    plain = msgspec.structs.replace(
        CANARY, steps=steps, retreat=RetreatPolicy(look_s=0.0), checks=CANARY.checks[:1]
    )

    assert [90.0, 60.0] == [step.seconds for step in foresee(100, plain).checks[0].steps]
    little = foresee(10, plain)
    assert [240.0, 60.0] == [step.seconds for step in little.checks[0].steps]
    assert "step 1 waits 4m in vain for 900 requests" in little.warnings
    assert 300 == little.seconds
    assert foresee(100, plain).total + 150 == little.total


def test_what_has_more_weight_is_seen_sooner() -> None:
    light = msgspec.structs.replace(
        CANARY,
        checks=(
            ErrorsCheck("errors", AgainstStable(), weight=0.05),
            LatencyCheck("latency", AgainstStable(), weight=0.95),
        ),
    )

    heavy = foresee(10.0).checks[0].steps[0].smallest
    small = foresee(10.0, light).checks[0].steps[0].smallest
    assert heavy is not None
    assert small is None or heavy < small


def test_a_check_without_a_basis_says_what_to_give_and_the_others_are_forecast() -> None:
    found = foresee(known={"errors": Known(0.001)})

    assert "unknown: give --slow" in found.checks[1].problem
    assert () == found.checks[1].steps
    assert found.checks[0].steps
    assert found.verified is not None
    assert any(one.startswith("latency: unknown") for one in found.warnings)


@pytest.mark.parametrize(
    ("delivery", "found", "problem"),
    [
        (catalogue.delivery("blue-green"), stands(), "the plan (blueGreen) has no step that gives"),
        (catalogue.delivery("rolling"), stands(), "the plan (rolling) has no step that gives"),
        (builders.delivery(checks=()), stands(), "nothing is judged"),
        (CANARY, Basis(), "unknown: no requests of this application were counted yet; give --rate"),
        (CANARY, stands(0.0), "no requests came in the last day"),
        (CANARY, Basis(5.0), "errors: unknown: give --base-errors, such as 0.1%; latency: unknown"),
    ],
)
def test_without_numbers_there_is_a_reason_and_no_table(
    delivery: Delivery, found: Basis, problem: str
) -> None:
    seen = foresight.foresee(delivery, found, 3)

    assert seen.problem.startswith(problem)
    assert () == seen.checks


def test_where_everything_fails_nothing_is_seen_and_nothing_breaks() -> None:
    found = foresee(known={"errors": Known(1.0), "latency": Known(0.9)})

    assert {None} == {size.seconds for step in found.checks[0].steps for size in step.sizes}
    assert "cannot even see an outage" in found.warnings[0]


def test_a_long_ramp_is_shown_by_some_of_its_steps_soon_enough() -> None:
    steps = tuple(TrafficStep(10 * n, Hold(120)) for n in range(1, 100))
    ramp = msgspec.structs.replace(CANARY, steps=steps)

    began = time.process_time()
    found = foresee(20.0, ramp).checks[0].steps

    assert foresight.ROWS == len(found)
    assert (0.01, 0.99) == (found[0].share, found[-1].share)
    assert time.process_time() - began < 4


def test_a_curve_falls_as_the_regression_grows() -> None:
    for step in foresee().checks[0].steps:
        seen = [at for _, at in step.curve if at is not None]
        assert foresight.POINTS == len(step.curve)
        assert 1.0 == step.curve[-1][0]
        assert sorted(seen, reverse=True) == seen
