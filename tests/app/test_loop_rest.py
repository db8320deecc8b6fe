"""Who gets a turn when nothing happens, and who at once."""

import dataclasses
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import anyio
import pytest
from anyio import lowlevel

from serinus.adapters.memory import clock as memory_clock
from serinus.adapters.memory import platform as memory_platform
from serinus.adapters.memory import router as memory_router
from serinus.adapters.memory import store as memory_store
from serinus.adapters.memory.platform import Behaviour
from serinus.app.loop import AT_ONCE, REST_S, ROUND_S, USUAL, Loop, Pace
from serinus.core.spec.delivery import Delivery, Hold, Strategy, TrafficStep
from serinus.core.state.counts import Scrape
from serinus.core.state.notice import Key
from serinus.core.state.observed import Wanted
from serinus.core.state.workload import Replica, Revision, Workload
from serinus.ports import Ports
from serinus.ports.metrics import NOWHERE, Metrics
from serinus.ports.store import Asked

HELD = Delivery(
    strategy=Strategy.CANARY, steps=(TrafficStep(share=50, hold=Hold(for_s=600)),), warmup_s=0
)
SHOP = Key("shop", "local")
BEGIN_S = 120.0
STEPS = 10
REVISION = Revision("shop-v1", "v1", Workload(command=("v1",)))


async def settle() -> None:
    """Let every task do what it can do now."""
    for _ in range(STEPS):
        await lowlevel.checkpoint()


class Clock(memory_clock.Clock):
    """A clock on which several tasks sleep until somebody lets time pass."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[tuple[datetime, anyio.Event]] = []

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was moved that far."""
        woken = anyio.Event()
        self._sleepers.append((self.now() + timedelta(seconds=seconds), woken))
        await woken.wait()

    async def run(self, seconds: float) -> None:
        """Let time pass, and everybody do what is due."""
        end = self.now() + timedelta(seconds=seconds)
        await settle()
        while self._sleepers and (due := min(when for when, _ in self._sleepers)) <= end:
            self.move_to(due)
            for _, woken in (s for s in self._sleepers if s[0] <= due):
                woken.set()
            self._sleepers = [s for s in self._sleepers if s[0] > due]
            await settle()
        self.move_to(end)


class Platform(memory_platform.Platform):
    """A platform that knows who had a turn: each turn asks for the replicas once."""

    turns: Counter[Key]

    async def replicas(self, key: Key) -> tuple[Replica, ...]:
        """Count, and answer."""
        self.turns[key] += 1
        return await super().replicas(key)


class World:
    """A loop over applications in memory."""

    def __init__(
        self,
        rate: float,
        metrics: Metrics = NOWHERE,
        pace: Pace = USUAL,
        *,
        contained: bool = False,
    ) -> None:
        self.clock = Clock()
        self.specs = memory_store.Specs()
        self.store = memory_store.Store(self.specs)
        self.platform = Platform(self.clock, lambda _: Behaviour(), rate=rate)
        self.platform.turns = Counter()
        router = memory_router.Router()
        ports = Ports(self.platform, router, self.store, self.clock, metrics=metrics)
        self.loop = Loop(ports, pace, contained=contained)

    def want(self, name: str, version: str, delivery: Delivery = HELD) -> None:
        """Ask for a version."""
        revision = Revision(f"{name}-{version}", version, Workload(command=(version,)))
        host = f"{name}.localhost"
        self.specs.want(name, Wanted(revision, 1, host, delivery, delivery_hash="0"))

    async def turns(self, seconds: float) -> Counter[Key]:
        """Return the turns that everybody has in so long a time."""
        self.platform.turns.clear()
        await self.clock.run(seconds)
        return Counter(self.platform.turns)


@asynccontextmanager
async def serving(
    *names: str, rate: float = 0.0, metrics: Metrics = NOWHERE, pace: Pace = USUAL
) -> AsyncIterator[World]:
    """Let applications come to rest."""
    world = World(rate, metrics, pace)
    for name in names:
        world.want(name, "v1")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.loop.run)
        await world.clock.run(BEGIN_S)
        yield world
        tasks.cancel_scope.cancel()


async def test_an_application_without_traffic_has_a_turn_once_a_minute() -> None:
    async with serving("shop", "blog") as world:
        turns = await world.turns(10 * ROUND_S)

    assert {SHOP: 10, Key("blog", "local"): 10} == turns


async def test_where_each_change_is_told_of_rounds_may_be_rare() -> None:
    async with serving("shop", pace=Pace(round_s=600.0, resync_s=300.0)) as world:
        turns = await world.turns(1200.0)

    assert {SHOP: 2} == turns


