from collections.abc import Iterable

import msgspec
import pytest

from serinus.core.analysis.rules import flagger
from serinus.core.analysis.rules.flagger import Settings, State
from serinus.core.spec.rules import NoValues
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import Outcome
from tests.core.analysis.rules.watched import BEGIN, minutes

OURS = Settings()
THEIRS = Settings(no_values=NoValues.THEIRS)
GOOD, BAD, NONE = (1000, 1), (1000, 30), (0, 0)


def shown(settings: Settings, ticks: Iterable[Tick]) -> State:
    state = State()
    for tick in ticks:
        state = flagger.advance(settings, state, tick)
    return state


def struck_at(settings: Settings, ticks: Iterable[Tick]) -> float | None:
    state = State()
    for tick in ticks:
        state = flagger.advance(settings, state, tick)
        if flagger.failed(settings, state):
            return tick.at - BEGIN
    return None


def test_an_outage_takes_the_threshold_and_one_interval_more() -> None:
    assert 360.0 == struck_at(OURS, minutes([(1000, 1000)] * 8))


def test_failures_are_counted_over_the_whole_release_and_never_forgiven() -> None:
    assert 9 * 60 + 60 == struck_at(OURS, minutes([BAD, GOOD] * 8))
    assert struck_at(OURS, minutes([BAD] * 4 + [GOOD] * 30)) is None


@pytest.mark.parametrize(("errors", "failures"), [(10, 0), (11, 1)])
def test_the_limit_itself_is_good_enough(errors: int, failures: int) -> None:
    assert failures == shown(OURS, minutes([(1000, errors)])).failures


def test_how_many_requests_there_were_is_not_asked() -> None:
    assert 1 == shown(OURS, minutes([(1, 1)])).failures


def test_slow_requests_fail_an_interval_once() -> None:
    settings = Settings(bound_ms=500, max_slower=0.01)

    assert 0 == shown(settings, minutes([(1000, 0)], slow=[10])).failures
    assert 1 == shown(settings, minutes([(1000, 0)], slow=[11])).failures
    assert 1 == shown(settings, minutes([(1000, 500)], slow=[500])).failures
    assert "1.1 % slower than 500 ms" in shown(settings, minutes([(1000, 0)], slow=[11])).broken


def test_no_requests_fail_theirs_and_wait_for_those_who_chose_it() -> None:
    silence = [GOOD, *[NONE] * 9]

    assert 420.0 == struck_at(THEIRS, minutes(silence))
    assert struck_at(OURS, minutes(silence)) is None
    found = flagger.reading(OURS, shown(OURS, minutes(silence)))
    assert Outcome.NO_DATA is found.outcome
    assert "no requests in the last interval" in found.sentence


def test_no_times_fail_theirs_and_wait_for_those_who_chose_it() -> None:
    for choice, failures in ((NoValues.THEIRS, 1), (NoValues.WAIT, 0)):
        settings = Settings(bound_ms=500, no_values=choice)

        assert failures == shown(settings, minutes([GOOD])).failures


def test_before_any_request_there_is_no_data_and_no_pass() -> None:
    found = flagger.reading(OURS, shown(OURS, minutes([NONE, NONE])))

    assert (Outcome.NO_DATA, None) == (found.outcome, found.value)


def test_what_it_says_names_limit_count_and_requests() -> None:
    well = flagger.reading(OURS, shown(OURS, minutes([GOOD])))
    worse = flagger.reading(OURS, shown(OURS, minutes([BAD])))
    bad = flagger.reading(OURS, shown(OURS, minutes([BAD] * 6)))

    assert (Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.FAIL) == (
        well.outcome,
        worse.outcome,
        bad.outcome,
    )
    assert well.sentence == (
        "flagger: success rate 99.9 %, wanted at least 99 % (1,000 requests); "
        "failed intervals: 0, rolled back at 5"
    )
    assert bad.sentence == (
        "flagger: 5 failed intervals of 1m, the threshold is 5; "
        "success rate 97 %, wanted at least 99 % (1,000 requests)"
    )


def test_nobody_is_asked() -> None:
    assert not flagger.halted(OURS, shown(OURS, minutes([BAD] * 6)))


def test_its_memory_comes_back_from_json_in_the_middle_of_an_interval() -> None:
    ticks = list(minutes([BAD, NONE, GOOD, BAD, BAD, BAD, BAD]))
    state = State()
    for tick in ticks:
        state = msgspec.json.decode(msgspec.json.encode(state), type=State)
        state = flagger.advance(OURS, state, tick)

    assert shown(OURS, ticks) == state
