from collections.abc import Sequence
from math import log
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from serinus.core.analysis import judge, takeover, weigh
from serinus.core.analysis.memory import Judge
from serinus.core.spec.delivery import AgainstStable, Check, LatencyCheck
from serinus.core.state import verdict
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import Outcome
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, OBJECTIVE, TAILS

TAKEOVER = verdict.Test(number=1, kind=verdict.TestKind.TAKEOVER)
SLOW = LatencyCheck("latency", AgainstStable(), bounds_ms=(250,))


def opened(past: Sequence[Tick], *checks: Check, since: float = 0.0) -> Judge:
    delivery = arrivals.delivery(*checks)
    return judge.open(delivery, past, plan_seconds=60, test=TAKEOVER, since=since)


def after_switch(
    found: Judge, random: Random, ticks: int, past: Sequence[Tick] = (), **given: Any
) -> Judge:
    """Give the candidate everything; ``past``: what is known of luck when it is asked for."""
    start = max(found.at, 1000.0)
    for i in range(1, ticks + 1):
        found = judge.advance(found, arrivals.tick(random, start + 5 * i, weight=1.0, **given))
        if found.alarmed:
            break
    return judge.placebos(found, past) if judge.wonders(found) else found


# --- the bound -----------------------------------------------------------------------------------


def test_the_bound_of_nothing_is_everything() -> None:
    assert takeover.upper(0.0, 0.0, 1.0) == 1.0
    assert takeover.upper(3.0, 0.0, 1.0) == 1.0


def test_more_past_makes_a_narrower_bound_that_stays_above_the_share() -> None:
    found = [takeover.upper(n, n * 0.01, 1.0) for n in (100.0, 1e3, 1e4, 1e5, 1e6)]

    assert found == sorted(found, reverse=True)
    assert found[-1] > 0.01
    assert found[-1] == pytest.approx(0.01, rel=0.05)


def test_a_past_without_a_bad_request_is_not_one_without_bad_requests() -> None:
    assert takeover.upper(1000.0, 0.0, 1.0) == pytest.approx(0.0046, rel=0.01)


def test_a_past_in_clumps_says_less() -> None:
    assert takeover.upper(1e4, 10.0, 4.0) > 1.5 * takeover.upper(1e4, 10.0, 1.0)


def test_the_bound_is_too_low_in_at_most_one_case_of_a_hundred() -> None:
    random = Random(71)
    wrong = sum(
        takeover.upper(1000.0, float(arrivals.poisson(random, 5.0)), 1.0) < 0.005
        for _ in range(3000)
    )

    assert wrong <= 30


# --- after the switch ----------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "most_s"), [(0.01, 60), (0.05, 15), (1.0, 15)])
def test_a_regression_after_the_switch_is_told_with_its_past(share: float, most_s: float) -> None:
    random = Random(72)
    found = after_switch(opened(arrivals.history(random)), random, 100, candidate=share)
    reading = judge.reading(found)

    assert 15 <= found.at - 1000.0 <= most_s
    assert reading.regressed.startswith("errors ")
    assert " before the switch, allowed " in reading.regressed
    assert reading.regressed.endswith("approximate: compared with history)")
    assert reading.streams[0].outcome is Outcome.FAIL
    assert not reading.alarm
    assert not reading.unjudged


def test_the_sentence_of_another_check_begins_with_its_name() -> None:
    random = Random(73)
    past = arrivals.history(random, tails=TAILS)
    slow = (0.6, 0.2, 0.2, 0.05, 0.01)
    found = after_switch(opened(past, ERRORS, SLOW), random, 100, tails=TAILS, candidate_tails=slow)

    told = judge.reading(found).regressed
    assert told.startswith("latency: ")
    assert "slower than 250 ms against 2" in told


def test_a_healthy_candidate_is_not_taken_back_in_ten_minutes() -> None:
    random = Random(74)
    past = arrivals.history(random, tails=TAILS)
    for _ in range(20):
        found = after_switch(opened(past, ERRORS, SLOW), random, 120, tails=TAILS)
        reading = judge.reading(found)

        assert not reading.regressed
        assert [s.outcome for s in reading.streams] == [Outcome.PASS, Outcome.PASS]
        assert "approximate" in reading.sentence


