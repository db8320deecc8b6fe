import itertools
from collections.abc import Iterator, Mapping
from math import log
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.core.analysis import judge, memory, newlines
from serinus.core.analysis.judge import Past
from serinus.core.analysis.memory import Judge
from serinus.core.spec.delivery import Look, NewLinesCheck
from serinus.core.state import verdict
from serinus.core.state.counts import Arm, Tick
from serinus.core.state.sample import Sample
from serinus.core.state.verdict import Outcome
from tests.core.analysis import arrivals, numbers
from tests.core.analysis.arrivals import ERRORS
from tests.core.analysis.numbers import LIMITED, QUEUE

NEW = NewLinesCheck("new-errors", "ERROR")
PROBE = verdict.Test(number=2, kind=verdict.TestKind.PROBE, accused="queue")
CALM = itertools.repeat({"candidate": 100.0, "stable": 100.0})


def opened(
    random: Random,
    *looks: Look,
    past: Past | None = None,
    kind: verdict.TestKind = verdict.TestKind.RUN,
) -> Judge:
    known = Past(numbers.past(random)) if past is None else past
    return judge.open(
        arrivals.delivery(ERRORS, looks=looks or (QUEUE,)),
        arrivals.history(random, 24),
        plan_seconds=1800,
        test=verdict.Test(1, kind),
        past=known,
    )


def constant(value: float) -> Iterator[Mapping[str, float]]:
    return itertools.repeat({"candidate": value})


# --- gauges --------------------------------------------------------------------------------------


def test_a_number_that_is_worse_alarms_and_is_accused() -> None:
    random = Random(1)
    found = numbers.watched(opened(random), random, numbers.both(random, 4.0), 60)
    said = judge.reading(found)

    assert said.alarm
    assert "queue" == said.accused
    assert Outcome.FAIL is said.looks[0].outcome
    assert said.sentence.startswith("queue 10")
    assert said.sentence.endswith("; approximate)")
    assert found.charge.theta > 0.5
    assert Outcome.FAIL is not said.streams[0].outcome


def test_as_large_a_number_as_on_stable_does_not_alarm_and_passes() -> None:
    random = Random(2)
    for _ in range(4):
        found = numbers.watched(opened(random), random, numbers.both(random, -0.5), 60)
        said = judge.reading(found)

        assert not said.alarm
        assert not said.struck
        assert not said.unknown
        assert said.looks[0].evidence < 1.0


def test_the_weights_of_checks_and_looks_make_one() -> None:
    found = opened(Random(3))
    both = [*found.terms.log_weights, *found.terms.gauge_weights]

    assert [pytest.approx(log(2 / 3)), pytest.approx(log(1 / 3))] == both
    assert judge.reading(found).log_evidence == pytest.approx(0.0)


def probed(shift: float) -> verdict.Reading:
    random = Random(4)
    found = numbers.watched(opened(random), random, numbers.both(random, 4.0), 60)
    found = judge.turn(found, PROBE)
    samples = numbers.both(random, shift)
    for _ in range(70):
        found = numbers.watched(found, random, samples, 1)
        if judge.reading(found).probe is not Outcome.INCONCLUSIVE:
            break
    return judge.reading(found)


def test_a_fresh_replica_with_the_same_number_fails_the_probe() -> None:
    said = probed(4.0)

    assert Outcome.FAIL is said.probe
    assert Outcome.FAIL is said.looks[0].outcome
    assert said.log_evidence >= log(10)
    assert said.sentence.startswith("queue ")


def test_a_fresh_replica_that_is_well_passes_it() -> None:
    said = probed(0.0)

    assert Outcome.PASS is said.probe
    assert Outcome.PASS is said.looks[0].outcome


def test_a_probe_of_a_number_gets_enough_requests_for_one() -> None:
    random = Random(5)
    found = numbers.watched(opened(random), random, numbers.both(random, 4.0), 60)

    assert 30 <= judge.reading(found).probe_share <= 60


def test_in_a_takeover_a_number_is_shown_and_moves_nothing() -> None:
    random = Random(6)
    found = opened(random, kind=verdict.TestKind.TAKEOVER)
    found = numbers.watched(found, random, numbers.both(random, 8.0), 60, weight=0.5)
    said = judge.reading(found)

    assert not found.alarmed
    assert not said.regressed
    assert said.looks[0].evidence > 100.0
    assert Outcome.FAIL is said.looks[0].outcome


