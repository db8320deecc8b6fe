"""
What Linux knows of processes: who is who, who lives, who holds a port.

A process is known by its id and its start time together: ids are used again, the pair is not. The
boot belongs to it, because both numbers begin anew with it.
"""

import contextlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

PROC = Path("/proc")
_STATE, _SESSION, _STARTED = 0, 3, 19  # counted from the field after the command's name
_LISTENING = "0A"


class Identity(msgspec.Struct, frozen=True):
    """One process: ``started`` in clock ticks after boot (field 22 of ``/proc/<pid>/stat``)."""

    pid: int
    started: int
    boot: str = ""


@cache
def boot() -> str:
    """Return the id of the running boot."""
    with contextlib.suppress(OSError):
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return ""


def identify(pid: int) -> Identity | None:
    """Return who has this id now, None when nobody does or only a zombie is left."""
    fields = _stat(pid)
    if not fields or fields[_STATE] in {"Z", "X"}:
        return None
    return Identity(pid, int(fields[_STARTED]), boot())


def is_alive(process: Identity | None) -> bool:
    """Tell whether this very process still runs."""
    return process is not None and identify(process.pid) == process


def leaders(owner: str, value: str) -> Iterator[tuple[Identity, dict[str, str]]]:
    """Find the session leaders whose environment has ``owner`` set to ``value``."""
    wanted = f"{owner}={value}".encode()
    for pid in _pids():
        fields = _stat(pid)
        if not fields or int(fields[_SESSION]) != pid:
            continue
        pairs = _environment(pid)
        process = identify(pid) if wanted in pairs else None
        if process is not None:
            text = (pair.decode(errors="replace").partition("=") for pair in pairs)
            yield process, {name: held for name, _, held in text}


def session(leader: int, owner: str, value: str) -> list[int]:
    """Return the processes of a session that carry the mark, the leader excepted."""
    wanted = f"{owner}={value}".encode()
    return [
        pid
        for pid in _pids()
        if pid != leader
        and (fields := _stat(pid))
        and int(fields[_SESSION]) == leader
        and wanted in _environment(pid)
    ]


def holder(port: int) -> str:
    """Return who listens on a TCP port, as "caddy (pid 12)"; empty when that cannot be seen."""
    sockets = set(_listeners(port))
    if not sockets:
        return ""
    for pid in _pids():
        with contextlib.suppress(OSError):
            for fd in (PROC / str(pid) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(fd.readlink()) in sockets:
                        name = (PROC / str(pid) / "comm").read_text().strip()
                        return f"{name} (pid {pid})"
    return ""


def _pids() -> list[int]:
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]  # noqa: PTH208  names are enough


def _stat(pid: int) -> list[str]:
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().rstrip(b"\0").split(b"\0")
    except OSError:
        return []


def _listeners(port: int) -> Iterator[str]:
    for table in ("net/tcp", "net/tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / table).read_text().splitlines()[1:]:
                fields = line.split()
                local, state, inode = fields[1], fields[3], fields[9]
                if state == _LISTENING and int(local.rpartition(":")[2], 16) == port:
                    yield f"socket:[{inode}]"
