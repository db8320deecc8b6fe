"""A/A releases on stable's past: what they say, how sure it is, and what cannot be known."""

import random
from collections.abc import Sequence

import msgspec
import pytest

from serinus.core.errors import SpecError
from serinus.core.spec.delivery import (
    AgainstStable,
    Delivery,
    ErrorsCheck,
    LatencyCheck,
    Strategy,
    SwitchStep,
)
from serinus.core.state.counts import STABLE, Arm, Tick
from serinus.lab import calibrate, clumps, thinner
from serinus.lab.calibrated import Calibrated
from tests.lab.recordings import BEGUN, canary

SHORT = canary(50, 250, 500, hold_s=120)


def past(
    seconds: float = 3600.0,
    *,
    replicas: int = 4,
    base: float = 0.002,
    hiccup_s: float = 0.0,
    tick_s: float = 5.0,
    rate: float = 100.0,
) -> list[Tick]:
    """Stable's past; with hiccups one replica fails a third for a while, every ten minutes."""
    chance = random.Random(3)
    found = []
    for place in range(round(seconds / tick_s)):
        at = (place + 1) * tick_s
        turn, within = divmod(at - tick_s, 600.0)
        pods = {}
        for ordinal in range(replicas):
            unlucky = within < hiccup_s and ordinal == turn % replicas
            requests = round(rate * tick_s / replicas)
            errors = thinner.binomial(requests, 0.3 if unlucky else base, chance)
            pods[f"a-{ordinal}"] = (requests, errors)
        found.append(Tick(BEGUN + at, tick_s, {STABLE: Arm(pods)}))
    return found


def calibrated(ticks: Sequence[Tick], policy: Delivery = SHORT, runs: int = 20) -> Calibrated:
    return calibrate.calibrate(policy, ticks, application="shop", runs=runs)


def test_a_quiet_service_is_seldom_alarmed_and_it_says_how_sure_that_is() -> None:
    found = calibrated(past())

    assert found.alarms is not None
    assert found.ledgers is not None
    assert found.alarms.found <= 3
    assert 0 == found.ledgers.found
    assert 10 == found.windows
    assert 1 - 0.05**0.1 == found.sees
    assert found.alarms.low <= found.alarms.share <= found.alarms.high
    assert "10 windows of 6m that do not overlap: enough to see a" in found.sentence
    assert "rate above 26 %" in found.sentence


def test_replicas_that_hiccup_raise_alarms_that_nobody_released() -> None:
    quiet, unlucky = calibrated(past(replicas=2)), calibrated(past(replicas=2, hiccup_s=60.0))

    assert quiet.alarms is not None
    assert unlucky.alarms is not None
    assert unlucky.alarms.found > quiet.alarms.found + 2
    assert unlucky.guard > 5 * quiet.guard
    assert unlucky.judged_phi <= 8
    assert all(
        (one.independent_s or 0) <= (one.judged_s or 1e9) <= (one.guarded_s or 1e9)
        for one in unlucky.detection
    )
    assert [0.2] == [one.theta for one in unlucky.detection][-1:]
    assert max(one.probes for one in unlucky.luck) > max(one.probes for one in quiet.luck)


def test_few_runs_see_no_more_than_so_many_windows() -> None:
    assert 1 - 0.05**0.5 == calibrated(past(), runs=2).sees


def test_the_same_seed_says_the_same() -> None:
    assert calibrated(past(1800), runs=5) == calibrated(past(1800), runs=5)


def test_a_single_replica_is_told_as_what_cannot_be_known() -> None:
    found = calibrated(past(replicas=1))

    assert found.alarms is None
    assert 0 == found.runs
    assert "a single replica" in found.problem
    assert found.sentence.startswith("Not known: stable has a single replica")
    assert () == found.luck


def test_a_past_that_is_too_short_is_told() -> None:
    found = calibrated(past(120.0))

    assert "too little for one A/A release" in found.problem


def test_of_a_past_shorter_than_the_plan_what_there_is_is_used_and_said() -> None:
    found = calibrated(past(1200.0), canary(50, hold_s=3600), runs=3)

    assert 1 == found.windows
    assert 1200 == found.window_s
    assert any("the plan lasts 1h" in one for one in found.doubts)


def test_gaps_divide_the_past() -> None:
    ticks = past()
    holed = [tick for tick in ticks if not 600 < tick.at - BEGUN <= 1200]

    assert 1 + 6 == calibrated(holed, runs=1).windows


def test_latency_is_said_not_to_be_in_it() -> None:
    checks = (*SHORT.checks, LatencyCheck("latency", AgainstStable()))

    found = calibrated(past(), msgspec.structs.replace(SHORT, checks=checks), runs=2)

    assert any(one.startswith("latency: counted for the version") for one in found.doubts)


def test_minutes_are_said_to_be_coarse() -> None:
    found = calibrated(past(7200, tick_s=60.0), runs=2)

    assert 60 == found.tick_s
    assert 0 == found.raw_s
    assert () == found.luck
    assert any("one tick a minute" in one for one in found.doubts)
    assert [None, False] == [found.dispersion[0].phi, found.dispersion[1].phi is None]


def test_all_that_is_wrong_with_a_question_is_told_at_once() -> None:
    latency = (LatencyCheck("latency", AgainstStable()),)
    policy = Delivery(strategy=Strategy.BLUE_GREEN, steps=(SwitchStep(),), checks=latency)

    with pytest.raises(SpecError) as found:
        calibrate.calibrate(policy, [])

    assert 3 == len(found.value.problems)
    assert "serinus up" in str(found.value)


def test_the_pretended_candidate_gets_the_share_of_the_plan() -> None:
    tick = past(5.0)[0]
    order = ["a-2", "a-0", "a-1", "a-3"]
    chance = random.Random(1)

    few = calibrate._divided(tick, 50, order, chance)
    half = calibrate._divided(tick, 500, order, chance)
    most = calibrate._divided(tick, 1000, order, chance)

    assert ["a-2"] == list(few.arms["candidate"].replicas)
    assert 10 <= few.arms["candidate"].requests <= 40
    assert {"a-0", "a-2"} == set(half.arms["candidate"].replicas)
    assert 250 == half.arms["candidate"].requests
    assert ["a-3"] == list(most.arms["stable"].replicas)


def test_errors_that_come_alone_do_not_clump_and_those_of_one_replica_do() -> None:
    even = clumps.spread(past(), 60.0)
    unlucky = clumps.spread(past(hiccup_s=60.0), 60.0)

    assert even.phi == pytest.approx(1.0, abs=0.2)
    assert unlucky.phi is not None
    assert unlucky.phi > 20


def test_a_check_against_an_objective_is_asked_about_errors_last() -> None:
    own = ErrorsCheck("own", AgainstStable())

    assert own == clumps._counted(canary(checks=(own,)))
    assert clumps._counted(canary(checks=())) is None
