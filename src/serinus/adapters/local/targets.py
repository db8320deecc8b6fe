"""
The replicas that run, in a file that a Prometheus watches (``file_sd_configs``)::

    [{"targets": ["127.0.0.1:20001"],
      "labels": {"application": "shop", "environment": "local", "revision": "a1b2c3d4e5",
                 "version": "v1", "replica": "a1b2c3d4e5-0"}}]

So the metrics of an application bear the revision without its help, and a query can tell the two
arms apart. A replica is in it from the start of its process to its end, also while it drains.
"""

from collections.abc import Callable, Iterable

import anyio
import msgspec
import structlog

from serinus.adapters.local import places
from serinus.adapters.local.life import Life
from serinus.adapters.local.places import Places
from serinus.ports.failures import Unavailable

log = structlog.get_logger()

PACE_S = 0.2
"""Changes that come at once are written at once: a thousand replicas start with a few writes."""


class Group(msgspec.Struct, frozen=True):
    """One target and its labels, in Prometheus' words."""

    targets: tuple[str, ...]
    labels: dict[str, str]


class Targets:
    """Keep the file; ``lives`` returns all replicas."""

    def __init__(self, places: Places, lives: Callable[[], Iterable[Life]]) -> None:
        self._path = places.targets
        self._lives = lives
        self._written: bytes | None = None
        self._changed = anyio.Event()

    def touch(self) -> None:
        """Note that a replica has changed."""
        self._changed.set()

    def write(self) -> None:
        """Write the file if it should say something else; a full disk is told and borne."""
        found = (group(life) for life in self._lives() if life.record.process is not None)
        ordered = sorted(found, key=lambda one: sorted(one.labels.items()))
        content = msgspec.json.format(msgspec.json.encode(ordered)) + b"\n"
        if content == self._written:
            return
        try:
            places.write(self._path, content, durable=False)
        except Unavailable as problem:
            log.warning("targets for Prometheus were not written", why=str(problem))
        else:
            self._written = content

    async def keep(self) -> None:
        """Write what changes until cancelled."""
        while True:
            await self._changed.wait()
            self._changed = anyio.Event()
            self.write()
            await anyio.sleep(PACE_S)


def group(life: Life) -> Group:
    """Return a replica as a target."""
    record = life.record
    return Group(
        targets=(life.address,),
        labels={
            "application": record.application,
            "environment": record.environment,
            "revision": life.revision.short,
            "version": life.revision.version,
            "replica": life.name,
        },
    )
