from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import msgspec

from serinus.adapters.kubernetes import bookmarks
from serinus.adapters.kubernetes.bookmarks import Bookmarks
from serinus.adapters.kubernetes.client import Client
from serinus.app import chronicle
from serinus.core.state import labels
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.clocks import Shared

SYSTEM = "serinus-system"


def kept(server: FakeApiServer, clock: Shared) -> Bookmarks:
    return Bookmarks(
        Client.connect(transport=server),
        clock,
        SYSTEM,
        number=chronicle.number,
        instant=chronicle.instant,
    )


@asynccontextmanager
async def running(one: Bookmarks) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one.run)
        yield
        tasks.cancel_scope.cancel()


def written(server: FakeApiServer) -> dict[str, str]:
    found = server.find("Lease", bookmarks.NAME, SYSTEM)["metadata"]["annotations"][labels.TOLD]
    return msgspec.json.decode(found, type=dict[str, str])


async def test_the_next_controller_finds_how_far_the_last_one_told() -> None:
    server, clock = FakeApiServer(), Shared()
    mark = chronicle.number(clock.now())
    first, second = kept(server, clock), kept(server, clock)
    async with running(first):
        first.write("on-call", mark)
        await clock.pass_s(2 * bookmarks.EVERY_S)
        await second.load()

    assert {"on-call": mark} == first.read() == second.read()
    assert {"on-call": "2026-01-01T12:00:00Z"} == written(server)


async def test_who_ends_writes_the_last_of_it() -> None:
    server, clock = FakeApiServer(), Shared()
    one = kept(server, clock)
    async with running(one):
        await clock.pass_s(1.0)
        one.write("chat", chronicle.number(clock.now()))

    assert {"chat": "2026-01-01T12:00:01Z"} == written(server)


async def test_nothing_is_written_while_nothing_changes() -> None:
    server, clock = FakeApiServer(), Shared()
    one = kept(server, clock)
    async with running(one):
        one.write("chat", chronicle.number(clock.now()))
        await clock.pass_s(2 * bookmarks.EVERY_S)
        version = server.find("Lease", bookmarks.NAME, SYSTEM)["metadata"]["resourceVersion"]
        await clock.pass_s(10 * bookmarks.EVERY_S)

    found = server.find("Lease", bookmarks.NAME, SYSTEM)["metadata"]["resourceVersion"]
    assert version == found


async def test_a_mark_from_a_clock_that_is_ahead_of_ours_is_one_of_now() -> None:
    server, ahead, clock = FakeApiServer(), Shared(), Shared()
    ahead.move(60.0)
    first, second = kept(server, ahead), kept(server, clock)
    async with running(first):
        first.write("chat", chronicle.number(ahead.now()))
    await second.load()

    assert {"chat": chronicle.number(clock.now())} == second.read()


async def test_without_a_note_every_place_is_new() -> None:
    server, clock = FakeApiServer(), Shared()
    one = kept(server, clock)
    await one.load()
    server.add(
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "name": bookmarks.NAME,
                "namespace": SYSTEM,
                "annotations": {labels.TOLD: "no JSON"},
            },
        }
    )
    other = kept(server, clock)
    await other.load()

    assert {} == one.read() == other.read()


async def test_what_cannot_be_written_is_tried_again() -> None:
    server, clock = FakeApiServer(), Shared()
    one = kept(server, clock)
    async with running(one):
        server.fail("apply", "Lease", 1, 403)
        one.write("chat", chronicle.number(clock.now()))
        await clock.pass_s(3 * bookmarks.EVERY_S)
        found = written(server)

    assert {"chat": "2026-01-01T12:00:00Z"} == found
