from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import anyio
import httpx2
import pytest
from anyio.abc import TaskGroup

from serinus.adapters.kubernetes import lease as leases
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.lease import Lease
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.clocks import Shared, settled

TERMS = leases.Terms()


class Candidate:
    """A controller that wants to lead; ``works`` tells whether it does its work now."""

    def __init__(self, server: httpx2.AsyncBaseTransport, clock: Shared, name: str) -> None:
        self.works = False
        self.outcome: bool | None = None
        self.scope = anyio.CancelScope()
        self.done = anyio.Event()
        self.lease = Lease(
            Client.connect(transport=server),
            clock,
            "serinus",
            identity=name,
            steady=clock.steady,
            chance=lambda: 0.0,
        )

    async def run(self) -> None:
        with self.scope:
            self.outcome = await self.lease.lead(self.work)

    async def work(self) -> None:
        self.works = True
        try:
            await self.done.wait()
        finally:
            self.works = False


@asynccontextmanager
async def world(*names: str) -> AsyncIterator[tuple[FakeApiServer, Shared, list[Candidate]]]:
    server, clock = FakeApiServer(), Shared()
    candidates = [Candidate(server, clock, name) for name in names]
    async with anyio.create_task_group() as tasks:
        for one in candidates:
            await started(tasks, one)
        yield server, clock, candidates
        tasks.cancel_scope.cancel()


async def started(tasks: TaskGroup, one: Candidate) -> None:
    tasks.start_soon(one.run)
    await settled()


def spec(server: FakeApiServer) -> dict[str, Any]:
    return dict(server.find("Lease", "serinus", "serinus")["spec"])


async def test_the_first_one_leads_at_once_and_the_second_waits() -> None:
    async with world("a", "b") as (server, clock, (first, second)):
        await clock.pass_s(300)

        assert (True, False) == (first.works, second.works)
        assert (True, False) == (first.lease.leading, second.lease.leading)
        assert ("a", "a") == (first.lease.holder, second.lease.holder)
        assert ("a", 20, 0) == (
            spec(server)["holderIdentity"],
            spec(server)["leaseDurationSeconds"],
            spec(server)["leaseTransitions"],
        )
        assert "2026-01-01T12:00:00.000000Z" == spec(server)["acquireTime"]
        assert "2026-01-01T12:05:00.000000Z" == spec(server)["renewTime"]


async def test_a_holder_that_ends_in_order_is_followed_at_the_next_look() -> None:
    async with world("a", "b") as (server, clock, (first, second)):
        await clock.pass_s(60)
        first.done.set()
        await clock.pass_s(TERMS.retry_s)

        assert first.outcome is True
        assert (False, True) == (first.works, second.works)
        assert 2 == spec(server)["leaseTransitions"] + 1


async def test_a_holder_that_is_cancelled_gives_back_after_its_work_has_ended() -> None:
    async with world("a", "b") as (server, clock, (first, second)):
        first.scope.cancel()
        await settled()

        assert not first.works
        assert "" == spec(server)["holderIdentity"]
        await clock.pass_s(TERMS.retry_s)
        assert second.works


async def test_a_holder_that_was_killed_is_followed_after_the_term_and_not_before() -> None:
    async with world("a", "b") as (server, clock, (first, second)):
        await clock.pass_s(60)
        server.fail("replace", "Lease", times=1, status=0)  # a killed one gives nothing back
        first.scope.cancel()
        await clock.pass_s(TERMS.duration_s - TERMS.retry_s)
        early = second.works
        await clock.pass_s(2 * TERMS.retry_s)

        assert not early
        assert second.works
        assert 1 == spec(server)["leaseTransitions"]


async def test_a_holder_that_cannot_renew_stops_before_anybody_else_begins() -> None:
    server, clock = FakeApiServer(), Shared()
    cut = Cut(server)
    first, second = Candidate(cut, clock, "a"), Candidate(server, clock, "b")
    async with anyio.create_task_group() as tasks:
        await started(tasks, first)
        await started(tasks, second)
        await clock.pass_s(60)
        cut.off = True
        at_once: list[tuple[bool, bool]] = []
        for _ in range(60):
            await clock.pass_s(0.5)
            at_once.append((first.works, second.works))
        tasks.cancel_scope.cancel()

    assert (True, True) not in at_once
    assert at_once.index((False, False)) * 0.5 <= TERMS.deadline_s
    assert (False, True) == at_once[-1]
    assert first.outcome is False
    assert "hung up" in first.lease.problem


class Cut(httpx2.AsyncBaseTransport):
    """A network that can be cut off between one candidate and the API server."""

    def __init__(self, server: FakeApiServer) -> None:
        self.server = server
        self.off = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.off:
            raise httpx2.ReadError("cut", request=request)
        return await self.server.handle_async_request(request)


