"""
What replicas take of the machine: read from ``/proc``, all processes of a replica's session.

A look reads the short ``stat`` of the processes that belong to a replica, and of those that were
not there before; whose session all others are in is remembered for a minute. So two hundred
replicas cost a few milliseconds, on a machine with thousands of other processes too.
"""

import contextlib
import os
from collections.abc import Iterable
from typing import NamedTuple

from serinus.adapters.local import procfs
from serinus.adapters.local.procfs import PROC, Identity
from serinus.core.state.workload import Usage

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_REMEMBERED_S = 60.0
_SHORTEST_S = 0.2
_ENDED = {b"Z", b"X"}
_SESSION, _CPU, _STARTED, _RESIDENT = 3, slice(11, 15), 19, 21  # after the command's name


class _Taken(NamedTuple):
    """What one process takes: ``cpu`` in ticks, its ended children included."""

    session: int
    started: int
    memory: int
    cpu: int


class Meter:
    """Look at replicas again and again; what they used in between is known from the second time."""

    def __init__(self) -> None:
        self._sessions: dict[int, int] = {}
        self._forget_at = 0.0
        self._before: dict[Identity, Usage] = {}

    def look(self, leaders: Iterable[Identity], at: float) -> dict[Identity, Usage]:
        """Return what each replica takes now (``at``: epoch seconds), of those that still run."""
        members = self._members(at)
        found = {}
        for leader in leaders:
            taken = self._taken({leader.pid, *members.get(leader.pid, ())}, leader.pid)
            first = taken.get(leader.pid)
            if first is not None and Identity(leader.pid, first.started, procfs.boot()) == leader:
                found[leader] = self._usage(leader, taken, at)
        self._before = {one: u for one, u in self._before.items() if at - u.at < _REMEMBERED_S}
        self._before |= found
        return found

    def _members(self, at: float) -> dict[int, list[int]]:
        """Return the processes of each session, as far as is remembered."""
        if at >= self._forget_at:
            self._sessions.clear()
            self._forget_at = at + _REMEMBERED_S
        now = {int(name) for name in os.listdir(PROC) if name.isdigit()}  # noqa: PTH208  names are enough
        for pid in self._sessions.keys() - now:
            del self._sessions[pid]
        for pid in now - self._sessions.keys():
            process = _process(pid)
            if process is not None:
                self._sessions[pid] = process.session
        members: dict[int, list[int]] = {}
        for pid, session in self._sessions.items():
            members.setdefault(session, []).append(pid)
        return members

    def _taken(self, pids: Iterable[int], session: int) -> dict[int, _Taken]:
        taken = {}
        for pid in pids:
            process = _process(pid)
            if process is not None:
                self._sessions[pid] = process.session
                if process.session == session:
                    taken[pid] = process
        return taken

    def _usage(self, leader: Identity, taken: dict[int, _Taken], at: float) -> Usage:
        before = self._before.get(leader)
        cpu_s = sum(process.cpu for process in taken.values()) / _TICKS
        cpu = None
        if before is not None:
            # A child that nobody waited for takes its time with it.
            cpu_s = max(cpu_s, before.cpu_s)
            cpu = before.cpu
            if at - before.at >= _SHORTEST_S:
                cpu = (cpu_s - before.cpu_s) / (at - before.at)
        return Usage(
            at=at,
            memory=sum(process.memory for process in taken.values()),
            cpu_s=cpu_s,
            files=max(map(_files, taken)),
            cpu=cpu,
        )


def proportional(session: int) -> int:
    """
    Return the bytes of a session's processes, what several share counted once.

    It walks all their pages and costs milliseconds: for a decision, not for a look.
    """
    total = 0
    for name in os.listdir(PROC):  # noqa: PTH208  names are enough
        process = _process(int(name)) if name.isdigit() else None
        if process is not None and process.session == session:
            total += _own(name, process.memory)
    return total


def _own(name: str, resident: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in (PROC / name / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return resident


def _process(pid: int) -> _Taken | None:
    try:
        # Hundreds of files a second: the plain calls cost half of what a file object does.
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = os.read(descriptor, 1024)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    fields = text[text.rfind(b")") + 2 :].split(b" ", _RESIDENT + 1)
    try:
        if fields[0] in _ENDED:
            return None
        cpu = sum(map(int, fields[_CPU]))
        resident = int(fields[_RESIDENT]) * _PAGE
        return _Taken(int(fields[_SESSION]), int(fields[_STARTED]), resident, cpu)
    except (IndexError, ValueError):
        return None


def _files(pid: int) -> int:
    place = f"/proc/{pid}/fd"
    try:
        # Since Linux 6.2 the directory's size says how many there are.
        return os.stat(place).st_size or len(os.listdir(place))  # noqa: PTH116, PTH208  hundreds a second
    except OSError:
        return 0