def test_a_rate_that_drifts_within_the_limit_is_no_regression() -> None:
    random = Random(75)
    past = arrivals.history(random, stable=0.01)
    for _ in range(10):
        found = after_switch(opened(past), random, 120, candidate=0.012)

        assert not judge.reading(found).regressed


def test_one_bad_block_decides_nothing() -> None:
    random = Random(76)
    found = opened(arrivals.history(random))
    found = after_switch(found, random, 1, candidate=1.0)
    found = after_switch(found, random, 60)

    assert not judge.reading(found).regressed


def test_a_regression_that_begins_late_meets_fresh_capital() -> None:
    random = Random(77)
    found = after_switch(opened(arrivals.history(random)), random, 60)
    found = after_switch(found, random, 20, candidate=0.05)

    assert judge.reading(found).regressed


def test_the_past_does_not_fade_while_it_is_all_there_is() -> None:
    random = Random(78)
    found = opened(arrivals.history(random))
    before = found.streams[0].strands[0].known
    found = after_switch(found, random, 120)

    assert found.streams[0].strands[0].known == before


def test_without_a_past_nothing_is_judged_and_it_is_said() -> None:
    random = Random(79)
    found = after_switch(opened(()), random, 60, candidate=0.3)
    reading = judge.reading(found)

    assert not reading.regressed
    assert reading.unjudged == "nothing is known of stable before the switch"
    assert reading.streams[0].outcome is Outcome.NO_DATA
    assert reading.sentence == "errors not judged: nothing is known of stable before the switch"


def test_the_past_of_another_version_is_not_stables() -> None:
    random = Random(80)
    past = arrivals.history(random)
    found = after_switch(opened(past, since=1000.0), random, 20, candidate=0.3)

    assert judge.reading(found).unjudged == "nothing is known of stable before the switch"


def test_stable_s_own_past_is_used_from_when_it_began() -> None:
    random = Random(81)
    past = [*arrivals.history(random, stable=0.2)[:60], *arrivals.history(random)[60:]]
    found = after_switch(opened(past, since=past[59].at), random, 100, candidate=0.05)

    assert " against 0.1" in judge.reading(found).regressed


def test_little_past_makes_a_wide_limit() -> None:
    random = Random(82)
    past = arrivals.history(random, rate=2.0)[-12:]
    found = after_switch(opened(past), random, 20, rate=2.0, candidate=0.02)
    reading = judge.reading(found)

    assert not reading.regressed
    assert reading.streams[0].limit > 0.04


def test_half_way_a_rolling_release_is_compared_with_stable_itself() -> None:
    """Both arms are bad at once: it is not the candidate, although the past was better."""
    random = Random(83)
    found = opened(arrivals.history(random))
    for i in range(60):
        tick = arrivals.tick(random, 1005.0 + 5 * i, weight=0.5, stable=0.05, candidate=0.05)
        found = judge.advance(found, tick)
    calm = judge.reading(found)
    for i in range(60):
        tick = arrivals.tick(random, 1305.0 + 5 * i, weight=0.5, stable=0.001, candidate=0.05)
        found = judge.advance(found, tick)

    assert not calm.regressed
    found = judge.placebos(found, ())
    assert " on stable, " in judge.reading(found).regressed


def test_an_objective_does_not_take_back_by_evidence() -> None:
    random = Random(84)
    past = arrivals.history(random, stable=0.05)
    found = after_switch(opened(past, ERRORS, OBJECTIVE), random, 60, candidate=0.05)
    reading = judge.reading(found)

    assert not reading.regressed
    assert reading.slo_check == "objective"


def test_a_run_that_becomes_a_takeover_begins_with_fresh_evidence() -> None:
    random = Random(85)
    found = arrivals.opened(arrivals.history(random))
    for i in range(60):
        found = judge.advance(found, arrivals.tick(random, 1005.0 + 5 * i, weight=0.5))
    found = judge.turn(found, verdict.Test(number=2, kind=verdict.TestKind.TAKEOVER))
    found = after_switch(found, random, 60, candidate=0.05)

    told = judge.reading(found).regressed
    assert "errors 5" in told or "errors 4" in told
    assert "before the switch" in told


