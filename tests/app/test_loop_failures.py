"""What happens when a port fails: for that application alone, and never for good."""

from datetime import timedelta
from itertools import pairwise

import pytest

from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.ports import failures
from tests import builders
from tests.app.test_loop_rest import SHOP, World, serving

BLOG = Key("blog", "local")


class Trouble:
    """A port's call that fails for one application, so often."""

    def __init__(self, world: World, problem: Exception, times: int = 10_000) -> None:
        self.world, self.problem, self.left = world, problem, times
        self.asked: list[float] = []
        self.kept = world.store.status
        world.store.status = self.status  # type: ignore[method-assign]  # the port stands in memory

    async def status(self, key: Key) -> Status | None:
        if key == SHOP and self.left:
            self.left -= 1
            self.asked.append(self.world.clock.now().timestamp())
            raise self.problem
        return await self.kept(key)


async def test_an_application_that_fails_waits_longer_and_longer() -> None:
    async with serving("shop", rate=100.0) as world:
        trouble = Trouble(world, failures.Unavailable("the disk is full"))
        await world.clock.run(60.0)

    gaps = [b - a for a, b in pairwise(trouble.asked)]

    assert gaps[:4] == pytest.approx([0.5, 1.0, 2.0, 5.0], abs=0.3)
    assert max(gaps) > 9.0


async def test_a_failing_application_does_not_stop_the_others() -> None:
    async with serving("shop", "blog") as world:
        Trouble(world, failures.Unavailable("the disk is full"))
        world.want("blog", "v2")
        await world.clock.run(30.0)
        release = await world.store.release(BLOG, 2)

    assert release is not None


async def test_the_other_sides_own_wish_is_respected() -> None:
    async with serving("shop") as world:
        trouble = Trouble(world, failures.Unavailable("busy", retry_after_s=7.0), times=2)
        world.loop.notify(SHOP)
        await world.clock.run(20.0)

    assert [7.0] == pytest.approx([b - a for a, b in [trouble.asked]], abs=0.3)


async def test_who_was_too_slow_looks_again_at_once() -> None:
    async with serving("shop") as world:
        trouble = Trouble(world, failures.Conflict("version 3 was read, but 4 is stored"), times=3)
        world.loop.notify(SHOP)
        await world.clock.run(2.0)

    assert 3 == len(trouble.asked)
    assert trouble.asked[-1] - trouble.asked[0] < 1.0


async def test_counters_that_are_away_are_told_and_come_back() -> None:
    async with serving("shop", rate=100.0) as world:
        world.platform.blind = "connection refused"
        await world.clock.run(10.0)
        assert "connection refused" == world.loop.desk.blind
        world.platform.blind = ""
        await world.clock.run(10.0)

        assert "" == world.loop.desk.blind


async def test_a_store_that_is_away_is_asked_again() -> None:
    async with serving("shop") as world:
        kept = world.store.keys

        async def away() -> tuple[Key, ...]:
            raise failures.Unavailable("locked")

        world.store.keys = away  # type: ignore[method-assign]  # the port stands in memory
        await world.clock.run(60.0)
        world.store.keys = kept  # type: ignore[method-assign]  # the same
        world.want("shop", "v2")
        await world.clock.run(60.0)

        assert await world.store.release(SHOP, 2) is not None


async def test_the_store_is_thinned_every_hour_and_a_failure_is_no_matter() -> None:
    pruned: list[timedelta] = []
    async with serving("shop") as world:
        began = world.clock.now()

        async def prune(now: object) -> None:
            pruned.append(world.clock.now() - began)
            raise failures.Unavailable("the disk is full")

        world.store.prune = prune  # type: ignore[method-assign]  # the same
        await world.clock.run(2 * 3600.0)

    assert 2 == len(pruned)


async def test_an_intent_has_its_turn_at_once() -> None:
    async with serving("shop") as world:
        await world.store.ask(builders.intent())
        await world.clock.run(0.5)
        answer = await world.store.answer("wish-1")

    assert answer is not None
