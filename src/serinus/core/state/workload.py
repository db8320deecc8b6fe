"""What runs: revisions, and the replicas that a platform reports of them."""

import enum
from datetime import datetime
from typing import Any

import msgspec

from serinus.core.spec.health import HealthProbe as HealthProbe


class Workload(msgspec.Struct, frozen=True):
    """
    What one replica is, fully resolved: equal workloads are one revision.

    ``files`` maps a path relative to ``workdir`` to the sha256 of its content. ``${port}``,
    ``${version}``, ``${replica}`` and ``${files}`` (the revision's read-only copy) may stand in
    ``command`` and in the values of ``env``; the platform fills in all but the version. ``port``
    None: the platform chooses a free one. ``template``: in a cluster, the whole pod template that
    one replica is made from; ``files`` then maps ``ConfigMap/name`` and ``Secret/name`` to what
    they hold.
    """

    command: tuple[str, ...]
    workdir: str = "."
    env: dict[str, str] = {}
    files: dict[str, str] = {}
    port: int | None = None
    health: HealthProbe = HealthProbe()
    grace_s: float = 10.0
    image: str | None = None
    resources: dict[str, str] = {}
    template: dict[str, Any] = {}


class Revision(msgspec.Struct, frozen=True):
    """
    One workload by its content.

    ``id`` is the sha256 of the canonical JSON of the workload, in hexadecimal. ``version`` is the
    label that people gave it; two versions with equal workloads are one revision.
    """

    id: str
    version: str
    workload: Workload

    @property
    def short(self) -> str:
        """The first ten digits: enough to tell revisions apart on a screen."""
        return self.id[:10]


class ReplicaState(enum.StrEnum):
    """Where a replica is in its life."""

    STARTING = "starting"
    READY = "ready"
    UNREADY = "unready"
    BACKING_OFF = "backing off"
    STOPPING = "stopping"


LIVED_S = 15.0
"""A process that ends sooner than this has failed to start, and did not die."""


class Usage(msgspec.Struct, frozen=True):
    """
    What a replica takes of the machine, all of its processes together.

    ``memory``: bytes resident; ``cpu_s``: seconds of CPU since it started; ``files``: open
    descriptors of the process that has the most of them, because their limit is a process' own.
    ``cpu``: CPUs used since the look before, None at the first one. ``at``: epoch seconds.
    """

    at: float
    memory: int
    cpu_s: float
    files: int = 0
    cpu: float | None = None


class Replica(msgspec.Struct, frozen=True):
    """
    One replica as the platform sees it.

    ``ordinal`` is unique within its revision and never used again, so that a fresh replica can be
    told from the one that it replaces. ``active`` is the number of requests in flight as far as
    the router knows. ``note`` says what happened last, for people ("exited with 1 after 0.2 s").
    ``usage`` None: nobody can see it. ``deaths``: of the ``restarts``, those that ended a life of
    :data:`LIVED_S` at least, by itself or for what the process did (it crashed, took too much
    memory, failed its probe), and not because its machine went away.
    """

    revision: str
    ordinal: int
    state: ReplicaState
    started_at: datetime
    ready_at: datetime | None = None
    restarts: int = 0
    address: str = ""
    active: int = 0
    note: str = ""
    usage: Usage | None = None
    deaths: int = 0

    @property
    def name(self) -> str:
        """``<first ten digits of the revision>-<ordinal>``: the replica's name in every count."""
        return f"{self.revision[:10]}-{self.ordinal}"


def belongs(name: str, revision: str) -> bool:
    """Tell by a replica's name whether it is one of a revision's."""
    return name.rpartition("-")[0] == revision[:10]


class Group(msgspec.Struct, frozen=True):
    """
    Which replicas of one revision should exist.

    Desired state: the platform starts what is missing, restarts what dies, and drains and stops
    what is not named.
    """

    revision: str
    ordinals: tuple[int, ...]
