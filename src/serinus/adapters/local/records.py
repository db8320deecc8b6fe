"""
What is remembered of each replica, in one small file each.

A record is written before its process is started and again right after. Whatever moment this
program is killed at, the next one finds either the process in the record, or the process by the
mark in its environment, or none: never two, and none that nobody knows.
"""

import contextlib
from collections.abc import Iterator

import msgspec

from serinus.adapters.local import cgroups, procfs
from serinus.adapters.local.places import Places, folder, write
from serinus.adapters.local.procfs import Identity
from serinus.core.state.notice import Key

OWNER = "SERINUS_OWNER"
"""The variable that marks every process of a home with the home's path."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """
    One replica. Times are seconds since the epoch.

    ``process`` is None while none runs. ``falls``: how often it ended since it was last healthy for
    a while; ``deaths``: how often it ended after a while at all. ``stop_at`` is None while the
    replica is wanted, else when draining ends. ``groups``: the directories of its control groups,
    which go with it.
    """

    application: str
    environment: str
    revision: str
    ordinal: int
    port: int
    process: Identity | None = None
    started_at: float = 0.0
    ready_at: float | None = None
    restarts: int = 0
    falls: int = 0
    deaths: int = 0
    note: str = ""
    stop_at: float | None = None
    groups: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The application and environment."""
        return Key(self.application, self.environment)

    @property
    def name(self) -> str:
        """The replica's name, as in :class:`serinus.core.state.workload.Replica`."""
        return f"{self.revision[:10]}-{self.ordinal}"


def save(places: Places, record: Record) -> None:
    """Write a record; ``Unavailable`` when the disk will not take it."""
    write(places.record(record.key, record.name), msgspec.json.encode(record))


def remove(places: Places, record: Record) -> None:
    """Forget a replica that is gone."""
    path = places.record(record.key, record.name)
    with contextlib.suppress(OSError):  # gone already, or the directory has others
        path.unlink(missing_ok=True)
        (places.replicas / folder(record.key)).rmdir()


def load(places: Places) -> Iterator[Record]:
    """Return all records that can be read."""
    for path in sorted(places.replicas.glob("*/*.json")):
        with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            yield msgspec.json.decode(path.read_bytes(), type=Record)


def rebuild(process: Identity, environment: dict[str, str], now: float) -> Record | None:
    """Make a record from a running process' own environment, when its file was lost."""
    try:
        return Record(
            application=environment["SERINUS_APPLICATION"],
            environment=environment["SERINUS_ENVIRONMENT"],
            revision=environment["SERINUS_REVISION"],
            ordinal=int(environment["SERINUS_REPLICA"].rpartition("-")[2]),
            port=int(environment["PORT"]),
            process=process,
            started_at=now,
            note="found running without a record",
            groups=tuple(map(str, cgroups.of(procfs.PROC / str(process.pid)))),
        )
    except (KeyError, ValueError):
        return None
