"""Log lines for each request, judged as a count beside the errors."""

from random import Random

import pytest
from msgspec.structs import replace

from serinus.core.analysis import judge
from serinus.core.state import verdict
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import Outcome
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, LOGS


def test_more_log_lines_for_each_request_alarm_and_say_so() -> None:
    random = Random(81)
    past = arrivals.history(random, written=0.002)
    found, after = arrivals.until_alarm(
        arrivals.opened(past, ERRORS, LOGS), random, 60, written=0.002, candidate_written=0.05
    )
    said = judge.reading(found)

    assert after is not None
    assert after <= 60
    assert said.accused == "log-errors"
    assert said.sentence.startswith('log lines matching "ERROR" ')
    assert " in 100 requests against 0" in said.sentence
    assert said.streams[0].outcome is not Outcome.FAIL


def test_as_many_log_lines_as_on_stable_do_not_alarm() -> None:
    random, alarms = Random(82), 0
    past = arrivals.history(random, written=0.02)
    for _ in range(10):
        _, after = arrivals.until_alarm(
            arrivals.opened(past, ERRORS, LOGS), random, 60, written=0.02
        )
        alarms += after is not None

    assert alarms <= 1


def test_logs_that_nobody_listens_to_say_nothing() -> None:
    random = Random(83)
    found, after = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random), ERRORS, LOGS), random, 60
    )
    logs = judge.reading(found).streams[1]

    assert after is None
    assert logs.outcome is Outcome.NO_DATA
    assert logs.evidence == pytest.approx(1.0)
    assert logs.sentence == "nobody has counted lines of the logs yet"


def test_a_probe_fails_by_log_lines() -> None:
    random = Random(84)
    world = {"written": 0.002, "candidate_written": 0.3}
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random, written=0.002), LOGS), random, 60, **world
    )
    found = judge.turn(found, verdict.Test(2, verdict.TestKind.PROBE, "log-errors"))
    for i in range(12):
        at = found.at + 5.0 * (i + 1)
        found = judge.advance(found, arrivals.tick(random, at, **world))

    assert judge.reading(found).probe is Outcome.FAIL


def clumped(random: Random, given: Tick) -> Tick:
    """Each failure writes a trace of some ten lines, of which each matches."""
    arms = {}
    for name, arm in given.arms.items():
        lines = {
            replica: {LOGS.name: sum(random.randint(1, 19) for _ in range(found[LOGS.name]))}
            for replica, found in arm.lines.items()
        }
        arms[name] = replace(arm, lines=lines)
    return replace(given, arms=arms)


def test_lines_that_come_in_traces_do_not_alarm_more_often() -> None:
    random, alarms = Random(85), 0
    past = [clumped(random, one) for one in arrivals.history(random, written=0.002)]
    for _ in range(10):
        found = arrivals.opened(past, LOGS)
        for i in range(120):
            tick = arrivals.tick(random, 1005.0 + 5 * i, written=0.002, weight=0.25)
            found = judge.advance(found, clumped(random, tick))
        alarms += found.alarmed

    assert alarms <= 1
