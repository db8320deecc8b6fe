"""
The first steps of a limited replica: take its limits on, then become its program.

It is run by its path, as ``python -I -S confine.py FILES GROUP… -- PROGRAM WORD…``, in the process
that becomes the replica: the limits hold before the first instruction of the replica's own code,
and no code of ours runs between fork and exec in a program of many threads. It costs about 15 ms
of CPU and leaves nothing behind. It imports nothing of this package, because it begins anew.

``FILES`` is ``-`` where there is no limit. A group that cannot be joined is told in the replica's
log; the replica starts all the same.
"""

import os
import resource
import signal
import sys

_NOT_STARTED = 126


def main(words: list[str]) -> None:
    """Take the limits on and become the program."""
    end = words.index("--")
    files, *groups = words[:end]
    program, *command = words[end + 1 :]
    if files != "-":
        _limit_files(int(files))
    for group in groups:
        _join(group)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and that is inherited
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(program, command, _environment())  # noqa: S606  that is its task
    except OSError as problem:
        hint = (
            "; a script needs a first line such as #!/bin/sh" if problem.errno == _NO_EXEC else ""
        )
        _say(f"{program} cannot be started: {problem.strerror}{hint}")
        sys.exit(_NOT_STARTED)


_NO_EXEC = 8


def _limit_files(wanted: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and os.geteuid() != 0:
        wanted = min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    except (OSError, ValueError) as problem:
        _say(f"open files are not limited: {problem}")


def _join(group: str) -> None:
    try:
        with open(f"{group}/cgroup.procs", "w") as file:  # noqa: PTH123  pathlib would cost more than all the rest
            file.write("0")
    except OSError as problem:
        _say(f"the group {group} was not joined: {problem.strerror}")


def _environment() -> dict[bytes, bytes]:
    """Return the environment as it was given to us: Python may have added a locale to its own."""
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123  see above
        pairs = file.read().split(b"\0")
    return {name: value for name, found, value in (p.partition(b"=") for p in pairs) if found}


def _say(sentence: str) -> None:
    sys.stderr.write(f"serinus: {sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
