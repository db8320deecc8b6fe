"""
The life of one replica.

::

                ┌────────── ended: back off, then start again ◄─────┐
                ▼                                                   │
    start → STARTING → READY ⇄ UNREADY ─────────────────────────────┘
                │         │       │
                └─────────┴───────┴── stop → STOPPING: drain → SIGTERM → SIGKILL → gone

At rest nothing is polled but the health check, every tenth of its pace: the process is watched
through the kernel, and Envoy checks its health more often than we do.
"""

import math
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import anyio
import structlog
from msgspec.structs import replace

from serinus.adapters.local import (
    backoff,
    confinement,
    endings,
    logfiles,
    probe,
    procfs,
    records,
    revisions,
    spawn,
)
from serinus.adapters.local.confinement import Confinement
from serinus.adapters.local.places import Places
from serinus.adapters.local.portnumbers import LOOPBACK
from serinus.adapters.local.records import Record
from serinus.core.spec import resources
from serinus.core.state.notice import Key
from serinus.core.state.workload import LIVED_S, Replica, ReplicaState, Revision, Usage
from serinus.ports import failures

log = structlog.get_logger()

_MINUTE = 60
_EAGER_S = 0.2
_AT_REST = 10
_MISSES = 2
_DRAIN_POLL_S = 0.25
_QUIET_POLLS = 2


@dataclass(frozen=True, slots=True)
class World:
    """
    What a life needs of its surroundings.

    ``changed`` is called whenever a replica's state changes, ``leaving`` when one is to get no new
    requests, ``gone`` when nothing of it is left. ``idle`` tells whether the router sends it
    nothing any more. ``limits`` keeps replicas within their resources.
    """

    places: Places
    changed: Callable[[Key], None]
    leaving: Callable[[Key], Awaitable[None]]
    gone: Callable[["Life"], Awaitable[None]]
    idle: Callable[[str], Awaitable[bool]]
    limits: Confinement


