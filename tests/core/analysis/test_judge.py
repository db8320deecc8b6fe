from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.core.analysis import judge, weigh
from serinus.core.analysis.memory import Judge
from serinus.core.state import verdict
from serinus.core.state.verdict import Outcome
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, LATENCY, LOGS, OBJECTIVE, TAILS

PROBE = verdict.Test(number=2, kind=verdict.TestKind.PROBE, accused="errors")
WORSE = (0.6, 0.2, 0.1, 0.05, 0.01)


def restored(found: Judge) -> Judge:
    return msgspec.json.decode(msgspec.json.encode(found), type=Judge)


def probed(found: Judge, random: Random, share: float, blocks: int = 60) -> tuple[Judge, float]:
    found = judge.turn(found, PROBE)
    begun = found.at
    for _ in range(blocks):
        found = judge.advance(
            found, arrivals.tick(random, found.at + 5, weight=0.03, candidate=share)
        )
        if judge.reading(found).probe is not Outcome.INCONCLUSIVE:
            break
    return found, found.at - begun


# --- alarms ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "expected_s"), [(0.01, 90), (0.02, 36), (0.05, 13), (0.2, 5), (1.0, 5)]
)
def test_traffic_is_taken_away_as_early_as_in_the_design(share: float, expected_s: float) -> None:
    """5 % of 100 requests/s, stable at 0.1 %; the expected means are the design's simulation."""
    random, found = Random(51), []
    past = arrivals.history(random)
    for _ in range(12):
        _, after = arrivals.until_alarm(arrivals.opened(past), random, 200, candidate=share)
        found.append(after or 1000.0)

    assert sum(found) / len(found) == pytest.approx(expected_s, rel=0.5, abs=2)


def test_a_healthy_candidate_is_left_alone() -> None:
    random, alarms = Random(52), 0
    past = arrivals.history(random, tails=TAILS)
    for _ in range(20):
        _, after = arrivals.until_alarm(
            arrivals.opened(past, ERRORS, LATENCY), random, 60, tails=TAILS
        )
        alarms += after is not None

    assert alarms <= 2


def test_a_better_candidate_never_alarms() -> None:
    random = Random(53)
    past = arrivals.history(random, stable=0.02, tails=TAILS)
    for _ in range(5):
        _, after = arrivals.until_alarm(
            arrivals.opened(past, ERRORS, LATENCY), random, 120, weight=0.25, stable=0.02,
            candidate=0.005, tails=TAILS, candidate_tails=(0.3, 0.05, 0.005, 0.001, 0.0),
        )  # fmt: skip

        assert after is None


def test_weights_and_error_rates_that_rise_together_do_not_alarm() -> None:
    """Simpson's trap: at 25 % of the traffic both arms have six times the errors."""
    random = Random(54)
    past = arrivals.history(random, rate=60)
    for _ in range(5):
        found, first = arrivals.until_alarm(arrivals.opened(past), random, 60, rate=60)
        _, second = arrivals.until_alarm(
            found, random, 120, at=1300, rate=150, weight=0.25, stable=0.006, candidate=0.006
        )

        assert (first, second) == (None, None)


def test_a_shared_outage_does_not_alarm() -> None:
    random = Random(55)
    found = arrivals.opened(arrivals.history(random))
    _, after = arrivals.until_alarm(found, random, 24, stable=0.2, candidate=0.2)

    assert after is None


def test_a_regression_that_begins_late_is_found_nearly_as_fast() -> None:
    random = Random(56)
    found, early = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 180, weight=0.5
    )
    _, late = arrivals.until_alarm(found, random, 60, at=1900, weight=0.5, candidate=0.02)

    assert early is None
    assert late is not None
    assert late <= 45


def test_a_slower_candidate_alarms_by_latency() -> None:
    random = Random(57)
    past = arrivals.history(random, tails=TAILS)
    found, after = arrivals.until_alarm(
        arrivals.opened(past, ERRORS, LATENCY), random, 24, tails=TAILS, candidate_tails=WORSE
    )

    assert after is not None
    assert after <= 30
    assert judge.reading(found).accused == "latency"


