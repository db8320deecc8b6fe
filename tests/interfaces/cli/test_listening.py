from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import anyio
import httpx2
import pytest

from serinus.app import views
from serinus.app.shown import View
from serinus.boot.settings import Server
from serinus.core.state.notice import Event
from serinus.interfaces.cli import listening
from serinus.interfaces.cli.listening import Followed, Source
from serinus.interfaces.cli.wire import Wire
from serinus.ports import failures
from tests.builders import SHOP
from tests.interfaces.api import test_acts

pytestmark = pytest.mark.anyio


class Line(httpx2.AsyncByteStream):
    """A stream that a test sends through, and breaks."""

    def __init__(self) -> None:
        self.waiting: deque[bytes] = deque()
        self.come = anyio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self.waiting:
                piece = self.waiting.popleft()
                if not piece:
                    raise httpx2.ReadError("cut")
                yield piece
            self.come = anyio.Event()
            await self.come.wait()

    def put(self, piece: bytes) -> None:
        self.waiting.append(piece)
        self.come.set()

    def nudge(self, topic: str, number: int = 1) -> None:
        told = b'id: a-%d\ndata: {"topic":"%b","kind":"changed"}\n\n'
        self.put(told % (number, topic.encode()))


class Dashboard:
    """A dashboard whose answers a test decides."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.last: list[str] = []
        self.looks = 0
        self.refuses = False
        self.failure: Exception | None = None
        self.view: View | None = None

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.refuses:
            raise httpx2.ConnectError("connection refused")
        self.last.append(request.headers.get("last-event-id", ""))
        self.lines.append(Line())
        return httpx2.Response(200, stream=self.lines[-1])

    async def release(self) -> View | None:
        self.looks += 1
        if self.failure is not None:
            raise self.failure
        return self.view

    async def events(self, after: int) -> Sequence[Event]:
        del after
        return ()

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[Followed]:
        wire = Wire(Server("http://127.0.0.1:7070", "x"), httpx2.MockTransport(self.answer))
        source = Source(self.release, self.events)
        async with wire, listening.opened(wire, SHOP, source) as heard:
            yield heard


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    monkeypatch.setattr(listening, "AGAIN_S", 0.01)
    return Dashboard()


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(10):
        while not holds():
            await anyio.lowlevel.checkpoint()


async def test_it_is_looked_again_when_its_topic_changed_and_not_for_others(
    dashboard: Dashboard,
) -> None:
    async with dashboard.followed():
        await until(lambda: bool(dashboard.lines))
        first = dashboard.looks
        for topic in ("list", "application/local/other", "release/local/shop/x/7"):
            dashboard.lines[0].nudge(topic)
        await anyio.wait_all_tasks_blocked()
        others = dashboard.looks
        dashboard.lines[0].nudge("release/local/shop/7")
        await anyio.wait_all_tasks_blocked()

    assert (1, 1, 2) == (first, others, dashboard.looks)


async def test_a_stream_that_breaks_is_taken_up_after_the_last_event(
    dashboard: Dashboard,
) -> None:
    async with dashboard.followed() as followed:
        await until(lambda: bool(dashboard.lines))
        dashboard.lines[0].nudge("list", 41)
        dashboard.lines[0].put(b"")
        await until(lambda: len(dashboard.lines) > 1)
        found = await followed.look()

    assert ["", "a-41"] == dashboard.last
    assert "" == found.stale


async def test_while_there_is_no_answer_the_last_view_stands_and_says_so(
    dashboard: Dashboard,
) -> None:
    dashboard.view = await views.release(await test_acts.shop(), SHOP)
    stale: list[str] = []
    async with dashboard.followed() as followed:
        await until(lambda: bool(dashboard.lines))
        dashboard.refuses = True
        dashboard.failure = failures.Unavailable("the dashboard at x does not answer")
        dashboard.lines[0].put(b"")
        with anyio.fail_after(10):
            while not (away := await followed.look()).stale:
                await followed.rest()
            dashboard.refuses, dashboard.failure = False, None
            while stale := [one for one in [(await followed.look()).stale] if one]:
                await followed.rest()

    assert away.view == dashboard.view is not None
    assert (
        "The dashboard at x does not answer: what is shown is of 12:03:00. "
        "It is asked again until it does."
    ) == away.stale
    assert [] == stale


async def test_the_first_look_fails_as_any_request(dashboard: Dashboard) -> None:
    dashboard.failure = failures.Unavailable("away")

    with pytest.raises(failures.Unavailable, match="away"):
        async with dashboard.followed():
            pass


async def test_who_may_not_look_any_more_is_told_so_at_once(dashboard: Dashboard) -> None:
    async def watch() -> None:
        async with dashboard.followed() as followed:
            await until(lambda: bool(dashboard.lines))
            dashboard.failure = failures.Rejected("the dashboard at x does not know who asks")
            dashboard.lines[0].nudge("application/local/shop")
            while True:
                await followed.rest()

    with pytest.raises(failures.Rejected, match="does not know who asks"):
        await watch()