class Life:
    """One replica, from its record to its end."""

    def __init__(self, revision: Revision, record: Record, world: World) -> None:
        self.revision = revision
        self.record = record
        self._world = world
        # Adopted: as ready as it was when it was last seen, until the first check says otherwise.
        self._ready = record.ready_at is not None and procfs.is_alive(record.process)
        self._terminating = False
        self._stirred = anyio.Event()
        self._until = 0.0
        self._exceeded = ""
        self.ceiling = resources.ceiling(revision.workload.resources)
        self.usage: Usage | None = None
        """What it was last seen to take; set by those who measure."""
        self.log_began: int | None = None
        """How long the log was when the first process was started; None: not by this run."""

    @property
    def name(self) -> str:
        """The replica's name."""
        return self.record.name

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{LOOPBACK}:{self.record.port}"

    @property
    def log(self) -> Path:
        """Its log file."""
        return self._world.places.log(self.record.key, self.name)

    @property
    def stopping(self) -> bool:
        """Whether it is on its way out."""
        return self.record.stop_at is not None

    def replica(self, active: int) -> Replica:
        """Return what others may know."""
        record = self.record
        ready_at = record.ready_at if record.process is not None else None
        return Replica(
            revision=record.revision,
            ordinal=record.ordinal,
            state=self._state(),
            started_at=_instant(record.started_at),
            ready_at=None if ready_at is None else _instant(ready_at),
            restarts=record.restarts,
            deaths=record.deaths,
            address=self.address,
            active=active,
            note=record.note,
            usage=None if record.process is None else self.usage,
        )

    def start(self) -> None:
        """
        Start the process, if none runs.

        There is no await between the two writes of the record: nothing can cut in but the end of
        this program, and then the process is found by its mark.
        """
        if procfs.is_alive(self.record.process):
            return
        places, record = self._world.places, self.record
        files = revisions.materialise(places, self.revision)
        record = replace(record, groups=self._world.limits.prepare(record, self.ceiling))
        asked = spawn.command(self.revision, record, files, places.home)
        self._keep(replace(record, process=None, started_at=time.time(), ready_at=None))
        if self.log_began is None:
            self.log_began = logfiles.size(self.log)
        process = spawn.start(asked, self.log, f"{record.key} replica {self.name}")
        self._ready = False
        self._try_keep(replace(self.record, process=process))

    def stop(self, drain_s: float) -> None:
        """Begin to drain; asked again, the first deadline holds."""
        if self.record.stop_at is None:
            self._try_keep(replace(self.record, stop_at=time.time() + drain_s))
            self._stir()

    def resume(self) -> bool:
        """Stay after all; False when it is too late for that."""
        if self._terminating:
            return False
        if self.record.stop_at is not None:
            self._try_keep(replace(self.record, stop_at=None))
            self._stir()
        return True

    def exceed(self, used: float) -> None:
        """End the process: it takes more memory than it may."""
        process = self.record.process
        if process is not None and procfs.is_alive(process):
            self._exceeded = confinement.exceeded(used, self.ceiling)
            endings.signal_group(process, signal.SIGKILL)

    async def live(self) -> None:
        """Keep the replica running until it is stopped and gone."""
        while True:
            while not self.stopping:
                if self.record.process is None:
                    await self._revive()
                else:
                    await self._attend(self.record.process)
            await self._world.leaving(self.record.key)
            if await self._drained():
                break
        self._terminating = True
        self._world.changed(self.record.key)
        process = self.record.process
        if process is not None:
            await endings.stop(process, self.revision.workload.grace_s)
            endings.bury(process, str(self._world.places.home))
        self._world.limits.release(self.record.groups)
        records.remove(self._world.places, self.record)
        await self._world.gone(self)

    # --- running -------------------------------------------------------------------------------

    async def _attend(self, process: procfs.Identity) -> None:
        """Watch a process and its health, until it ends or the replica is stopped."""
        ended = False
        async with anyio.create_task_group() as group:

            async def watch() -> None:
                nonlocal ended
                await endings.wait(process)
                ended = True
                group.cancel_scope.cancel()

            async def obey() -> None:
                while not self.stopping:
                    await self._stirred.wait()
                group.cancel_scope.cancel()

            group.start_soon(watch)
            group.start_soon(obey)
            group.start_soon(self._check_health)
        if ended:
            self._fell(process)

    async def _check_health(self) -> None:
        wanted = self.revision.workload.health
        eager, misses = min(_EAGER_S, wanted.every_s), 0
        while True:
            wrong = await probe.problem(self.record.port, wanted)
            misses = misses + 1 if wrong else 0
            self._found(wrong, misses)
            logfiles.shorten(self.log)  # also of one that never gets ready, and says so at length
            if self._ready:
                pause = wanted.every_s if misses else wanted.every_s * _AT_REST
            else:
                pause, eager = eager, min(eager * 1.3, wanted.every_s)
            await anyio.sleep(pause)

    def _found(self, wrong: str, misses: int) -> None:
        """Take in one health check. One miss is forgiven, so that a hiccup changes nothing."""
        before = self._state()
        note = self.record.note
        if not wrong:
            self._ready = True
            if self.record.ready_at is None:
                took = time.time() - self.record.started_at
                self._try_keep(
                    replace(self.record, ready_at=time.time(), note=f"ready after {took:.1f} s")
                )
        elif misses >= _MISSES or not self._ready:
            self._ready = False
            if self.record.note != f"not ready: {wrong}":
                self._try_keep(replace(self.record, note=f"not ready: {wrong}"))
        if before != self._state() or note != self.record.note:
            self._changed()

    def _fell(self, process: procfs.Identity) -> None:
        """Take in that the process has ended by itself."""
        now, record = time.time(), self.record
        how = endings.bury(process, str(self._world.places.home))
        how = self._exceeded or confinement.told(how, record, self.ceiling)
        self._exceeded, self.usage = "", None
        self._world.limits.release(record.groups)
        healthy = now - record.ready_at if record.ready_at is not None else 0.0
        falls = backoff.falls_after(record.falls, healthy)
        said = logfiles.last_line(self.log)
        note = f"{how} after {_seconds(now - record.started_at)}"
        note = f"{note}; last line: {said}" if said else note
        self._ready = False
        self._until = now + backoff.delay_s(falls)
        deaths = record.deaths + (healthy >= LIVED_S)
        ended = replace(record, process=None, ready_at=None, falls=falls, deaths=deaths, note=note)
        self._try_keep(ended)
        self._changed()

    async def _revive(self) -> None:
        """Wait until the time has come, then start again; a refusal counts as another fall."""
        with anyio.move_on_after(max(0.0, self._until - time.time())):
            while not self.stopping:
                await self._stirred.wait()
        if self.stopping:
            return
        again = self.record.falls > 0
        try:
            self.start()
        except failures.PortFailure as problem:
            falls = self.record.falls + 1
            self._until = time.time() + backoff.delay_s(falls)
            self._try_keep(replace(self.record, falls=falls, note=f"not started: {problem}"))
        else:
            restarts = self.record.restarts + int(again)
            self._try_keep(replace(self.record, restarts=restarts))
        self._changed()

    # --- leaving -------------------------------------------------------------------------------

    async def _drained(self) -> bool:
        """Wait for the requests in flight. False when the replica is wanted again meanwhile."""
        quiet = 0
        while self.record.stop_at is not None and quiet < _QUIET_POLLS:
            if time.time() >= self.record.stop_at or not procfs.is_alive(self.record.process):
                return True
            quiet = quiet + 1 if await self._world.idle(self.address) else 0
            with anyio.move_on_after(_DRAIN_POLL_S):
                await self._stirred.wait()
        return self.record.stop_at is not None

    # --- the record ----------------------------------------------------------------------------

    def _state(self) -> ReplicaState:
        if self.stopping:
            return ReplicaState.STOPPING
        if self.record.process is None:
            return ReplicaState.BACKING_OFF if self.record.falls else ReplicaState.STARTING
        if self._ready:
            return ReplicaState.READY
        return ReplicaState.STARTING if self.record.ready_at is None else ReplicaState.UNREADY

    def _keep(self, record: Record) -> None:
        records.save(self._world.places, record)
        self.record = record

    def _try_keep(self, record: Record) -> None:
        """Remember a change that has happened already, even when the disk does not take it."""
        self.record = record
        try:
            records.save(self._world.places, record)
        except failures.Unavailable as problem:
            log.warning("a replica's record was not written", replica=self.name, why=str(problem))

    def _stir(self) -> None:
        self._stirred.set()
        self._stirred = anyio.Event()
        self._changed()

    def _changed(self) -> None:
        self._world.changed(self.record.key)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(elapsed: float) -> str:
    return f"{elapsed:.1f} s" if elapsed < _MINUTE else f"{math.floor(elapsed / _MINUTE)} min"
