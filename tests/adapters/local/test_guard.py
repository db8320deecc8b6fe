"""Replicas whose memory no control group limits: measured, and ended when they take too much."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from serinus.adapters.local.guard import Guard
from serinus.core.state.workload import ReplicaState
from tests.adapters.local.stage import KEY, Stage, staged
from tests.adapters.local.taken import hungry

MIB = 2**20


@asynccontextmanager
async def guarded(home: Path) -> AsyncIterator[Stage]:
    async with staged(home) as stage, anyio.create_task_group() as tasks:
        tasks.start_soon(Guard(stage.processes.all, stage.processes.limits).run)
        yield stage
        tasks.cancel_scope.cancel()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with guarded(tmp_path) as found:
        yield found


async def test_a_replica_that_takes_too_much_is_ended_with_its_numbers(stage: Stage) -> None:
    await stage.ensure(hungry("eat", "128", memory="64Mi"), 0)

    (found,) = await stage.until(lambda found: found[0].state is ReplicaState.BACKING_OFF)
    used, rest = found.note.removeprefix("used ").split(" MiB", 1)
    assert 128 < int(used) < 160
    assert rest.startswith(" of 64 MiB of memory and was ended after ")
    assert found.usage is None


async def test_children_count_and_what_they_share_counts_once(stage: Stage) -> None:
    await stage.ensure(hungry("share", "64", "3", memory="160Mi"), 0)
    await stage.ready()
    before = stage.pid()

    await anyio.sleep(2.5)

    assert before == stage.pid()
    (usage,) = [r.usage for r in stage.replicas()]
    assert usage is not None
    assert usage.memory > 160 * MIB


async def test_what_keeps_within_its_limit_goes_on(stage: Stage) -> None:
    await stage.ensure(hungry("eat", "8", memory="256Mi"), 0)
    await stage.ready()
    await anyio.sleep(1.2)

    assert [ReplicaState.READY] == [r.state for r in stage.replicas()]


async def test_a_limit_holds_after_the_controller_came_back(tmp_path: Path) -> None:
    first = Stage(tmp_path)
    await first.ensure(hungry("grow", memory="96Mi"), 0)

    async with guarded(tmp_path) as stage:
        stage.processes.adopt()
        (found,) = await stage.until(lambda found: found[0].state is ReplicaState.BACKING_OFF)

    assert " MiB of 96 MiB of memory and was ended after " in found.note


async def test_a_look_shows_each_replica_what_it_takes(stage: Stage) -> None:
    await stage.ensure(hungry("eat", "32"), 0, 1)
    await stage.ready(2)
    guard = Guard(stage.processes.all, stage.processes.limits)

    before = [r.usage for r in stage.replicas()]
    await guard.look(stage.processes.of(KEY)[:1])
    first, second = (r.usage for r in stage.replicas())

    assert [None, None] == before
    assert first is not None
    assert 32 * MIB < first.memory < 80 * MIB
    assert second is None
