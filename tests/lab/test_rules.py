from collections.abc import Mapping

import pytest

from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.lab import engine, oracles, scenario
from serinus.lab.play import Truth
from serinus.lab.rules import Make
from tests.lab import small

MAKES: Mapping[str, Make] = {**oracles.RULES, **engine.RULES}


@pytest.mark.parametrize("name", sorted(MAKES))
def test_a_rule_bears_the_name_under_which_it_is_found(name: str) -> None:
    assert name == MAKES[name](small.scenario(), ()).name


@pytest.mark.parametrize("name", sorted(MAKES))
def test_a_total_outage_is_rolled_back_by_every_rule_and_a_clean_release_by_none(name: str) -> None:
    found = {}
    for errors in (0, 50):
        rule = MAKES[name](small.scenario(scenario.Kind.REGRESSION), small.history())
        truth = Truth(0.001, errors / 50 or 0.001)
        ticks = [
            Tick(
                at=small.BEGIN + 5.0 * place,
                seconds=5.0,
                arms={STABLE: Arm({"s0": (950, 1)}), CANDIDATE: Arm({"c0": (50, errors)})},
            )
            for place in range(1, 61)
        ]
        found[errors] = any(rule.tick(tick, 0.05, truth) for tick in ticks)

    assert found == {0: False, 50: True}
