from collections.abc import Callable

import anyio
import anyio.lowlevel
import httpx2
import msgspec
import pytest

from serinus.adapters.local.clock import Clock as RealClock
from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.store import Store
from serinus.core.state.notice import Event, Kind
from serinus.interfaces.api import server, stream
from serinus.interfaces.api.sessions import Local
from serinus.interfaces.api.stream import Broadcaster, Listener
from tests import builders
from tests.builders import NEW, SHOP
from tests.interfaces import offices

pytestmark = pytest.mark.anyio

RELEASE = "release/local/shop/7"


def event(sentence: str = "going on", release: int | None = 7) -> Event:
    return Event(
        at=builders.at(0),
        application="shop",
        environment="local",
        kind=Kind.STEP,
        reason="Step",
        sentence=sentence,
        release=release,
    )


class World:
    """A store, a broadcaster that looks at it, and one who listens."""

    def __init__(self) -> None:
        self.store, self.clock, self.alive = Store(), Clock(), True
        place = offices.office(self.store, clock=self.clock, alive=lambda: self.alive)
        self.broadcaster = Broadcaster(place)
        self.listener = Listener()

    async def begin(self) -> None:
        await self.store.record(builders.status())
        await self.broadcaster.round()
        self.listener = self.broadcaster.listen(self.broadcaster.mark)
        await self.heard()

    async def tell(self, *events: Event) -> None:
        status = await self.store.status(SHOP)
        assert status is not None
        await self.store.record(status, events=events)

    async def turn(self, seconds: float) -> None:
        """Let the controller look at the release once more."""
        self.clock.move(seconds)
        replicas = [builders.replica(NEW, 0)]
        at = self.clock.now()
        await self.store.put_reading(SHOP, builders.reading(), replicas, None, at=at)

    async def heard(self) -> list[str]:
        text = (await self.listener.take()).decode() if self.listener._waiting else ""
        return topics(text)


def topics(text: str) -> list[str]:
    lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    found = [msgspec.json.decode(line) for line in lines]
    return [one["topic"] or one["kind"] for one in found if one["kind"] != "beat"]


@pytest.fixture
async def world() -> World:
    made = World()
    await made.begin()
    return made


async def test_an_event_is_told_once_to_each_topic_that_it_is_about(world: World) -> None:
    await world.tell(event("one"), event("two"), event("three", release=None))
    await world.broadcaster.round()
    told = await world.heard()
    await world.broadcaster.round()

    assert sorted(["list", "application/local/shop", RELEASE]) == sorted(told)
    assert [] == await world.heard()


async def test_a_release_in_flight_is_told_of_with_each_look_at_it(world: World) -> None:
    await world.turn(1)
    await world.broadcaster.round()
    await world.heard()
    told = []
    for _ in range(3):
        await world.turn(1)
        await world.broadcaster.round()
        told += await world.heard()

    assert [RELEASE] * 3 == [topic for topic in told if topic == RELEASE]
    assert told.count("list") <= 1


async def test_the_list_hears_of_what_moves_now_and_then(world: World) -> None:
    told: list[str] = []
    for _ in range(12):
        await world.turn(1)
        await world.broadcaster.round()
        told += await world.heard()

    assert 2 <= told.count("list") <= 3


async def test_a_controller_that_sleeps_is_told_of(world: World) -> None:
    world.alive = False
    await world.broadcaster.round()

    assert ["controller"] == await world.heard()


async def test_who_comes_back_hears_what_they_missed(world: World) -> None:
    mark = world.broadcaster.mark
    world.broadcaster.tell(["a", "b"])
    back = world.broadcaster.listen(mark)
    half = world.broadcaster.listen(mark.partition("-")[0] + f"-{int(mark.partition('-')[2]) + 1}")

    assert ["a", "b"] == topics((await back.take()).decode())
    assert ["b"] == topics((await half.take()).decode())


@pytest.mark.parametrize("last", ["", "other-1", "nonsense", "{start}-999999", "{start}-x"])
async def test_who_was_away_too_long_begins_anew(world: World, last: str) -> None:
    world.broadcaster.tell(["a"])
    start = world.broadcaster.mark.partition("-")[0]
    listener = world.broadcaster.listen(last.format(start=start))

    assert ["reset"] == topics((await listener.take()).decode())


async def test_a_ring_that_went_round_cannot_tell_what_was_missed(world: World) -> None:
    mark = world.broadcaster.mark
    for number in range(stream.KEPT + 1):
        world.broadcaster.tell([str(number)])
    listener = world.broadcaster.listen(mark)

    assert ["reset"] == topics((await listener.take()).decode())


async def test_a_slow_listener_is_told_to_begin_anew_and_no_more(world: World) -> None:
    for number in range(stream.WAITING + 1):
        world.broadcaster.tell([str(number)])

    assert ["reset"] == await world.heard()
    world.broadcaster.tell(["next"])
    assert ["next"] == await world.heard()


async def test_a_quiet_stream_has_a_beat(world: World) -> None:
    world.clock.move(stream.BEAT_S)
    await world.broadcaster.round()

    assert stream.BEAT == await world.listener.take()


async def test_who_only_asks_for_the_head_does_not_listen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = offices.app()
    async with offices.program(app) as visitor:
        head = await visitor.head("/events")
        monkeypatch.setattr(stream, "MOST", 0)
        full = await visitor.get("/events")

    assert (200, 503) == (head.status_code, full.status_code)
    assert "15" == full.headers["retry-after"]
    assert 0 == app.state.broadcaster.listeners


async def test_a_stream_is_served_told_and_ended() -> None:
    store = Store()
    await store.record(builders.status())
    app = offices.app(offices.office(store, clock=RealClock()))
    mode, broadcaster = app.state.doors.mode, app.state.broadcaster
    assert isinstance(mode, Local)
    headers = {"authorization": f"Bearer {mode.token()}"}
    heard: list[str] = []
    with anyio.fail_after(15):
        async with (
            httpx2.AsyncClient(trust_env=False, headers=headers) as visitor,
            server.serve(app, "127.0.0.1", 0) as address,
        ):
            async with visitor.stream("GET", f"{address}/events") as found:
                assert "text/event-stream; charset=utf-8" == found.headers["content-type"]
                async for line in found.aiter_lines():
                    heard += topics(line)
                    if heard == ["reset"]:
                        await until(lambda: broadcaster._begun)
                        status = await store.status(SHOP)
                        assert status is not None
                        await store.record(status, events=[event()])
                    if RELEASE in heard:
                        break
                assert 1 == broadcaster.listeners
            await until(lambda: not broadcaster.listeners)

    assert {"reset", "list", "application/local/shop", RELEASE} == set(heard)


async def until(so: Callable[[], bool]) -> None:
    while not so():
        await anyio.lowlevel.checkpoint()


async def test_the_readers_of_a_session_end_with_it_and_all_of_them_with_the_server() -> None:
    broadcaster = Broadcaster(offices.office())
    ended: list[str] = []

    async def read(session: str) -> None:
        await broadcaster.over(session)
        ended.append(session)

    async with anyio.create_task_group() as tasks:
        for session in ("one", "two"):
            tasks.start_soon(read, session)
        await anyio.wait_all_tasks_blocked()
        broadcaster.end("one")
        await anyio.wait_all_tasks_blocked()
        assert ["one"] == ended
        broadcaster.close()

    assert ["one", "two"] == ended
    await broadcaster.over("three")
