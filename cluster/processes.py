"""
Programs that outlive the command that started them, known again by a later one.

Each has a record (`processes/<name>.json`) with its process id and the moment when that process
began, so that a number which the kernel has given to someone else is never mistaken for ours.
"""

import dataclasses
import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from cluster import places

GRACE_S = 10.0
POLL_S = 0.05


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """A program that was started: how, and as which process."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str]
    pid: int
    began: int

    @property
    def alive(self) -> bool:
        """Whether that very process still runs."""
        return began(self.pid) == self.began


def start(name: str, *command: str | Path, env: Mapping[str, str] | None = None) -> Record:
    """Start a program in a session of its own, with a log; one that runs is left alone."""
    if (old := record(name)) is not None and old.alive:
        return old
    for folder in (places.LOGS, places.RECORDS):
        folder.mkdir(parents=True, exist_ok=True)
    added = dict(env or {})
    line = tuple(str(word) for word in command)
    pid = spawn(line, added, log(name))
    made = Record(name, line, added, pid, began(pid) or 0)
    path = places.RECORDS / f"{name}.json"
    path.write_text(json.dumps(dataclasses.asdict(made)))
    return made


def spawn(line: tuple[str, ...], env: dict[str, str], output: Path) -> int:
    """Start a program that nobody waits for, and return its process id."""
    writing = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    files = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(output), writing, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    return os.posix_spawn(line[0], line, os.environ | env, file_actions=files, setsid=True)


def again(name: str) -> Record:
    """Start a stopped program as it was started before."""
    old = record(name)
    if old is None:
        raise LookupError(f"program {name} was never started, so nobody knows how")
    return start(name, *old.command, env=old.env)


def stop(name: str, grace_s: float = GRACE_S, *, hard: bool = False) -> None:
    """End a program, by force where it does not listen or is not asked; its record stays."""
    old = record(name)
    if old is None or not old.alive:
        return
    signals = [signal.SIGKILL] if hard else [signal.SIGTERM, signal.SIGKILL]
    for number in signals:
        try:
            os.kill(old.pid, number)
        except ProcessLookupError:
            return
        if until(lambda: not old.alive, grace_s):
            return
    raise TimeoutError(f"program {name} (process {old.pid}) does not end, not even by SIGKILL")


def forget(name: str) -> None:
    """Remove the record of a program that has ended."""
    (places.RECORDS / f"{name}.json").unlink(missing_ok=True)


def record(name: str) -> Record | None:
    """Return what is known of a program, or None if it was never started."""
    try:
        known = json.loads((places.RECORDS / f"{name}.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return Record(**{**known, "command": tuple(known["command"])})


def alive(name: str) -> bool:
    """Whether a program runs."""
    return (known := record(name)) is not None and known.alive


def names() -> list[str]:
    """Return the names of all programs that have a record, the newest first."""
    paths = sorted(places.RECORDS.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [path.stem for path in reversed(paths)]


def log(name: str) -> Path:
    """Return the file with the output of a program."""
    return places.LOGS / f"{name}.log"


def wait(name: str, what: str, ready: Callable[[], bool], timeout_s: float) -> None:
    """Wait until a program is of use; say its last words where it ends or takes too long."""
    ended = False

    def done() -> bool:
        nonlocal ended
        ended = not alive(name)
        return ended or ready()

    if until(done, timeout_s) and not ended:
        return
    last = log(name).read_text(errors="replace").splitlines()[-15:]
    how = "ended" if ended else f"was not so after {timeout_s:.0f} s"
    raise SystemExit(
        "\n".join([*last, f"cluster: waited for {what}, but {name} {how}: {log(name)}"])
    )


def until(true: Callable[[], bool], timeout_s: float) -> bool:
    """Ask again and again until something is true; return whether it became so in time."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True


def answers(url: str) -> bool:
    """Whether a page of a program on this machine answers well."""
    try:
        urllib.request.urlopen(url, timeout=2).close()  # noqa: S310  pages of our own
    except (OSError, urllib.error.URLError):
        return False
    return True


def began(pid: int) -> int | None:
    """Return when a process began, in ticks since the machine started; None if it does not run."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
