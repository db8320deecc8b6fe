"""What Envoy counts as what: exact numbers, from real requests that go wrong in every way."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import msgspec
import pytest

from serinus.adapters.routers.envoy import BOUNDS_MS
from serinus.core.state.counts import NETWORK, ReplicaCounters, RevisionCounters
from serinus.core.state.workload import ReplicaState, Revision
from tests.adapters.local import traffic
from tests.adapters.local.world import World, world

pytestmark = [pytest.mark.envoy, pytest.mark.xdist_group("envoy")]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


@pytest.fixture
async def one(here: World) -> Revision:
    """One revision with one replica, routed to with a timeout of half a second."""
    found = here.revision("1")
    await here.run((found, [0]))
    await here.route((found, 1000), timeout_s=0.5)
    return found


async def counters(here: World, revision: Revision) -> RevisionCounters:
    scrapes = await here.platform.scrape([here.key])
    return scrapes[here.key].revisions[revision.id]


async def replica(here: World, revision: Revision, ordinal: int | str = 0) -> ReplicaCounters:
    """Return the requests of a replica; those that met a broken connection are told apart."""
    found = (await counters(here, revision)).replicas
    counted = found.get(f"{revision.short}-{ordinal}", ReplicaCounters(0, 0, 0, 0))
    return msgspec.structs.replace(counted, lines={})


async def broken(here: World, revision: Revision) -> int:
    found = (await counters(here, revision)).replicas.values()
    return sum(replica.lines[NETWORK] for replica in found)


async def test_every_way_to_fail_is_counted_once(here: World, one: Revision) -> None:
    paths = (
        *["/"] * 150,
        *["/?code=404"] * 10,
        *["/?code=500"] * 20,
        *["/?code=503"] * 5,
        *["/reset"] * 6,  # before an answer
        *["/broken"] * 4,  # in the middle of one
        *["/hang"] * 3,  # timed out before an answer
        *["/drip?ms=900"] * 2,  # timed out in the middle of one
    )

    answers = await traffic.send(here.port, here.host, paths)

    assert 200 == len(answers)
    assert ReplicaCounters(200, 200, 40, 0) == await replica(here, one)
    assert 15 == await broken(here, one)  # all that came to no end, and no answer of 500 or 503


async def test_health_checks_are_not_counted(here: World, one: Revision) -> None:
    await anyio.sleep(2.2)  # at least two checks of Envoy, and several of ours

    assert ReplicaCounters(0, 0, 0, 0) == await replica(here, one)


async def test_requests_in_flight_are_active_and_not_complete(here: World, one: Revision) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(traffic.get, here.port, here.host, "/hang")
        await anyio.sleep(0.2)
        during = await replica(here, one)

    assert ReplicaCounters(3, 0, 0, 3) == during
    assert ReplicaCounters(3, 3, 3, 0) == await replica(here, one)


async def test_a_caller_who_gives_up_leaves_a_request_that_never_completes(
    here: World, one: Revision
) -> None:
    for path in ("/hang", "/hang", "/drip?ms=400"):
        _reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {here.host}\r\n\r\n".encode())
        await anyio.sleep(0.1)
        writer.close()
    await anyio.sleep(0.2)

    # Two vanished (started, not active, not completed); the third had its answer begun.
    assert ReplicaCounters(3, 1, 0, 0) == await replica(here, one)


async def test_a_refused_attempt_that_is_made_good_elsewhere_is_no_error(here: World) -> None:
    # Nothing listens at the second endpoint, and Envoy takes its time to find out.
    one = here.revision("1")
    await here.run((one, [0, 1]))
    await here.route((one, 1000))
    replicas = await here.platform.replicas(here.key)
    await fall(here, f"{one.short}-1")

    answers = await traffic.send(here.port, here.host, ["/"] * 100)

    good = await replica(here, one, 0)
    bad = await replica(here, one, 1)
    assert 2 == len(replicas)
    assert {200} == {answer.status for answer in answers}
    assert (100, 0) == (good.started + bad.started, good.errors + bad.errors)


async def fall(here: World, name: str) -> None:
    """End a replica from outside, and let it be seen."""
    found = next(life for life in here.platform._processes.all() if life.name == name)
    assert found.record.process is not None
    os.killpg(found.record.process.pid, signal.SIGKILL)

    async def down() -> bool:
        states = {r.name: r.state for r in await here.platform.replicas(here.key)}
        return states[name] is ReplicaState.BACKING_OFF

    await here.eventually(down)


async def test_requests_that_reach_no_replica_are_errors_of_the_revision(
    here: World, one: Revision
) -> None:
    before = await traffic.send(here.port, here.host, ["/"] * 10)
    await fall(here, f"{one.short}-0")

    answers = await traffic.send(here.port, here.host, ["/"] * 50, callers=2)

    lost = sum(answer.status == 503 for answer in answers)
    mine, nobody = await replica(here, one), await replica(here, one, "none")
    assert lost > 0
    assert 60 == mine.started + nobody.started
    assert 60 == mine.completed + nobody.completed
    assert lost == mine.errors + nobody.errors
    assert 10 == sum(answer.status == 200 for answer in before)


async def test_counters_go_on_when_a_replica_leaves_the_route_and_comes_back(here: World) -> None:
    one, two = here.revision("1"), here.revision("2")
    await here.run((one, [0]), (two, [0]))
    await here.route((one, 500), (two, 500))
    await traffic.send(here.port, here.host, ["/"] * 100)
    before = await replica(here, two)

    await here.route((one, 1000))
    await traffic.send(here.port, here.host, ["/"] * 20)
    aside = await replica(here, two)
    await here.route((one, 0), (two, 1000))
    await traffic.send(here.port, here.host, ["/"] * 20)

    after = await replica(here, two)
    assert before == aside
    assert before.started + 20 == after.started


async def test_latency_is_counted_up_to_the_last_request(here: World, one: Revision) -> None:
    waits = [0, 12, 12, 33, 33, 33, 120]

    for wait in waits:
        await traffic.get(here.port, here.host, f"/?ms={wait}")
    counted = await counters(here, one)

    faster = dict(zip(counted.bounds_ms, counted.buckets, strict=True))
    assert BOUNDS_MS == counted.bounds_ms
    assert 7 == counted.timed
    assert [1, 3, 6, 6, 7] == [faster[bound] for bound in (10, 30, 75, 100, 500)]
    assert list(counted.buckets) == sorted(counted.buckets)


async def test_failures_before_an_answer_have_no_latency(here: World, one: Revision) -> None:
    await traffic.send(here.port, here.host, ["/", "/reset", "/hang", "/?code=500"])

    assert 2 == (await counters(here, one)).timed


async def test_counters_never_go_back_under_load(here: World, one: Revision) -> None:
    two = ReplicaCounters(0, 0, 0, 0)

    async with traffic.steady(here.port, here.host, per_second=300, path="/?ms=3&code=500"):
        for _ in range(60):
            before, two = two, await replica(here, one)
            assert before.started <= two.started
            assert before.completed <= two.completed
            assert before.errors <= two.errors <= two.completed + 1
            assert two.completed + two.active <= two.started + 2
            await anyio.sleep(0.01)

    end = await replica(here, one)
    assert end.started == end.completed == end.errors
