"""
This machine as a platform: replicas are processes, requests come through one Envoy.

::

    Platform
    ├─ Processes   replicas: started, watched, drained       (processes, life, spawn, probe)
    ├─ Guard       what replicas take, and their limits      (guard, usage, confinement, cgroups)
    ├─ Envoy       the one proxy: started, adopted, watched  (envoy, bootstrap, admin)
    ├─ Delivery    documents to files, and what is seen      (delivery, seen, counters)
    ├─ Targets     the replicas, for a Prometheus to find
    ├─ Listening   lines of the replicas' logs               (listening, lines, kinds)
    └─ Visits      who came, where a route asks for it       (visits)

Everything that runs outlives this program. :meth:`Platform.close` lets go of it, the next
:meth:`Platform.start` takes it over again; :meth:`Platform.down` ends it.
"""

import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import anyio
import structlog
from anyio import to_thread

from serinus.adapters.local import logfiles, revisions
from serinus.adapters.local.delivery import Delivery
from serinus.adapters.local.envoy import Envoy, Settings
from serinus.adapters.local.guard import Guard
from serinus.adapters.local.listening import Listening, Voice
from serinus.adapters.local.places import Places, folder
from serinus.adapters.local.processes import Processes
from serinus.adapters.local.targets import Targets
from serinus.adapters.local.visits import Visits
from serinus.core.state.cohort import Visit
from serinus.core.state.counts import Scrape
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Ref
from serinus.core.state.workload import Group, Replica, Revision
from serinus.ports.failures import Unavailable

__all__ = ["Platform", "Settings"]

log = structlog.get_logger()

_DRAIN_S = 10.0