def test_a_masked_replica_is_no_evidence_but_its_requests_are_shown() -> None:
    random = Random(58)
    found, after = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 12, candidate=1.0, masked=("c0",)
    )
    said = judge.reading(found)

    assert after is None
    assert said.requests == said.streams[0].requests > 200
    assert said.test_requests == 0
    assert said.blocks == 0


def test_a_missing_arm_is_no_evidence() -> None:
    random = Random(59)
    found, after = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 60, weight=1.0, candidate=1.0
    )

    assert after is None
    assert judge.reading(found).log_evidence == pytest.approx(0.0)


def test_ticks_of_a_second_are_gathered_into_blocks_of_five() -> None:
    random = Random(60)
    found = arrivals.opened(arrivals.history(random))
    evidence = []
    for second in range(1, 16):
        found = judge.advance(
            found, arrivals.tick(random, 1000.0 + second, seconds=1.0, candidate=0.2)
        )
        evidence.append(judge.reading(found).log_evidence)

    assert judge.reading(found).blocks == 3
    assert len(set(evidence)) == 4
    assert found.pending == ()


def test_long_ticks_are_blocks_of_their_own() -> None:
    random = Random(61)
    found = arrivals.opened(arrivals.history(random))

    for i in range(1, 4):
        found = judge.advance(found, arrivals.tick(random, 1000.0 + 15 * i, seconds=15.0))

    assert judge.reading(found).blocks == 3


# --- probes ------------------------------------------------------------------------------------


def test_a_probe_fails_within_a_block_at_an_outage() -> None:
    random = Random(62)
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 20, candidate=1.0
    )
    found, seconds = probed(found, random, 1.0)
    said = judge.reading(found)

    assert (said.probe, seconds) == (Outcome.FAIL, 5)
    assert said.log_evidence > 2.3
    assert said.streams[0].outcome is Outcome.FAIL
    assert said.sentence.startswith("errors ")


@pytest.mark.parametrize("share", [0.05, 1.0])
def test_a_probe_passes_a_fresh_replica_that_is_well(share: float) -> None:
    random = Random(63)
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 20, candidate=share
    )
    found, seconds = probed(found, random, 0.001)
    said = judge.reading(found)

    assert said.probe is Outcome.PASS
    assert 15 <= seconds <= 150
    assert said.log_evidence < 0


def test_a_probe_without_requests_stays_open() -> None:
    random = Random(64)
    found = judge.turn(arrivals.opened(arrivals.history(random)), PROBE)

    found, _ = arrivals.until_alarm(found, random, 80, weight=0.0)

    assert judge.reading(found).probe is Outcome.INCONCLUSIVE


def test_what_was_accused_is_remembered_through_several_probes() -> None:
    random = Random(65)
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 20, candidate=0.2
    )
    theta = found.charge.theta

    for number in (2, 3, 4):
        found = judge.turn(found, msgspec.structs.replace(PROBE, number=number))

    assert found.charge.theta == theta > 0.05


def test_a_decided_probe_does_not_change_its_mind() -> None:
    random = Random(66)
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 20, candidate=1.0
    )
    found, _ = probed(found, random, 1.0)
    ledger = judge.reading(found).log_evidence

    later, _ = arrivals.until_alarm(found, random, 40, at=found.at)

    assert judge.reading(later).probe is Outcome.FAIL
    assert judge.reading(later).log_evidence == ledger


# --- tests -------------------------------------------------------------------------------------


def test_another_test_begins_with_fresh_evidence_and_keeps_what_people_see() -> None:
    random = Random(67)
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 20, candidate=0.3
    )
    before = judge.reading(found)

    after = judge.reading(judge.turn(found, verdict.Test(number=2, kind=verdict.TestKind.RUN)))

    assert not after.alarm
    assert after.log_evidence == pytest.approx(0.0)
    assert (after.blocks, after.test_requests) == (0, 0)
    assert after.requests == before.requests > 0


def test_the_same_test_again_changes_nothing() -> None:
    found = arrivals.opened(arrivals.history(Random(68)))

    assert judge.turn(found, arrivals.RUN) is found


