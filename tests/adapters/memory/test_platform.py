import pytest

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.platform import Behaviour, Circumstance, Platform
from serinus.adapters.memory.router import Router
from serinus.core.state.counts import ReplicaCounters, RevisionCounters
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.workload import Group, Replica, ReplicaState
from serinus.ports import failures
from tests import builders
from tests.builders import NEW, SHOP

V2 = builders.revision()


class Stage:
    """A platform with some replicas of v2, behaving as told."""

    def __init__(self, behaviour: Behaviour, replicas: int = 1, rate: float = 100.0) -> None:
        self.clock = Clock()
        self.behaviour = behaviour
        self.seen: list[Circumstance] = []
        self.ordinals = tuple(range(replicas))
        self.platform = Platform(self.clock, self.behave, rate=rate)

    def behave(self, circumstance: Circumstance) -> Behaviour:
        self.seen.append(circumstance)
        return self.behaviour

    async def start(self, *ordinals: int) -> None:
        groups = (Group(NEW, ordinals or self.ordinals),)
        await self.platform.ensure(SHOP, [V2], groups, 10.0)

    async def replicas(self) -> tuple[Replica, ...]:
        return await self.platform.replicas(SHOP)

    async def only(self) -> Replica:
        (found,) = await self.replicas()
        return found

    async def routed(self) -> None:
        ends = tuple(Endpoint(r.name, r.address) for r in await self.replicas())
        route = Route("shop", "local", "shop.localhost", (Backend(NEW, 1000, ends),))
        await self.platform.deliver(SHOP, Router().render(SHOP, route, {}))

    async def counters(self) -> RevisionCounters:
        return (await self.platform.scrape([SHOP]))[SHOP].revisions[NEW]

    async def counted(self, seconds: float) -> ReplicaCounters:
        await self.start()
        self.clock.move(2)
        await self.routed()
        self.clock.move(seconds)
        (found,) = (await self.counters()).replicas.values()
        return found


async def test_a_replica_takes_time_to_get_ready() -> None:
    stage = Stage(Behaviour())
    await stage.start()

    assert ReplicaState.STARTING is (await stage.only()).state
    stage.clock.move(1)
    assert ReplicaState.READY is (await stage.only()).state


async def test_a_replica_that_fails_its_check_is_not_ready_and_comes_back() -> None:
    stage = Stage(Behaviour(ready=False))
    await stage.start()
    stage.clock.move(2)
    assert ReplicaState.STARTING is (await stage.only()).state

    stage.behaviour = Behaviour()
    assert ReplicaState.READY is (await stage.only()).state

    stage.behaviour = Behaviour(ready=False)
    sick = await stage.only()
    assert (ReplicaState.UNREADY, "the health check fails") == (sick.state, sick.note)


async def test_a_replica_that_dies_is_restarted_later_and_later() -> None:
    stage = Stage(Behaviour(alive=False))
    await stage.start()
    restarts = []
    for _ in range(8):
        restarts.append((await stage.only()).restarts)
        stage.clock.move(1)

    assert [1, 2, 2, 3, 3, 3, 3, 4] == restarts
    assert "exited with 1" == (await stage.only()).note


async def test_what_is_not_named_is_gone() -> None:
    stage = Stage(Behaviour(), replicas=3)
    await stage.start()
    await stage.start(1, 7)

    assert [1, 7] == [r.ordinal for r in await stage.replicas()]


async def test_requests_follow_the_route() -> None:
    stage = Stage(Behaviour(errors=0.1, slow=0.2))
    found = await stage.counted(100)
    latency = await stage.counters()

    assert found.started == found.completed == pytest.approx(10_000, rel=0.05)
    assert found.errors == pytest.approx(1000, rel=0.2)
    assert latency.timed - latency.buckets[2] == pytest.approx(2000, rel=0.2)
    assert 1000 == stage.seen[-1].share


async def test_requests_that_hang_stay_active() -> None:
    found = await Stage(Behaviour(hang=0.5)).counted(10)

    assert found.active == found.started - found.completed > 0


