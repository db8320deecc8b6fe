from collections.abc import Iterable

import msgspec
import pytest

from serinus.core.analysis.rules import kayenta
from serinus.core.analysis.rules.kayenta import MOST, Settings, State
from serinus.core.spec.rules import NoValues
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import Outcome
from tests.core.analysis.rules.watched import BEGIN, Pair, minutes

OURS = Settings()
THEIRS = Settings(no_values=NoValues.THEIRS)
WORSE = [(1000, errors) for errors in (41, 39, 45, 50, 44)]
USUAL = [(9000, errors) for errors in (9, 12, 8, 10, 11)]
NONE: Pair = (0, 0)


def shown(settings: Settings, ticks: Iterable[Tick]) -> State:
    state = State()
    for tick in ticks:
        state = kayenta.advance(settings, state, tick)
    return state


def failed_at(settings: Settings, ticks: Iterable[Tick]) -> float | None:
    state = State()
    for tick in ticks:
        state = kayenta.advance(settings, state, tick)
        if kayenta.failed(settings, state):
            return tick.at - BEGIN
    return None


def test_it_judges_when_the_interval_is_over_and_not_before() -> None:
    assert 300.0 == failed_at(OURS, minutes(WORSE, USUAL))


def test_as_good_as_stable_scores_all() -> None:
    found = shown(OURS, minutes([(1000, 1), (1000, 2), (1000, 0), (1000, 1), (1000, 1)], USUAL))

    assert 100.0 == found.score
    assert Outcome.PASS is kayenta.reading(OURS, found).outcome


def test_what_came_late_is_diluted_by_all_that_was_before() -> None:
    before, usual = [(1000, 1)] * 15, [(9000, 9)] * 15
    late = minutes([*before, *WORSE], [*usual, *USUAL])

    assert 100.0 == shown(OURS, late).score
    late = minutes([*before, *WORSE], [*usual, *USUAL])
    assert 1200.0 == failed_at(Settings(lookback_s=300.0), late)


def test_a_better_candidate_is_no_failure() -> None:
    better = minutes([(1000, 0)] * 5, WORSE)

    assert 100.0 == shown(OURS, better).score


def test_the_number_of_requests_behind_a_point_is_not_asked() -> None:
    few = minutes([(25, 1), (26, 1), (24, 1), (22, 1), (23, 1)], USUAL)

    assert 300.0 == failed_at(OURS, few)


def test_a_small_shift_is_high_as_soon_as_it_is_sure() -> None:
    own, stable = [0.0102, 0.0103, 0.0104, 0.0105, 0.0106], [0.0101, 0.01, 0.0099, 0.0098, 0.0097]

    assert not kayenta.high(OURS, own, stable)
    assert kayenta.high(OURS, own * 4, stable * 4)
    assert not kayenta.high(Settings(increase=1.2), own * 4, stable * 4)


def test_where_stable_had_no_errors_the_ratio_is_one() -> None:
    own, stable = [0.01, 0.02, 0.03, 0.02, 0.01], [0.0] * 5

    assert kayenta.high(OURS, own, stable)
    assert not kayenta.high(Settings(increase=1.1), own, stable)


def test_the_same_points_are_never_high() -> None:
    assert not kayenta.high(Settings(tolerance=0.0), [0.2, 0.1], [0.1, 0.2])


def test_errors_that_are_not_critical_leave_half_of_the_score() -> None:
    slow = [5] * 5
    usual = Settings(critical=False, bound_ms=500)
    asking = Settings(critical=False, bound_ms=500, marginal=40.0)
    # Nobody timed stable's requests, so that latency says nothing and errors are all of the score.
    assert 0.0 == shown(usual, minutes(WORSE, USUAL, slow)).score

    score = msgspec.structs.replace(shown(usual, minutes(WORSE, USUAL)), score=50.0)
    assert kayenta.failed(usual, score)
    assert not kayenta.failed(asking, score)
    assert kayenta.halted(asking, score).startswith("kayenta: score 50 of 100, wanted 95")
    assert Outcome.INCONCLUSIVE is kayenta.reading(asking, score).outcome


def test_no_requests_are_a_zero_for_theirs_and_no_point_for_those_who_chose_it() -> None:
    own: list[Pair] = [(1000, 1), NONE, NONE, NONE, NONE]

    assert [0.001, 0.0, 0.0, 0.0, 0.0] == [one.own for one in shown(THEIRS, minutes(own)).points]
    assert [0.001, *[None] * 4] == [one.own for one in shown(OURS, minutes(own)).points]


def test_an_interval_without_points_is_no_data_and_judges_nothing() -> None:
    none = shown(OURS, minutes([(1000, 1), *[NONE] * 5], [(9000, 9), *[NONE] * 5]))
    well = shown(OURS, minutes([(1000, 1)] * 5 + [NONE] * 5, [(9000, 9)] * 10))
    only = shown(OURS, minutes([(1000, 1)] * 5))

    assert 100.0 == none.score == well.score
    assert (False, True, True) == (none.silent, well.silent, only.silent)
    assert Outcome.NO_DATA is kayenta.reading(OURS, well).outcome
    assert (None, Outcome.NO_DATA) == (only.score, kayenta.reading(OURS, only).outcome)


def test_what_it_says_names_the_score_and_both_arms() -> None:
    bad = kayenta.reading(OURS, shown(OURS, minutes(WORSE, USUAL)))

    assert Outcome.FAIL is bad.outcome
    assert bad.sentence == (
        "kayenta: score 0 of 100, rolled back at 75 or less; "
        "errors 4.4 % against 0.11 % on stable: high (5 points)"
    )


def test_only_the_last_points_are_kept() -> None:
    found = shown(Settings(interval_s=86_400.0), minutes([(10, 1)] * (MOST + 9), first=0))

    assert MOST == len(found.points)
    assert BEGIN + 60.0 * (MOST + 9) == found.points[-1].at


@pytest.mark.parametrize("choice", list(NoValues))
def test_its_memory_comes_back_from_json_in_the_middle_of_a_point(choice: NoValues) -> None:
    settings = Settings(no_values=choice)
    ticks = list(minutes([*WORSE, NONE, (1000, 1)], [*USUAL, (9000, 1), NONE]))
    state = State()
    for tick in ticks:
        state = msgspec.json.decode(msgspec.json.encode(state), type=State)
        state = kayenta.advance(settings, state, tick)

    assert shown(settings, ticks) == state