class Platform:
    """Run replicas on this machine; see :class:`serinus.ports.platform.Platform`."""

    def __init__(self, home: Path, settings: Settings | None = None) -> None:
        self._places = Places(home.absolute())
        self.settings = settings or Settings()
        self._deleted: set[Key] = set()
        self._took_over = False
        self._envoy = Envoy(self._places, self.settings)
        self._processes = Processes(self._places, self._follow, self._idle)
        self._delivery = Delivery(self._places, self._envoy, self._processes.presence)
        self._targets = Targets(self._places, self._processes.all)
        self._guard = Guard(self._processes.all, self._processes.limits)
        self._listening = Listening(self._places)
        self._heard = anyio.Lock()
        self._visits = Visits(self._places, self._envoy.admin)

    async def start(self) -> None:
        """Take over what an earlier run left, and see to it that Envoy listens."""
        limits = self._processes.limits
        limits.find()
        self._take_over()
        limits.sweep(life.record for life in self._processes.all())
        try:
            await self._envoy.start()
        except BaseException:  # whatever it is, it goes on up
            await self._envoy.close()
            raise

    async def run(self, notify: Callable[[Key], None]) -> None:
        """Watch everything until cancelled; ``notify`` hears of each change of a replica."""

        def changed(key: Key) -> None:
            self._targets.touch()
            notify(key)

        async with anyio.create_task_group() as group:
            group.start_soon(self._envoy.keep)
            group.start_soon(self._processes.tend, changed)
            group.start_soon(self._targets.keep)
            group.start_soon(self._guard.run)
            group.start_soon(self._visits.keep)

    async def close(self) -> None:
        """Let go. Envoy and the replicas go on serving."""
        await self._envoy.close()

    async def down(self, drain_s: float = _DRAIN_S) -> None:
        """
        Drain and stop every replica, then Envoy. What was delivered is kept.

        It may be the first call of all: what an earlier run left is found first.
        """
        self._take_over()
        try:
            await self._processes.stop_all(drain_s)
            self._targets.write()
            await self._envoy.stop()
        finally:
            await self._envoy.close()

    async def ensure(
        self, key: Key, revisions: Sequence[Revision], groups: Sequence[Group], drain_s: float
    ) -> None:
        """Make exactly the named replicas exist."""
        self._deleted.discard(key)
        await self._processes.ensure(key, revisions, groups, drain_s)

    async def replicas(self, key: Key) -> tuple[Replica, ...]:
        """Return all replicas of the application."""
        return tuple(
            life.replica(self._delivery.active(life.address)) for life in self._processes.of(key)
        )

    async def revision(self, revision: str) -> Revision | None:
        """Return a revision whose directory is complete."""
        return revisions.load(self._places, revision)

    async def fetch(self, refs: Sequence[Ref]) -> Documents:
        """Return the documents that were delivered."""
        return self._delivery.fetch(refs)

    async def deliver(self, key: Key, documents: dict[Ref, Document | None]) -> None:
        """Carry documents out: make before break, seen as one change."""
        await self._delivery.deliver(key, documents)

    async def applied(self) -> Documents:
        """Return what Envoy was seen to carry out."""
        return await self._delivery.applied()

    async def lag(self, key: Key) -> str:
        """Say nothing: Envoy tells itself what it carries out."""
        del key
        return ""

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """Return raw counters, and what was heard in the logs; measure the replicas as well."""
        await self._guard.look([life for key in keys for life in self._processes.of(key)])
        found = await self._delivery.scrape(keys)
        for key in keys:
            if self._listening.asked(key):
                async with self._heard:
                    await to_thread.run_sync(self._listening.hear, key, self._voices(key))
                    found[key] = self._listening.added(key, found[key])
        return found

    async def listen(self, key: Key, patterns: Mapping[str, str]) -> None:
        """Count the log lines that match, from now on."""
        if patterns != self._listening.asked(key):
            async with self._heard:
                voices = self._voices(key)
                await to_thread.run_sync(self._listening.listen, key, patterns, voices)

    async def visits(self, key: Key) -> tuple[Visit, ...]:
        """Return who came since the last call, as Envoy noted it about a second later."""
        return self._visits.read(key)

    async def delete(self, key: Key) -> None:
        """Stop routing and running the application, and forget its files."""
        refs = self._delivery.refs(key)
        if refs:
            await self._delivery.deliver(key, dict.fromkeys(refs))
        await self._processes.ensure(key, (), (), _DRAIN_S)
        self._visits.forget(key)
        self._deleted.add(key)
        await self.listen(key, {})
        self._forget()

    async def logs(
        self, key: Key, revision: str | None = None, lines: int = 20, *, follow: bool = False
    ) -> AsyncIterator[tuple[str, str]]:
        """Yield (replica, line): the last lines of each replica, then new ones as they come."""
        for name, path in self._logs(key, revision).items():
            for line in logfiles.tail(path, lines):
                yield name, line
        if follow:
            async for name, line in logfiles.follow(lambda: self._logs(key, revision)):
                yield name, line

    def _voices(self, key: Key) -> list[Voice]:
        return [
            Voice(
                life.name,
                life.record.revision,
                life.log,
                life.log_began,
                served=life.record.ready_at is not None,
            )
            for life in self._processes.of(key)
        ]

    def _logs(self, key: Key, revision: str | None) -> dict[str, Path]:
        place = self._places.logs / folder(key)
        prefix = revision[:10] if revision else ""
        return {path.stem: path for path in sorted(place.glob(f"{prefix}*.log"))}

    def _take_over(self) -> None:
        if not self._took_over:
            self._places.prepare()
            self._envoy.adopt()
            self._processes.adopt()
            self._delivery.load()
            self._targets.write()
            self._took_over = True

    async def _follow(self, _: Key) -> None:
        try:
            self._delivery.follow()
        except Unavailable as problem:  # a full disk; the next change tries again
            log.warning("endpoints were not written", why=str(problem))
        self._forget()

    def _forget(self) -> None:
        """Remove the logs of deleted applications whose last replica is gone."""
        for key in [key for key in self._deleted if not self._processes.of(key)]:
            self._deleted.discard(key)
            shutil.rmtree(self._places.logs / folder(key), ignore_errors=True)

    async def _idle(self, address: str) -> bool:
        return await self._delivery.idle(address)
