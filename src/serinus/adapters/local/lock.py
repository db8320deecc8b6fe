"""
The controller's lock: one controller on one home, and commands that can tell whether there is one.

A lock of the kernel, not a file that exists: it is gone when the process is, however it ended.
"""

import contextlib
import errno
import fcntl
import os
import time
from pathlib import Path
from typing import Self

from serinus.ports import failures

PATIENCE_S = 0.5
"""A command that looks holds the lock for an instant; a controller that starts waits that long."""


class Lock:
    """The lock, held until :meth:`release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Take the lock; ``Rejected`` when another controller holds it, naming its process."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + PATIENCE_S
        while not _try(descriptor, fcntl.LOCK_EX):
            if time.monotonic() >= deadline:
                pid = _pid(descriptor)
                os.close(descriptor)
                raise failures.Rejected(
                    f"another controller works in {path.parent.parent}",
                    why=f"process {pid or 'unknown'} holds {path}",
                    hint="serinus status   (it is running already), "
                    "or choose another directory with --home",
                )
            time.sleep(0.01)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Let others in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def holder(path: Path) -> int | None:
    """Return the process id of the controller that holds the lock, None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _try(descriptor, fcntl.LOCK_SH) else _pid(descriptor)
    finally:
        os.close(descriptor)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as exc:
        if exc.errno in {errno.EWOULDBLOCK, errno.EAGAIN}:
            return False
        raise
    return True


def _pid(descriptor: int) -> int:
    """Read who holds it; 0 in the instant between taking the lock and writing that down."""
    with contextlib.suppress(ValueError):
        return int(os.pread(descriptor, 32, 0))
    return 0
