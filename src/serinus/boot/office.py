"""
An office opened: of this machine, or of a cluster, for an API and pages.

::

    beside the controller   local(settings, ports)     its own store: charts, logs, every second
                            cluster(opened, ports)     the same, of a cluster
    beside nobody           office(settings)           what a command sees
"""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from serinus.adapters.local import authoring, counters, logfiles
from serinus.adapters.local.places import Places
from serinus.adapters.local.specs import Specs
from serinus.adapters.local.store import Store as LocalStore
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.app.office import Line, Office
from serinus.boot import drafting, home
from serinus.boot.settings import Settings
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.ports.store import Store

if TYPE_CHECKING:
    # A machine without the extra for clusters has none of these.
    from serinus.adapters.kubernetes.client import Client
    from serinus.adapters.kubernetes.replicalogs import ReplicaLogs
    from serinus.boot.cluster import Opened
    from serinus.ports import Ports

MOST = 5_000
"""So many lines of a replica are read at once, at most."""


class Logs:
    """The log files of this machine."""

    def __init__(self, settings: Settings) -> None:
        self._places = Places(settings.home)

    async def tail(self, key: Key, revision: str, lines: int) -> tuple[Line, ...]:
        """Return the last lines of each replica of a revision."""
        return await to_thread.run_sync(self._tail, key, revision, min(lines, MOST))

    async def follow(self, key: Key, revision: str) -> AsyncGenerator[Line]:
        """Yield lines as they are written."""
        async for name, text in logfiles.follow(lambda: self._files(key, revision)):
            yield Line(name, text)

    def _tail(self, key: Key, revision: str, lines: int) -> tuple[Line, ...]:
        return tuple(
            Line(name, text)
            for name, path in self._files(key, revision).items()
            for text in logfiles.tail(path, lines)
        )

    def _files(self, key: Key, revision: str) -> dict[str, Path]:
        folder = self._places.log(key, "any").parent
        return {path.stem: path for path in sorted(folder.glob(f"{revision[:10]}-*.log"))}


class PodLogs:
    """The logs of a cluster's pods."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    async def tail(self, key: Key, revision: str, lines: int) -> tuple[Line, ...]:
        """Return the last lines of each replica of a revision."""
        found: list[Line] = []
        await self._of(key).tail(
            (revision,), min(lines, MOST), lambda name, text: found.append(Line(name, text))
        )
        return tuple(found)

    async def follow(self, key: Key, revision: str) -> AsyncGenerator[Line]:
        """Yield lines as they are written."""
        put, take = anyio.create_memory_object_stream[Line](MOST)

        def told(name: str, text: str) -> None:
            with contextlib.suppress(anyio.WouldBlock):  # a flood is for nobody to read
                put.send_nowait(Line(name, text))

        async def revisions() -> Sequence[str]:
            return (revision,)

        async with put, take, anyio.create_task_group() as tasks:
            tasks.start_soon(self._of(key).follow, revisions, told)
            async for line in take:
                try:
                    yield line
                except GeneratorExit:  # a task group would wrap it
                    tasks.cancel_scope.cancel()
                    return

    def _of(self, key: Key) -> "ReplicaLogs":
        from serinus.adapters.kubernetes.replicalogs import ReplicaLogs  # noqa: PLC0415 - few need a cluster

        return ReplicaLogs(self._client, home.clock(), labels.parted(key.application))


def local(settings: Settings, ports: "Ports") -> Office:
    """Return the office of a machine whose controller runs in this process."""
    return _machine(settings, ports.store, works=True)


def cluster(opened: "Opened", ports: "Ports") -> Office:
    """Return the office of a cluster whose controller runs in this process."""
    from serinus.boot import placing  # noqa: PLC0415 - few need a cluster
    from serinus.boot.cluster import placed  # noqa: PLC0415 - the same

    namespace = opened.settings.namespace or "default"
    return Office(
        store=ports.store,
        documents=opened.documents(),
        logs=PodLogs(opened.client),
        clock=ports.clock,
        alive=lambda: True,
        where=opened.where,
        wake="serinus controller",
        environment=opened.settings.environment,
        namespace=namespace,
        metrics=ports.metrics,
        render=placing.Placing(opened.asked(), ports, placed, namespace).render,
    )


@asynccontextmanager
async def office(settings: Settings) -> AsyncIterator[Office]:
    """Open the office of a machine whose controller, if any, is another process."""
    async with home.store(settings) as store:
        yield _machine(settings, store, works=False)


def _specs(settings: Settings, store: Store) -> Specs:
    """Return the specs that the store has read already: a large directory is not read twice."""
    known = store.specs if isinstance(store, LocalStore | MemoryStore) else None
    return known if isinstance(known, Specs) else home.specs(settings)


def _machine(settings: Settings, store: Store, *, works: bool) -> Office:
    def content(digest: str) -> bytes | None:
        try:
            return (settings.blobs / digest).read_bytes()
        except OSError:
            return None

    async def note(application: str, version: str, actor: str, reason: str) -> None:
        if isinstance(store, LocalStore):
            await store.note_change(application, version, actor, reason)

    specs = _specs(settings, store)
    return Office(
        store=store,
        documents=authoring.Documents(specs, note),
        logs=Logs(settings),
        clock=home.clock(),
        alive=lambda: works or home.controller(settings) is not None,
        where="this machine",
        wake=home.wake(settings),
        content=content,
        counted=counters.COUNTED,
        port=settings.port,
        metrics=home.metrics(settings),
        render=drafting.Drafting(specs, store).render,
    )
