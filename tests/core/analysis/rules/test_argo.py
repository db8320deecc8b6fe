from collections.abc import Iterable

import msgspec
import pytest

from serinus.core.analysis.rules import argo
from serinus.core.analysis.rules.argo import Settings, State
from serinus.core.spec.rules import Condition, NoValues, What
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import Outcome
from tests.core.analysis.rules.watched import BEGIN, minutes, tick

OURS = Settings(failure_limit=3)
THEIRS = Settings(failure_limit=3, no_values=NoValues.THEIRS)
GOOD, BAD, NONE = (1000, 1), (1000, 30), (0, 0)
UNSURE = Settings(
    success=Condition(What.ERRORS, "<=", 0.01),
    failure=Condition(What.ERRORS, ">", 0.05),
    inconclusive_limit=1,
)


def shown(settings: Settings, ticks: Iterable[Tick]) -> State:
    state = State()
    for one in ticks:
        state = argo.advance(settings, state, one)
    return state


def failed_at(settings: Settings, ticks: Iterable[Tick]) -> float | None:
    state = State()
    for one in ticks:
        state = argo.advance(settings, state, one)
        if argo.failed(settings, state):
            return one.at - BEGIN
    return None


def test_an_outage_takes_one_failure_more_than_the_limit() -> None:
    assert 240.0 == failed_at(OURS, minutes([(1000, 1000)] * 8))
    assert 60.0 == failed_at(Settings(), minutes([(1000, 1000)] * 8))


def test_failures_need_not_be_in_a_row() -> None:
    assert 420.0 == failed_at(OURS, minutes([BAD, GOOD] * 8))


def test_a_limit_below_zero_is_off() -> None:
    assert failed_at(Settings(failure_limit=-1), minutes([BAD] * 20)) is None


@pytest.mark.parametrize(("sign", "failures"), [(">=", 0), (">", 1), ("<=", 0), ("<", 1)], ids=str)
def test_each_comparison_at_its_limit(sign: str, failures: int) -> None:
    settings = Settings(success=Condition(What.SUCCESS, sign, 0.75))

    assert failures == shown(settings, minutes([(4, 1)])).failures


def test_a_failure_condition_alone_passes_everything_else() -> None:
    settings = Settings(success=None, failure=Condition(What.ERRORS, ">=", 0.03))

    assert (1, 1) == (
        shown(settings, minutes([BAD])).failures,
        shown(settings, minutes([GOOD])).measured,
    )
    assert 0 == shown(settings, minutes([GOOD])).failures


def test_without_any_condition_all_is_well() -> None:
    found = shown(Settings(success=None), minutes([(1000, 1000)]))

    assert (1, 0) == (found.measured, found.failures)


def test_between_two_conditions_a_person_is_asked() -> None:
    once, twice = shown(UNSURE, minutes([BAD])), shown(UNSURE, minutes([BAD, BAD]))

    assert not argo.halted(UNSURE, once)
    assert argo.halted(UNSURE, twice).startswith("argo: 2 inconclusive measurements, the limit")
    assert not argo.failed(UNSURE, twice)
    assert Outcome.INCONCLUSIVE is argo.reading(UNSURE, twice).outcome


def test_where_both_conditions_are_true_it_failed() -> None:
    both = Settings(
        success=Condition(What.SUCCESS, ">=", 0.5), failure=Condition(What.SUCCESS, ">=", 0.5)
    )

    assert 1 == shown(both, minutes([GOOD])).failures


def test_slow_requests_are_a_condition_as_well() -> None:
    settings = Settings(success=Condition(What.SLOWER, "<=", 0.01, bound_ms=500))

    assert [0, 1] == [
        shown(settings, minutes([(1000, 0)], slow=[slow])).failures for slow in (10, 11)
    ]


def test_after_its_count_it_looks_no_more() -> None:
    settings = Settings(count=2)

    assert failed_at(settings, minutes([GOOD, GOOD, BAD, BAD])) is None
    assert 2 == shown(settings, minutes([GOOD, GOOD, BAD, BAD])).measured


def test_nothing_is_measured_before_its_delay_is_over() -> None:
    settings = Settings(initial_delay_s=120.0)

    assert 240.0 == failed_at(settings, minutes([BAD, BAD, GOOD, BAD]))


def test_no_requests_fail_theirs_and_wait_for_those_who_chose_it() -> None:
    silence = [GOOD, *[NONE] * 9]

    assert 300.0 == failed_at(THEIRS, minutes(silence))
    assert failed_at(OURS, minutes(silence)) is None
    found = argo.reading(OURS, shown(OURS, minutes(silence)))
    assert Outcome.NO_DATA is found.outcome


def test_nothing_scraped_is_an_error_for_theirs_and_nothing_for_those_who_chose_it() -> None:
    gap = [*minutes([GOOD]), tick(60 * 6 + 5.0, (1000, 1)), *minutes([GOOD], first=20)]

    assert 5 == shown(THEIRS, gap[:13]).errors
    assert failed_at(THEIRS, gap[:13]) == 365.0
    assert failed_at(OURS, gap) is None


def test_a_measurement_ends_a_row_of_errors() -> None:
    gaps = [t for n in (0, 4, 8) for t in minutes([GOOD], first=n)]

    assert 0 == shown(THEIRS, gaps).errors


def test_before_any_request_there_is_no_data_and_no_pass() -> None:
    found = argo.reading(OURS, shown(OURS, minutes([NONE, NONE])))

    assert (Outcome.NO_DATA, None) == (found.outcome, found.value)


def test_what_it_says_names_condition_count_and_requests() -> None:
    well = argo.reading(OURS, shown(OURS, minutes([GOOD])))
    bad = argo.reading(OURS, shown(OURS, minutes([BAD] * 4)))

    assert Outcome.PASS is well.outcome
    assert well.sentence == (
        "argo: success rate 99.9 % (success-rate >= 99 %) (1,000 requests); "
        "measurements: 1, failed: 0, rolled back beyond 3"
    )
    assert Outcome.FAIL is bad.outcome
    assert bad.sentence == (
        "argo: 4 failed measurements, the limit is 3; "
        "success rate 97 % (success-rate >= 99 %) (1,000 requests)"
    )


def test_its_memory_comes_back_from_json_in_the_middle_of_an_interval() -> None:
    ticks = list(minutes([BAD, NONE, GOOD, BAD, BAD]))
    state = State()
    for one in ticks:
        state = msgspec.json.decode(msgspec.json.encode(state), type=State)
        state = argo.advance(OURS, state, one)

    assert shown(OURS, ticks) == state
