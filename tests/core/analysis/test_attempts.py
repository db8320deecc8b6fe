from random import Random

import msgspec
import pytest

from serinus.core.analysis import attempts, judge, probe, weigh
from serinus.core.analysis.memory import Judge
from serinus.core.state import verdict
from serinus.core.state.counts import TWIN, Arm, Tick
from serinus.core.state.verdict import Outcome
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, LATENCY, TAILS

PROBE = verdict.Test(number=2, kind=verdict.TestKind.PROBE, accused="errors")
TRIAL = verdict.Test(number=3, kind=verdict.TestKind.TRIAL)


def accused(random: Random, share: float = 0.2) -> Judge:
    """A judge that has raised the alarm: so much of the candidate's requests fail."""
    past = arrivals.history(random)
    found, after = arrivals.until_alarm(arrivals.opened(past), random, 40, candidate=share)
    assert after is not None
    return found


def tick(random: Random, at: float, candidate: float, twin: float | None = None) -> Tick:
    """3 % for a fresh replica of the candidate, and a share like an old one's for the twin."""
    seen = arrivals.tick(random, at, weight=0.03, candidate=candidate)
    if twin is None:
        return seen
    arms = {**seen.arms, TWIN: arrivals.arm(random, ("s99",), 45.0, twin)}
    return msgspec.structs.replace(seen, arms=arms)


def probed(
    found: Judge, random: Random, candidate: float, twin: float | None = None, blocks: int = 60
) -> Judge:
    """Probe until it is decided."""
    found = judge.turn(found, PROBE)
    for _ in range(blocks):
        found = judge.advance(found, tick(random, found.at + 5, candidate, twin))
        if found.probe is not Outcome.INCONCLUSIVE:
            break
    return found


@pytest.mark.parametrize(
    ("expected", "candidate"), [(Outcome.FAIL, 0.2), (Outcome.FAIL, 1.0), (Outcome.PASS, 0.001)]
)
def test_a_fresh_replica_fails_as_the_accused_one_or_passes(
    expected: Outcome, candidate: float
) -> None:
    random = Random(1)
    found = probed(accused(random), random, candidate)

    assert expected is found.probe
    assert not found.excused


def test_a_twin_that_fails_in_the_same_way_excuses_the_candidate() -> None:
    """Fresh replicas do that, whatever their version: the probe counts as passed."""
    random = Random(2)
    found = probed(accused(random), random, 0.2, twin=0.2)

    assert Outcome.PASS is found.probe
    assert found.excused
    assert judge.reading(found).excused


def test_a_twin_that_is_well_excuses_nothing() -> None:
    random = Random(3)
    found = probed(accused(random), random, 0.2, twin=0.001)

    assert Outcome.FAIL is found.probe
    assert not found.excused


def test_one_bad_request_of_a_twin_is_no_excuse() -> None:
    """A candidate that is as bad as that has been seen in many requests; the twin in one."""
    random = Random(4)
    found = judge.turn(accused(random), PROBE)
    unlucky = tick(random, found.at + 5, 0.2)
    unlucky = msgspec.structs.replace(unlucky, arms={**unlucky.arms, TWIN: Arm({"s99": (45, 1)})})
    found = judge.advance(found, unlucky)
    while found.probe is Outcome.INCONCLUSIVE:
        found = judge.advance(found, tick(random, found.at + 5, 0.2, 0.0))

    assert Outcome.FAIL is found.probe
    assert 1 == found.streams[0].strands[0].twin[1]


def test_a_twin_that_fails_a_little_does_not_excuse_one_that_fails_a_lot() -> None:
    """It is clearly worse than the old replicas, and yet not a third as bad as the candidate."""
    random = Random(5)
    found = probed(accused(random, 1.0), random, 1.0, twin=0.1)

    assert Outcome.FAIL is found.probe


def test_a_twin_is_measured_by_the_old_replicas_of_the_same_time() -> None:
    """Where they fail as well in these minutes, the twin shows nothing of its own."""
    random = Random(6)
    one = judge.turn(accused(random), PROBE).streams[0].strands[0]
    bad = msgspec.structs.replace(one, own=50.0, own_failed=10.0, twin=(200.0, 40.0))
    line = (1.25, 0.0002)

    assert attempts.excused(msgspec.structs.replace(bad, beside=(2000.0, 2.0)), line)
    assert not attempts.excused(msgspec.structs.replace(bad, beside=(2000.0, 400.0)), line)
    assert not attempts.excused(msgspec.structs.replace(bad, twin=(0.0, 0.0)), line)


