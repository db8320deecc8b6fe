"""Copies of requests: how many, where to, and that nobody feels what becomes of them."""

import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
import pytest
from msgspec.structs import replace

from serinus.core.spec.requests import Edits
from serinus.core.state.counts import MIRRORED, ReplicaCounters
from serinus.core.state.workload import Revision
from tests.adapters.local import traffic
from tests.adapters.local.world import World, world

pytestmark = [pytest.mark.envoy, pytest.mark.xdist_group("envoy")]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def mirror(
    here: World, one: Revision, two: Revision, share: int = 1000, **further: object
) -> None:
    """Answer everything with one revision, and send copies to another one."""
    await here.run((one, [0]), (two, [0]))
    planned = await here.planned((one, 1000), timeout_s=0.5)
    await here.follow(replace(planned, mirror=await here.mirrored(two, share, **further)))


async def counted(here: World, found: Revision, of: str = "") -> ReplicaCounters:
    """Return what all replicas of a revision did together."""
    revisions = (await here.platform.scrape([here.key]))[here.key].revisions
    known = revisions.get(found.id + of)
    told = known.replicas.values() if known else ()
    return ReplicaCounters(
        *(
            sum(getattr(r, name) for r in told)
            for name in ("started", "completed", "errors", "active")
        )
    )


async def until(
    here: World, found: Revision, holds: Callable[[ReplicaCounters], bool]
) -> ReplicaCounters:
    """Wait for the copies to end, which nobody else waits for."""

    async def so() -> bool:
        return holds(await counted(here, found, MIRRORED))

    await here.eventually(so)
    return await counted(here, found, MIRRORED)


async def test_a_share_of_the_requests_is_copied_and_nobody_gets_the_answers(here: World) -> None:
    one, two = here.revision("1"), here.revision("2")
    await mirror(here, one, two, 100)
    requests = 3_000

    answers = await traffic.send(here.port, here.host, ["/"] * requests)
    copies = await until(here, two, lambda found: found.active == 0)

    assert {f"{one.short}-0"} == {answer.body for answer in answers}
    assert ReplicaCounters(requests, requests, 0, 0) == await counted(here, one)
    # Five standard deviations: sqrt(n·p·(1-p)) is 16.4.
    assert abs(copies.started - 300) < 82
    assert (copies.started, 0) == (copies.completed, copies.errors)
    assert ReplicaCounters(0, 0, 0, 0) == await counted(here, two)


async def test_only_the_methods_that_are_named_are_copied(here: World) -> None:
    one, two = here.revision("1"), here.revision("2")
    await mirror(here, one, two, methods=("GET", "HEAD"))

    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "GET"):
        answer = await traffic.get(here.port, here.host, "/", method=method)
        assert f"{one.short}-0" == answer.body

    assert 2 == (await until(here, two, lambda found: found.completed >= 2)).started


@pytest.mark.parametrize("fault", ["/?code=500", "/reset", "/hang"])
async def test_users_feel_nothing_of_a_target_that_fails_and_its_errors_are_counted(
    here: World, fault: str
) -> None:
    one, two = here.revision("1"), here.revision("2", env={"FAULT": fault})
    await mirror(here, one, two)
    requests = 200

    answers = await traffic.send(here.port, here.host, ["/"] * requests)
    copies = await until(here, two, lambda found: found.completed == requests)

    assert {(200, f"{one.short}-0")} == {(answer.status, answer.body) for answer in answers}
    assert ReplicaCounters(requests, requests, 0, 0) == await counted(here, one)
    assert ReplicaCounters(requests, requests, requests, 0) == copies


async def test_a_target_that_hangs_takes_up_little_room_and_delays_nobody(here: World) -> None:
    one, two = here.revision("1"), here.revision("2", env={"FAULT": "/hang"})
    await mirror(here, one, two)
    planned = await here.seen()
    assert planned is not None
    await here.follow(replace(planned, timeout_s=60.0))

    answers = await traffic.send(here.port, here.host, ["/"] * 1_500)
    copies = await counted(here, two, MIRRORED)

    assert {(200, f"{one.short}-0")} == {(answer.status, answer.body) for answer in answers}
    assert max(answer.seconds for answer in answers) < 5.0
    assert 0 < copies.active <= 256
    assert 0 == copies.errors


