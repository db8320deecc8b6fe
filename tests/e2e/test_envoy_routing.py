"""Real requests through a real Envoy: weights, moves under load, draining, who answers what."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from msgspec.structs import replace

from serinus.core.state.notice import Key
from serinus.core.state.traffic import Route
from serinus.core.state.workload import ReplicaState
from serinus.ports.failures import Rejected
from tests.adapters.local import traffic
from tests.adapters.local.world import World, world

pytestmark = [pytest.mark.envoy, pytest.mark.xdist_group("envoy")]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def test_requests_follow_the_weights_to_a_per_mille(here: World) -> None:
    one, two, three = here.revision("1"), here.revision("2"), here.revision("3")
    await here.run((one, [0, 1]), (two, [0]), (three, [0]))
    await here.route((one, 799), (two, 200), (three, 1))
    requests = 8_000

    answers = await traffic.send(here.port, here.host, ["/"] * requests, callers=16)

    got = Counter(answer.body.partition("-")[0] for answer in answers)
    assert requests == sum(answer.status == 200 for answer in answers)
    # Five standard deviations: sqrt(n·p·(1-p)) is 36 at 20 %, 2.8 at 0.1 %.
    assert abs(got[two.short] - 1_600) < 180
    assert 0 < got[three.short] < 23


async def test_replicas_of_a_revision_get_equal_shares(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0, 1, 2]))
    await here.route((one, 1000))

    answers = await traffic.send(here.port, here.host, ["/"] * 600)

    got = Counter(answer.body for answer in answers)
    assert max(got.values()) - min(got.values()) <= 20


async def test_moving_weights_and_replicas_under_load_loses_no_request(here: World) -> None:
    one, two = here.revision("1"), here.revision("2")
    await here.run((one, [0]), (two, [0]))
    await here.route((one, 1000))

    async with traffic.steady(here.port, here.host, per_second=300) as stream:
        for share in (10, 250, 500, 0, 100, 1000):
            await here.route((one, 1000 - share), (two, share))
            await anyio.sleep(0.15)
        await here.run((one, [0]), (two, [0, 1, 2]))
        await here.route((two, 1000))
        await here.run((two, [0, 1, 2, 3]))
        await here.route((two, 1000))
        await here.run((two, [3]))
        await here.route((two, 1000))
        await anyio.sleep(0.15)

    assert {200: len(stream.answers)} == stream.statuses
    assert {f"{two.short}-3", f"{one.short}-0"} < set(stream.bodies)


async def test_a_revision_that_takes_the_place_of_another_loses_no_request(here: World) -> None:
    revisions = [here.revision(str(number)) for number in range(4)]
    await here.run((revisions[0], [0]))
    await here.route((revisions[0], 1000))

    async with traffic.steady(here.port, here.host, per_second=300) as stream:
        for old, new in itertools.pairwise(revisions):
            await here.run((old, [0]), (new, [0]))
            await here.route((new, 1000))
            await here.ensure((new, [0]))

    assert {200: len(stream.answers)} == stream.statuses


async def test_a_replica_that_leaves_ends_its_requests_and_gets_no_new_ones(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0, 1]))
    await here.route((one, 1000))

    async with anyio.create_task_group() as tasks:
        slow: list[traffic.Answer] = []

        async def wait() -> None:
            slow.extend(await traffic.send(here.port, here.host, ["/drip?ms=1200"] * 6, callers=6))

        tasks.start_soon(wait)
        await anyio.sleep(0.2)
        await here.ensure((one, [1]))
        await anyio.sleep(0.1)
        during = await traffic.send(here.port, here.host, ["/"] * 50)
        leaving = next(
            r for r in await here.platform.replicas(here.key) if r.name == f"{one.short}-0"
        )

    assert {f"{one.short}-0", f"{one.short}-1"} == {answer.body for answer in slow}
    assert {f"{one.short}-1"} == {answer.body for answer in during}
    assert leaving.state is ReplicaState.STOPPING


async def test_draining_ends_at_its_deadline(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    await here.route((one, 1000))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(traffic.get, here.port, here.host, "/hang")
        await anyio.sleep(0.2)
        began = time.monotonic()
        await here.ensure(drain_s=0.6)

        async def gone() -> bool:
            return not await here.platform.replicas(here.key)

        await here.eventually(gone)

    assert 0.6 <= time.monotonic() - began < 3.0


async def test_a_revision_without_healthy_replicas_fails_fast_and_alone(here: World) -> None:
    one, two = here.revision("1"), here.revision("2", env={"START_S": "0"})
    await here.run((one, [0]), (two, [0]))
    route = await here.route((one, 500), (two, 500))
    # The candidate's only replica leaves, and the route still names it.
    await here.ensure((one, [0]), drain_s=0.0)

    async def alone() -> bool:
        return len(await here.platform.replicas(here.key)) == 1

    await here.eventually(alone)

    answers = await traffic.send(here.port, here.host, ["/"] * 400)

    got = Counter(answer.status for answer in answers)
    assert {200, 503} == set(got)
    assert abs(got[503] - 200) < 50
    assert max(answer.seconds for answer in answers) < 0.5
    assert 500 == route.weight(two.id)


async def test_a_host_that_nobody_has_gets_a_plain_answer(here: World) -> None:
    answer = await traffic.get(here.port, "nobody.localhost")

    assert 404 == answer.status
    assert "no application answers to this host\n" == answer.body


async def test_a_host_answers_with_any_port(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    await here.route((one, 1000))

    assert 200 == (await traffic.get(here.port, f"{here.host}:{here.port}")).status


async def test_headers_pass_through(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    await here.route((one, 1000))
    mine = ("X-Request-Id: 42", "X-Forwarded-For: 10.1.2.3", "X-Envoy-Max-Retries: 9")

    answer = await traffic.get(here.port, here.host, "/echo", mine)

    assert "x-request-id: 42\r\n" in answer.body
    assert "x-forwarded-for: 10.1.2.3,127.0.0.1\r\n" in answer.body
    assert "x-envoy" not in answer.body
    assert "server: mine" in answer.headers
    assert not any(header.startswith("x-envoy") for header in answer.headers)


async def test_a_websocket_is_passed_on_and_outlives_the_timeout(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    await here.route((one, 1000), timeout_s=0.5)

    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    head = f"GET /socket HTTP/1.1\r\nHost: {here.host}\r\nConnection: Upgrade\r\n"
    writer.write(f"{head}Upgrade: websocket\r\n\r\n".encode())
    status = await reader.readline()
    await reader.readuntil(b"\r\n\r\n")
    await anyio.sleep(0.8)
    writer.write(b"hello")
    said = await reader.readexactly(5)
    writer.close()

    assert b"101" in status
    assert b"hello" == said


async def test_two_applications_share_the_entrance_and_cannot_share_a_host(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    route = await here.route((one, 1000))
    blog = Key("blog", "local")
    theirs = replace(route, application="blog", host="blog.localhost")
    await here.platform.deliver(blog, here.router.render(blog, theirs, {}))

    with pytest.raises(Rejected, match=r"host blog\.localhost belongs to blog/local already"):
        await here.put(replace(route, host="blog.localhost"))
    shop, blogs = [
        (await traffic.get(here.port, f"{name}.localhost")).status for name in ("shop", "blog")
    ]

    assert (200, 200) == (shop, blogs)


async def test_a_host_whose_application_has_no_version_says_so(here: World) -> None:
    await here.put(Route("shop", "local", here.host, ()))
    await here.carried(Route("shop", "local", here.host, ()))

    answer = await traffic.get(here.port, here.host)

    assert (503, "no version of shop/local serves yet\n") == (answer.status, answer.body)