@pytest.mark.parametrize(
    ("most_s", "candidate", "twin"),
    [
        (30.0, 0.15, 1.0),  # a twin of a request a block has nothing to say for half a minute
        (5.0, 1.0, 1.0),  # nobody fails that often because of being cold
        (5.0, 0.15, None),  # there is no twin
    ],
)
def test_a_probe_that_has_failed_hears_its_twin_first(
    most_s: float, candidate: float, twin: float | None
) -> None:
    random = Random(16)
    found = judge.turn(accused(random), PROBE)
    begun = found.at
    while found.probe is Outcome.INCONCLUSIVE:
        seen = arrivals.tick(random, found.at + 5, weight=0.2, candidate=candidate)
        if twin is not None:
            seen = msgspec.structs.replace(seen, arms={**seen.arms, TWIN: Arm({"s99": (1, 0)})})
        found = judge.advance(found, seen)

    assert Outcome.FAIL is found.probe
    assert most_s == found.at - begun


def test_what_a_twin_did_counts_for_the_next_probe_and_not_for_the_next_alarm() -> None:
    random = Random(7)
    found = probed(accused(random), random, 0.2, twin=0.001)
    heard = found.streams[0].strands[0].twin

    again = judge.turn(found, msgspec.structs.replace(PROBE, number=3))
    other = judge.turn(found, TRIAL)

    assert heard[0] > 0
    assert heard == again.streams[0].strands[0].twin
    assert (0.0, 0.0) == other.streams[0].strands[0].twin


def test_a_twin_of_which_nobody_was_accused_is_not_listened_to() -> None:
    random = Random(8)
    quiet = arrivals.opened(arrivals.history(random))
    found = judge.advance(quiet, tick(random, 1005.0, 0.001, 0.5))

    assert (0.0, 0.0) == found.streams[0].strands[0].twin


def test_a_trial_remembers_what_was_accused() -> None:
    """It need not be guessed again how bad it is: the same requests are more evidence."""
    random = Random(9)
    known = judge.turn(probed(accused(random, 0.03), random, 0.001), TRIAL)
    fresh = judge.turn(arrivals.opened(arrivals.history(Random(9))), TRIAL)
    weighed = {}
    for name, one in (("known", known), ("fresh", fresh)):
        again = Random(10)
        for number in range(8):
            seen = arrivals.tick(again, one.at + 5, candidate=0.03 if number > 1 else 0.02)
            one = judge.advance(one, seen)  # noqa: PLW2901  the judge goes on
            if one.alarmed:
                break
        weighed[name] = weigh.combined(one, weigh.parts(one))

    assert weighed["known"] > weighed["fresh"]


def test_a_failed_trial_accuses_what_it_tried_again() -> None:
    random = Random(11)
    found = probed(accused(random), random, 0.001)
    charge = found.charge
    found, after = arrivals.until_alarm(
        judge.turn(found, TRIAL), random, 40, at=found.at, candidate=0.2
    )

    assert after is not None
    assert charge == found.charge


def test_a_trial_of_a_replica_that_is_well_gathers_evidence_for_it() -> None:
    random = Random(12)
    found = judge.turn(probed(accused(random), random, 0.001), TRIAL)
    for _ in range(12):
        found = judge.advance(found, arrivals.tick(random, found.at + 5, weight=0.25))
    tried = weigh.tried(found)

    assert tried is not None
    assert probe.evidence(tried.probe) < 0
    assert not found.alarmed


def test_only_the_strand_that_was_accused_is_tried_again() -> None:
    random = Random(13)
    past = arrivals.history(random, tails=TAILS)
    found, _ = arrivals.until_alarm(
        arrivals.opened(past, ERRORS, LATENCY), random, 40, tails=TAILS, candidate=0.3
    )
    found = judge.turn(found, TRIAL)
    found = judge.advance(found, arrivals.tick(random, found.at + 5, tails=TAILS, candidate=0.3))
    errors, latency = found.streams

    assert errors.strands[0].probe != probe.FRESH
    assert {probe.FRESH} == {one.probe for one in latency.strands}


@pytest.mark.parametrize("twin", [None, 0.2])
def test_a_probe_goes_on_after_a_restart_as_if_there_had_been_none(twin: float | None) -> None:
    once = again = judge.turn(accused(Random(14), 0.05), PROBE)
    random, same = Random(15), Random(15)
    for _ in range(20):
        once = judge.advance(once, tick(random, once.at + 5, 0.05, twin))
        again = msgspec.json.decode(msgspec.json.encode(again), type=Judge)
        again = judge.advance(again, tick(same, again.at + 5, 0.05, twin))

    assert once == again
    assert Outcome.INCONCLUSIVE is not once.probe