async def test_users_feel_nothing_of_a_target_that_is_dead_and_its_outage_is_counted(
    here: World,
) -> None:
    one, two = here.revision("1"), here.revision("2")
    await mirror(here, one, two)
    life = next(r for r in here.platform._processes.all() if r.name == f"{two.short}-0")
    assert life.record.process is not None
    os.killpg(life.record.process.pid, signal.SIGKILL)

    answers = await traffic.send(here.port, here.host, ["/"] * 400)
    copies = await until(here, two, lambda found: found.completed == 400)

    assert {(200, f"{one.short}-0")} == {(answer.status, answer.body) for answer in answers}
    assert ReplicaCounters(400, 400, 0, 0) == await counted(here, one)
    assert copies.errors > 0


async def test_a_copy_looks_like_the_request_but_for_its_edits(here: World) -> None:
    one = here.revision("1", env={"TELL": "1"})
    two = here.revision("2", env={"TELL": "1"})
    edits = Edits(set=(("x-environment", "50 %"),), remove=("authorization",))
    await mirror(here, one, two, edits=edits)
    mine = ("Authorization: secret", "X-Mine: 1", "X-Forwarded-For: 10.1.2.3", "X-Request-Id: 42")

    await traffic.get(here.port, here.host, "/", mine)
    await until(here, two, lambda found: found.completed == 1)
    original, copy = [
        {
            told
            async for _, line in here.platform.logs(here.key, found.id)
            if ": " in line
            for told in line.split("; ")
        }
        for found in (one, two)
    ]

    assert {"authorization: secret"} == original - copy
    assert {"x-environment: 50 %"} == copy - original
    assert {f"host: {here.host}", "x-forwarded-for: 10.1.2.3,127.0.0.1"} <= copy


async def test_latency_of_copies_is_counted_apart(here: World) -> None:
    one, two = here.revision("1"), here.revision("2", env={"FAULT": "/?ms=60"})
    await mirror(here, one, two)

    await traffic.send(here.port, here.host, ["/"] * 20)
    await until(here, two, lambda found: found.completed == 20)
    revisions = (await here.platform.scrape([here.key]))[here.key].revisions

    def faster(revision: str, bound: int) -> int:
        counts = revisions[revision]
        return dict(zip(counts.bounds_ms, counts.buckets, strict=True))[bound]

    assert 20 == revisions[two.id + MIRRORED].timed == revisions[one.id].timed
    assert 0 == faster(two.id + MIRRORED, 50)
    assert 0 < faster(one.id, 50)


async def test_a_mirror_is_seen_when_its_target_is_healthy_and_holds_nobody_up(
    here: World,
) -> None:
    one, two = here.revision("1"), here.revision("2")
    await here.run((one, [0]), (two, [0]))
    planned = await here.planned((one, 1000))
    sick = here.revision("3", env={"UNHEALTHY": "1"})
    await here.ensure((one, [0]), (two, [0]), (sick, [0]))
    wanted = await here.mirrored(two, 1000)
    (address,) = [
        r.address for r in await here.platform.replicas(here.key) if r.revision == sick.id
    ]
    endpoint = replace(wanted.endpoints[0], replica=f"{sick.short}-0", address=address)
    pending = replace(planned, mirror=replace(wanted, revision=sick.id, endpoints=(endpoint,)))
    began = time.monotonic()

    await here.put(pending)
    took = time.monotonic() - began
    seen = await here.seen()
    answers = await traffic.send(here.port, here.host, ["/"] * 50)
    await here.follow(replace(planned, mirror=wanted))

    assert took < 1.0
    assert seen != pending
    assert {200} == {answer.status for answer in answers}


async def test_a_mirror_that_ends_leaves_nothing_when_its_replicas_are_gone(here: World) -> None:
    one, two = here.revision("1"), here.revision("2")
    await mirror(here, one, two)
    folder = here.home / "run" / "envoy" / "eds"
    before = {path.stem for path in folder.iterdir()}

    async with traffic.steady(here.port, here.host, per_second=100) as stream:
        await here.follow(await here.planned((one, 1000)))
        await anyio.sleep(0.1)
        sent = (await counted(here, two, MIRRORED)).started
        await anyio.sleep(0.1)
        after = await counted(here, two, MIRRORED)
        await here.run((one, [0]))
    left = {path.stem for path in folder.iterdir()}

    assert {200: len(stream.answers)} == stream.statuses
    assert sent == after.started
    assert {f"shop~local~{one.id[:20]}", f"shop~local~{two.id[:20]}~mirror"} == before
    assert {f"shop~local~{one.id[:20]}"} == left
