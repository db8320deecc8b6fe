"""
How a replica's process is started: placeholders, environment, checks, and the start itself.

A child gets its own session, an empty standard input, its log file, and a short list of this
program's variables. It inherits no descriptor, so that nothing of ours is held open by it. One that
has limits takes them on first (:mod:`serinus.adapters.local.confine`).
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serinus.adapters.local import confine, logfiles, portnumbers, procfs
from serinus.adapters.local.procfs import Identity
from serinus.adapters.local.records import OWNER, Record
from serinus.core.spec import resources
from serinus.core.state.workload import Revision
from serinus.ports.failures import Rejected, Unavailable

_KEPT = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR"),
    *("VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)
_PLACEHOLDER = re.compile(r"\$\{(port|replica|files)\}")
_UMASK = 0o022  # ours is stricter, and theirs is their own matter
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Command:
    """
    What will be started, complete.

    ``files``: how many files each of its processes may have open, None for no limit of ours;
    ``groups``: the control groups that it is to be in.
    """

    words: tuple[str, ...]
    workdir: Path
    env: Mapping[str, str]
    files: int | None = None
    groups: tuple[str, ...] = ()

    def start(self, program: str) -> tuple[str, Sequence[str]]:
        """Return the program and the words to start: its own, or by way of its limits."""
        if self.files is None and not self.groups:
            return program, self.words
        files = "-" if self.files is None else str(self.files)
        first = (sys.executable, "-I", "-S", confine.__file__, files, *self.groups, "--")
        return sys.executable, (*first, program, *self.words)


def base_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what a child gets of our environment."""
    kept = {k: v for k, v in environ.items() if k in _KEPT or k.startswith("LC_")}
    return {"PATH": _DEFAULT_PATH} | kept


def command(revision: Revision, record: Record, files: Path, home: Path) -> Command:
    """Fill in a revision's command and environment for one replica."""
    workload = revision.workload
    known = {"port": str(record.port), "replica": record.name, "files": str(files)}

    def fill(text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: known[found[1]], text)

    env = base_environment() | {"PORT": str(record.port)}
    env |= {name: fill(value) for name, value in workload.env.items()}
    env |= {
        OWNER: str(home),
        "SERINUS_APPLICATION": record.application,
        "SERINUS_ENVIRONMENT": record.environment,
        "SERINUS_REPLICA": record.name,
        "SERINUS_VERSION": revision.version,
        "SERINUS_REVISION": record.revision,
    }
    words = tuple(fill(word) for word in workload.command)
    limit = resources.ceiling(workload.resources).files
    return Command(words, Path(workload.workdir), env, limit, record.groups)


def check(revision: Revision, subject: str) -> None:
    """Refuse a workload that this machine can never start."""
    workload = revision.workload
    if not workload.command:
        found = f"image {workload.image}" if workload.image else "no command"
        raise Rejected(
            f"{subject}: version {revision.version} has {found}; "
            "on this machine a workload needs a command",
            hint="workload.command: [./shop, --port, '${port}']",
        )
    if not Path(workload.workdir).is_dir():
        raise Rejected(f"{subject}: the workdir {workload.workdir} does not exist")
    env = base_environment() | workload.env
    if "${" not in workload.command[0]:
        find(workload.command[0], Path(workload.workdir), env["PATH"], subject)


def find(word: str, workdir: Path, path: str, subject: str) -> str:
    """Return the program that a command's first word means, as a shell in workdir would."""
    if "/" in word:
        place = workdir / word
        if not place.exists():
            raise Rejected(
                f"{subject}: the command {word} does not exist in {workdir}",
                hint="give a path relative to workdir, an absolute one, or a name on the PATH",
            )
        if place.is_dir() or not os.access(place, os.X_OK):
            raise Rejected(
                f"{subject}: the command {place} is not executable", hint=f"chmod +x {place}"
            )
        return str(place)
    found = shutil.which(word, path=path)
    if found is None:
        raise Rejected(
            f"{subject}: the command {word} does not exist",
            why=f"searched {path}",
            hint="install it, give its path, or set PATH in workload.env",
        )
    return str(Path(found).absolute())


def start(asked: Command, log: Path, subject: str) -> Identity:
    """Start a process and return who it is. It is not awaited here: a pidfd tells of its end."""
    program = find(asked.words[0], asked.workdir, asked.env["PATH"], subject)
    first, words = asked.start(program)
    try:
        output = logfiles.open_append(log)
    except OSError as exc:
        raise Unavailable(
            f"{subject}: the log file {log} cannot be opened: {exc.strerror}"
        ) from exc
    try:
        child = subprocess.Popen(
            words,
            executable=first,
            cwd=asked.workdir,
            env=dict(asked.env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=_UMASK,
        )
    except OSError as exc:
        raise _refusal(exc, program, asked, subject) from exc
    finally:
        os.close(output)
    # Popen would complain when it is forgotten while the child runs. Its end is read elsewhere.
    child.returncode = 0
    process = procfs.identify(child.pid)
    # Ended already: the id is ours until it is reaped, so nobody else can have it.
    return process or Identity(child.pid, 0, procfs.boot())


def demand_port(record: Record, others: Iterable[Record], subject: str) -> None:
    """Refuse a fixed port that somebody else holds."""
    for other in others:
        if other.port != record.port or other.name == record.name:
            continue
        if other.stop_at is not None:
            raise Unavailable(
                f"{subject}: port {record.port} is held by {other.name}, which is stopping", 1.0
            )
        raise Rejected(
            f"{subject}: port {record.port} is held by {other.name} of {other.key}; "
            "a fixed port takes one replica at a time",
            hint="leave workload.port out, so that each replica gets its own ${port}",
        )
    advice = "leave workload.port out, so that a free one is chosen"
    portnumbers.demand(portnumbers.LOOPBACK, record.port, subject, advice)


def _refusal(
    problem: OSError, program: str, asked: Command, subject: str
) -> Rejected | Unavailable:
    if isinstance(problem, BlockingIOError | MemoryError):
        return Unavailable(f"{subject}: {program} cannot be started now: {problem.strerror}")
    return Rejected(
        f"{subject}: {program} cannot be started in {asked.workdir}: {problem.strerror}",
        hint="a script needs a first line such as #!/bin/sh",
    )
