from collections.abc import Generator, Mapping
from typing import Any

import pytest

from serinus.core.state.counts import Tick
from serinus.lab import contenders, contest, play, scenario
from serinus.lab.play import End, Played, State
from serinus.lab.scenario import Scenario, Wish
from tests.lab import small

BAD = small.scenario(scenario.Kind.REGRESSION, 0.2)


class Timid:
    """A policy that takes traffic away at the first error, and for good."""

    def __init__(self, one: Scenario) -> None:
        self.retreats = 0
        self._weights = play.weights(one)

    def history(self, tick: Tick) -> None:
        """Not be told."""

    def begin(self, at: float) -> State:  # noqa: ARG002  the protocol gives it
        return State(Wish(next(self._weights), ("c0",)))

    def tick(self, tick: Tick) -> State:
        if "candidate" in tick.arms and tick.arms["candidate"].errors:
            return State(Wish(), End.ROLLED_BACK)
        weight = next(self._weights, None)
        return State(Wish(), End.PROMOTED) if weight is None else State(Wish(weight, ("c0",)))


def constant(
    pattern: list[tuple[int, float]], base: float = 0.0
) -> Generator[Mapping[str, Any] | None, Wish, None]:
    """Yield ticks of 100 requests of the candidate: (errors, what is true), the last for ever."""
    yield {}
    for place in range(10_000):
        errors, true = pattern[min(place, len(pattern) - 1)]
        yield {
            "stable": {"s0": (1000, 0)},
            "candidate": {"c0": (100, errors)},
            "truth": {"stable": base, "candidate": true},
        }


def told(
    pattern: list[tuple[int, float]], rule: str, kind: str = "regression", *, heals: bool = False
) -> Played:
    one = small.scenario(
        scenario.Kind(kind), run=lambda _: constant(pattern), history_s=0.0, heals=heals
    )
    return contest.run(one, (rule,), 1, 0).played[rule]


def test_a_rule_is_charged_for_the_errors_until_it_stops() -> None:
    found = told([(50, 0.5)], "v1")

    assert (End.ROLLED_BACK, 20.0, 20.0, 200, 400) == (
        found.end,
        found.off_s,
        found.final_s,
        found.bad,
        found.requests,
    )


def test_errors_after_the_last_tick_in_which_it_was_worse_are_not_charged() -> None:
    ticks = [(3, 0.5), (1, 0.0), (0, 0.0)]
    found, comes_back = told(ticks, "v1", heals=True), told(ticks, "v1")

    assert (End.PROMOTED, 3, True, False) == (found.end, found.bad, found.healed, found.missed)
    assert (3, False, True) == (comes_back.bad, comes_back.healed, comes_back.missed)


def test_what_is_promoted_while_it_is_worse_is_missed() -> None:
    found = told([(0, 0.01)], "v1")

    assert (True, False, None, 120.0) == (found.missed, found.healed, found.off_s, found.final_s)


def test_what_is_true_of_errors_heals_no_candidate_that_is_judged_by_something_else() -> None:
    for checks in ({"latency": (1.05, 0.0)}, {"errors": (1.25, 0.0), "latency": (1.05, 0.0)}):
        one = small.scenario(
            scenario.Kind.REGRESSION, run=lambda _: constant([(0, 0.0)]), checks=checks
        )
        run = contest.run(one, ("v1",), 1, 0)

        assert (True, False) == (run.played["v1"].missed, run.played["v1"].healed)
        assert run.unsafe


def test_a_null_is_never_missed_and_pays_all_its_errors() -> None:
    found = told([(1, 0.0)], "oracle", "null")

    assert (False, False, 24) == (found.missed, found.healed, found.bad)


def test_where_nobody_tells_what_is_true_the_oracles_are_absent() -> None:
    def silent(_: Any) -> Generator[Mapping[str, Any] | None, Wish, None]:
        for tick in constant([(0, 0.0)]):
            yield {k: v for k, v in tick.items() if k != "truth"} if tick else tick

    found = contest.run(small.scenario(run=silent), ("oracle", "oracle2", "E"), 1, 0)

    assert {"E"} == set(found.played)


def test_verified_would_be_false_from_the_margin_of_promotion_on() -> None:
    for share, unsafe in ((0.00249, False), (0.0025, True)):
        one = small.scenario(run=lambda _, at=share: constant([(0, at)], 0.001))

        assert unsafe == contest.run(one, (), 1, 0).unsafe


def test_policies_play_a_run_of_their_own_from_the_same_random_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(contenders, "POLICIES", {"timid": Timid})
    _, found = play.planned(BAD, contest.random(contest.seed(1, BAD.name, 4)))

    run = contest.run(BAD, ("timid",), 1, 4)

    first = found[0].tick.arms["candidate"].errors
    assert (End.ROLLED_BACK, 5.0, first) == (
        run.played["timid"].end,
        run.played["timid"].off_s,
        run.played["timid"].bad,
    )


def test_a_run_is_the_same_each_time_and_unlike_the_others() -> None:
    one, again, other = (contest.run(BAD, ("oracle",), 1, n) for n in (0, 0, 1))

    assert one == again
    assert one.played != other.played


def test_seeds_stay_what_they_are() -> None:
    # A published table names its seed: this number may not change.
    assert 147072964762481 == contest.seed(1, "n01_steady", 0)
