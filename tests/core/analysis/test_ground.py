from math import exp, log

import pytest

from serinus.core.analysis import eprocess, ground
from serinus.core.analysis.ground import Chase, Course, Ground, Question, Span

LINE = (1.25, 0.0002)
COURSE = Course(100.0, (Span(0.05, 300.0), Span(0.5, 900.0)), 5.0, 1200.0)
QUESTION = Question(LINE, 0.001, log(10))


def test_a_healthy_candidate_earns_nothing_for_any_bet() -> None:
    field = Ground(QUESTION, COURSE)

    for bet in field.bets:
        for place, one in enumerate(bet):
            healthy = field.flow[place] * QUESTION.stable * one.bad + one.second
            assert healthy < 0 < one.bad


def test_capital_that_bet_on_a_regression_wanes_while_there_is_none() -> None:
    field = Ground(QUESTION, COURSE)

    first, later = field.capital(field.bets, 0), field.capital(field.bets, 1)

    assert [log(eprocess.FIRST)] * eprocess.GRID == first
    assert all(a > b for a, b in zip(first, later, strict=True))
    # What is injected over the plan is always there.
    assert all(b > log(0.4 * 5 / 1200) - 2 for b in later)


def test_where_stable_has_no_traffic_nothing_can_be_compared() -> None:
    assert (0.0, 0.0) == ground.yields(QUESTION, COURSE, 1.0, 0.5)
    assert (0.0, 0.0) == ground.yields(QUESTION, COURSE, 0.0, 0.5)
    objective = QUESTION._replace(line=(0.0, 0.01))
    assert 0 < ground.yields(objective, COURSE, 1.0, 0.5).bad


def test_clumps_make_every_bad_request_say_less() -> None:
    plain = ground.yields(QUESTION, COURSE, 0.1, 0.05)
    clumped = ground.yields(QUESTION._replace(phi=2.0), COURSE, 0.1, 0.05)

    assert plain.bad == pytest.approx(2 * clumped.bad)
    assert plain.second == pytest.approx(2 * clumped.second)


def test_of_few_requests_stable_is_thought_a_little_worse() -> None:
    assert ground.believed(0.001, 1000.0) == pytest.approx(0.001, rel=0.01)
    assert 0.001 < ground.believed(0.001, 1.0) < 0.002
    assert 0 < ground.believed(0.0, 100.0)


def test_requests_and_the_time_until_so_many_belong_together() -> None:
    chase = Chase(Ground(QUESTION, COURSE), 0.02, 0)

    assert 1500 == chase.requests(300)
    assert 1500 + 50 * 100 == chase.requests(400)
    assert 1500 + 50 * 900 == chase.requests(10_000)
    for bad in (1.0, 20.0, 40.0, 300.0):
        assert chase.requests(chase.when(bad)) * 0.02 == pytest.approx(bad)


def test_more_bad_requests_in_the_same_time_are_more_evidence() -> None:
    chase = Chase(Ground(QUESTION, COURSE), 0.02, 0)
    found = [chase.road.seconds.evidence(60.0, bad) for bad in range(1, 12)]

    assert sorted(found) == found
    assert found[0] < log(10) < found[-1]


@pytest.mark.parametrize("pace", [-0.5, -1e-12, 0.0, 1e-12, 0.5])
def test_capital_grows_as_if_it_were_counted_block_by_block(pace: float) -> None:
    capital = 0.6
    for _ in range(7):
        capital = (capital + 0.01) * exp(pace)

    assert ground.grown(log(0.6), 0.01, pace, 7.0) == pytest.approx(log(capital))
    assert log(0.6) + 3.5 == ground.grown(log(0.6), 0.0, 0.5, 7.0)
