"""
Control groups: where this program may make them, and the group of one replica.

::

    /sys/fs/cgroup/memory/<where we are>/serinus.1f2e3d4c.shop.local.d4e5f6a7b8-0    version 1
    /sys/fs/cgroup/<where we are>/serinus.1f2e3d4c.shop.local.d4e5f6a7b8-0           version 2

Groups are made below our own, so that what limits this program limits its replicas as well. In
version 2 a group that hands controllers down may hold no processes: we move into a leaf of it, if
we are alone in it. We touch nobody else's group and nobody else's process.
"""

import contextlib
import errno
import os
import re
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from serinus.core.spec.resources import Ceiling

PREFIX = "serinus."
MEMORY, CPU = "memory", "cpu"
_PERIOD_US = 100_000
_LEAF = f"{PREFIX}controller"
_ESCAPED = re.compile(r"\\([0-7]{3})")
_OOM_KILLS = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


class Hierarchy(NamedTuple):
    """Where groups with a controller can be made: below ``base``, of a version (1 or 2)."""

    version: int
    base: Path


def find(controller: str, process: Path = Path("/proc/self")) -> Hierarchy | None:
    """Return where groups with a controller may be made; nothing is changed by looking."""
    with contextlib.suppress(OSError):
        for version, path in _memberships(controller, process):
            base = _place(version, controller, path, process)
            if base is not None and base.name == _LEAF:
                base = base.parent
            if base is None or not os.access(base, os.W_OK):
                continue
            if version == 1:
                return Hierarchy(1, base)
            offered = _read(base / "cgroup.controllers").split()
            handed = base / "cgroup.subtree_control"
            if controller in offered and os.access(handed, os.W_OK):
                return Hierarchy(2, base)
    return None


def ready(controller: str, found: Hierarchy) -> str:
    """Hand a controller down to the groups below, and return what keeps us from it, if anything."""
    if found.version == 1:
        return ""
    handed = found.base / "cgroup.subtree_control"
    if controller in _read(handed).split():
        return ""
    try:
        _hand_down(handed, controller)
    except OSError as problem:
        if problem.errno != errno.EBUSY:
            return f"{handed}: {problem.strerror}"
    else:
        return ""
    others = set(_pids(found.base)) - {os.getpid()}
    if others:
        return f"{found.base} holds {len(others)} other processes"
    try:
        leaf = found.base / _LEAF
        leaf.mkdir(exist_ok=True)
        (leaf / "cgroup.procs").write_text("0")
        _hand_down(handed, controller)
    except OSError as problem:
        return f"{found.base}: {problem.strerror}"
    return ""


def make(
    name: str, ceiling: Ceiling, memory: Hierarchy | None, cpu: Hierarchy | None
) -> tuple[Path, ...]:
    """
    Make the groups of one replica, with its limits; the groups of an earlier one are replaced.

    Raises:
        OSError: when they cannot be made; nothing is left of them then.
    """
    made: dict[Path, None] = {}
    try:
        if memory is not None and ceiling.memory is not None:
            group = _fresh(memory.base / name)
            made[group] = None
            _limit_memory(group, memory.version, ceiling.memory)
        if cpu is not None and ceiling.cpu is not None:
            group = cpu.base / name
            if group not in made:
                made[_fresh(group)] = None
            _limit_cpu(group, cpu.version, ceiling.cpu)
    except OSError:
        for group in made:
            remove(group)
        raise
    return tuple(made)


def remove(group: Path) -> bool:
    """End what is left in a group and remove it; False while something of it still ends."""
    for pid in _pids(group):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def left(hierarchies: Iterable[Hierarchy], prefix: str) -> set[Path]:
    """Return the groups of a prefix that hold no process."""
    groups = {g for h in hierarchies for g in h.base.glob(f"{prefix}*") if g.is_dir()}
    return {group for group in groups if not _pids(group)}


def of(process: Path) -> tuple[Path, ...]:
    """Return the groups of ours that a process is in; ``process`` is its directory in /proc."""
    found: dict[Path, None] = {}
    with contextlib.suppress(OSError):
        for controller in (MEMORY, CPU):
            for version, path in _memberships(controller, process):
                group = _place(version, controller, path, process)
                if group is not None and group.name.startswith(PREFIX) and group.name != _LEAF:
                    found[group] = None
    return tuple(found)


def holds_memory(group: Path) -> bool:
    """Tell whether a group limits the memory of processes that are in it."""
    limited = (group / "memory.max").exists() or (group / "memory.limit_in_bytes").exists()
    return limited and bool(_pids(group))


def killed(group: Path) -> int:
    """Return how many processes of a group the kernel ended because memory ran out."""
    with contextlib.suppress(OSError):
        for name in ("memory.events", "memory.oom_control"):
            found = _OOM_KILLS.search(_read(group / name))
            if found:
                return int(found[1])
    return 0


# --- how ----------------------------------------------------------------------------------------


def _limit_memory(group: Path, version: int, limit: int) -> None:
    if version == 1:
        (group / "memory.limit_in_bytes").write_text(str(limit))
        with contextlib.suppress(OSError):  # a kernel that does not count swap
            (group / "memory.memsw.limit_in_bytes").write_text(str(limit))
        return
    (group / "memory.max").write_text(str(limit))
    # A replica is ended as a whole, and swap is no way around the limit.
    for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
        with contextlib.suppress(OSError):
            (group / name).write_text(value)


def _limit_cpu(group: Path, version: int, cpus: float) -> None:
    quota = max(1000, round(cpus * _PERIOD_US))
    if version == 1:
        (group / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(quota))
    else:
        (group / "cpu.max").write_text(f"{quota} {_PERIOD_US}")


def _fresh(group: Path) -> Path:
    """Make a group; what an earlier one has counted is not wanted."""
    remove(group)
    group.mkdir(exist_ok=True)
    return group


def _hand_down(handed: Path, controller: str) -> None:
    with handed.open("w") as file:
        file.write(f"+{controller}")


def _memberships(controller: str, process: Path) -> list[tuple[int, str]]:
    """Return the version and path of each hierarchy that may have the controller."""
    found = []
    for line in _text(process / "cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controller in controllers.split(","):
            found.append((1, path))
        elif number == "0" and not controllers:
            found.append((2, path))
    return sorted(found)


def _place(version: int, controller: str, path: str, process: Path) -> Path | None:
    """Return the directory of a group, as it is mounted here."""
    for line in _text(process / "mountinfo").splitlines():
        head, _, tail = line.partition(" - ")
        fields, kinds = head.split(), tail.split()
        if version == 1:
            fits = kinds[0] == "cgroup" and controller in kinds[-1].split(",")
        else:
            fits = kinds[0] == "cgroup2"
        if not fits:
            continue
        root, mount = fields[3], Path(_ESCAPED.sub(lambda m: chr(int(m[1], 8)), fields[4]))
        # In a container the path may be the host's; what is mounted is our own group then.
        inside = path.removeprefix(root).lstrip("/") if path.startswith(root) else ""
        found = mount / inside
        if ".." not in found.parts and found.is_dir():
            return found
    return None


def _pids(group: Path) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(pid) for pid in (group / "cgroup.procs").read_text().split()]
    return []


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""


def _text(path: Path) -> str:
    return path.read_text(errors="replace")
