import dataclasses
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from serinus.core.errors import SpecError
from serinus.core.state.counts import CANDIDATE, STABLE, Tick
from serinus.core.state.sample import Sample
from serinus.lab import play
from serinus.lab.play import End, State
from serinus.lab.scenario import Kind, Scenario, Wish
from tests.lab import small

if TYPE_CHECKING:
    from numpy.random import Generator as Random

TENTH = Wish(0.1, ("c0",))


class Script:
    """A policy that wants one thing after the other, whatever it sees."""

    def __init__(self, *states: State) -> None:
        self.states, self.retreats = list(states), 0
        self.past: list[Tick] = []
        self.seen: list[Tick] = []
        self.idled: list[float] = []

    def history(self, tick: Tick) -> None:
        self.past.append(tick)

    def begin(self, at: float) -> State:
        self.begun = at
        return self.states.pop(0)

    def tick(self, tick: Tick) -> State:
        self.seen.append(tick)
        return self.states.pop(0)

    def idle(self, at: float) -> State:
        self.idled.append(at)
        return self.states.pop(0)


class Looking(Script):
    """The same, with an eye for samples."""

    def __init__(self, *states: State) -> None:
        super().__init__(*states)
        self.looks: list[Sample] = []

    def look(self, samples: tuple[Sample, ...]) -> None:
        self.looks += samples


def script(*parts: tuple[Wish, int], end: End = End.PROMOTED) -> Script:
    states = [State(wish) for wish, ticks in parts for _ in range(ticks)]
    return Script(*states, State(states[-1].wish, end))


def played(scenario: Scenario, policy: play.Policy) -> play.Played:
    return play.play(scenario, policy, np.random.default_rng(1))


def turns(stable: float, *candidate: float) -> Scenario:
    """Return a regression whose candidate truly has these shares, tick by tick, and then ends."""

    def run(_: "Random") -> Generator[Mapping[str, Any] | None, Wish, None]:
        wish = yield {}
        for share in candidate:
            pods = {"c0": (100, round(100 * share))} if wish.weight else {}
            truth = {"stable": stable, "candidate": share}
            wish = yield {"stable": {"s0": (900, 0)}, "candidate": pods, "truth": truth}

    return small.scenario(Kind.REGRESSION, run=run, heals=True)


# --- by the plan ---------------------------------------------------------------------------------


def test_the_plan_is_played_after_the_history() -> None:
    past, found = play.planned(small.scenario(history_s=100), np.random.default_rng(1))

    assert (20, 24) == (len(past), len(found))
    assert [0.1] * 12 + [0.5] * 12 == [weight for weight, _, _ in found]
    assert play.BEGIN + 100 == past[-1].at == found[0].tick.at - 5
    assert not any(CANDIDATE in tick.arms for tick in past)


def test_the_plan_has_as_many_pods_as_its_weight_is_worth() -> None:
    _, found = play.planned(small.scenario(stable_pods=10), np.random.default_rng(1))

    pods = [len(tick.arms[CANDIDATE].replicas) for _, tick, _ in found]
    assert [1] * 12 + [5] * 12 == pods


def test_a_scrape_that_is_missing_is_left_out() -> None:
    def run(_: "Random") -> Generator[Mapping[str, Any] | None, Wish, None]:
        yield {}
        for place in range(100):
            yield {"stable": {"s0": (place, 0)}} if place % 3 else None

    _, found = play.planned(small.scenario(run=run), np.random.default_rng(1))

    assert [place for place in range(24) if place % 3] == [
        tick.arms[STABLE].requests for _, tick, _ in found
    ]
    assert [5.0, 10.0, 5.0] == np.diff([tick.at for _, tick, _ in found])[:3].tolist()


def test_a_scenario_that_begins_with_a_tick_loses_no_tick() -> None:
    def run(_: "Random") -> Generator[Mapping[str, Any] | None, Wish, None]:
        yield {"stable": {"s0": (1, 0)}}
        yield {"stable": {"s0": (2, 0)}}

    past, found = play.planned(small.scenario(run=run, history_s=10), np.random.default_rng(1))

    assert [1, 2] == [tick.arms[STABLE].requests for tick in past]
    assert [] == found


def test_a_run_that_yields_nothing_is_told() -> None:
    with pytest.raises(SpecError, match=r"run: it returned int; wanted a generator"):
        play.planned(small.scenario(run=lambda _: 3), np.random.default_rng(1))


# --- by a policy ---------------------------------------------------------------------------------


