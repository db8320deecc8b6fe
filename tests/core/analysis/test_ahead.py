from random import Random
from typing import Any

import msgspec
import pytest

from serinus.core.analysis import ahead, judge
from serinus.core.analysis.ahead import Traffic
from serinus.core.analysis.memory import Judge
from serinus.core.state import verdict
from serinus.core.state.sample import Sample
from serinus.core.state.verdict import Outcome
from tests.core.analysis import arrivals, numbers
from tests.core.analysis.arrivals import ERRORS, LATENCY, LOGS, OBJECTIVE, TAILS

NOW = Traffic(100.0, 0.05)


def opened(*checks: Any, blocks: int = 12, **given: Any) -> Judge:
    """A minute of a release, stable at 0.1 % of errors."""
    past = arrivals.history(Random(1), tails=given.get("tails", ()), written=given.get("written"))
    found, _ = arrivals.until_alarm(arrivals.opened(past, *checks), Random(2), blocks, **given)
    return found


def test_the_traffic_is_what_was_counted_and_the_share_what_is_wanted() -> None:
    now = ahead.traffic(opened(), 50)

    assert now.rate == pytest.approx(100, rel=0.05)
    assert now.share == 0.05
    assert ahead.able(opened(), now)
    assert not ahead.able(opened(), now._replace(share=0.0))
    assert ahead.traffic(arrivals.opened(), 50).rate == 0.0


def test_a_good_release_is_verified_and_no_alarm_is_raised() -> None:
    found = ahead.stays(opened(), NOW)

    assert found.alarm_s is None
    assert found.verified_s is not None
    assert 120 < found.verified_s < 900


def test_more_of_the_traffic_verifies_sooner() -> None:
    found = opened()
    little = ahead.stays(found, NOW).verified_s
    much = ahead.stays(found, Traffic(100.0, 0.5)).verified_s

    assert little is not None
    assert much is not None
    assert much < little


def test_what_is_foretold_is_about_what_comes() -> None:
    """The mean over many seeded futures, against the one that is expected."""
    found, came = opened(blocks=3, candidate=0.001), []
    told = ahead.smallest(found, NOW, "errors")
    assert told is not None
    for seed in range(30):
        after, at = found, found.at
        random = Random(100 + seed)
        while not after.alarmed:
            after = judge.advance(after, arrivals.tick(random, after.at + 5, candidate=told.share))
        came.append(after.at - at)

    assert sum(came) / len(came) == pytest.approx(told.seconds, rel=0.5)


def test_the_smallest_share_is_found_within_a_minute_and_less_is_not() -> None:
    found = opened()
    told = ahead.smallest(found, NOW, "errors")

    assert told is not None
    assert told.seconds <= ahead.SOON_S
    assert not told.violated
    assert 0.005 < told.share < 0.05
    less = ahead._look(found, NOW, {"errors": told.share / 2}, 60.0, verify=False)
    assert less.alarm_s is None


def test_where_little_comes_a_total_outage_takes_its_time() -> None:
    told = ahead.smallest(opened(), Traffic(1.0, 0.01), "errors")

    assert told is not None
    assert told.share == 1.0
    assert told.seconds > ahead.SOON_S


def test_where_almost_nothing_comes_nothing_is_ever_found() -> None:
    assert ahead.smallest(opened(), Traffic(0.01, 0.01), "errors") is None


def test_latency_without_bounds_cannot_be_foretold() -> None:
    assert ahead.smallest(arrivals.opened((), LATENCY), NOW, "latency") is None


def test_an_alarm_that_is_on_its_way_is_foretold_with_its_check() -> None:
    found = ahead.stays(opened(ERRORS, LATENCY, tails=TAILS, blocks=2, candidate=0.04), NOW)

    assert found.alarm_s is not None
    assert (found.alarm_s < 300, found.accused) == (True, "errors")
    assert found.verified_s is None


def test_latency_and_lines_can_get_worse_too() -> None:
    slow = ahead.smallest(opened(LATENCY, tails=TAILS), NOW, "latency")
    lines = ahead.smallest(opened(LOGS, written=0.001), NOW, "log-errors")

    assert slow is not None
    assert 0.02 < slow.share < 0.4
    assert lines is not None
    assert 0.005 < lines.share < 0.06


def test_an_objective_that_will_be_violated_is_foretold() -> None:
    past = arrivals.history(Random(1))
    found = judge.turn(arrivals.opened(past, OBJECTIVE), verdict.Test(2, verdict.TestKind.TAKEOVER))
    found, _ = arrivals.until_alarm(found, Random(3), 4, weight=1.0, candidate=0.014)

    will = ahead.stays(found, Traffic(100.0, 1.0))
    assert (will.accused, will.alarm_s) == ("objective", None)
    assert will.violated_s is not None
    told = ahead.smallest(found, Traffic(100.0, 1.0), "objective")
    assert told is not None
    assert told.violated


@pytest.mark.parametrize(("share", "outcome"), [(0.2, Outcome.FAIL), (0.0, Outcome.PASS)])
def test_a_probe_is_foretold(share: float, outcome: Outcome) -> None:
    found = opened(blocks=30, candidate=0.2)
    found = judge.turn(found, verdict.Test(2, verdict.TestKind.PROBE, "errors"))
    random = Random(4)
    for _ in range(1):
        found = judge.advance(
            found, arrivals.tick(random, found.at + 5, weight=0.01, candidate=share)
        )

    will = ahead.stays(found, Traffic(100.0, 0.01))
    assert will.probe is outcome
    assert will.probe_s is not None


def test_numbers_are_taken_to_stay_as_they_were() -> None:
    random = Random(5)
    past = judge.Past(numbers.past(random))
    found = judge.open(
        arrivals.delivery(ERRORS, looks=(numbers.QUEUE,)),
        arrivals.history(random),
        plan_seconds=1800,
        test=arrivals.RUN,
        past=past,
    )
    found = numbers.watched(found, random, numbers.both(random), 12)
    bad = judge.look(
        found, [Sample("queue", found.at + 0.5, {"candidate": 108.0, "stable": 100.0})]
    )

    assert ahead.stays(found, NOW).accused in {"", "queue"}
    will = ahead.stays(bad, NOW)
    assert will.accused == "queue"
    assert will.alarm_s is not None


def test_looking_ahead_changes_nothing() -> None:
    found = opened()
    before = msgspec.msgpack.encode(found)
    ahead.stays(found, NOW)
    ahead.smallest(found, NOW, "errors")

    assert before == msgspec.msgpack.encode(found)
