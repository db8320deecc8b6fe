"""
The end of processes: seen through a pidfd without polling, and brought about by signals.

Children of ours are reaped here. Processes that an earlier run of this program started are not
our children: their end is seen all the same, but not their exit status.
"""

import contextlib
import os
import signal

import anyio

from serinus.adapters.local import procfs
from serinus.adapters.local.procfs import Identity
from serinus.adapters.local.records import OWNER


async def wait(process: Identity) -> None:
    """Return when the process has ended. It is not reaped, so that its id stays taken."""
    descriptor = _descriptor(process)
    if descriptor is None:
        return
    try:
        await anyio.wait_readable(descriptor)
    finally:
        os.close(descriptor)


def bury(process: Identity, home: str) -> str:
    """Kill what is left of an ended process' session, reap it, and return how it ended."""
    try:
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        for pid in procfs.session(process.pid, OWNER, home):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        return "ended, how is unknown (an earlier serinus had started it)"
    if ended is None:
        return ""  # still running
    # The zombie still owns the group's id: nobody else can be meant.
    signal_group(process, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    if ended.si_code == os.CLD_EXITED:
        return f"exited with {ended.si_status}"
    return f"was killed by {signal.Signals(ended.si_status).name}"


def signal_group(process: Identity, number: signal.Signals) -> None:
    """Send a signal to the process and all of its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


async def stop(process: Identity, grace_s: float) -> None:
    """Ask the group to end, and after ``grace_s`` make it end."""
    if procfs.is_alive(process):
        signal_group(process, signal.SIGTERM)
        with anyio.move_on_after(grace_s):
            await wait(process)
    if procfs.is_alive(process):
        signal_group(process, signal.SIGKILL)
        await wait(process)


def _descriptor(process: Identity) -> int | None:
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return None
    # The descriptor is bound to whoever has the id now: look again who that is. A zombie of
    # ours (not alive) makes it readable at once, which is right.
    now = procfs.identify(process.pid)
    if now is not None and now != process:
        os.close(descriptor)
        return None
    return descriptor
