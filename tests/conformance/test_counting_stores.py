"""Every store counts alike: the requests of budgets, and the users of A/B tests."""

from datetime import datetime, timedelta

import pytest

from serinus.core.spec.requests import Goal
from serinus.core.state.cohort import Cohort, Side, Visit
from serinus.core.state.notice import Key
from serinus.core.state.rollup import Rollup, Sum
from serinus.ports.store import Store
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio


def rollup(minutes: int, requests: int = 60, bad: int = 1, series: str = "errors") -> Rollup:
    """What the minute counted that ends so many minutes after noon."""
    return Rollup(series, int(builders.at(minutes).timestamp()), requests, bad)


async def test_counts_of_all_requests_are_added_up_since_any_moment(store: Store) -> None:
    await store.put_rollups(SHOP, [rollup(1), rollup(2), rollup(2, series="slower than 250 ms")])
    await store.record(builders.status())
    await store.put_rollups(SHOP, [rollup(2, 40, 0), rollup(3)])
    await store.put_rollups(Key("other", "local"), [rollup(3)])

    since = [builders.at(minutes) for minutes in (0, 1, 2, 2.5, 3)]
    assert (Sum(220, 3), Sum(160, 2), Sum(60, 1), Sum(60, 1), Sum()) == await store.sums(
        SHOP, "errors", since
    )
    assert (Sum(60, 1),) == await store.sums(SHOP, "slower than 250 ms", since[:1])
    assert (Sum(),) == await store.sums(SHOP, "lines of faults", since[:1])
    assert () == await store.sums(SHOP, "errors", [])


async def test_counts_of_minutes_become_those_of_hours_after_a_day_and_none_is_lost(
    store: Store,
) -> None:
    await store.put_rollups(SHOP, [rollup(minutes) for minutes in range(1, 181)])
    for _ in range(2):
        await store.prune(builders.NOON + timedelta(hours=25, minutes=30))
    await store.put_rollups(SHOP, [rollup(30)])
    await store.prune(builders.NOON + timedelta(hours=25, minutes=31))

    since = [builders.at(minutes) for minutes in (0, 59, 60, 61, 179)]
    # The first hour is one window now, the others are still minutes.
    assert (
        Sum(181 * 60, 181),
        Sum(181 * 60, 181),
        Sum(120 * 60, 120),
        Sum(119 * 60, 119),
        Sum(60, 1),
    ) == await store.sums(SHOP, "errors", since)


async def test_counts_go_after_thirty_five_days_and_with_their_application(store: Store) -> None:
    await store.put_rollups(SHOP, [rollup(30), rollup(60 * 24 * 5)])
    await store.prune(builders.NOON + timedelta(days=35, hours=2))
    assert (Sum(60, 1),) == await store.sums(SHOP, "errors", [builders.NOON])

    await store.put_rollups(SHOP, [rollup(60 * 24 * 5)])
    await store.forget(SHOP)
    assert (Sum(),) == await store.sums(SHOP, "errors", [builders.NOON])


ARMS = {builders.OLD: "stable", builders.NEW: "candidate"}
GOALS = (Goal("checkout", "/checkout"), Goal("search", "/search*"))


def visit(user: int, revision: str = builders.NEW, path: str = "/") -> Visit:
    return Visit(user, revision, "GET", path, 200)


async def noted(store: Store, *visits: Visit, at: datetime = builders.NOON) -> None:
    await store.note_visits(SHOP, 7, visits, arms=ARMS, goals=GOALS, at=at)


async def test_nobody_took_part_before_the_first_visit(store: Store) -> None:
    assert Cohort() == await store.cohort(SHOP, 7)


async def test_users_are_counted_once_and_where_they_came_first(store: Store) -> None:
    large = 2**63 - 1
    await noted(store, visit(1), visit(large, builders.OLD), visit(0, path="/search?q"))
    await noted(store, visit(1, builders.OLD, "/checkout"), visit(2), visit(large, builders.OLD))
    await store.note_visits(SHOP, 8, [visit(1)], arms=ARMS, goals=GOALS, at=builders.NOON)

    cohort = await store.cohort(SHOP, 7)
    assert {
        "candidate": Side(2, {"checkout": 1}, 3, {"search": 1}),
        "stable": Side(1, {}, 3, {"checkout": 1}),
    } == cohort.sides
    assert (1, False) == (cohort.crossed, cohort.full)
    assert 1 == (await store.cohort(SHOP, 8)).sides["candidate"].users


async def test_visits_that_are_noted_again_change_no_user(store: Store) -> None:
    visits = [visit(1), visit(1, path="/checkout"), visit(2, builders.OLD, "/search"), visit(2)]
    await noted(store, *visits)
    once = await store.cohort(SHOP, 7)
    await noted(store, *visits)
    twice = await store.cohort(SHOP, 7)

    assert once.crossed == twice.crossed == 1
    assert [(side.users, side.reached) for side in once.sides.values()] == [
        (side.users, side.reached) for side in twice.sides.values()
    ]


async def test_users_are_forgotten_a_month_after_the_last_one_and_their_counts_are_not(
    store: Store,
) -> None:
    await noted(store, visit(1), visit(2))
    await store.prune(builders.NOON + timedelta(days=29))
    await noted(store, visit(1), at=builders.NOON + timedelta(days=29))
    await store.prune(builders.NOON + timedelta(days=58))
    await noted(store, visit(2), at=builders.NOON + timedelta(days=58))
    assert 2 == (await store.cohort(SHOP, 7)).sides["candidate"].users

    await store.prune(builders.NOON + timedelta(days=89))
    assert 2 == (await store.cohort(SHOP, 7)).sides["candidate"].users
    await noted(store, visit(2), at=builders.NOON + timedelta(days=89))
    assert 3 == (await store.cohort(SHOP, 7)).sides["candidate"].users


async def test_users_are_forgotten_with_their_application(store: Store) -> None:
    await noted(store, visit(1))
    await store.record(builders.status())
    await store.forget(SHOP)
    await noted(store, visit(1))

    assert 2 == (await store.cohort(SHOP, 7)).sides["candidate"].users
