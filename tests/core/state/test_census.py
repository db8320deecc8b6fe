from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.spec.requests import Goal
from serinus.core.state import census
from serinus.core.state.census import Visitor
from serinus.core.state.cohort import Cohort, Side, Visit
from tests.builders import NEW, OLD

ARMS = {OLD: "stable", NEW: "candidate"}
GOALS = (Goal("checkout", "/checkout", ("POST",)), Goal("search", "/search*"))


def visit(user: int, revision: str = NEW, path: str = "/", status: int = 200) -> Visit:
    return Visit(user, revision, "POST" if path == "/checkout" else "GET", path, status)


def counted(visits: Sequence[Visit], most: int = census.MOST) -> Cohort:
    return census.count(Cohort(), {}, visits, ARMS, GOALS, most=most)[0]


def test_a_user_counts_once_however_often_he_comes() -> None:
    cohort = counted([visit(7), visit(7, path="/checkout"), visit(7, path="/checkout")])

    assert {
        "stable": Side(),
        "candidate": Side(1, {"checkout": 1}, 3, {"checkout": 2}),
    } == cohort.sides


def test_a_user_belongs_to_the_side_where_he_was_seen_first() -> None:
    cohort = counted([visit(7, OLD), visit(7, NEW, "/checkout"), visit(7, OLD), visit(7, NEW)])

    assert Side(1, {"checkout": 1}, 2) == cohort.sides["stable"]
    assert Side(0, {}, 2, {"checkout": 1}) == cohort.sides["candidate"]
    assert 1 == cohort.crossed


def test_a_failed_request_reaches_no_goal() -> None:
    cohort = counted([visit(7, path="/checkout", status=500)])

    assert Side(1, {}, 1) == cohort.sides["candidate"]


def test_a_request_without_a_cookie_is_a_request_and_no_user() -> None:
    cohort = counted([visit(0), visit(0, path="/search?")])

    assert Side(0, {}, 2, {"search": 1}) == cohort.sides["candidate"]


def test_what_another_revision_answered_belongs_to_nobody() -> None:
    assert {"stable": Side(), "candidate": Side()} == counted([visit(7, "e" * 64)]).sides


def test_when_no_more_users_fit_the_first_ones_still_count() -> None:
    cohort = counted([visit(1), visit(2), visit(3), visit(2, path="/checkout")], most=2)

    assert cohort.full
    assert Side(2, {"checkout": 1}, 4, {"checkout": 1}) == cohort.sides["candidate"]


def test_users_of_whom_nothing_new_is_known_are_not_named() -> None:
    known = {1: Visitor("candidate"), 2: Visitor("candidate"), 3: Visitor("stable")}
    _, changed = census.count(
        Cohort(), known, [visit(1), visit(2, path="/checkout"), visit(3)], ARMS, GOALS
    )

    assert {
        2: Visitor("candidate", frozenset({"checkout"})),
        3: Visitor("stable", crossed=True),
    } == changed


visits = st.lists(
    st.builds(
        visit,
        st.integers(0, 4),
        st.sampled_from([OLD, NEW]),
        st.sampled_from(["/", "/checkout", "/search"]),
    ),
    max_size=12,
)


@given(visits, st.integers(0, 12))
def test_visits_may_come_in_any_batches(all_of_them: list[Visit], at: int) -> None:
    first, known = census.count(Cohort(), {}, all_of_them[:at], ARMS, GOALS)
    both, _ = census.count(first, known, all_of_them[at:], ARMS, GOALS)

    assert counted(all_of_them) == both


@given(visits)
def test_visits_that_come_twice_change_no_user(all_of_them: list[Visit]) -> None:
    once, twice = counted(all_of_them), counted(all_of_them * 2)
    users = [
        [(side.users, side.reached) for side in cohort.sides.values()] for cohort in (once, twice)
    ]

    assert users[0] == users[1]


@pytest.mark.parametrize("goals", [(), GOALS])
def test_requests_are_counted_with_and_without_goals(goals: tuple[Goal, ...]) -> None:
    cohort, _ = census.count(Cohort(), {}, [visit(7), visit(8)], ARMS, goals)

    assert 2 == cohort.sides["candidate"].requests
