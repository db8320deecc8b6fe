from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from serinus.app import usage
from serinus.app.usage import Meter, Taken
from serinus.core.spec.delivery import AgainstStable, Compared, ErrorsCheck, QueryCheck, UsageCheck
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.workload import Replica, ReplicaState, Usage
from tests import builders
from tests.builders import NEW, OLD

ARMS = {STABLE: OLD, CANDIDATE: NEW}
OLD_0, OLD_1, NEW_3 = f"{OLD[:10]}-0", f"{OLD[:10]}-1", f"{NEW[:10]}-3"
MEMORY = UsageCheck("memory", Compared(), "memory")
CPU = UsageCheck("cpu", Compared(), "cpu")


def tick(at: float, requests: Mapping[str, int], masked: tuple[str, ...] = ()) -> Tick:
    arms = {
        arm: Arm({name: (n, 0) for name, n in requests.items() if name.startswith(revision[:10])})
        for arm, revision in ARMS.items()
    }
    return Tick(at, 5.0, arms, masked=masked)


def replica(name: str, at: float, memory: int, cpu_s: float = 0.0, **given: Any) -> Replica:
    short, _, ordinal = name.partition("-")
    revision = OLD if OLD.startswith(short) else NEW
    took = Usage(at, memory, cpu_s)
    return builders.replica(revision, int(ordinal), **{"usage": took, **given})


def read(meter: Meter, one: Tick, replicas: Sequence[Replica]) -> tuple[Meter, Taken | None]:
    return usage.read(meter, one, ARMS, replicas, 5.0)


def taken(found: tuple[Meter, Taken | None]) -> Taken:
    assert found[1] is not None
    return found[1]


def test_memory_is_the_mean_over_the_replicas_that_answered() -> None:
    replicas = [
        replica(OLD_0, 5.0, 100),
        replica(OLD_1, 5.0, 300),
        replica(f"{OLD[:10]}-2", 5.0, 9000),
        replica(NEW_3, 5.0, 150),
    ]
    found = taken(read(Meter(), tick(5.0, {OLD_0: 9, OLD_1: 1, NEW_3: 1}), replicas))

    assert {STABLE: 200.0, CANDIDATE: 150.0} == found.memory


@pytest.mark.parametrize(
    "given", [{"state": ReplicaState.UNREADY}, {"usage": None}, {"usage": Usage(0.0, 7, 0.0)}]
)
def test_who_is_not_ready_or_not_seen_says_nothing(given: dict[str, Any]) -> None:
    replicas = [replica(OLD_0, 5.0, 100, **given), replica(NEW_3, 5.0, 150)]
    found = taken(read(Meter(), tick(5.0, {OLD_0: 9, NEW_3: 1}), replicas))

    assert {CANDIDATE: 150.0} == found.memory


def test_who_is_young_says_nothing() -> None:
    replicas = [replica(OLD_0, 5.0, 100), replica(NEW_3, 5.0, 150)]
    found = taken(read(Meter(), tick(5.0, {OLD_0: 9, NEW_3: 1}, masked=(NEW_3,)), replicas))

    assert {STABLE: 100.0} == found.memory


def test_a_usage_that_is_not_newer_is_not_seen() -> None:
    replicas = [replica(OLD_0, 5.0, 100)]
    meter, _ = read(Meter(), tick(5.0, {OLD_0: 9}), replicas)
    meter, first = read(meter, tick(10.0, {OLD_0: 9}), replicas)
    again = [replica(OLD_0, 15.0, 120)]

    assert first is not None
    assert {} == first.memory
    assert {STABLE: 120.0} == taken(read(meter, tick(15.0, {OLD_0: 9}), again)).memory


def test_ticks_are_gathered_into_blocks() -> None:
    meter, one = Meter(at=5.0), [replica(OLD_0, 6.0, 100)]
    ends = []
    for second in range(6, 17):
        meter, found = read(meter, tick(float(second), {OLD_0: 1}), one)
        ends.append(0.0 if found is None else found.at)

    assert [10.0, 15.0] == [at for at in ends if at]


def spent(cpu: Mapping[str, float], requests: Mapping[str, int]) -> Mapping[str, float] | None:
    """What a block says that follows one in which nobody had spent anything."""
    before = [replica(name, 5.0, 1) for name in cpu]
    meter, _ = read(Meter(), tick(5.0, {}), before)
    after = [replica(name, 10.0, 1, seconds) for name, seconds in cpu.items()]
    return taken(read(meter, tick(10.0, requests), after)).cpu


def test_cpu_is_seconds_for_each_request_of_an_arm() -> None:
    found = spent({OLD_0: 1.0, OLD_1: 3.0, NEW_3: 2.0}, {OLD_0: 60, OLD_1: 40, NEW_3: 25})

    assert {STABLE: 0.04, CANDIDATE: 0.08} == found


def test_cpu_waits_for_enough_requests_and_not_for_ever() -> None:
    assert spent({OLD_0: 1.0, NEW_3: 2.0}, {OLD_0: 60, NEW_3: 19}) is None

    meter, _ = read(Meter(), tick(5.0, {}), [replica(OLD_0, 5.0, 1), replica(NEW_3, 5.0, 1)])
    figures = []
    for i in range(1, 13):
        at = 5.0 + 5 * i
        both = [replica(OLD_0, at, 1, 0.5 * i), replica(NEW_3, at, 1, 0.5 * i)]
        meter, found = read(meter, tick(at, {OLD_0: 50, NEW_3: 1}), both)
        figures.append(found.cpu if found else None)

    assert [None] * 11 == figures[:11]
    assert {STABLE: pytest.approx(0.01)} == dict(figures[11] or {})


