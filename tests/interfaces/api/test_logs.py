from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import anyio
import httpx2
import pytest

from serinus.adapters.memory.store import Store
from serinus.app.office import Line, Office
from serinus.core.state.notice import Key
from serinus.interfaces.api import logs
from serinus.ports import failures
from tests import builders
from tests.builders import NEW, OLD
from tests.interfaces import offices
from tests.interfaces.cli import afar
from tests.interfaces.cli.afar import Served
from tests.interfaces.offices import Shelf

pytestmark = pytest.mark.anyio

SHELF = {
    NEW: (Line("d4-0", "boom \u2028 and more"),),
    OLD: (Line("a1-1", "three"), Line("a1-0", "one"), Line("a1-0", "two")),
}


async def world(logs: Shelf | None = None) -> Office:
    store = Store()
    both = (builders.revision(OLD), builders.revision(NEW))
    await store.record(builders.status(), revisions=both)
    return offices.office(store, logs=logs or Shelf(SHELF))


async def test_the_last_lines_come_replica_by_replica() -> None:
    async with offices.program(offices.app(await world())) as visitor:
        both = await visitor.get("/api/v1/logs/local/shop")
        one = await visitor.get("/api/v1/logs/local/shop?candidate=1&lines=1")
        none = await visitor.get("/api/v1/logs/local/shop?lines=0")
        wrong = await visitor.get("/api/v1/logs/local/shop?lines=x")
        unknown = await visitor.get("/api/v1/logs/local/nope")

    assert ["one", "two", "three", "boom \u2028 and more"] == [line["text"] for line in both.json()]
    assert [{"replica": "d4-0", "text": "boom \u2028 and more"}] == one.json()
    assert [] == none.json()
    assert [400, 404] == [wrong.status_code, unknown.status_code]


class Written(Shelf):
    """Logs of which the stable revision's go on."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__(SHELF)
        self.failure = failure
        self.waiting: list[Line] = []
        self.come = anyio.Event()

    def put(self, line: Line) -> None:
        self.waiting.append(line)
        self.come.set()

    async def follow(self, key: Key, revision: str) -> AsyncIterator[Line]:
        del key
        if self.failure is not None:
            raise self.failure
        while revision == OLD:
            while self.waiting:
                yield self.waiting.pop(0)
            self.come = anyio.Event()
            await self.come.wait()


async def follow(served: Served, query: str) -> AsyncGenerator[str]:
    headers = {"authorization": f"Bearer {served.token}"}
    address = f"{served.address}/api/v1/logs/local/shop?follow=1&{query}"
    async with (
        httpx2.AsyncClient(trust_env=False) as client,
        client.stream("GET", address, headers=headers) as response,
    ):
        async for text in response.aiter_text():
            yield text


async def test_what_is_written_is_sent_as_it_is_written_until_the_server_ends() -> None:
    written = Written()
    found: list[str] = []
    come, ended = anyio.Event(), anyio.Event()

    async def read(served: Served) -> None:
        async with aclosing(follow(served, "lines=1")) as texts:
            async for text in texts:
                found.append(text)
                come.set()
        ended.set()

    async with anyio.create_task_group() as tasks:
        async with afar.serving(await world(written)) as served:
            tasks.start_soon(read, served)
            await come.wait()
            written.put(Line("a1-0", "and one more"))
            come = anyio.Event()
            await come.wait()
        with anyio.fail_after(5):
            await ended.wait()

    assert 'data: {"replica":"a1-0","text":"two"}\n\n' in found[0]
    assert 'data: {"replica":"a1-0","text":"and one more"}\n\n' in "".join(found[1:])


async def test_a_failure_on_the_way_is_told_in_the_stream() -> None:
    failure = failures.Rejected("the right to read pods/log is missing")
    text = ""
    async with (
        afar.serving(await world(Written(failure))) as served,
        aclosing(follow(served, "lines=0")) as texts,
    ):
        async for piece in texts:
            text += piece
            if "problem" in text:
                break

    assert "event: problem\ndata: {" in text
    assert "the right to read pods/log is missing" in text


async def test_no_more_may_follow_than_there_is_room_for() -> None:
    app = offices.app(await world())
    app.state.readers.total_tokens = 1
    app.state.readers.acquire_on_behalf_of_nowait(object())
    async with offices.program(app) as visitor:
        refused = await visitor.get("/api/v1/logs/local/shop?follow=1")

    assert 503 == refused.status_code
    assert f"{logs.MOST} follow logs here already" == refused.json()["detail"]
