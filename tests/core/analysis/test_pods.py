from math import log
from random import Random
from typing import Any

import msgspec
import pytest

from serinus.core.analysis import eprocess, judge, pods
from serinus.core.analysis.memory import Judge
from serinus.core.spec.delivery import AgainstStable, LatencyCheck, NetworkCheck
from serinus.core.state import verdict
from serinus.core.state.counts import Arm, Tick
from serinus.core.state.verdict import Outcome, ReplicaReading
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, LOGS, OBJECTIVE, TAILS

THREE = ("c0", "c1", "c2")
STABLE = Arm({f"s{i}": (95, 0) for i in range(5)})


def ticked(found: Judge, replicas: dict[str, tuple[int, int]], **given: Any) -> Judge:
    """A block in which stable answers 475 requests well."""
    arms = {"stable": STABLE, "candidate": Arm(replicas, **given.pop("candidate", {}))}
    return judge.advance(found, Tick(max(found.at, 1000.0) + 5, 5.0, arms, **given))


def opened(*checks: Any, **given: Any) -> Judge:
    return arrivals.opened(arrivals.history(Random(1)), *checks, **given)


def read(found: Judge, check: str = "errors") -> dict[str, ReplicaReading]:
    return {one.name: one for one in judge.reading(found).replicas if one.check == check}


# --- evidence ------------------------------------------------------------------------------------


def test_what_is_said_of_a_replica_that_serves_alone_is_what_is_said_of_all() -> None:
    found, _ = arrivals.until_alarm(opened(), Random(2), 8, candidate=0.01)
    whole = judge.reading(found).streams[0]

    alone = read(found)["c0"]
    assert alone.current
    assert (whole.requests, whole.bad, whole.evidence) == (
        alone.requests,
        alone.bad,
        alone.evidence,
    )


def test_each_of_several_replicas_is_put_to_the_test_of_all_of_them() -> None:
    """A replica among silent ones is judged as if it were the only one."""
    one, three = opened(), opened()
    for _ in range(3):
        one = ticked(one, {"c1": (25, 1)})
        three = ticked(three, {"c0": (25, 0), "c1": (25, 1), "c2": (25, 0)})

    apart = read(three)
    assert apart["c1"].evidence == pytest.approx(read(one)["c1"].evidence)
    assert apart["c0"].evidence == apart["c2"].evidence < 1.0
    assert (75, 3) == (apart["c1"].requests, apart["c1"].bad)


def test_a_second_replica_leaves_the_first_one_its_bets() -> None:
    one = two = ticked(ticked(opened(), {"c0": (25, 2)}), {"c0": (25, 2)})
    one = ticked(one, {"c0": (25, 2)})
    two = ticked(two, {"c0": (25, 2), "c1": (25, 0)})

    assert read(two)["c0"].evidence == pytest.approx(read(one)["c0"].evidence)
    assert read(two)["c1"].evidence < 1.0


def test_a_replica_too_young_to_be_judged_is_left_out() -> None:
    found = ticked(opened(), {"c0": (25, 0), "c1": (25, 25)}, masked=("c1",))

    assert {"c0"} == set(read(found))


def test_lines_and_broken_connections_are_told_apart_by_replica_too() -> None:
    broken = NetworkCheck("network", AgainstStable())
    found = opened(LOGS, broken)
    calm = {f"s{i}": {"log-errors": 0, "~network": 0} for i in range(5)}
    lines = {
        "c0": {"log-errors": 40, "~network": 0},
        "c1": {"log-errors": 0, "~network": 3},
        "c2": {},
    }
    arms = {
        "stable": Arm(STABLE.replicas, lines=calm),
        "candidate": Arm(dict.fromkeys(THREE, (25, 0)), lines=lines),
    }
    for _ in range(3):
        found = judge.advance(found, Tick(max(found.at, 1000.0) + 5, 5.0, arms))

    assert [("c0", 75), ("c1", 0)] == [(r.name, r.bad) for r in read(found, "log-errors").values()]
    assert [("c0", 0), ("c1", 9)] == [(r.name, r.bad) for r in read(found, "network").values()]


def test_latency_is_not_counted_by_replica() -> None:
    check = LatencyCheck("latency", AgainstStable(), bounds_ms=(250,))
    found, _ = arrivals.until_alarm(
        arrivals.opened(arrivals.history(Random(3), tails=TAILS), check),
        Random(4),
        3,
        tails=TAILS,
        names=THREE,
    )

    assert () == found.pods


def test_an_objective_is_put_to_each_replica_without_stable() -> None:
    found = opened(OBJECTIVE)
    for at in (1005.0, 1010.0):
        arm = Arm({"c0": (50, 10), "c1": (50, 0)})
        found = judge.advance(found, Tick(at, 5.0, {"candidate": arm}))

    assert read(found, "objective")["c0"].evidence > 1000
    assert read(found, "objective")["c1"].evidence < 1


def test_after_a_takeover_each_replica_is_compared_with_the_past_of_stable() -> None:
    found = judge.turn(opened(), verdict.Test(2, verdict.TestKind.TAKEOVER))
    for _ in range(4):
        arm = Arm({"c0": (250, 60), "c1": (250, 0)})
        found = judge.advance(found, Tick(max(found.at, 1000.0) + 5, 5.0, {"candidate": arm}))

    assert log(read(found)["c0"].evidence) > 4
    assert read(found)["c1"].evidence < 1