async def test_an_api_server_that_is_away_for_a_moment_costs_nobody_the_lead() -> None:
    async with world("a", "b") as (server, clock, (first, second)):
        server.fail(times=1_000, status=0)
        await clock.pass_s(TERMS.deadline_s - 2)
        server.heal()
        await clock.pass_s(60)

        assert (True, False) == (first.works, second.works)
        assert not first.lease.problem


async def test_an_api_server_that_is_away_for_longer_ends_the_work_and_one_leads_again() -> None:
    async with world("a", "b") as (server, clock, (first, second)):
        server.fail(times=1_000_000, status=0)
        await clock.pass_s(TERMS.deadline_s)
        stopped = (first.works, second.works)
        server.heal()
        await clock.pass_s(TERMS.duration_s)

        assert (False, False) == stopped
        assert first.outcome is False
        assert second.works


async def test_an_answer_that_was_lost_is_found_out_by_looking() -> None:
    async with world("a") as (server, clock, (first,)):
        server.fail("replace", "Lease", status=0, done=True)
        await clock.pass_s(60)

        assert first.works


async def test_a_lease_that_somebody_takes_by_force_ends_the_work_at_the_next_renewal() -> None:
    async with world("a") as (server, clock, (first,)):
        server.edit("Lease", "serinus", "serinus", {"spec": {"holderIdentity": "admin"}})
        await clock.pass_s(TERMS.renew_s)

        assert first.outcome is False
        assert "admin" == spec(server)["holderIdentity"]


async def test_a_note_of_somebody_on_the_lease_costs_nobody_the_lead() -> None:
    async with world("a", "b") as (server, clock, (first, second)):
        for _ in range(10):
            server.edit("Lease", "serinus", "serinus", {"metadata": {"labels": {"x": "1"}}})
            await clock.pass_s(TERMS.renew_s)

        assert (True, False) == (first.works, second.works)


async def test_a_lease_that_was_deleted_is_made_again_by_its_holder() -> None:
    async with world("a") as (server, clock, (first,)):
        server.remove("Lease", "serinus", "serinus")
        await clock.pass_s(TERMS.renew_s)

        assert first.works
        assert "a" == spec(server)["holderIdentity"]


@pytest.mark.parametrize("skew", [timedelta(days=-400), timedelta(days=400)])
async def test_a_clock_that_goes_wrong_moves_nobody(skew: timedelta) -> None:
    async with world("a", "b") as (server, clock, (first, second)):
        for _ in range(30):  # the holder's clock is far off: what it writes is of another year
            wrong = (clock.now() + skew).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
            server.edit("Lease", "serinus", "serinus", {"spec": {"renewTime": wrong}})
            await clock.pass_s(1)

        assert (True, False) == (first.works, second.works)


async def test_a_right_that_lacks_is_said_and_waited_for() -> None:
    server, clock = FakeApiServer(), Shared()
    server.fail("get", "Lease", times=1_000, status=403)
    one = Candidate(server, clock, "a")
    async with anyio.create_task_group() as tasks:
        await started(tasks, one)
        await clock.pass_s(10)
        said = one.lease.problem
        server.heal()
        await clock.pass_s(TERMS.retry_s)
        worked = one.works
        tasks.cancel_scope.cancel()

    assert "get Lease serinus/serinus: injected by the test (403)" == said
    assert worked


async def test_of_many_candidates_one_leads_at_a_time_through_all_handovers() -> None:
    async with world(*"abcde") as (_, clock, candidates):
        seen = set()
        for _ in candidates:
            await clock.pass_s(20)
            leading = [one for one in candidates if one.works]
            seen.add(leading[0].lease.identity)
            leading[0].done.set()
            assert 1 == len(leading)

    assert set("abcde") == seen


async def test_work_that_falls_gives_the_lead_back() -> None:
    server, clock = FakeApiServer(), Shared()
    lease = Lease(
        Client.connect(transport=server), clock, "serinus", identity="a", steady=clock.steady
    )

    async def falls() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(ExceptionGroup, match="unhandled errors"):
        await lease.lead(falls)
    assert "" == spec(server)["holderIdentity"]


def test_no_two_processes_have_one_name() -> None:
    assert leases.identity() != leases.identity()


def test_time_goes_on_by_itself() -> None:
    assert leases._since_boot_s() <= leases._since_boot_s()


async def test_of_two_who_take_in_the_same_moment_one_has_it() -> None:
    async with world("a") as (server, clock, (first,)):
        second, third = (Candidate(server, clock, name) for name in "bc")
        first.done.set()
        await settled()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(second.run)
            tasks.start_soon(third.run)
            await settled()
            at_once = [one.works for one in (second, third)]
            problems = [one.lease.problem for one in (second, third)]
            tasks.cancel_scope.cancel()

    assert 1 == sum(at_once)
    assert ["", ""] == problems


def test_a_holder_that_renewed_too_late_is_refused_from_the_start() -> None:
    with pytest.raises(ValueError, match="renew_s < deadline_s < duration_s"):
        leases.Terms(3, 2, 0.4)