# --- copies --------------------------------------------------------------------------------------


def copied(found: Judge, random: Random, ticks: int, **given: Any) -> Judge:
    """The candidate gets copies of half of the requests, and stable answers all of them."""
    start = max(found.at, 1000.0)
    for i in range(1, ticks + 1):
        found = judge.advance(found, arrivals.tick(random, start + 5 * i, weight=0.5, **given))
        if found.alarmed:
            break
    return judge.placebos(found, ()) if judge.wonders(found) else found


def test_copies_that_fail_are_told_against_stable_of_the_same_blocks() -> None:
    random = Random(86)
    found = copied(opened(arrivals.history(random)), random, 60, candidate=0.05)
    reading = judge.reading(found)

    assert reading.regressed.startswith("errors ")
    assert " on stable, allowed " in reading.regressed
    assert "approximate" not in reading.regressed
    assert reading.log_evidence >= log(100)
    assert not reading.alarm


def test_copies_that_do_as_well_are_verified() -> None:
    random = Random(87)
    found = copied(opened(arrivals.history(random)), random, 120)
    reading = judge.reading(found)

    assert not reading.regressed
    assert reading.verified
    assert reading.sentence == "errors: not worse than 1.5 × stable plus 0.1 pp, shown with 95 %"
    assert reading.unjudged == ""


def test_copies_of_a_bad_minute_are_as_bad_as_stable_and_no_regression() -> None:
    random = Random(88)
    found = copied(opened(arrivals.history(random)), random, 30, stable=0.2, candidate=0.2)

    assert not judge.reading(found).regressed


# --- luck ----------------------------------------------------------------------------------------


def hour(random: Random, unlucky: float) -> list[Tick]:
    """An hour in which one of stable's replicas after the other is bad for two minutes."""
    found = []
    for place, seen in enumerate(arrivals.history(random, 720)):
        name = arrivals.STABLE[place // 24 % len(arrivals.STABLE)]
        arm = seen.arms["stable"]
        n, x = arm.replicas[name]
        failed = max(x, arrivals.poisson(random, n * unlucky))
        replicas = {**arm.replicas, name: (n, min(n, failed))}
        found.append(replace(seen, arms={"stable": replace(arm, replicas=replicas)}))
    return found


def test_where_stable_has_such_luck_itself_nothing_goes_back_for_good() -> None:
    random = Random(91)
    past = hour(random, 0.2)
    found = after_switch(opened(past), random, 100, past, candidate=0.2)

    assert found.alarmed
    assert weigh.lucky(found)
    assert not judge.reading(found).regressed


def test_where_stable_never_had_such_luck_it_does() -> None:
    random = Random(92)
    past = hour(random, 0.001)
    found = after_switch(opened(past), random, 100, past, candidate=0.2)

    assert not weigh.lucky(found)
    assert judge.reading(found).regressed


def test_until_the_past_was_asked_nothing_goes_back_for_good() -> None:
    random = Random(93)
    found = opened(arrivals.history(random))
    for i in range(1, 10):
        tick = arrivals.tick(random, 1000.0 + 5 * i, weight=1.0, candidate=0.2)
        found = judge.advance(found, tick)

    assert judge.wonders(found)
    assert not judge.reading(found).regressed
    assert judge.reading(judge.placebos(found, ())).regressed


def test_a_past_of_one_replica_alone_excuses_nothing() -> None:
    """There is nobody to compare it with, so that no luck of it can be seen."""
    random = Random(94)
    past = [
        replace(seen, arms={"stable": arrivals.arm(random, ("s0",), 500.0, 0.001)})
        for seen in arrivals.history(random, 720)
    ]
    found = after_switch(opened(past), random, 100, past, candidate=0.2)

    assert not weigh.lucky(found)
    assert judge.reading(found).regressed