# --- what is no evidence -------------------------------------------------------------------------


def test_the_same_look_twice_counts_once() -> None:
    random = Random(7)
    found = judge.advance(opened(random), arrivals.tick(random, 1005.0))
    sample = Sample("queue", 1005.0, {"candidate": 130.0, "stable": 100.0})
    once = judge.look(found, [sample])

    assert once == judge.look(once, [sample])
    assert once == judge.look(once, [msgspec.structs.replace(sample, at=1001.0)])
    assert once == judge.look(once, [msgspec.structs.replace(sample, check="other")])


def test_a_dead_source_is_no_evidence_and_becomes_unknown() -> None:
    random = Random(8)
    found = opened(random)
    for i in range(1, 10):
        found = judge.advance(found, arrivals.tick(random, 1000.0 + 5 * i))
        sample = Sample("queue", 1000.0 + 5 * i, {"candidate": 900.0}, "nobody answers at metrics")
        found = judge.look(found, [sample])
    said = judge.reading(found)

    assert not said.alarm
    assert 1.0 == said.looks[0].evidence
    assert Outcome.ERROR is said.looks[0].outcome
    assert "queue: nobody answers at metrics" == said.unknown


def test_without_requests_of_the_candidate_a_number_says_nothing() -> None:
    random = Random(9)
    found = opened(random, QUEUE, LIMITED)
    found = numbers.watched(found, random, numbers.both(random, 50.0), 20, weight=0.0)
    found = numbers.watched(found, random, constant(99.0), 20, weight=0.0, check="depth")
    said = judge.reading(found)

    assert [Outcome.NO_DATA, Outcome.NO_DATA] == [one.outcome for one in said.looks]
    assert ("", "", 0) == (said.struck, said.unknown, said.looks[1].strikes)
    assert "no requests reached the candidate" in said.looks[0].sentence


def test_young_replicas_say_nothing() -> None:
    random = Random(10)
    found = opened(random)
    found = numbers.watched(found, random, numbers.both(random, 50.0), 20, masked=("c0",))

    assert 1.0 == judge.reading(found).looks[0].evidence


def test_a_look_that_began_under_another_test_does_not_count_for_this_one() -> None:
    random = Random(11)
    found = numbers.watched(opened(random, LIMITED), random, constant(99.0), 2, check="depth")
    found = judge.turn(found, verdict.Test(2, verdict.TestKind.RUN))
    early = judge.look(found, [Sample("depth", found.at + 3, {"candidate": 99.0})])
    late = judge.look(early, [Sample("depth", found.at + 8, {"candidate": 99.0})])

    assert [0, 1] == [judge.reading(one).looks[0].strikes for one in (early, late)]


# --- thresholds and lines ------------------------------------------------------------------------


def test_all_strikes_in_a_row_are_told() -> None:
    random = Random(12)
    two = numbers.watched(opened(random, LIMITED), random, constant(99.0), 2, check="depth")
    three = numbers.watched(two, random, constant(99.0), 1, check="depth")

    assert "" == judge.reading(two).struck
    assert "depth 99, allowed at most 10 (3 looks in a row)" == judge.reading(three).struck
    assert Outcome.FAIL is judge.reading(three).looks[0].outcome


def spoken(random: Random, at: float, new: Mapping[str, int], old: Mapping[str, int]) -> Tick:
    tick = arrivals.tick(random, at)
    kinds: dict[str, Mapping[str, int]] = {"candidate": new, "stable": old}
    arms: dict[str, Arm] = {
        name: msgspec.structs.replace(arm, kinds={"new-errors": kinds[name]})
        for name, arm in tick.arms.items()
    }
    return msgspec.structs.replace(tick, arms=arms)


def test_a_new_kind_of_line_halts_and_one_that_stable_knows_does_not() -> None:
    random = Random(13)
    found = opened(random, NEW, past=Past(kinds={"new-errors": ("slow <n> ms",)}))
    for i in range(1, 4):
        lines = {"no such column <s>": 1, "slow <n> ms": 2}
        found = judge.advance(found, spoken(random, 1000.0 + 5 * i, lines, {}))
    said = judge.reading(found)

    assert said.halted.startswith("new-errors: new on the candidate and never on stable: ")
    assert '"no such column <s>" 3 times (evidence over 1,000:1; approximate)' in said.halted
    assert "slow" not in said.halted
    assert (Outcome.FAIL, 3.0) == (said.looks[0].outcome, said.looks[0].value)
    assert not said.alarm


