"""The tool may die: everything goes on serving, and the next run takes all of it over."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import anyio
import msgspec
import pytest

from serinus.adapters.local import procfs, records
from serinus.adapters.local.places import Places
from serinus.adapters.local.platform import Platform, Settings
from serinus.adapters.local.records import OWNER, Record
from serinus.core.state.workload import ReplicaState
from serinus.ports.failures import Rejected
from tests.adapters.local import traffic
from tests.adapters.local.world import entrance, revision, started, world

pytestmark = [pytest.mark.envoy, pytest.mark.xdist_group("envoy")]

ROOT = Path(__file__).parent.parent.parent

# Another program that holds a platform, until it is killed.
HOLDER = textwrap.dedent("""
    import sys
    from pathlib import Path
    import anyio
    from tests.adapters.local.world import started

    async def hold():
        async with started(Path(sys.argv[1]), int(sys.argv[2])) as world:
            one, two = world.revision("1"), world.revision("2")
            await world.run((one, [0, 1]), (two, [0]))
            await world.route((one, 900), (two, 100))
            print("holds", flush=True)
            await anyio.sleep_forever()

    anyio.run(hold)
""")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose processes are all ended, whoever started them."""
    yield tmp_path
    for process, _ in list(procfs.leaders(OWNER, str(tmp_path))):
        os.killpg(process.pid, signal.SIGKILL)


def processes(home: Path) -> set[int]:
    return {process.pid for process, _ in procfs.leaders(OWNER, str(home))}


