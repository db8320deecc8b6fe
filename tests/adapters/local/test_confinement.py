import os
import resource
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from serinus.adapters.local import confinement
from serinus.adapters.local.confinement import Confinement
from serinus.adapters.local.records import Record
from serinus.core.spec.resources import Ceiling
from serinus.core.state.workload import Replica, ReplicaState
from tests.adapters.local.stage import KEY, Stage, staged
from tests.adapters.local.taken import NEEDS_GROUPS, hungry

MIB = 2**20
EATER = "head -c 200m /dev/zero | tail -c 199m > /dev/null"
RECORD = Record(application="shop", environment="local", revision="a" * 64, ordinal=2, port=20000)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as found:
        found.processes.limits.find()
        yield found


def fallen(found: list[Replica]) -> bool:
    return found[0].state is ReplicaState.BACKING_OFF


def ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def groups(stage: Stage) -> list[Path]:
    return [Path(group) for group in stage.processes.of(KEY)[0].record.groups]


def test_a_limit_that_the_kernel_does_not_keep_is_told_once(tmp_path: Path) -> None:
    here = Confinement(tmp_path)
    here._lacking = {"cpu": "no writable control group"}
    with capture_logs() as said:
        for _ in range(2):
            here.prepare(RECORD, Ceiling(64 * MIB, 1.0))

    assert ["cpu of replicas is measured and not limited"] == [one["what"] for one in said]
    assert "no writable control group" == said[0]["why"]


def test_memory_and_files_are_enforced_on_every_machine() -> None:
    assert ("memory", "files") == confinement.enforced()[:2]


def test_where_no_groups_can_be_made_a_replica_gets_none(tmp_path: Path) -> None:
    assert () == Confinement(tmp_path).prepare(RECORD, Ceiling(64 * MIB, 1.0))


def test_a_replica_whose_memory_did_not_run_out_is_told_as_it_ended(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("oom_kill 0\n")
    record = replace(RECORD, groups=(str(tmp_path),))

    assert "exited with 1" == confinement.told("exited with 1", record, Ceiling(MIB))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("was killed by SIGKILL", "used 256 MiB of 256 MiB of memory and was ended by the kernel"),
        (
            "ended, how is unknown (an earlier serinus had started it)",
            "used 256 MiB of 256 MiB of memory and was ended by the kernel",
        ),
        (
            "exited with 3",
            (
                "exited with 3, after the kernel had ended a process of it "
                "that ran out of 256 MiB of memory,"
            ),
        ),
    ],
)
def test_a_replica_whose_memory_ran_out_says_so(tmp_path: Path, how: str, told: str) -> None:
    (tmp_path / "memory.events").write_text("oom_kill 1\n")
    record = replace(RECORD, groups=(str(tmp_path),))

    assert told == confinement.told(how, record, Ceiling(256 * MIB))
    assert how == confinement.told(how, record, Ceiling())


async def test_open_files_are_limited_before_the_program_begins(stage: Stage) -> None:
    await stage.ensure(hungry("open", "100", files="64"), 0)
    await stage.ready()

    limit = resource.prlimit(stage.pid(), resource.RLIMIT_NOFILE)
    said = stage.processes.of(KEY)[0].log.read_text()
    assert (64, 64) == limit
    assert "open: 60 opened" in said


async def test_a_program_that_cannot_be_started_is_told_as_without_limits(stage: Stage) -> None:
    script = stage.places.home / "script"
    script.write_text("no first line")
    script.chmod(0o755)
    one = hungry("eat", files="64")
    workload = replace(one.workload, command=(str(script),))
    await stage.ensure(replace(one, workload=workload), 0)

    (found,) = await stage.until(fallen)
    assert found.note.startswith("exited with 126 after 0.")
    assert "cannot be started: Exec format error; a script needs a first line" in found.note


@NEEDS_GROUPS
async def test_a_replica_that_takes_too_much_memory_is_ended_by_the_kernel(stage: Stage) -> None:
    await stage.ensure(hungry("grow", memory="48Mi"), 0)

    (found,) = await stage.until(fallen)
    assert found.note.startswith("used 48 MiB of 48 MiB of memory and was ended by the kernel")
    assert "last line: done" in found.note


@NEEDS_GROUPS
async def test_a_busy_replica_gets_its_share_of_a_cpu_alone(stage: Stage) -> None:
    await stage.ensure(hungry("spin", cpu="100m"), 0)
    await stage.ready()
    before = ticks(stage.pid())
    await anyio.sleep(1.0)

    assert ticks(stage.pid()) - before < 0.3 * os.sysconf("SC_CLK_TCK")


@NEEDS_GROUPS
async def test_the_groups_of_a_replica_go_with_it(stage: Stage) -> None:
    one = hungry("fork", "3", memory="64Mi", cpu="1")
    await stage.ensure(one, 0)
    await stage.ready()
    made = groups(stage)
    members = {int(pid) for g in made for pid in (g / "cgroup.procs").read_text().split()}

    await stage.ensure(one)
    await stage.until(lambda found: not found)
    with anyio.fail_after(5):
        while any(group.exists() for group in made):
            stage.processes.limits.tidy()
            await anyio.sleep(0.01)

    assert 4 == len(members)
    assert made


@NEEDS_GROUPS
async def test_a_replica_that_is_started_again_has_fresh_groups(stage: Stage) -> None:
    await stage.ensure(hungry("fork", "0", memory="64Mi"), 0)
    await stage.ready()
    before = stage.pid()

    os.kill(before, signal.SIGKILL)
    (found,) = await stage.until(fallen)
    await stage.ready()

    assert found.note.startswith("was killed by SIGKILL")
    members = (groups(stage)[0] / "cgroup.procs").read_text().split()
    assert [str(stage.pid())] == members


@NEEDS_GROUPS
async def test_limits_hold_across_controllers_and_their_end_is_told(tmp_path: Path) -> None:
    first = Stage(tmp_path)
    first.processes.limits.find()
    await first.ensure(hungry("fork", "0", memory="48Mi"), 0)
    pid = first.pid()

    async with staged(tmp_path) as stage:
        stage.processes.limits.find()
        stage.processes.adopt()
        stage.processes.limits.sweep(life.record for life in stage.processes.all())
        await stage.ready()
        (group,) = groups(stage)
        kept = (group / "cgroup.procs").read_text().split()
        # A process of the replica's own group takes more than there is.
        await anyio.run_process(f"echo 0 > {group}/cgroup.procs; {EATER}", check=False)
        os.kill(pid, signal.SIGKILL)
        (found,) = await stage.until(fallen)

    assert [str(pid)] == kept
    assert found.note.startswith("used 48 MiB of 48 MiB of memory and was ended by the kernel")
    assert not group.exists()


@NEEDS_GROUPS
def test_groups_that_a_crash_left_behind_are_removed(tmp_path: Path) -> None:
    first = Confinement(tmp_path)
    first.find()
    made = first.prepare(RECORD, Ceiling(64 * MIB, 1.0))
    existed = [Path(group).exists() for group in made]

    again = Confinement(tmp_path)
    again.find()
    again.sweep([replace(RECORD, groups=made)])
    kept = [Path(group).exists() for group in made]
    again.sweep([])

    assert made
    assert all(existed)
    assert all(kept)
    assert not any(Path(group).exists() for group in made)