def test_a_probe_says_of_its_replica_what_the_probe_says() -> None:
    found = ticked(opened(), {"c0": (25, 9)})
    found = judge.turn(found, verdict.Test(2, verdict.TestKind.PROBE, "errors"))
    found = ticked(found, {"c1": (5, 4)})
    reading = judge.reading(found)

    assert reading.probe is Outcome.FAIL
    assert read(found)["c1"].evidence == pytest.approx(eprocess.value(reading.log_evidence))
    assert read(found)["c1"].current
    accused = read(found)["c0"]
    assert (25, 9, False) == (accused.requests, accused.bad, accused.current)
    assert accused.evidence > 1000


def test_evidence_of_one_replica_of_a_healthy_release_seldom_reaches_the_alarm() -> None:
    """The bound is one in ten for each replica; 3 × 40 of them, seeded."""
    random, reached = Random(5), 0
    past = arrivals.history(random)
    for _ in range(40):
        found = arrivals.opened(past)
        most = dict.fromkeys(THREE, 0.0)
        for _ in range(60):
            found = judge.advance(
                found, arrivals.tick(random, max(found.at, 1000.0) + 5, names=THREE, weight=0.1)
            )
            most = {name: max(most[name], one.evidence) for name, one in read(found).items()}
        reached += sum(value >= 10 for value in most.values())

    assert reached <= 6


# --- memory --------------------------------------------------------------------------------------


def test_no_more_replicas_are_remembered_than_there_is_room_for() -> None:
    names = [f"c{i:02}" for i in range(pods.MOST + 5)]
    found = ticked(opened(), dict.fromkeys(names, (2, 0)))

    assert pods.MOST == len(found.pods)
    found = judge.turn(found, verdict.Test(2, verdict.TestKind.RUN))
    found = ticked(found, {"fresh": (20, 0), "c00": (20, 0)})
    assert pods.MOST == len(found.pods)
    assert (True, True) == (read(found)["fresh"].current, read(found)["c00"].current)
    assert 1 == [pod.name for pod in found.pods].count("c00")


def test_a_restart_forgets_nothing() -> None:
    one = two = opened()
    for number in range(6):
        block = {"c0": (25, number), "c1": (25, 0), "c2": (25, 1)}
        one, two = ticked(one, block), ticked(two, block)
        two = msgspec.msgpack.decode(msgspec.msgpack.encode(two), type=Judge)

    assert one == two


# --- words ---------------------------------------------------------------------------------------


def carried(*blocks: dict[str, tuple[int, int]]) -> str:
    found = opened()
    for block in blocks:
        found = ticked(found, block)
    return judge.reading(found).carried


def test_one_replica_that_carries_the_evidence_is_named_with_its_numbers() -> None:
    bad, well = {"c0": (25, 0), "c1": (25, 20), "c2": (25, 0)}, dict.fromkeys(THREE, (25, 0))
    found = ticked(ticked(opened(), well), bad)
    reading = judge.reading(found)

    assert reading.alarm
    assert (
        "one of 3 replicas carries the evidence: c1, 20 of its 50 requests failed, "
        "of the 100 of the others none"
    ) == reading.carried
    assert reading.sentence.endswith(f"; {reading.carried}")


def test_a_few_errors_of_the_others_do_not_take_it_away() -> None:
    said = carried({"c0": (200, 1), "c1": (50, 30)})

    assert said.endswith("30 of its 50 requests failed, of the 200 of the other 1")


def test_replicas_that_are_equally_bad_agree() -> None:
    assert "all 3 replicas agree" == carried(dict.fromkeys(THREE, (40, 8)))
    assert "both replicas agree" == carried(dict.fromkeys(THREE[:2], (40, 8)))


def test_some_of_many_are_listed() -> None:
    block = {"c0": (100, 0), "c1": (100, 30), "c2": (100, 0), "c3": (100, 33), "c4": (100, 0)}

    assert "2 of 5 replicas show it: c1, c3" == carried(block)


@pytest.mark.parametrize(
    "block",
    [
        {"c0": (25, 20)},
        {"c0": (25, 0), "c1": (25, 0)},
        {"c0": (25, 20), "c1": (2, 0)},
        {"c0": (300, 300), "c1": (300, 20)},
    ],
    ids=["one replica", "no evidence", "the other was hardly asked", "both are bad, one more"],
)
def test_nothing_is_said_where_replicas_cannot_be_told_apart(
    block: dict[str, tuple[int, int]],
) -> None:
    assert "" == carried(block)


def test_each_kind_of_check_has_its_words() -> None:
    latency = LatencyCheck("latency", AgainstStable())
    said = [pods.told(check, 50, 41) for check in (ERRORS, NetworkCheck("n", AgainstStable()))]
    said += [pods.told(LOGS, 1, 0), pods.told(latency, 50, 41)]

    assert [
        "41 of its 50 requests failed",
        "41 of its 50 requests met a broken connection",
        "none of its 1 request wrote a line that matches",
        "41 of its 50 requests were slow",
    ] == said
