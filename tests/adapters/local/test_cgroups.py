import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from serinus.adapters.local import cgroups
from serinus.adapters.local.cgroups import Hierarchy
from serinus.core.spec.resources import Ceiling
from tests.adapters.local.taken import NEEDS_GROUPS

MIB = 2**20
NAME = f"{cgroups.PREFIX}test{os.getpid()}.shop.local.a-0"


class Machine:
    """What ``/proc`` and ``/sys`` of another machine look like."""

    def __init__(self, place: Path) -> None:
        self.process = place / "proc"
        self.process.mkdir()
        self.mount = place / "mnt"
        self.mount.mkdir()

    def belongs(self, *lines: str) -> None:
        (self.process / "cgroup").write_text("".join(f"{line}\n" for line in lines))

    def mounts(self, kind: str, options: str, root: str = "/") -> None:
        line = f"30 20 0:26 {root} {self.mount} rw,nosuid - {kind} cgroup rw,{options}\n"
        (self.process / "mountinfo").write_text(line)

    def group(self, path: str, **files: str) -> Path:
        group = self.mount / path
        group.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (group / name.replace("__", ".")).write_text(content)
        return group


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# --- where groups may be made -------------------------------------------------------------------


def test_version_1_is_found_below_our_own_group(machine: Machine) -> None:
    machine.belongs("4:memory:/user/1", "2:cpu,cpuacct:/", "0::/")
    machine.mounts("cgroup", "memory")
    group = machine.group("user/1")

    assert Hierarchy(1, group) == cgroups.find("memory", machine.process)
    assert cgroups.find("cpu", machine.process) is None


def test_version_2_is_found_where_its_controllers_may_be_handed_down(machine: Machine) -> None:
    machine.belongs("0::/user.slice/serinus.scope")
    machine.mounts("cgroup2", "nsdelegate")
    group = machine.group(
        "user.slice/serinus.scope",
        cgroup__controllers="cpu memory pids\n",
        cgroup__subtree_control="\n",
    )

    assert Hierarchy(2, group) == cgroups.find("memory", machine.process)
    assert cgroups.find("hugetlb", machine.process) is None


def test_who_is_in_the_leaf_of_a_group_makes_groups_beside_it(machine: Machine) -> None:
    machine.belongs("0::/own/serinus.controller")
    machine.mounts("cgroup2", "nsdelegate")
    machine.group("own/serinus.controller")
    group = machine.group("own", cgroup__controllers="memory", cgroup__subtree_control="memory")

    found = cgroups.find("memory", machine.process)

    assert Hierarchy(2, group) == found
    assert () == cgroups.of(machine.process)


def test_the_path_of_the_host_is_not_taken_for_one_within_a_container(machine: Machine) -> None:
    machine.belongs("4:memory:/docker/1f2e")
    machine.mounts("cgroup", "memory", root="/docker/1f2e")
    inside = cgroups.find("memory", machine.process)
    machine.mounts("cgroup", "memory", root="/elsewhere")

    assert Hierarchy(1, machine.mount) == inside
    assert Hierarchy(1, machine.mount) == cgroups.find("memory", machine.process)


def test_a_machine_without_groups_has_none(machine: Machine) -> None:
    nothing = cgroups.find("memory", machine.process)
    machine.belongs("4:memory:/gone")
    machine.mounts("cgroup", "memory")

    assert nothing is None
    assert cgroups.find("memory", machine.process) is None


def test_controllers_are_handed_down_once(machine: Machine) -> None:
    found = Hierarchy(2, machine.group("own", cgroup__subtree_control=""))
    first = cgroups.ready("memory", found)
    asked = (found.base / "cgroup.subtree_control").read_text()
    (found.base / "cgroup.subtree_control").write_text("cpu memory")

    assert ("", "+memory") == (first, asked)
    assert "" == cgroups.ready("cpu", found)
    assert "cpu memory" == (found.base / "cgroup.subtree_control").read_text()


def test_a_group_that_others_are_in_is_left_alone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(handed: Path, controller: str) -> None:
        raise OSError(errno.EBUSY, f"{handed} {controller}")

    found = Hierarchy(2, machine.group("own", cgroup__procs=f"{os.getpid()}\n1\n"))
    monkeypatch.setattr(cgroups, "_hand_down", busy)

    assert cgroups.ready("memory", found) == f"{found.base} holds 1 other processes"
    assert ["cgroup.procs"] == [path.name for path in found.base.iterdir()]


def test_version_1_is_ready_as_it_is(machine: Machine) -> None:
    assert "" == cgroups.ready("memory", Hierarchy(1, machine.mount))


