from random import Random

import pytest

from serinus.core.analysis import report
from serinus.core.spec.requests import Goal
from serinus.core.state.cohort import Cohort, Side
from serinus.core.state.verdict import GoalReading
from tests.core.analysis import abtest

GOALS = (Goal("checkout", "/checkout"),)
HALF = 500


def cohort(
    reached: int = 606, users: int = 5012, stable: tuple[int, int] = (564, 4988), crossed: int = 0
) -> Cohort:
    sides = {
        "candidate": Side(users, {"checkout": reached}, 3 * users, {"checkout": reached}),
        "stable": Side(stable[1], {"checkout": stable[0]}, 3 * stable[1], {"checkout": stable[0]}),
    }
    return Cohort(sides=sides, crossed=crossed)


def only(found: Cohort, share: int = HALF, *, final: bool = False) -> GoalReading:
    (reading,) = report.report(found, GOALS, share, final=final).goals
    return reading


def test_both_shares_and_their_difference_are_said_with_an_interval() -> None:
    assert (
        "checkout: 12.1 % of 5,012 users against 11.3 % of 4,988 on stable, +0.8 pp"
        " (95 % interval \N{MINUS SIGN}0.5 to +2.0 pp): no difference shown"
    ) == only(cohort(), final=True).sentence


def test_while_it_runs_the_interval_is_the_wider_one_that_holds_at_any_time() -> None:
    running, final = only(cohort()), only(cohort(), final=True)
    widths = [(one.high or 0.0) - (one.low or 0.0) for one in (running, final)]

    assert [pytest.approx(0.0406, abs=1e-4), pytest.approx(0.0252, abs=1e-4)] == widths
    assert (606 / 5012, 564 / 4988) == (running.share, running.stable_share)


def test_a_difference_that_is_shown_is_said_with_its_direction() -> None:
    assert only(cohort(900)).sentence.endswith(": higher than on stable")
    assert only(cohort(300)).sentence.endswith(": lower than on stable")
    assert (
        "; checkout is higher on the candidate" in report.report(cohort(900), GOALS, HALF).sentence
    )


def test_rare_goals_are_told_with_more_digits() -> None:
    reading = only(cohort(110, 100_000, (100, 100_000)), final=True)

    assert (
        "checkout: 0.110 % of 100,000 users against 0.100 % of 100,000 on stable, +0.010 pp"
        " (95 % interval \N{MINUS SIGN}0.019 to +0.039 pp): no difference shown"
    ) == reading.sentence


def test_of_a_few_users_nothing_is_concluded() -> None:
    reading = only(cohort(3, 12, (1, 400)))

    assert (None, None) == (reading.low, reading.high)
    assert (
        "checkout: 3 of 12 users against 1 of 400 on stable:"
        " too few to compare, 20 a side are needed"
    ) == reading.sentence


def test_without_any_user_there_is_no_share() -> None:
    reading = only(Cohort())

    assert (None, None, None) == (reading.share, reading.stable_share, reading.difference)
    assert "no requests against no requests on stable" in reading.sentence


def test_a_cohort_that_was_not_drawn_has_an_interval_for_each_side_alone() -> None:
    reading = only(cohort(), share=0)

    assert (None, None) == (reading.low, reading.high)
    assert (
        "checkout: 12.1 % of 5,012 users (95 % interval 11.2 to 13.0 %) against"
        " 11.3 % of 4,988 users (95 % interval 10.5 to 12.2 %) on stable; the sides are no random"
        " sample, so that a difference may be that of who came"
    ) == reading.sentence


def test_without_cookies_shares_are_those_of_requests() -> None:
    sides = {
        "candidate": Side(requests=200, hits={"checkout": 20}),
        "stable": Side(requests=1000, hits={"checkout": 90}),
    }
    told = report.report(Cohort(sides=sides), GOALS, 0)

    assert 0.1 == told.goals[0].share
    assert "10.0 % of 200 requests (95 % interval" in told.goals[0].sentence
    assert told.sentence.startswith("so far 200 requests on the candidate, 1,000 on stable; ")


def test_sides_of_a_wrong_size_are_warned_of() -> None:
    told = report.report(cohort(users=4400), GOALS, HALF)

    assert told.warning.startswith(
        "46.9 % of 9,388 users are the candidate's, but 50 % were to be: chance alone does that in"
        " less than 1 of 1,000 tests."
    )
    assert told.sentence.endswith(
        "; the sides have not the size that was drawn, so that nothing is to be trusted"
    )


def test_sides_of_the_right_size_are_not() -> None:
    assert "" == report.report(cohort(), GOALS, HALF).warning
    assert "" == report.report(cohort(60, 556), GOALS, 100).warning


def test_a_cohort_by_header_has_no_size_that_it_should_have() -> None:
    assert "" == report.report(cohort(4, 40), GOALS, 0).warning


def test_users_who_could_not_be_remembered_are_warned_of() -> None:
    found = Cohort(sides=cohort().sides, full=True)

    assert "only the first 10,000 users are counted" in report.report(found, GOALS, HALF).warning


def test_the_headline_says_how_far_the_test_is() -> None:
    running = report.report(cohort(crossed=12), GOALS, HALF)
    final = report.report(cohort(), GOALS, HALF, final=True)

    assert (
        "so far 5,012 users on the candidate, 4,988 on stable (12 users saw both, and count where"
        " they came first); no difference is shown"
    ) == running.sentence
    assert (
        "5,012 users on the candidate, 4,988 on stable; no difference is shown"
    ) == final.sentence
    assert (False, True) == (running.final, final.final)


def test_without_goals_only_the_users_are_told() -> None:
    told = report.report(cohort(), (), HALF)

    assert ((), 5012, 4988) == (told.goals, told.users, told.stable_users)
    assert told.sentence.endswith("no goal is named, so that only the checks compare the sides")


@pytest.mark.parametrize("late", [0.0, 0.8])
def test_who_looks_at_a_test_without_a_difference_each_day_is_hardly_ever_told_one(
    late: float,
) -> None:
    random = Random(30)
    told = 0
    for _ in range(100):
        course = abtest.days(random, (0.1, 0.1), share=0.5, users=200, late=late)
        told += any(
            "than on stable" in only(cohort(*one, stable=other)).sentence for one, other in course
        )

    assert told <= 5
