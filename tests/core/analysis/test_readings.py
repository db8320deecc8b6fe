from random import Random
from typing import Any

import pytest

from serinus.core.analysis import judge
from serinus.core.spec.delivery import (
    AgainstSlo,
    AgainstStable,
    Check,
    Delivery,
    ErrorsCheck,
    LatencyCheck,
    Strategy,
)
from serinus.core.state.verdict import Outcome, Reading
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, LATENCY, OBJECTIVE, TAILS


def read(ticks: int, *checks: Check, seed: int = 41, **given: Any) -> Reading:
    random = Random(seed)
    past = arrivals.history(random, tails=given.get("tails", ()))
    found, _ = arrivals.until_alarm(arrivals.opened(past, *checks), random, ticks, **given)
    return judge.reading(found)


def test_no_requests_are_no_data_and_never_a_pass() -> None:
    found = read(12, ERRORS, weight=0.0)

    assert found.streams[0].outcome is Outcome.NO_DATA
    assert found.sentence == "no requests reached the candidate yet"
    assert found.data_at == 0.0
    assert found.stable_data_at == 1060.0
    assert found.smallest is None


def test_too_little_is_inconclusive() -> None:
    assert read(2, ERRORS).streams[0].outcome is Outcome.INCONCLUSIVE


def test_counts_that_speak_against_a_regression_pass_and_stay_unverified() -> None:
    found = read(24, ERRORS)

    assert found.streams[0].outcome is Outcome.PASS
    assert not found.verified
    assert "unverified: a regression below" in found.sentence


def test_enough_of_them_are_verified_and_say_so() -> None:
    found = read(90, ERRORS, weight=0.5)

    assert found.verified
    assert found.sentence == ("errors: not worse than 1.5 × stable plus 0.1 pp, shown with 95 %")


def test_an_outage_fails_with_its_numbers() -> None:
    found = read(12, ERRORS, candidate=1.0)

    assert found.alarm
    assert found.accused == "errors"
    assert found.streams[0].outcome is Outcome.FAIL
    assert found.streams[0].bad == found.bad > 10
    assert found.streams[0].limit < 0.01
    assert found.sentence.startswith("errors ")
    assert found.sentence.endswith("evidence over 1,000:1)")
    assert 10 <= found.probe_share < 50


def test_a_tail_that_is_slower_fails_with_the_bound_that_shows_it() -> None:
    found = read(24, ERRORS, LATENCY, tails=TAILS, candidate_tails=(0.5, 0.1, 0.1, 0.1, 0.0005))

    assert found.accused == "latency"
    assert "slower than 500 ms against" in found.sentence
    assert found.streams[1].bounds_ms == (50, 100, 250, 500)


def test_a_check_that_cannot_be_judged_is_an_error() -> None:
    check = LatencyCheck("latency", AgainstStable(), bounds_ms=(300,))

    found = read(3, ERRORS, check, tails=TAILS)

    assert found.streams[1].outcome is Outcome.ERROR
    assert found.streams[1].evidence <= 1.0
    assert not found.verified


def test_a_violated_objective_is_told_in_a_sentence_with_its_name() -> None:
    alone = read(24, OBJECTIVE, candidate=0.3)
    shared = read(24, OBJECTIVE, candidate=0.3, stable=0.3)

    assert alone.slo_violated.startswith("objective violated: errors ")
    assert "not the cause" not in alone.slo_violated
    assert alone.slo_check == "objective"
    assert not shared.alarm
    assert shared.slo_violated.endswith("so the candidate is not the cause")


def test_a_delivery_without_checks_can_be_read() -> None:
    bare = Delivery(strategy=Strategy.RECREATE, steps=())
    found = judge.reading(judge.open(bare, (), plan_seconds=60, test=arrivals.RUN))

    assert not found.alarm
    assert not found.verified
    assert found.sentence == "nothing is compared: the delivery has no checks"


@pytest.mark.parametrize("hard_first", [True, False])
def test_of_two_violated_objectives_the_one_that_rolls_back_is_named(*, hard_first: bool) -> None:
    soft = ErrorsCheck("soft", AgainstSlo(0.01))
    hard = ErrorsCheck("hard", AgainstSlo(0.1, rollback=True))
    random = Random(42)
    found = arrivals.opened((), *((hard, soft) if hard_first else (soft, hard)))
    named = []
    for i in range(12):
        found = judge.advance(found, arrivals.tick(random, 1005.0 + 5 * i, candidate=0.3))
        named.append(judge.reading(found).slo_check)

    assert "soft" in named
    assert named[-1] == "hard"
    assert judge.reading(found).slo_violated.startswith("hard violated: ")