async def test_who_is_told_of_has_a_turn_before_all_are_compared() -> None:
    async with serving("shop", "blog", pace=Pace(round_s=600.0)) as world:
        world.loop.notify(SHOP)
        turns = await world.turns(0.01)

    assert {SHOP: 1} == turns


async def test_turns_at_rest_are_spread_over_the_minute() -> None:
    async with serving(*(f"app-{n}" for n in range(120))) as world:
        each = [(await world.turns(1.0)).total() for _ in range(int(ROUND_S))]

    assert 120 == sum(each)
    assert 3 >= max(each)


async def test_what_was_counted_at_rest_causes_a_turn_at_the_next_scrape() -> None:
    async with serving("shop", rate=100.0) as world:
        turns = await world.turns(10 * REST_S)

    assert 10 <= turns[SHOP] <= 12


async def test_a_release_in_flight_has_a_turn_each_second() -> None:
    async with serving("shop", "blog") as world:
        world.want("shop", "v2")
        await world.clock.run(10.0)
        turns = await world.turns(30.0)

    assert turns[SHOP] >= 30
    assert turns[Key("blog", "local")] <= 1


async def test_a_change_of_the_spec_has_its_turn_at_once() -> None:
    async with serving("shop") as world:
        world.want("shop", "v2")
        await world.clock.run(0.5)
        release = await world.store.release(SHOP, 2)

    assert release is not None


async def test_while_counters_are_away_only_releases_in_flight_have_turns() -> None:
    async with serving("shop", "blog") as world:
        world.want("shop", "v2")
        await world.clock.run(10.0)
        world.platform.blind = "Envoy does not answer"
        turns = await world.turns(30.0)

    assert turns[SHOP] >= 30
    assert turns[Key("blog", "local")] <= 1


class Uncounted(Platform):
    """A platform on which nobody counts requests."""

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """Count for nobody."""
        del keys
        return {}


async def test_a_release_in_flight_that_nobody_counts_has_few_turns() -> None:
    world = World(0.0)
    world.platform.__class__ = Uncounted
    world.want("shop", "v1")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.loop.run)
        await world.clock.run(BEGIN_S)
        world.want("shop", "v2")
        await world.clock.run(10.0)
        turns = await world.turns(30.0)
        release = await world.store.release(SHOP, 2)
        tasks.cancel_scope.cancel()

    assert release is not None
    assert release.ended_at is None
    assert 1 <= turns[SHOP] <= 10


class Thousands(memory_store.Specs):
    """Specs that were never looked at: each answer is made when it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[str] = []

    def asked(self, name: str, environment: str) -> Asked:
        """Note who is asked about, and answer."""
        self.looked.append(name)
        return super().asked(name, environment)


async def test_others_have_their_turn_while_thousands_are_looked_at_for_the_first_time() -> None:
    world = World(0.0)
    world.store = memory_store.Store(specs := Thousands())
    world.loop.ports = dataclasses.replace(world.loop.ports, store=world.store)
    for n in range(4 * AT_ONCE):
        specs.want(f"app-{n}", Wanted(REVISION, 1, f"app-{n}.localhost", HELD, delivery_hash="0"))
    known: set[int] = set()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.loop.run)
        for _ in range(STEPS):
            await lowlevel.checkpoint()
            known.add(len(set(specs.looked)))
        tasks.cancel_scope.cancel()

    assert {AT_ONCE, 2 * AT_ONCE, 4 * AT_ONCE} <= known


class Faulty(Platform):
    """A platform in which one application meets a fault of ours."""

    async def replicas(self, key: Key) -> tuple[Replica, ...]:
        """Answer for all but one."""
        found = await super().replicas(key)
        if key.application == "bad":
            raise ValueError("a fault of ours")
        return found


async def test_a_fault_in_one_application_keeps_none_of_the_others_from_its_turns() -> None:
    world = World(0.0, contained=True)
    world.platform.__class__ = Faulty
    for name in ("bad", "shop"):
        world.want(name, "v1")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.loop.run)
        await world.clock.run(BEGIN_S)
        turns = await world.turns(10 * ROUND_S)
        tasks.cancel_scope.cancel()

    assert 10 <= turns[SHOP]
    assert 10 <= turns[Key("bad", "local")]
    assert 10 <= world.loop.turns.by["failed"]


async def test_a_fault_ends_the_loop_where_nobody_else_is_there() -> None:
    world = World(0.0)
    world.platform.__class__ = Faulty
    world.want("bad", "v1")

    async def run() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.loop.run)
            await world.clock.run(BEGIN_S)

    with pytest.raises(ExceptionGroup) as told:
        await run()

    assert told.group_contains(ValueError, match="a fault of ours", depth=None)