def test_the_kinds_of_stable_s_past_are_known() -> None:
    random = Random(14)
    past = [spoken(random, 100.0 + i, {}, {"boom": 1}) for i in range(3)]
    found = judge.open(
        arrivals.delivery(ERRORS, looks=(NEW,)), past, plan_seconds=60, test=arrivals.RUN
    )
    found = judge.advance(found, spoken(random, 1005.0, {"boom": 9}, {}))

    assert "" == judge.reading(found).halted
    assert found.looks[0].lines is not None
    assert newlines.judged(found.looks[0].lines)


# --- memory --------------------------------------------------------------------------------------

SAMPLES = st.lists(
    st.tuples(
        st.sampled_from(["queue", "depth"]),
        st.sampled_from([{}, {"stable": 99.0}, {"candidate": 120.0, "stable": 100.0}]),
        st.sampled_from(["", "refused"]),
    ),
    max_size=3,
)


@settings(max_examples=15)
@given(st.lists(SAMPLES, min_size=1, max_size=12), st.integers(0, 12))
def test_a_restart_at_every_look_changes_no_bit(
    samples: list[list[tuple[str, dict[str, float], str]]], turn: int
) -> None:
    random = Random(15)
    once = again = opened(random, QUEUE, LIMITED, NEW)
    for i, found in enumerate(samples):
        if i == turn:
            once, again = judge.turn(once, PROBE), judge.turn(again, PROBE)
        tick = spoken(random, 1005.0 + 5 * i, {"boom": 1}, {"old": 1})
        taken = [Sample(check, tick.at, values, why) for check, values, why in found]
        once = judge.look(judge.advance(once, tick), taken)
        again = msgspec.json.decode(msgspec.json.encode(again), type=Judge)
        again = judge.look(judge.advance(again, tick), taken)

        assert judge.reading(once) == judge.reading(again)
    assert msgspec.json.encode(once.looks) == msgspec.json.encode(again.looks)


def test_a_memory_from_before_there_were_looks_can_be_read() -> None:
    random = Random(16)
    found, _ = arrivals.until_alarm(arrivals.opened(arrivals.history(random)), random, 5)
    body = msgspec.json.decode(msgspec.json.encode(found))
    for name in ("looks", "served", "since"):
        del body[name]
    for name in ("looks", "gauge_weights"):
        del body["terms"][name]
    for one in body["streams"]:
        del one["logs"]
        one["strands"] = [found[:-1] for found in one["strands"]]

    assert msgspec.structs.replace(found, since=0.0) == msgspec.convert(body, Judge)


def test_a_delivery_of_looks_alone_is_judged_by_them() -> None:
    random = Random(17)
    delivery = msgspec.structs.replace(arrivals.delivery(), checks=(), looks=(QUEUE,))
    past = Past(numbers.past(random))
    found = judge.open(delivery, (), plan_seconds=1800, test=arrivals.RUN, past=past)
    found = numbers.watched(found, random, numbers.both(random, 4.0), 60)
    alarmed = judge.reading(found)
    probing = judge.turn(found, msgspec.structs.replace(PROBE, accused=""))
    probing = numbers.watched(probing, random, numbers.both(random, 4.0), 3)

    assert alarmed.alarm
    assert not alarmed.verified
    assert alarmed.sentence.startswith("queue ")
    assert "queue" == judge.reading(probing).accused


def test_lines_alone_can_be_probed_for_without_anything_to_probe() -> None:
    random = Random(18)
    delivery = msgspec.structs.replace(arrivals.delivery(), checks=(), looks=(NEW,))
    found = judge.open(delivery, (), plan_seconds=60, test=arrivals.RUN)
    found = judge.turn(found, msgspec.structs.replace(PROBE, accused=""))
    found = judge.advance(found, arrivals.tick(random, 1005.0))

    assert Outcome.INCONCLUSIVE is judge.reading(found).probe
    assert memory.gauge(found, "new-errors") is None