def hold(home: Path, port: int) -> None:
    """Let another program build a platform, and kill it when everything serves."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/src:{ROOT}"}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home), str(port)],
        stdout=subprocess.PIPE,
        env=environment,
    ) as holder:
        assert holder.stdout is not None
        try:
            assert b"holds\n" == holder.stdout.readline()
        finally:
            holder.kill()


async def test_a_killed_holder_leaves_all_serving_and_the_next_run_adopts_everything(
    home: Path,
) -> None:
    port = entrance()
    await anyio.to_thread.run_sync(hold, home, port)
    before = processes(home)
    one, two = revision("1"), revision("2")

    async with traffic.steady(port, "shop.localhost", per_second=200) as stream:
        await anyio.sleep(0.3)
        async with started(home, port) as here:
            replicas = await here.run((one, [0, 1]), (two, [0]))
            route = await here.seen()
            await anyio.sleep(0.3)
            during = processes(home)
            counted = await here.platform.scrape([here.key])
            await here.platform.down()

    assert 4 == len(before)  # three replicas and Envoy
    assert before == during
    assert route is not None
    assert [900, 100] == [backend.weight for backend in route.backends]
    assert [0, 0, 0] == [replica.restarts for replica in replicas]
    served = [a for a in stream.answers if a.status == 200]
    revisions = counted[here.key].revisions.values()
    counts = [c for r in revisions for c in r.replicas.values()]
    assert 0 == sum(c.errors for c in counts)
    assert len(served) >= sum(c.completed for c in counts) > 60
    assert set() == processes(home)


async def test_letting_go_and_starting_again_changes_nothing(home: Path) -> None:
    port, one = entrance(), revision("1")
    async with started(home, port) as here:
        first = await here.run((one, [0]))
        route = await here.route((one, 1000))
        before = processes(home)

    async with started(home, port) as here:
        assert first == await here.run((one, [0]))
        assert route == await here.seen()
        assert before == processes(home)
        await here.platform.down()


async def test_a_process_whose_record_was_never_finished_is_found_and_not_doubled(
    home: Path,
) -> None:
    port, one = entrance(), revision("1")
    async with started(home, port) as here:
        await here.run((one, [0]))
        await here.route((one, 1000))
    # As if we had been killed right after the start of the process.
    path = Places(home).record(here.key, f"{one.short}-0")
    record = msgspec.json.decode(path.read_bytes(), type=Record)
    unfinished = msgspec.structs.replace(record, process=None, ready_at=None, note="")
    records.save(Places(home), unfinished)

    async with started(home, port) as here:
        await here.run((one, [0]))
        again = msgspec.json.decode(path.read_bytes(), type=Record)
        count = len(processes(home))
        await here.platform.down()

    assert record.process == again.process
    assert 2 == count


async def test_a_process_whose_record_was_lost_is_taken_over(home: Path) -> None:
    port, one = entrance(), revision("1")
    async with started(home, port) as here:
        await here.run((one, [0]))
    before = processes(home)
    Places(home).record(here.key, f"{one.short}-0").unlink()

    async with started(home, port) as here:
        replicas = await here.run((one, [0]))
        during = processes(home)
        await here.platform.down()

    assert [f"{one.short}-0"] == [replica.name for replica in replicas]
    assert before == during


async def test_what_stopped_while_nobody_looked_is_started_again(home: Path) -> None:
    port, one = entrance(), revision("1")
    async with started(home, port) as here:
        (before,) = await here.run((one, [0]))
        await here.route((one, 1000))
    for process, environment in list(procfs.leaders(OWNER, str(home))):
        if "SERINUS_REPLICA" in environment:
            os.killpg(process.pid, signal.SIGKILL)
            os.waitpid(process.pid, 0)  # noqa: ASYNC222  it is dead

    async with started(home, port) as here:
        (after,) = await here.run((one, [0]))
        answer = await traffic.get(port, here.host)
        await here.platform.down()

    assert before.address == after.address
    assert 200 == answer.status


async def test_an_envoy_that_died_is_started_again_with_its_routes(home: Path) -> None:
    async with world(home) as here:
        one = here.revision("1")
        await here.run((one, [0]))
        route = await here.route((one, 1000))
        old = here.platform._envoy._process
        assert old is not None

        os.kill(old.pid, signal.SIGKILL)

        async def answers() -> bool:
            return (await traffic.get(here.port, here.host)).status == 200

        await here.eventually(answers)
        await here.carried(route)
        assert old != here.platform._envoy._process


async def test_a_taken_entrance_is_refused_by_name(home: Path) -> None:
    with ExitStack() as stack:
        taken = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = taken.getsockname()[1]
        platform = Platform(home, Settings(port=port))

        with pytest.raises(Rejected, match=rf"port {port} .* is taken by .*\(pid {os.getpid()}\)"):
            await platform.start()

    assert set() == processes(home)


async def test_an_entrance_may_move_between_two_runs(home: Path) -> None:
    first, one = entrance(), revision("1")
    second = entrance()
    async with started(home, first) as here:
        await here.run((one, [0]))
        await here.route((one, 1000))
    before = processes(home)

    async with started(home, second) as here:
        answer = await traffic.get(second, here.host)
        after = processes(home)
        await here.platform.down()

    assert 200 == answer.status
    assert before == after


async def test_down_ends_everything_and_up_again_starts_afresh(home: Path) -> None:
    port, one = entrance(), revision("1")
    async with started(home, port) as here:
        await here.run((one, [0]))
        await here.route((one, 1000))
        await here.platform.down()
    nobody = processes(home)

    async with started(home, port) as here:
        gone = await here.platform.replicas(here.key)
        await here.run((one, [0]))
        await here.route((one, 1000))
        answer = await traffic.get(port, here.host)
        await here.platform.down()

    assert set() == nobody
    assert () == gone
    assert 200 == answer.status


async def test_down_alone_ends_what_an_earlier_run_left(home: Path) -> None:
    port, one = entrance(), revision("1")
    async with started(home, port) as here:
        await here.run((one, [0, 1]))
        await here.route((one, 1000))

    await Platform(home, Settings(port=port)).down()
    left = processes(home)
    await Platform(home, Settings(port=port)).down()

    assert set() == left


async def test_a_replica_that_was_draining_goes_on_draining(home: Path) -> None:
    port, one = entrance(), revision("1")
    async with started(home, port) as here:
        await here.run((one, [0, 1]))
        await here.route((one, 1000))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(traffic.get, port, here.host, "/hang")
            tasks.start_soon(traffic.get, port, here.host, "/hang")
            await anyio.sleep(0.2)
            await here.ensure((one, []), drain_s=30.0)
            tasks.cancel_scope.cancel()
        states = {r.state for r in await here.platform.replicas(here.key)}

    async with started(home, port) as here:

        async def gone() -> bool:
            return not await here.platform.replicas(here.key)

        await here.eventually(gone)
        await here.platform.down()

    assert {ReplicaState.STOPPING} == states