def test_two_slow_blocks_make_one_figure_of_cpu() -> None:
    meter, _ = read(Meter(), tick(5.0, {}), [replica(NEW_3, 5.0, 1), replica(OLD_0, 5.0, 1)])
    meter, first = read(
        meter,
        tick(10.0, {OLD_0: 50, NEW_3: 12}),
        [replica(NEW_3, 10.0, 1, 1.2), replica(OLD_0, 10.0, 1, 1.0)],
    )
    found = read(
        meter,
        tick(15.0, {OLD_0: 50, NEW_3: 12}),
        [replica(NEW_3, 15.0, 1, 2.4), replica(OLD_0, 15.0, 1, 2.0)],
    )

    assert first is not None
    assert first.cpu is None
    assert {STABLE: 0.02, CANDIDATE: pytest.approx(0.1)} == dict(taken(found).cpu or {})


def test_no_figure_is_about_two_tests() -> None:
    meter, _ = read(Meter(), tick(5.0, {}), [replica(OLD_0, 5.0, 1)])
    meter, _ = read(meter, tick(6.0, {OLD_0: 50}), [replica(OLD_0, 6.0, 1, 9.0)])
    found = read(usage.again(meter), tick(10.0, {OLD_0: 1}), [replica(OLD_0, 10.0, 1, 9.5)])

    assert taken(found).cpu is None
    assert {f"{OLD[:10]}-0": 9.5} == found[0].base


def test_a_replica_that_was_restarted_has_no_figure_of_cpu() -> None:
    assert {CANDIDATE: 0.08} != spent({NEW_3: -2.0}, {NEW_3: 25})


def together(cpu: Mapping[str, float], **given: Any) -> Mapping[str, float] | None:
    """Return the figure of CPU where the requests of all replicas are counted together."""
    everybody = {f"{OLD[:10]}-all": 100, f"{NEW[:10]}-all": 100}
    first = [replica(name, 5.0, 1, 1.0) for name in cpu]
    meter, _ = read(Meter(), tick(5.0, everybody), first)
    second = [replica(name, 10.0, 1, 1.0 + more, **given) for name, more in cpu.items()]
    return taken(read(meter, tick(10.0, everybody), second)).cpu


def test_requests_that_are_counted_together_are_shared_by_all_replicas() -> None:
    found = together({OLD_0: 0.5, OLD_1: 1.5, NEW_3: 4.0})

    assert {STABLE: 0.02, CANDIDATE: 0.04} == found


def test_memory_counts_every_replica_where_requests_are_counted_together() -> None:
    everybody = {f"{OLD[:10]}-all": 100}
    replicas = [replica(OLD_0, 5.0, 100), replica(OLD_1, 5.0, 300), replica(NEW_3, 5.0, 900)]

    assert {STABLE: 200.0} == taken(read(Meter(), tick(5.0, everybody), replicas)).memory


def test_requests_that_are_counted_together_need_all_who_may_have_answered_them() -> None:
    assert together({OLD_0: 0.5, NEW_3: -0.5}) is None
    assert together({OLD_0: 0.5, NEW_3: 1.0}, state=ReplicaState.UNREADY) is None


def test_samples_are_made_for_each_check_and_only_when_there_is_a_figure() -> None:
    looks = (MEMORY, CPU, QueryCheck("queue", Compared(), "queue"))
    delivery = builders.delivery(looks=looks)
    memory = {STABLE: 100.0}

    assert ["memory"] == [s.check for s in usage.samples(delivery, Taken(5.0, memory))]
    both = usage.samples(delivery, Taken(5.0, memory, {STABLE: 0.1}))
    assert [("memory", memory), ("cpu", {STABLE: 0.1})] == [(s.check, s.values) for s in both]


def test_only_a_delivery_that_looks_at_it_wants_it() -> None:
    assert usage.wanted(builders.delivery(looks=(MEMORY,)))
    assert not usage.wanted(builders.delivery(checks=(ErrorsCheck("e", AgainstStable()),)))
    assert not usage.wanted(None)


def test_stable_s_past_is_kept_bounded_and_begins_anew_with_another_version() -> None:
    meter, delivery = Meter(), builders.delivery(looks=(MEMORY, CPU))
    for i in range(usage.PAST + 9):
        meter = usage.remember(meter, Taken(float(i), {STABLE: 100.0 + i}), OLD)
    other = usage.remember(meter, Taken(9999.0, {STABLE: 5.0}, {STABLE: 0.5}), NEW)

    assert usage.PAST == len(meter.past)
    assert ["memory", "cpu"] == [one.check for one in usage.recalled(other, delivery, NEW)]
    assert [] == list(usage.recalled(other, delivery, OLD))
    assert usage.remember(meter, Taken(1.0, {}), OLD) == meter
    assert other == msgspec.msgpack.decode(msgspec.msgpack.encode(other), type=Meter)
