"""
Limits of replicas: which way they are enforced on this machine, and what became of them.

========  ==================================  =================================================
resource  where control groups may be made    elsewhere
========  ==================================  =================================================
memory    the kernel ends what takes more     looked at each second; what takes more is ended
cpu       the kernel lets it wait             measured, not limited
files     RLIMIT_NOFILE of each process       RLIMIT_NOFILE of each process
========  ==================================  =================================================

Nothing here keeps a replica from being started.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import structlog

from serinus.adapters.local import cgroups
from serinus.adapters.local.cgroups import CPU, MEMORY, Hierarchy
from serinus.adapters.local.records import Record
from serinus.core.spec import resources
from serinus.core.spec.resources import Ceiling

log = structlog.get_logger()

OTHERWISE = {
    MEMORY: "memory of replicas is looked at each second",
    CPU: "cpu of replicas is measured and not limited",
}
"""What happens where the kernel cannot be asked to keep a limit."""

_KILLED, _UNKNOWN = "killed by SIGKILL", "how is unknown"


class Confinement:
    """The limits of all replicas of one home."""

    def __init__(self, home: Path) -> None:
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:8]
        self._prefix = f"{cgroups.PREFIX}{digest}."
        self._found: dict[str, Hierarchy] = {}
        self._left: set[Path] = set()
        self._lacking: dict[str, str] = {}

    def find(self) -> None:
        """Find out which way limits are enforced."""
        for controller in (MEMORY, CPU):
            found = cgroups.find(controller)
            why = "no writable control group" if found is None else ""
            if found is not None:
                why = cgroups.ready(controller, found)
            if found is not None and not why:
                self._found[controller] = found
            else:
                self._lacking[controller] = why

    def _tell(self, ceiling: Ceiling) -> None:
        """Say, once for each resource, that a limit is kept in another way than people think."""
        for controller, limit in ((MEMORY, ceiling.memory), (CPU, ceiling.cpu)):
            if limit is not None and controller in self._lacking:
                why = self._lacking.pop(controller)
                log.warning("a limit is kept otherwise", what=OTHERWISE[controller], why=why)

    def sweep(self, records: Iterable[Record]) -> None:
        """Remove the groups that belong to no record: a crash or a lost file left them behind."""
        known = {Path(group) for record in records for group in record.groups}
        self._left |= cgroups.left(self._found.values(), self._prefix) - known
        self.tidy()

    def prepare(self, record: Record, ceiling: Ceiling) -> tuple[str, ...]:
        """Make the groups of a replica that is about to start; none where that cannot be done."""
        self.tidy()
        self._tell(ceiling)
        memory, cpu = self._found.get(MEMORY), self._found.get(CPU)
        name = f"{self._prefix}{record.application}.{record.environment}.{record.name}"
        try:
            made = cgroups.make(name, ceiling, memory, cpu)
        except OSError as problem:
            log.warning("a replica's limits were not set", replica=record.name, why=str(problem))
            return ()
        self._left -= set(made)
        return tuple(map(str, made))

    def release(self, groups: Sequence[str]) -> None:
        """Remove the groups of a replica that has ended."""
        self._left |= set(map(Path, groups))
        self.tidy()

    def tidy(self) -> None:
        """Remove the groups whose processes took their time to end."""
        self._left = {group for group in self._left if not cgroups.remove(group)}


def enforced() -> tuple[str, ...]:
    """Return the resources that are enforced where this program runs, as far as can be seen."""
    return (MEMORY, "files", *((CPU,) if cgroups.find(CPU) is not None else ()))


def is_held(record: Record) -> bool:
    """Tell whether the kernel limits the memory of a replica that runs."""
    return any(cgroups.holds_memory(Path(group)) for group in record.groups)


def told(how: str, record: Record, ceiling: Ceiling) -> str:
    """Return how a replica ended, with what the kernel says about its memory."""
    if ceiling.memory is None or not any(cgroups.killed(Path(group)) for group in record.groups):
        return how
    limit = resources.size(ceiling.memory)
    if _KILLED in how or _UNKNOWN in how:
        return f"used {limit} of {limit} of memory and was ended by the kernel"
    return f"{how}, after the kernel had ended a process of it that ran out of {limit} of memory,"


def exceeded(used: float, ceiling: Ceiling) -> str:
    """Say that a replica took more memory than it may."""
    limit = resources.size(ceiling.memory or 0)
    return f"used {resources.size(used)} of {limit} of memory and was ended"