def test_a_policy_gets_the_history_and_then_what_it_wanted() -> None:
    policy = script((Wish(), 2), (TENTH, 3))

    found = played(small.scenario(history_s=50), policy)

    assert (10, play.BEGIN + 50) == (len(policy.past), policy.begun)
    assert [0, 0, 1, 1, 1] == [len(t.arms) - 1 for t in policy.seen]
    assert (End.PROMOTED, 15.0, None) == (found.end, found.final_s, found.off_s)
    its = [tick.arms[CANDIDATE].requests for tick in policy.seen if CANDIDATE in tick.arms]
    assert sum(its) == found.requests


def test_a_policy_is_asked_when_a_scrape_is_missing_too() -> None:
    def run(_: "Random") -> Generator[Mapping[str, Any] | None, Wish, None]:
        yield {}
        for place in range(100):
            yield {"stable": {"s0": (900, 0)}} if place != 2 else None

    policy = script((TENTH, 5))
    played(small.scenario(run=run), policy)

    assert [play.BEGIN + 15] == policy.idled
    assert [5, 10, 20, 25] == [tick.at - play.BEGIN for tick in policy.seen][:4]


def test_it_is_told_when_the_candidate_lost_its_traffic_first() -> None:
    policy = script((TENTH, 4), (Wish(), 2), (TENTH, 2), (Wish(), 1), end=End.ROLLED_BACK)

    found = played(small.scenario(), policy)

    assert (20.0, 45.0) == (found.off_s, found.final_s)


def test_the_delay_is_what_is_beyond_the_plan() -> None:
    found = played(small.scenario(), script((TENTH, 30)))

    assert 30 * 5 - 120 == found.delay_s


def test_a_regression_is_missed_where_it_is_promoted_while_worse() -> None:
    found = played(turns(0.001, *[0.5] * 9), script((TENTH, 6)))

    assert (True, False, 300) == (found.missed, found.healed, found.bad)


def test_a_regression_may_heal_and_what_came_after_is_no_harm() -> None:
    found = played(turns(0.02, 0.5, 0.5, 0.02, 0.02, 0.02), script((TENTH, 4)))

    assert (False, True, 100) == (found.missed, found.healed, found.bad)


def test_a_regression_that_comes_back_is_missed_where_it_was_well_at_the_end() -> None:
    comes_back = dataclasses.replace(turns(0.02, 0.5, 0.5, 0.02, 0.02, 0.02), heals=False)

    found = played(comes_back, script((TENTH, 4)))

    assert (True, False) == (found.missed, found.healed)


def test_what_is_worse_while_nobody_is_served_does_not_count() -> None:
    found = played(turns(0.02, 0.02, 0.02, 0.5, 0.5), script((TENTH, 2), (Wish(), 1)))

    assert (False, True, 0) == (found.missed, found.healed, found.bad)


def test_a_release_that_does_not_end_is_open() -> None:
    policy = Script(*[State(TENTH)] * 2000)

    found = played(small.scenario(), policy)

    assert End.OPEN == found.end
    assert pytest.approx(play.LONGEST * 120 + 3600, abs=5) == found.final_s


def test_a_release_ends_with_its_scenario() -> None:
    found = played(turns(0.001, 0.5, 0.5), Script(*[State(TENTH)] * 9))

    assert (End.OPEN, 2) == (found.end, found.requests // 100)


# --- samples -------------------------------------------------------------------------------------


def sampled(_: "Random") -> Generator[Mapping[str, Any] | None, Wish, None]:
    wish = yield {}
    for place in range(100):
        values = {"stable": 100.0, **({"candidate": 1.0 * place} if wish.weight else {})}
        wish = yield {"stable": {"s0": (900, 0)}, "samples": {"memory": values}}


def test_a_policy_that_looks_is_told_samples() -> None:
    scenario = small.scenario(run=sampled, gauges=("memory",), history_s=5)
    policy = Looking(State(TENTH), State(TENTH), State(TENTH, End.HELD))

    played(scenario, policy)

    at = play.BEGIN
    assert [
        Sample("memory", at + 5, {STABLE: 100.0}),
        Sample("memory", at + 10, {STABLE: 100.0, CANDIDATE: 1.0}),
        Sample("memory", at + 15, {STABLE: 100.0, CANDIDATE: 2.0}),
    ] == policy.looks


def test_a_policy_that_does_not_look_goes_on_without_them() -> None:
    scenario = small.scenario(run=sampled, gauges=("memory",))

    assert End.PROMOTED == played(scenario, script((TENTH, 2))).end
