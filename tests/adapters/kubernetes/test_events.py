from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import pytest

from serinus.adapters.kubernetes import events as event_module
from serinus.adapters.kubernetes.client import Client, Object
from serinus.adapters.kubernetes.events import Events
from serinus.adapters.memory.clock import Clock
from tests.adapters.kubernetes import samples
from tests.adapters.kubernetes.apiserver import FakeApiServer

SHOP = samples.application("shop") | {"metadata": {"name": "shop", "namespace": "team", "uid": "u"}}


@asynccontextmanager
async def telling(server: FakeApiServer) -> AsyncIterator[tuple[Events, Clock]]:
    clock = Clock()
    async with Client.connect(transport=server) as client, anyio.create_task_group() as tasks:
        events = Events(client, clock, "controller-1")
        tasks.start_soon(events.run)
        yield events, clock
        tasks.cancel_scope.cancel()


async def until(so: Callable[[], bool]) -> None:
    with anyio.fail_after(5):
        while not so():
            await anyio.lowlevel.checkpoint()


def shown(server: FakeApiServer) -> list[tuple[str, int]]:
    return [(one["message"], one["count"]) for one in server.all("Event")]


async def test_an_event_is_beside_its_object() -> None:
    server = FakeApiServer()
    async with telling(server) as (events, _):
        events.tell(SHOP, "StepFailed", "success rate 97 %, wanted 99 %", "Warning")
        await until(lambda: bool(server.all("Event")))
    event = server.all("Event")[0]

    assert "team" == event["metadata"]["namespace"]
    assert ("Warning", "StepFailed") == (event["type"], event["reason"])
    assert ("Application", "shop", "u") == (
        event["involvedObject"]["kind"],
        event["involvedObject"]["name"],
        event["involvedObject"]["uid"],
    )
    assert "2026-01-01T12:00:00Z" == event["firstTimestamp"]


async def test_the_same_again_is_counted_and_another_is_another() -> None:
    server = FakeApiServer()
    async with telling(server) as (events, clock):
        for message in ("waits", "waits", "goes on", "waits"):
            events.tell(SHOP, "Step", message)
            clock.move(10)
        await until(lambda: sum(count for _, count in shown(server)) == 4)

    assert [("waits", 3), ("goes on", 1)] == shown(server)
    assert "2026-01-01T12:00:30Z" == server.all("Event")[0]["lastTimestamp"]


async def test_an_event_that_has_run_out_is_made_again() -> None:
    server = FakeApiServer()
    async with telling(server) as (events, clock):
        events.tell(SHOP, "Step", "waits")
        await until(lambda: bool(shown(server)))
        server.remove("Event", server.names("Event")[0], "team")
        clock.move(3_600)
        events.tell(SHOP, "Step", "waits")
        await until(lambda: bool(shown(server)))

    assert [("waits", 1)] == shown(server)


async def test_an_object_of_the_whole_cluster_has_its_events_in_default() -> None:
    server = FakeApiServer()
    environment: Object = {"kind": "Environment", "metadata": {"name": "prod"}}
    async with telling(server) as (events, _):
        events.tell(environment, "Changed", "has another router")
        await until(lambda: bool(server.all("Event", "default")))

    assert 1 == len(server.all("Event"))


async def test_while_the_api_server_is_away_events_wait() -> None:
    server = FakeApiServer()
    server.fail("create", "Event", times=3, status=0)
    async with telling(server) as (events, _):
        events.tell(SHOP, "Step", "one")
        events.tell(SHOP, "Step", "two")
        await until(lambda: len(shown(server)) == 2)

    assert [("one", 1), ("two", 1)] == shown(server)


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_an_event_that_cannot_be_written_is_left_out(status: int) -> None:
    server = FakeApiServer()
    server.fail("create", "Event", status=status)
    async with telling(server) as (events, _):
        events.tell(SHOP, "Step", "one")
        events.tell(SHOP, "Step", "two")
        await until(lambda: bool(shown(server)))

    assert [("two", 1)] == shown(server)


async def test_what_comes_faster_than_anybody_reads_is_left_out_by_object() -> None:
    server = FakeApiServer()
    other = samples.application("other")
    async with telling(server) as (events, clock):
        for number in range(60):
            events.tell(SHOP, "Step", f"number {number}")
        events.tell(other, "Step", "mine")
        clock.move(event_module.REFILL_S)
        events.tell(SHOP, "Step", "later")
        await until(lambda: not events._waiting)

    assert 25 + 1 + 1 == len(server.all("Event"))


async def test_of_too_many_that_wait_the_oldest_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_module, "WAITING", 3)
    events = Events(Client.connect(transport=FakeApiServer()), Clock())
    for number in range(5):
        events.tell(SHOP, "Step", f"number {number}")

    assert [f"number {n}" for n in (2, 3, 4)] == [told.message for told in events._waiting]


async def test_a_long_message_and_a_long_name_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_module, "REMEMBERED", 1)
    server = FakeApiServer()
    async with telling(server) as (events, _):
        events.tell(samples.application("a" * 250), "Step", "x" * 5_000)
        events.tell(SHOP, "Step", "short")
        await until(lambda: len(server.all("Event")) == 2)

    assert 1_024 == len(server.all("Event")[0]["message"])
    assert 253 == len(server.names("Event")[0])
    assert 1 == len(events._written)
    assert 1 == len(events._buckets)
