from random import Random

import msgspec
import pytest

from serinus.core.analysis import foretold, judge, sight
from serinus.core.analysis.ahead import Traffic
from serinus.core.analysis.memory import Judge
from serinus.core.spec.delivery import AgainstStable, NetworkCheck, Threshold
from serinus.core.state import verdict
from serinus.core.state.counts import Arm
from tests.core.analysis import arrivals, numbers
from tests.core.analysis.arrivals import ERRORS, LATENCY, LOGS, OBJECTIVE, TAILS
from tests.core.analysis.test_ahead import NOW, opened

ALL = Traffic(100.0, 1.0)


def worse(found: Judge, place: int = 0, now: Traffic = NOW) -> str:
    strands = found.streams[place].strands
    (told,) = foretold.worse(found, found.terms.checks[place], strands[-1], now)
    return told.sentence


def taken_over(*checks: object, candidate: float) -> Judge:
    past = arrivals.history(Random(1))
    found = arrivals.opened(past, *checks)  # type: ignore[arg-type]  # checks of any kind
    found = judge.turn(found, verdict.Test(2, verdict.TestKind.TAKEOVER))
    return arrivals.until_alarm(found, Random(3), 2, weight=1.0, candidate=candidate)[0]


def probed(requests: int, bad: int) -> Judge:
    """A probe that looks for a share of about one in five, after its first block."""
    found = opened(blocks=30, candidate=0.2)
    found = judge.turn(found, verdict.Test(2, verdict.TestKind.PROBE, "errors"))
    tick = arrivals.tick(Random(4), found.at + 5)
    arms = {**tick.arms, "candidate": Arm({"c9": (requests, bad)})}
    return judge.advance(found, msgspec.structs.replace(tick, arms=arms))


@pytest.mark.parametrize(
    ("seconds", "said"), [(40.0, "40 s"), (361.0, "6 min"), (3600.0, "1 h"), (5400.0, "1.5 h")]
)
def test_lengths_are_about(seconds: float, said: str) -> None:
    assert said == foretold.length(seconds)


def test_the_traffic_is_named_without_the_candidates_share_when_it_has_all() -> None:
    assert "at 100 requests/s with 5 % to the candidate" == foretold.traffic(NOW)
    assert "at 1 request/s" == foretold.traffic(Traffic(1.0, 1.0))
    assert "at 12,346 requests/s" == foretold.traffic(Traffic(12345.6, 1.0))


def test_a_good_run_will_be_verified() -> None:
    (told,) = foretold.stays(opened(), NOW)

    assert ("verified", None) == (told.event, told.share)
    assert told.sentence.startswith("verified after about ")
    assert told.sentence.endswith(" if it stays as good")


def test_too_little_traffic_will_not_verify() -> None:
    (told,) = foretold.stays(opened(), Traffic(1.0, 0.01))

    assert ("verified", None) == (told.event, told.seconds)
    assert told.sentence.startswith("not verified within 1 h at 1 request/s")


def test_what_is_verified_is_not_foretold_again() -> None:
    found = opened(blocks=120, weight=0.5)

    assert judge.reading(found).verified
    assert () == foretold.stays(found, Traffic(100.0, 0.5))


def test_a_bad_run_will_raise_the_alarm() -> None:
    told = foretold.stays(opened(blocks=2, candidate=0.04), NOW)[0]

    assert told.event == "alarm"
    assert told.sentence.startswith("errors raises the alarm after about ")


def test_after_the_alarm_nothing_is_foretold() -> None:
    found = opened(candidate=1.0)

    assert found.alarmed
    assert () == foretold.stays(found, NOW)
    assert () == foretold.worse(found, ERRORS, found.streams[0].strands[0], NOW)


def test_after_a_takeover_it_goes_back_or_not() -> None:
    good, bad = taken_over(candidate=0.001), taken_over(candidate=0.02)
    violated = taken_over(OBJECTIVE, candidate=0.014)

    assert "it does not go back within 1 h at 100 requests/s if it stays as it is" == (
        foretold.stays(good, ALL)[0].sentence
    )
    (told,) = foretold.stays(bad, ALL)
    assert told.event == "rolledBack"
    assert told.sentence.startswith("it goes back for good after about ")
    (told,) = foretold.stays(violated, ALL)
    assert told.event == "violated"
    assert told.sentence.startswith("objective violates its objective after about ")
    assert "would take it back for good within" in worse(good, now=ALL)
    assert "would violate the objective within" in worse(violated, now=ALL)


@pytest.mark.parametrize(("bad", "does"), [(1, "fails"), (0, "passes")])
def test_a_probe_fails_or_passes(bad: int, does: str) -> None:
    found = probed(40, bad)
    (told,) = foretold.stays(found, Traffic(100.0, 0.01))

    assert told.sentence.startswith(f"the probe {does} after about ")
    assert () == foretold.worse(found, ERRORS, found.streams[0].strands[0], NOW)


def test_a_probe_that_nobody_answers_is_not_foretold() -> None:
    begun = judge.turn(opened(), verdict.Test(2, verdict.TestKind.PROBE, "errors"))

    assert () == foretold.stays(begun, Traffic(0.001, 0.01))


def test_each_kind_of_check_has_its_words_for_getting_worse() -> None:
    said = [
        worse(opened()),
        worse(opened(LATENCY, tails=TAILS)),
        worse(opened(LOGS, written=0.001)),
        worse(opened(), now=Traffic(1.0, 0.01)),
        worse(opened(), now=Traffic(0.01, 0.01)),
    ]

    assert said[0].startswith("at 100 requests/s with 5 % to the candidate, errors of ")
    assert " would raise the alarm within " in said[0]
    assert " slower than 500 ms would raise the alarm within " in said[1]
    assert ", matching lines in " in said[2]
    assert ", a total outage (errors) would raise the alarm within " in said[3]
    assert "not even a total outage (errors) would raise the alarm within 1 h" in said[4]


def test_of_what_nobody_counts_and_of_what_is_decided_nothing_is_foretold() -> None:
    network = NetworkCheck("network", AgainstStable())
    found = opened(network)
    assert () == foretold.worse(found, network, found.streams[0].strands[0], NOW)
    violated = taken_over(OBJECTIVE, candidate=0.2)
    assert "objective" == violated.violated
    assert () == foretold.stays(violated, ALL)
    assert () == foretold.worse(violated, OBJECTIVE, violated.streams[0].strands[0], ALL)
    failed = probed(5, 5)
    assert () == foretold.stays(failed, Traffic(100.0, 0.01))


def test_strikes_are_counted_down() -> None:
    found = sight.open(numbers.LIMITED)
    against = Threshold(max=10.0)

    assert "rolled back after 3 looks outside of it in a row (2 min)" == (
        foretold.strikes(against, found, 30.0)[0].sentence
    )
    two = sight.take(found, numbers.LIMITED, 1.0, sight.Pair(own=11.0))
    two = sight.take(two, numbers.LIMITED, 2.0, sight.Pair(own=11.0))
    assert "rolled back after 1 more look outside of it in a row (30 s)" == (
        foretold.strikes(against, two, 30.0)[0].sentence
    )
    three = sight.take(two, numbers.LIMITED, 3.0, sight.Pair(own=11.0))
    assert () == foretold.strikes(against, three, 30.0)
