from math import log

import msgspec
import numpy as np
import pytest

from serinus.core.analysis import judge
from serinus.core.spec.delivery import Delivery, Strategy
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.verdict import Test as Trial  # pytest takes what begins with Test
from serinus.core.state.verdict import TestKind as Kinds
from serinus.lab import engine, play, scenario
from tests.lab import small


def test_without_guards_the_evidence_is_that_of_the_judge() -> None:
    one = small.scenario(scenario.Kind.REGRESSION, 0.01)
    past, found = play.planned(one, np.random.default_rng(3))
    ours = engine.Engine(one, past)
    delivery = Delivery(strategy=Strategy.CANARY, steps=(), checks=engine.checks(one))
    theirs = judge.open(
        delivery, past, plan_seconds=one.plan_s, test=Trial(number=1, kind=Kinds.RUN)
    )

    for _, tick, _ in found:
        ours.tick(tick)
        theirs = judge.advance(theirs, tick)

        assert theirs.streams[0].strands[0].unguarded == pytest.approx(ours.unguarded)


def test_no_block_adds_more_than_half_of_what_is_needed_to_the_guarded_evidence() -> None:
    ours = engine.Engine(small.scenario(), small.history())
    before = 0.0

    for place in range(1, 8):
        arms = {STABLE: Arm({"s0": (450, 0)}), CANDIDATE: Arm({"c0": (50, 50)})}
        ours.tick(Tick(at=small.BEGIN + 5.0 * place, seconds=5.0, arms=arms))

        assert ours.guarded <= before + engine.CAP + 1e-9

        before = ours.guarded
    assert ours.unguarded > ours.guarded >= log(engine.LEVEL)


def test_an_outage_takes_the_guarded_rule_three_blocks() -> None:
    rules = [make(small.scenario(), small.history()) for make in engine.RULES.values()]
    arms = {STABLE: Arm({"s0": (450, 0)}), CANDIDATE: Arm({"c0": (50, 50)})}
    stopped = {}

    for rule in rules:
        for place in range(1, 8):
            tick = Tick(at=small.BEGIN + 5.0 * place, seconds=5.0, arms=arms)
            if rule.tick(tick, 0.1, None):
                stopped[rule.name] = place
                break

    assert stopped == {"E": 1, "v1": 3}


def test_ticks_of_a_second_are_counted_in_blocks_of_five() -> None:
    arms = {STABLE: Arm({"s0": (90, 0)}), CANDIDATE: Arm({"c0": (10, 10)})}
    ticks = [Tick(at=small.BEGIN + place, seconds=1.0, arms=arms) for place in range(1, 11)]
    ours = engine.Engine(small.scenario(tick_s=1.0), small.history())

    found = []
    for tick in ticks:
        ours.tick(tick)
        found.append(ours.guarded > 0)

    assert [False] * 4 + [True] * 6 == found


def test_latency_and_errors_are_weighed_together() -> None:
    both = small.scenario(checks={"errors": (1.25, 0.0002), "latency": (1.05, 0.0005)})
    bounds = (100, 500)
    past = [
        msgspec.structs.replace(
            tick, bounds_ms=bounds, arms={STABLE: Arm({"s0": (500, 0)}, 500, (250, 5))}
        )
        for tick in small.history()
    ]
    ours = engine.Engine(both, past)
    slow = {
        STABLE: Arm({"s0": (450, 0)}, 450, (225, 5)),
        CANDIDATE: Arm({"c0": (50, 0)}, 50, (50, 50)),
    }

    for place in range(1, 10):
        tick = Tick(at=small.BEGIN + 5.0 * place, seconds=5.0, arms=slow, bounds_ms=bounds)
        ours.tick(tick)

    assert ours.guarded > log(engine.LEVEL)


def test_checks_of_lines_are_weighed_together_and_gauges_are_not_counted() -> None:
    many = small.scenario(
        lines=("refused",), gauges=("memory",), checks={"refused": (1.25, 0.0002), "memory": (1, 0)}
    )
    ours = engine.Engine(many, small.history())
    lines = {STABLE: {"s0": {"refused": 0}}, CANDIDATE: {"c0": {"refused": 25}}}

    for place in range(1, 8):
        arms = {
            STABLE: Arm({"s0": (450, 0)}, lines=lines[STABLE]),
            CANDIDATE: Arm({"c0": (50, 0)}, lines=lines[CANDIDATE]),
        }
        ours.tick(Tick(at=small.BEGIN + 5.0 * place, seconds=5.0, arms=arms))

    assert ["refused"] == [check.name for check in engine.checks(many)]
    assert ours.guarded >= log(engine.LEVEL)


def test_where_nothing_is_counted_there_is_no_evidence() -> None:
    none = small.scenario(gauges=("memory",), checks={"memory": (1, 0)})
    ours = engine.Engine(none, small.history())

    ours.tick(small.history()[-1])

    assert (0.0, 0.0) == (ours.guarded, ours.unguarded)