def test_ticks_from_before_a_test_are_not_its_evidence() -> None:
    random = Random(69)
    found = arrivals.opened(arrivals.history(random))
    for second in range(1, 4):
        found = judge.advance(
            found, arrivals.tick(random, 1000.0 + second, seconds=1.0, candidate=1.0)
        )

    found = judge.turn(found, verdict.Test(number=2, kind=verdict.TestKind.RUN))

    assert found.pending == ()
    assert judge.reading(found).log_evidence == pytest.approx(0.0)
    assert judge.reading(found).streams[0].bad > 0


def test_a_passed_probe_is_no_evidence_of_safety() -> None:
    random = Random(70)
    found = arrivals.opened(arrivals.history(random))
    safe = found.streams[0].strands[0].safe

    found, _ = probed(found, random, 0.0)

    assert found.streams[0].strands[0].safe == safe


def test_verified_outlives_a_test_and_not_an_alarm() -> None:
    random = Random(71)
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 120, weight=0.5
    )
    turned = judge.turn(found, verdict.Test(number=2, kind=verdict.TestKind.RUN))
    alarmed, _ = arrivals.until_alarm(turned, random, 60, at=1600, weight=0.5, candidate=0.3)

    assert judge.reading(turned).verified
    assert not judge.reading(alarmed).verified


# --- restarts ----------------------------------------------------------------------------------

TICK = st.fixed_dictionaries(
    {
        "seconds": st.sampled_from([1.0, 1.1, 5.0, 15.0]),
        "weight": st.sampled_from([0.0, 0.05, 0.5, 1.0]),
        "candidate": st.sampled_from([0.0, 0.001, 0.05, 1.0]),
        "stable": st.sampled_from([0.0, 0.001, 0.2]),
        "masked": st.sampled_from([(), ("c0",), ("s1", "s2")]),
        "tails": st.sampled_from([(), TAILS]),
        "written": st.sampled_from([None, 0.0, 0.1]),
    }
)


@settings(max_examples=40)
@given(st.lists(TICK, min_size=1, max_size=25), st.integers(0, 25), st.integers(0, 2**20))
def test_a_restart_at_every_tick_changes_no_bit(
    ticks: list[dict[str, object]], turn: int, seed: int
) -> None:
    random, at = Random(seed), 1000.0
    past = arrivals.history(random, 10, tails=TAILS)
    once = again = arrivals.opened(past, ERRORS, LATENCY, OBJECTIVE, LOGS)
    for i, given_tick in enumerate(ticks):
        if i == turn:
            once, again = judge.turn(once, PROBE), judge.turn(again, PROBE)
        at += float(str(given_tick["seconds"]))
        tick = arrivals.tick(random, at, **given_tick)
        once = judge.advance(once, tick)
        again = judge.advance(restored(again), arrivals.reordered(tick))

        assert judge.reading(again) == judge.reading(once)
    assert msgspec.json.encode(again.streams) == msgspec.json.encode(once.streams)


def test_a_failed_probe_sharpens_what_the_next_one_looks_for() -> None:
    """The alarm saw little of the outage; the next probe needs less traffic."""
    random = Random(62)
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 60, candidate=0.1
    )
    first = judge.reading(found)
    failed, _ = probed(found, random, 1.0)
    second = judge.reading(failed)

    assert second.probe is Outcome.FAIL
    assert second.probe_share < first.probe_share
    assert failed.charge.theta > found.charge.theta


def test_a_probe_that_fails_less_clearly_keeps_the_alarm_s_word() -> None:
    random = Random(63)
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random)), random, 60, candidate=1.0
    )
    failed, _ = probed(found, random, 0.1)

    assert judge.reading(failed).probe is Outcome.FAIL
    assert failed.charge.theta == found.charge.theta


# --- what could have been seen -------------------------------------------------------------------


def test_the_smallest_visible_regression_is_found_anew_as_evidence_grows() -> None:
    random = Random(61)
    found = arrivals.opened(arrivals.history(random))
    seen: list[float] = []
    for i in range(120):
        found = judge.advance(found, arrivals.tick(random, 1005.0 + 5 * i))
        exact = weigh.smallest(found)
        assert exact is not None
        assert found.smallest is not None
        assert found.smallest == pytest.approx(exact, rel=0.2)
        seen.append(found.smallest)

    assert len(set(seen)) < 80
    assert seen[-1] < seen[0] / 10
