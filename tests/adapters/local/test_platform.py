import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from serinus.core.state.counts import NETWORK
from serinus.core.state.workload import Revision
from serinus.ports.failures import Rejected
from tests.adapters.local import traffic
from tests.adapters.local.world import APPLICATION, World, entrance, started, world

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


# --- what replicas write --------------------------------------------------------------------------

PATTERNS = {"logs": "ERROR", "new-lines": "^Traceback"}
LOUD = (
    "head -c 10000000 /dev/zero | tr '\\0' x; echo; printf 'ERROR \\377\\000 one\\n';"
    " echo ERROR 2; echo Traceback; exec {} -S {}"
)


def loud(here: World) -> Revision:
    """Make a revision that says a good deal before it serves: a line of 10 MB, bytes, errors."""
    script = LOUD.format(sys.executable, APPLICATION)
    return here.revision("2", command=("sh", "-c", script))


async def test_matching_lines_come_with_the_counters(here: World) -> None:
    one, two = here.revision("1"), loud(here)
    await here.run((one, [0]))
    await here.platform.listen(here.key, PATTERNS)
    await here.run((one, [0]), (two, [0]))
    await here.route((one, 500), (two, 500))
    name = f"{two.short}-0"

    async def counted() -> bool:
        found = (await here.platform.scrape([here.key]))[here.key].revisions
        return {"logs": 2, "new-lines": 1, NETWORK: 0} == found[two.id].replicas[name].lines

    await here.eventually(counted)
    found = (await here.platform.scrape([here.key]))[here.key].revisions
    heard = found[one.id].replicas[f"{one.short}-0"].lines
    assert {"logs": 0, "new-lines": 0, NETWORK: 0} == heard
    assert {"ERROR � one": 1, "ERROR #": 1} == found[two.id].kinds["logs"]
    assert {"Traceback": 1} == found[two.id].kinds["new-lines"]


async def test_a_bad_pattern_is_rejected_and_no_pattern_ends_the_counting(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    await here.route((one, 1000))
    with pytest.raises(Rejected, match="pattern of the check logs"):
        await here.platform.listen(here.key, {"logs": "("})
    await here.platform.listen(here.key, PATTERNS)
    during = (await here.platform.scrape([here.key]))[here.key].revisions[one.id]
    await here.platform.listen(here.key, {})
    after = (await here.platform.scrape([here.key]))[here.key].revisions[one.id]

    assert [{*PATTERNS, NETWORK}] == [set(r.lines) for r in during.replicas.values()]
    assert [{NETWORK: 0}] == [r.lines for r in after.replicas.values()]


async def test_a_platform_that_comes_back_counts_on(tmp_path: Path) -> None:
    port = entrance()
    async with started(tmp_path, port) as first:
        one, two = first.revision("1"), loud(first)
        await first.run((one, [0]))
        await first.platform.listen(first.key, PATTERNS)
        await first.run((one, [0]), (two, [0]))
        await first.route((one, 500), (two, 500))
        await first.platform.scrape([first.key])
    async with started(tmp_path, port) as again:
        await again.platform.listen(again.key, PATTERNS)

        async def counted() -> bool:
            found = (await again.platform.scrape([again.key]))[again.key].revisions
            return [2] == [r.lines.get("logs") for r in found[two.id].replicas.values()]

        await again.eventually(counted)
        await again.platform.down(drain_s=0.0)


# --- what replicas take ---------------------------------------------------------------------------


async def test_a_scrape_shows_what_each_replica_takes(here: World) -> None:
    one = here.revision("1", resources={"memory": "512Mi", "cpu": "1", "files": "256"})
    await here.run((one, [0, 1]))
    before = [r.usage for r in await here.platform.replicas(here.key)]
    await here.platform.scrape([here.key])
    await anyio.sleep(0.3)
    await here.platform.scrape([here.key])

    found = [r.usage for r in await here.platform.replicas(here.key)]
    assert [None, None] == before
    assert all(usage is not None and usage.memory > 2**20 and usage.files > 3 for usage in found)
    assert all(usage is not None and usage.cpu is not None for usage in found)
