import json
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from tests.adapters.local import traffic
from tests.adapters.local.world import World, world

pytestmark = pytest.mark.envoy


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def test_the_last_lines_of_each_replica_are_shown(here: World) -> None:
    one, two = here.revision("1"), here.revision("2")
    await here.run((one, [0]), (two, [0]))

    everything = [entry async for entry in here.platform.logs(here.key, lines=1)]
    ones = [entry async for entry in here.platform.logs(here.key, one.id)]

    names = sorted([f"{one.short}-0", f"{two.short}-0"])
    assert [(name, f"{name} listens") for name in names] == everything
    assert [(names[names.index(f"{one.short}-0")], line) for _, line in ones] == ones


async def test_logs_are_followed(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    heard: list[str] = []

    async def listen() -> None:
        async for name, line in here.platform.logs(here.key, follow=True, lines=0):
            heard.append(f"{name}: {line}")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.sleep(0.1)
        await here.run((one, [0, 1]))

        async def said() -> bool:
            return any(line.endswith("listens") for line in heard)

        await here.eventually(said)
        tasks.cancel_scope.cancel()

    assert {f"{one.short}-1"} == {line.partition(":")[0] for line in heard}


async def test_requests_in_flight_are_shown_for_each_replica(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    await here.route((one, 1000))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(traffic.get, here.port, here.host, "/hang")
        await anyio.sleep(0.2)
        await here.platform.scrape([here.key])
        (replica,) = await here.platform.replicas(here.key)
        tasks.cancel_scope.cancel()

    assert 1 == replica.active


async def test_files_of_a_deleted_application_are_gone(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    await here.route((one, 1000))

    await here.platform.delete(here.key)

    async def gone() -> bool:
        return not await here.platform.replicas(here.key)

    await here.eventually(gone)
    assert [] == list((here.home / "logs" / "shop~local").glob("*"))
    assert [] == list((here.home / "run" / "routes").iterdir())
    assert [] == list((here.home / "run" / "envoy" / "eds").iterdir())


async def test_a_prometheus_finds_the_replicas_that_run(here: World) -> None:
    one, path = here.revision("1"), here.home / "run" / "prometheus" / "targets.json"
    await here.run((one, [0]))

    async def found() -> bool:
        return [f"{one.short}-0"] == [t["labels"]["replica"] for t in json.loads(path.read_text())]

    await here.eventually(found)
    await here.platform.down(0.0)

    assert [] == json.loads(path.read_text())