@pytest.mark.parametrize("errors", [0.0, 0.001, 0.3, 1.0])
@pytest.mark.parametrize("rate", [2.0, 20.0, 500.0])
async def test_the_share_of_errors_is_what_was_asked_for(errors: float, rate: float) -> None:
    stage = Stage(Behaviour(errors=errors), rate=rate)
    await stage.start()
    stage.clock.move(2)
    await stage.routed()
    for _ in range(200):
        stage.clock.move(5)
        await stage.counters()
    (found,) = (await stage.counters()).replicas.values()

    spread = (errors * (1 - errors) * found.completed) ** 0.5
    assert abs(found.errors - errors * found.completed) <= 4 * spread + 1


async def test_nobody_answers_whom_nobody_asks() -> None:
    stage = Stage(Behaviour())
    await stage.start()
    stage.clock.move(10)

    assert ReplicaCounters(0, 0, 0, 0) == next(iter((await stage.counters()).replicas.values()))


async def test_each_application_has_its_own_traffic() -> None:
    stage = Stage(Behaviour())
    blog = Key("blog", "local")
    await stage.start()
    await stage.platform.ensure(blog, [V2], (Group(NEW, (7,)),), 10.0)
    stage.clock.move(2)
    await stage.routed()
    (other,) = await stage.platform.replicas(blog)
    ends = (Endpoint(other.name, other.address),)
    route = Route("blog", "local", "blog.localhost", (Backend(NEW, 1000, ends),))
    await stage.platform.deliver(blog, Router().render(blog, route, {}))
    stage.clock.move(10)
    found = await stage.platform.scrape([SHOP, blog])

    for key in (SHOP, blog):
        (counters,) = found[key].revisions[NEW].replicas.values()
        assert counters.started == pytest.approx(1000, rel=0.2)


async def test_counters_only_grow() -> None:
    stage = Stage(Behaviour(errors=0.5))
    first = await stage.counted(10)
    stage.clock.move(10)
    (second,) = (await stage.counters()).replicas.values()

    assert second.started > first.started
    assert second.errors > first.errors


async def test_it_fails_as_it_is_told() -> None:
    stage = Stage(Behaviour())
    stage.platform.refuses, stage.platform.blind, stage.platform.dark = "no", "away", "dark"

    with pytest.raises(failures.Rejected, match="no"):
        await stage.start()
    with pytest.raises(failures.Unavailable, match="away"):
        await stage.platform.scrape([SHOP])
    with pytest.raises(failures.Unavailable, match="dark"):
        await stage.platform.applied()


async def test_a_deleted_application_is_forgotten() -> None:
    stage = Stage(Behaviour())
    await stage.start()
    await stage.routed()
    refs = Router().refs(SHOP)
    assert refs == tuple(await stage.platform.fetch(refs))

    await stage.platform.deliver(SHOP, Router().render(SHOP, None, {}))
    await stage.platform.delete(SHOP)

    assert ((), {}, {}) == (
        await stage.replicas(),
        await stage.platform.scrape([SHOP]),
        await stage.platform.applied(),
    )


async def test_the_same_seed_is_the_same_traffic() -> None:
    assert await Stage(Behaviour(errors=0.1)).counted(50) == (
        await Stage(Behaviour(errors=0.1)).counted(50)
    )


async def test_a_platform_with_bounds_of_its_own_counts_by_them() -> None:
    stage = Stage(Behaviour(errors=0.1, hang=0.1, slower=(0.5, 0.1, 0.0)), rate=1000.0)
    stage.platform.bounds_ms = (10, 100, 1000)
    await stage.counted(100)

    found = await stage.counters()
    fast, less, all_of_them = found.buckets

    assert (10, 100, 1000) == found.bounds_ms
    assert found.timed == all_of_them
    assert found.timed / 2 == pytest.approx(fast, rel=0.05)
    assert found.timed * 0.9 == pytest.approx(less, rel=0.05)


async def test_what_a_revision_was_ever_asked_is_known_when_its_replicas_are_gone() -> None:
    stage = Stage(Behaviour(errors=0.1, hang=0.1, slower=(0.5,)), rate=1000.0)
    stage.platform.bounds_ms = (10,)
    counted = await stage.counted(100)
    await stage.platform.ensure(SHOP, [V2], (), 0.0)

    served = stage.platform.served(NEW)

    assert counted.started == served.requests
    assert counted.errors + counted.active == served.bad
    assert served.requests * 0.9 * 0.5 == pytest.approx(served.slower[0], rel=0.05)
    assert (0, 0, ()) == stage.platform.served("nobody")
