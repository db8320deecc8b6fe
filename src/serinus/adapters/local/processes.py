"""
All replicas of the machine: who should live, who lives, and the first minutes after a restart.

What is asked for is checked as a whole before anything is started, so that a command that does not
exist harms nothing that runs.
"""

import time
from collections.abc import Awaitable, Callable, Sequence

import anyio
import structlog
from anyio.abc import TaskGroup
from msgspec.structs import replace

from serinus.adapters.local import portnumbers, procfs, records, revisions, spawn
from serinus.adapters.local.confinement import Confinement
from serinus.adapters.local.life import Life, World
from serinus.adapters.local.places import Places
from serinus.adapters.local.records import OWNER, Record
from serinus.core.state.notice import Key
from serinus.core.state.workload import Group, Revision
from serinus.ports.failures import Rejected

log = structlog.get_logger()

Place = tuple[str, int]
"""A revision and an ordinal."""


class Processes:
    """Keep the replicas that were asked for."""

    def __init__(
        self,
        places: Places,
        leaving: Callable[[Key], Awaitable[None]],
        idle: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._places = places
        self._leaving = leaving
        self._lives: dict[Key, dict[Place, Life]] = {}
        self._wanted: dict[Key, dict[Place, Revision]] = {}
        self._notify: Callable[[Key], None] = lambda _: None
        self._tasks: TaskGroup | None = None
        self._waiting: list[Life] = []
        self._left = anyio.Event()
        self.limits = Confinement(places.home)
        self._world = World(
            places=places,
            changed=self._tell,
            leaving=leaving,
            gone=self._gone,
            idle=idle,
            limits=self.limits,
        )

    def of(self, key: Key) -> tuple[Life, ...]:
        """Return the replicas of an application, in their order."""
        return tuple(life for _, life in sorted(self._lives.get(key, {}).items()))

    def all(self) -> tuple[Life, ...]:
        """Return all replicas."""
        return tuple(life for lives in self._lives.values() for life in lives.values())

    def presence(self, replica: str, address: str) -> bool | None:
        """Tell whether a replica may serve; None when it is gone."""
        for life in self.all():
            if life.name == replica and life.address == address:
                return not life.stopping
        return None

    def adopt(self) -> None:
        """
        Take over what an earlier run left.

        Each record finds its process by id and start time, or by the mark in its environment when
        that run was killed between starting it and writing it down. A marked process without a
        record is taken over too: what serves is not ended because a file was lost.
        """
        marked = {
            (e.get("SERINUS_APPLICATION"), e.get("SERINUS_ENVIRONMENT"), e["SERINUS_REPLICA"]): (
                process,
                e,
            )
            for process, e in procfs.leaders(OWNER, str(self._places.home))
            if "SERINUS_REPLICA" in e
        }
        for record in records.load(self._places):
            found = marked.pop((record.application, record.environment, record.name), None)
            if found is not None and found[0] != record.process:
                record = _replaced(self._places, record, found[0])  # noqa: PLW2901  the same one
            self._take_over(record)
        for process, environment in marked.values():
            rebuilt = records.rebuild(process, environment, time.time())
            if rebuilt is not None:
                records.save(self._places, rebuilt)
                self._take_over(rebuilt)

    async def ensure(
        self, key: Key, known: Sequence[Revision], groups: Sequence[Group], drain_s: float
    ) -> None:
        """Start what is missing, stop what is not named."""
        revisions_by_id = {revision.id: revision for revision in known}
        wanted = {
            (group.revision, ordinal): revisions_by_id[group.revision]
            for group in groups
            for ordinal in group.ordinals
        }
        lives = self._lives.setdefault(key, {})
        missing = {p: r for p, r in wanted.items() if p not in lives}
        drafts = self._drafts(key, missing, wanted)
        # From here on without an await: nothing can come between.
        for place, record in drafts.items():
            life = Life(missing[place], record, self._world)
            life.start()
            lives[place] = life
            self._launch(life)
        self._wanted[key] = wanted
        for place, life in list(lives.items()):
            if place in wanted:
                life.resume()
            else:
                life.stop(drain_s)
        if drafts:
            self._notify(key)

    async def tend(self, notify: Callable[[Key], None]) -> None:
        """Watch all replicas, until cancelled; they go on living then."""
        self._notify = notify
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                for life in self._waiting:
                    tasks.start_soon(life.live)
                self._waiting.clear()
                await anyio.sleep_forever()
        finally:
            self._tasks = None
            self._waiting = list(self.all())
            self._notify = lambda _: None

    async def stop_all(self, drain_s: float) -> None:
        """Drain and stop every replica, and wait until all are gone."""
        self._wanted.clear()
        async with anyio.create_task_group() as tasks:
            if self._tasks is None:
                for life in self._waiting:
                    tasks.start_soon(life.live)
                self._waiting.clear()
            for life in self.all():
                life.stop(drain_s)
            while self.all():
                await self._left.wait()

    def _drafts(
        self, key: Key, missing: dict[Place, Revision], wanted: dict[Place, Revision]
    ) -> dict[Place, Record]:
        """Check what is to be started, and choose its ports."""
        for revision in {r.id: r for r in missing.values()}.values():
            ordinals = [o for i, o in wanted if i == revision.id]
            port = revision.workload.port
            if port is not None and len(ordinals) > 1:
                raise Rejected(
                    f"{key}: {len(ordinals)} replicas cannot all listen on port {port}",
                    hint="leave workload.port out, so that each replica gets its own ${port}",
                )
            spawn.check(revision, str(key))
            revisions.materialise(self._places, revision)
        held = [life.record for life in self.all()]
        drafts: dict[Place, Record] = {}
        for (identity, ordinal), revision in sorted(missing.items(), key=lambda m: m[0]):
            taken = {r.port for r in (*held, *drafts.values())}
            record = Record(
                application=key.application,
                environment=key.environment,
                revision=identity,
                ordinal=ordinal,
                port=revision.workload.port or portnumbers.choose(taken),
            )
            if revision.workload.port is not None:
                spawn.demand_port(record, (*held, *drafts.values()), str(key))
            drafts[identity, ordinal] = record
        return drafts

    def _take_over(self, record: Record) -> None:
        revision = revisions.load(self._places, record.revision)
        if revision is None:
            log.error("a replica's revision is lost; it is left as it is", replica=record.name)
            return
        life = Life(revision, record, self._world)
        self._lives.setdefault(record.key, {})[record.revision, record.ordinal] = life
        if record.stop_at is None:
            self._wanted.setdefault(record.key, {})[record.revision, record.ordinal] = revision
        self._launch(life)

    def _launch(self, life: Life) -> None:
        if self._tasks is None:
            self._waiting.append(life)
        else:
            self._tasks.start_soon(life.live)

    def _tell(self, key: Key) -> None:
        self._notify(key)

    async def _gone(self, life: Life) -> None:
        key, place = life.record.key, (life.record.revision, life.record.ordinal)
        lives = self._lives.get(key, {})
        lives.pop(place, None)
        again = self._wanted.get(key, {}).get(place)
        if again is not None:  # wanted again while it was ending
            fresh = Life(again, _fresh(life.record), self._world)
            lives[place] = fresh
            self._launch(fresh)  # writes its record before it starts anything
        if not lives:
            self._lives.pop(key, None)
        await self._leaving(key)
        self._left.set()
        self._left = anyio.Event()
        self._notify(key)


def _fresh(record: Record) -> Record:
    return Record(
        application=record.application,
        environment=record.environment,
        revision=record.revision,
        ordinal=record.ordinal,
        port=record.port,
    )


def _replaced(places: Places, record: Record, process: procfs.Identity) -> Record:
    found = replace(record, process=process, ready_at=None)
    records.save(places, found)
    return found
