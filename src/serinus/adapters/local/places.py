"""
Where things lie below the home directory.

::

    <home>
    ├─ blobs/<sha256>                       content of versioned files, written by the store
    ├─ revisions/<id>/                      revision.json, and files/: the read-only copy
    ├─ logs/<app>~<environment>/            one file for each replica; logs/envoy.log
    └─ run/                                 0700: what lives while something runs
       ├─ replicas/<app>~<environment>/     one record for each replica
       ├─ routes/<app>~<environment>.json   the router's documents
       ├─ prometheus/targets.json           the replicas that run, for a Prometheus to find
       ├─ lines/<app>~<environment>         what was heard in the logs, during a release
       ├─ visits.json                       how far each application has read them
       └─ envoy/                            Envoy's working directory: its files, its socket, visits
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from serinus.core.state.notice import Key
from serinus.ports.failures import Unavailable

SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class Places:
    """The directories of one home."""

    home: Path

    @property
    def run(self) -> Path:
        """What lives while something runs."""
        return self.home / "run"

    @property
    def envoy(self) -> Path:
        """Envoy's working directory."""
        return self.run / "envoy"

    @property
    def replicas(self) -> Path:
        """The records of replicas."""
        return self.run / "replicas"

    @property
    def routes(self) -> Path:
        """The router's documents."""
        return self.run / "routes"

    @property
    def targets(self) -> Path:
        """The replicas that run, as Prometheus reads them."""
        return self.run / "prometheus" / "targets.json"

    @property
    def lines(self) -> Path:
        """What was heard in the logs."""
        return self.run / "lines"

    @property
    def logs(self) -> Path:
        """The log files."""
        return self.home / "logs"

    @property
    def blobs(self) -> Path:
        """The content of versioned files."""
        return self.home / "blobs"

    def revision(self, revision: str) -> Path:
        """Return the directory of a revision."""
        return self.home / "revisions" / revision

    def record(self, key: Key, replica: str) -> Path:
        """Return the record of a replica."""
        return self.replicas / folder(key) / f"{replica}.json"

    def log(self, key: Key, replica: str) -> Path:
        """Return the log file of a replica."""
        return self.logs / folder(key) / f"{replica}.log"

    def prepare(self) -> None:
        """Make the directories that must exist; nobody else may look into ``run``."""
        try:
            for path in (self.replicas, self.routes, self.envoy / "eds", self.logs):
                path.mkdir(parents=True, exist_ok=True)
            self.run.chmod(0o700)
        except OSError as exc:
            raise unwritten(self.run, exc) from exc


def folder(key: Key) -> str:
    """Return the directory name of an application in an environment."""
    return f"{key.application}{SEPARATOR}{key.environment}"


def write(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace a file at once: readers see the old content or the new, never a part."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(content)
            if durable:  # also after a power cut
                file.flush()
                os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as exc:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise unwritten(path, exc) from exc


def unwritten(path: Path, problem: OSError) -> Unavailable:
    """Say that a file could not be written, and why."""
    return Unavailable(
        f"{path}: cannot be written: {problem.strerror or problem}; what runs goes on as it is"
    )
