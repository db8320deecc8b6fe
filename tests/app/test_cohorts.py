from collections.abc import Sequence
from typing import Any

import pytest

from serinus.adapters.memory.platform import Behaviour, Platform
from serinus.app import cohorts, observe
from serinus.app.desk import Unnoted
from serinus.core.spec.delivery import MatchStep, SettleStep, Strategy
from serinus.core.spec.requests import Goal
from serinus.core.state.cohort import Cohort, Visit
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.verdict import Report
from serinus.ports import Ports, failures
from tests import builders
from tests.app.workbench import Bench
from tests.builders import NEW, OLD, SHOP

TEST = builders.delivery(
    strategy=Strategy.AB_TEST,
    steps=(MatchStep(share=500), SettleStep()),
    goals=(Goal("checkout", "/checkout", ("POST",)),),
)


def running(**given: Any) -> Release:
    return builders.release(**{"delivery": TEST, "step": 0, **given})


class Door(Platform):
    """Who came, as the platform tells it once."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.clock, lambda _: Behaviour())
        self.came: tuple[Visit, ...] = ()
        self.asked = 0
        self.closed = False
        bench.ports = Ports(self, bench.router, bench.store, bench.clock)

    async def visits(self, key: Key) -> tuple[Visit, ...]:
        self.asked += 1
        if self.closed:
            raise failures.Unavailable(f"{key}: the file cannot be read")
        came, self.came = self.came, ()
        return came

    def comes(self, users: Sequence[int], revision: str = NEW, path: str = "/") -> None:
        self.came += tuple(Visit(user, revision, "POST", path, 200) for user in users)


async def told(bench: Bench, release: Release, *, final: bool = False) -> Report | None:
    status = builders.status(release=release)
    return await cohorts.report(SHOP, status, bench.ports, bench.desk, final=final)


async def test_who_came_is_reported_and_noted_in_the_same_turn() -> None:
    bench = Bench()
    door = Door(bench)
    door.comes(range(1, 101))
    door.comes(range(1, 31), path="/checkout")
    door.comes(range(101, 201), OLD)
    report = await told(bench, running())
    again = await told(bench, running(), final=True)

    assert report is not None
    assert (100, 100, 0.3) == (report.users, report.stable_users, report.goals[0].share)
    assert again is not None
    assert (100, False, True) == (again.users, report.final, again.final)


@pytest.mark.parametrize(
    "status",
    [
        builders.idle(),
        builders.status(),
        builders.status(release=running(step=1)),
        builders.status(release=running(step=2)),
        builders.status(release=running(ended_at=builders.at(9))),
    ],
)
async def test_without_a_test_nobody_is_asked(status: Status) -> None:
    bench = Bench()
    door = Door(bench)

    assert await cohorts.report(SHOP, status, bench.ports, bench.desk) is None
    assert 0 == door.asked


async def test_a_platform_that_cannot_say_who_came_leaves_the_report_of_before() -> None:
    bench = Bench()
    door = Door(bench)
    door.comes(range(1, 31))
    await told(bench, running())
    door.closed = True
    report = await told(bench, running())

    assert report is not None
    assert 30 == report.users


async def test_visits_that_cannot_be_written_wait_for_the_next_turn() -> None:
    bench = Bench()
    door, write = Door(bench), bench.store.note_visits

    async def full(*_: object, **__: object) -> None:
        raise failures.Unavailable("the disk is full")

    bench.store.note_visits = full  # type: ignore[method-assign]  # the disk is full
    door.comes(range(1, 31))
    first = await told(bench, running())
    bench.store.note_visits = write  # type: ignore[method-assign]  # and is no more
    door.comes(range(31, 41))
    second = await told(bench, running())

    assert first is not None
    assert second is not None
    assert (0, 40) == (first.users, second.users)
    assert {} == bench.desk.visits


async def test_what_waits_is_not_counted_for_another_release() -> None:
    bench = Bench()
    Door(bench)
    bench.desk.visits[SHOP] = Unnoted(6, (Visit(1, NEW, "GET", "/", 200),))
    report = await told(bench, running())

    assert report is not None
    assert 0 == report.users


async def test_who_comes_before_the_test_has_begun_is_left_over_from_another() -> None:
    bench = Bench()
    door = Door(bench)
    door.comes(range(1, 31))
    await told(bench, running(step_at=None))
    door.comes(range(31, 36))
    begun = await told(bench, running())
    door.comes(range(36, 41))
    # The route was written anew in between: the test goes on.
    report = await told(bench, running(step_at=None))

    assert begun is not None
    assert report is not None
    assert (5, 10) == (begun.users, report.users)


async def test_a_store_that_cannot_be_read_leaves_the_turn_without_a_report() -> None:
    bench = Bench()
    Door(bench)

    async def away(key: Key, release: int) -> Cohort:
        del key, release
        raise failures.Unavailable("the disk fails")

    bench.store.cohort = away  # type: ignore[method-assign]  # the disk fails

    assert await told(bench, running()) is None


async def test_a_first_release_has_a_candidate_alone() -> None:
    bench = Bench()
    door = Door(bench)
    door.comes(range(1, 31))
    report = await told(bench, running(stable=None))

    assert report is not None
    assert (30, 0) == (report.users, report.stable_users)


async def test_an_ended_test_is_reported_from_what_is_stored() -> None:
    bench = Bench()
    Door(bench).comes(range(1, 31))
    await told(bench, running())
    over = await cohorts.kept(running(ended_at=builders.at(9)), bench.store)
    so_far = await cohorts.kept(running(), bench.store)

    assert over is not None
    assert so_far is not None
    assert (30, True, False) == (over.users, over.final, so_far.final)
    assert await cohorts.kept(builders.release(), bench.store) is None


async def test_the_report_is_part_of_what_a_turn_sees() -> None:
    bench = Bench()
    await bench.store.record(builders.status(release=running(), version=0))
    Door(bench).comes(range(1, 31))
    seen = await observe.observe(SHOP, bench.ports, bench.desk)

    assert seen.observed.report is not None
    assert 30 == seen.observed.report.users
