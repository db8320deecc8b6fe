from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.lab import oracles, scenario
from serinus.lab.play import Truth
from serinus.lab.rules import Make
from tests.lab import small

SHARES = st.floats(0.0001, 0.5)


def tick(n_c: int, x_c: int, n_p: int = 900, x_p: int = 1) -> Tick:
    arms = {STABLE: Arm({"s0": (n_p, x_p)}), CANDIDATE: Arm({"c0": (n_c, x_c)})}
    return Tick(at=small.BEGIN, seconds=5.0, arms=arms)


def test_the_oracle_needs_as_many_errors_as_wald_says() -> None:
    # At 2 % against 0.145 %, an error is worth log(0.02 / 0.00145) and a request costs the rest.
    rule = oracles.Known(small.scenario(scenario.Kind.REGRESSION))
    worth = log(0.02 / 0.00145)
    needed = int(log(100) / worth) + 1

    told = [rule.tick(tick(1, 1), 0.1, Truth(0.001, 0.02)) for _ in range(needed)]

    assert [False] * (needed - 1) + [True] == told


@pytest.mark.parametrize("make", oracles.RULES.values())
def test_an_oracle_is_blind_while_the_candidate_is_not_worse_than_allowed(
    make: Make,
) -> None:
    rule = make(small.scenario(), ())

    told = [rule.tick(tick(100, 100), 0.1, Truth(0.001, 0.00145)) for _ in range(20)]

    assert not any(told)


@pytest.mark.parametrize("make", oracles.RULES.values())
def test_an_oracle_never_stops_where_nobody_tells_what_is_true(make: Make) -> None:
    rule = make(small.scenario(), ())

    assert not any(rule.tick(tick(100, 100), 0.1, None) for _ in range(20))


@pytest.mark.parametrize("make", oracles.RULES.values())
def test_an_oracle_says_nothing_about_a_scenario_that_is_about_latency(make: Make) -> None:
    rule = make(small.scenario(checks={"latency": (1.05, 0.0005)}), ())

    assert not any(rule.tick(tick(100, 100), 0.1, Truth(0.001, 0.5)) for _ in range(20))


@given(SHARES, SHARES)
def test_worse_is_what_lies_beyond_the_line(stable: float, candidate: float) -> None:
    beyond = candidate > 1.25 * stable + 0.0002 + 1e-12

    assert beyond == oracles.worse((1.25, 0.0002), Truth(stable, candidate))


def test_the_oracle_of_two_samples_is_never_quicker_than_the_one_that_knows_stable() -> None:
    one, two = (make(small.scenario(), ()) for make in oracles.RULES.values())
    truth = Truth(0.001, 0.01)

    # The counts are what they are expected to be.
    stopped = [
        next(n for n in range(1, 200) if rule.tick(tick(1000, 10, 1000, 1), 0.5, truth))
        for rule in (one, two)
    ]

    assert stopped[0] <= stopped[1]