# --- the group of a replica ---------------------------------------------------------------------


def test_limits_of_version_2_are_written_into_one_group(machine: Machine) -> None:
    here = Hierarchy(2, machine.mount)

    (group,) = cgroups.make("a", Ceiling(64 * MIB, 0.5), here, here)

    assert ("67108864", "0", "1", "50000 100000") == tuple(
        (group / name).read_text()
        for name in ("memory.max", "memory.swap.max", "memory.oom.group", "cpu.max")
    )


def test_limits_of_version_1_are_written_into_two(machine: Machine) -> None:
    memory, cpu = (Hierarchy(1, machine.group(name)) for name in ("memory", "cpu"))

    first, second = cgroups.make("a", Ceiling(64 * MIB, 0.001), memory, cpu)

    assert (memory.base / "a", cpu.base / "a") == (first, second)
    assert "67108864" == (first / "memory.limit_in_bytes").read_text()
    assert "1000" == (second / "cpu.cfs_quota_us").read_text()


def test_only_what_is_limited_gets_a_group(machine: Machine) -> None:
    here = Hierarchy(2, machine.mount)

    assert () == cgroups.make("a", Ceiling(files=100), here, here)
    assert () == cgroups.make("a", Ceiling(MIB, 1.0), None, None)
    assert [] == list(machine.mount.iterdir())


def test_a_group_that_cannot_be_made_leaves_nothing(machine: Machine) -> None:
    memory = Hierarchy(1, machine.group("memory"))
    nowhere = Hierarchy(1, machine.mount / "gone" / "away")

    with pytest.raises(FileNotFoundError):
        cgroups.make("a", Ceiling(None, 1.0), memory, nowhere)

    assert [] == list(memory.base.iterdir())


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("memory.events", "low 0\nhigh 0\nmax 7\noom 2\noom_kill 2\noom_group_kill 1\n", 2),
        ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", 1),
        ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n", 0),
        ("other", "", 0),
    ],
)
def test_those_that_the_kernel_ended_are_counted(
    machine: Machine, name: str, text: str, count: int
) -> None:
    group = machine.group("a")
    (group / name).write_text(text)

    assert count == cgroups.killed(group)


def test_groups_that_hold_nobody_are_found_by_their_prefix(machine: Machine) -> None:
    empty = machine.group("serinus.1.a", cgroup__procs="")
    machine.group("serinus.1.b", cgroup__procs="12\n")
    machine.group("serinus.2.c", cgroup__procs="")

    assert {empty} == cgroups.left([Hierarchy(1, machine.mount)], "serinus.1.")


# --- real ones ----------------------------------------------------------------------------------


@pytest.fixture
def real() -> Iterator[tuple[Path, ...]]:
    memory, cpu = cgroups.find("memory"), cgroups.find("cpu")
    made = cgroups.make(NAME, Ceiling(64 * MIB, 0.5), memory, cpu)
    yield made
    for group in made:
        while not cgroups.remove(group):
            pass


def joined(groups: tuple[Path, ...]) -> str:
    return " && ".join(f"echo 0 > {group}/cgroup.procs" for group in groups)


@NEEDS_GROUPS
def test_the_kernel_takes_the_limits(real: tuple[Path, ...]) -> None:
    limits = {
        name: (group / name).read_text().strip()
        for group in real
        for name in ("memory.max", "memory.limit_in_bytes", "cpu.max", "cpu.cfs_quota_us")
        if (group / name).exists()
    }

    assert set(limits.values()) <= {"67108864", "50000 100000", "50000"}
    assert 2 == len(limits)
    assert not any(cgroups.holds_memory(group) for group in real)


@NEEDS_GROUPS
def test_who_is_in_a_group_is_seen_and_ended_with_it(real: tuple[Path, ...]) -> None:
    command = f"{joined(real)} && echo in && sleep 60"
    with subprocess.Popen(
        ["sh", "-c", command], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seen = cgroups.of(Path("/proc") / str(process.pid))
        held = [cgroups.holds_memory(group) for group in real]
        for group in real:
            cgroups.remove(group)

    assert set(real) == set(seen)
    assert any(held)
    assert process.returncode == -9


@NEEDS_GROUPS
def test_what_takes_too_much_is_ended_and_counted(real: tuple[Path, ...]) -> None:
    command = f"{joined(real)} && head -c 200m /dev/zero | tail -c 199m > /dev/null; echo gone"
    found = subprocess.run(["sh", "-c", command], capture_output=True, check=False)

    assert b"gone\n" == found.stdout
    assert 1 == sum(cgroups.killed(group) for group in real)
