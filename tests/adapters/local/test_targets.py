import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from serinus.adapters.local.targets import Targets
from tests.adapters.local.stage import Stage, staged
from tests.adapters.local.world import revision


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as found:
        yield found


def targets(stage: Stage) -> Targets:
    return Targets(stage.places, stage.processes.all)


def read(stage: Stage) -> Any:
    return json.loads(stage.places.targets.read_text())


async def test_each_replica_that_runs_is_a_target_with_its_labels(stage: Stage) -> None:
    one = revision("v2")
    await stage.ensure(one, 0, 1)
    found = targets(stage)

    found.write()

    assert [
        {
            "targets": [replica.address],
            "labels": {
                "application": "shop",
                "environment": "local",
                "revision": one.id[:10],
                "version": "v2",
                "replica": replica.name,
            },
        }
        for replica in stage.replicas()
    ] == read(stage)


async def test_one_that_has_ended_is_no_target(stage: Stage) -> None:
    await stage.ensure(revision(env={"FALL": "7"}), 0)
    await stage.until(lambda found: "exited with 7" in found[0].note)
    found = targets(stage)

    found.write()

    assert [] == read(stage)


async def test_nothing_that_runs_is_an_empty_list_and_not_no_file(stage: Stage) -> None:
    targets(stage).write()

    assert [] == read(stage)


async def test_a_file_that_says_it_already_is_not_written_again(stage: Stage) -> None:
    found = targets(stage)
    found.write()
    stage.places.targets.unlink()

    found.write()

    assert not stage.places.targets.exists()


async def test_a_full_disk_is_borne_and_made_good_later(stage: Stage) -> None:
    found = targets(stage)
    (stage.places.run / "prometheus").write_text("in the way")
    found.write()
    (stage.places.run / "prometheus").unlink()

    found.write()

    assert [] == read(stage)


async def test_the_file_follows_the_replicas(stage: Stage) -> None:
    found = targets(stage)
    found.write()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(found.keep)
        await stage.ensure(revision(), 0)
        found.touch()
        await _until(lambda: len(read(stage)) == 1)
        await stage.ensure(revision())
        await stage.until(lambda replicas: not replicas)
        found.touch()
        await _until(lambda: read(stage) == [])
        tasks.cancel_scope.cancel()

    assert [] == list(stage.places.targets.parent.glob(".*"))


async def _until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(5):
        while not holds():  # noqa: ASYNC110 - a file has no event
            await anyio.sleep(0.01)
