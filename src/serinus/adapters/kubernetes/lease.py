"""
Who of several controllers acts: the one that holds the Lease.

::

    holder     renews every 5 s ──── cannot for 15 s: stops by itself
    candidate  looks every 2 s  ──── the same record for 20 s: takes it

Between the two lie 5 s in which nobody acts. Nobody's clock is believed but one's own: a candidate
does not read *when* the holder renewed, but counts for how long it has not seen it change, by a
clock that no correction moves. A holder that ends in order gives the Lease back, and the next one
need not wait.
"""

import random
import socket
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import anyio
import anyio.lowlevel
import structlog

from serinus.adapters.kubernetes.client import Client, Object
from serinus.ports.clock import Clock
from serinus.ports.failures import Conflict, Missing, PortFailure

log = structlog.get_logger()

_RELEASE_S = 5.0
_JITTER = 0.2  # two candidates should not always meet in the same moment


def _since_boot_s() -> float:
    """Return a time that only goes on: through corrections of the clock, and while we sleep."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Terms:
    """
    How long a Lease is good for, when its holder gives up, and how often both look.

    ``renew_s``: how often a holder writes. What fails, and what is to be had, is tried each
    ``retry_s``, by a holder twice as often. Raises ValueError where a holder could not keep it.
    """

    duration_s: float = 20.0
    deadline_s: float = 15.0
    retry_s: float = 2.0
    renew_s: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < self.renew_s < self.deadline_s < self.duration_s:
            raise ValueError(f"wanted 0 < renew_s < deadline_s < duration_s, found {self}")


def identity() -> str:
    """Make up a name for this process that no other one has, and that people can place."""
    return f"{socket.gethostname()}_{uuid.uuid4().hex[:12]}"


class Lease:
    """
    Lead while we hold a Lease. ``holder`` is who held it when we looked last.

    ``steady`` returns seconds of a clock that only goes forward. ``problem`` says why the Lease
    could not be asked for, while that is so.
    """

    def __init__(
        self,
        client: Client,
        clock: Clock,
        namespace: str,
        name: str = "serinus",
        *,
        identity: str,
        terms: Terms = Terms(),
        steady: Callable[[], float] = _since_boot_s,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.holder = ""
        self.identity = identity
        self.problem = ""
        self._client = client
        self._clock = clock
        self._namespace = namespace
        self._name = name
        self._terms = terms
        self._steady = steady
        self._chance = chance
        self._seen: Object | None = None
        self._seen_at = 0.0
        self._renewed_at: float | None = None

    @property
    def leading(self) -> bool:
        """Tell whether we hold the Lease, and renewed it not too long ago."""
        return self._left_s() > 0

    async def lead(self, work: Callable[[], Awaitable[None]]) -> bool:
        """
        Wait until we hold the Lease, do the work while we do, and give it back.

        Returns True when the work came to its end, False when it was cancelled because the Lease
        was lost. Cancelling this gives the Lease back after the work has ended.
        """
        await self._acquire()
        finished = False
        try:
            async with anyio.create_task_group() as tasks:

                async def worked() -> None:
                    nonlocal finished
                    await work()
                    finished = True
                    tasks.cancel_scope.cancel()

                tasks.start_soon(worked)
                await self._renew()
                tasks.cancel_scope.cancel()
        finally:
            await self._give_back()
        return finished

    # --- taking, keeping, giving back -----------------------------------------------------------

    async def _acquire(self) -> None:
        while not await self._attempt(self._terms.deadline_s):
            await self._clock.sleep(self._terms.retry_s * (1 + _JITTER * self._chance()))
            await anyio.lowlevel.checkpoint()
        log.info("we lead", lease=self._name, identity=self.identity)

    async def _renew(self) -> None:
        """Renew the Lease until it is lost."""
        while self._left_s() > 0:
            pause_s = self._terms.retry_s / 2 if self.problem else self._terms.renew_s
            await self._clock.sleep(min(pause_s, self._left_s()))
            await anyio.lowlevel.checkpoint()
            if self._left_s() > 0:
                await self._attempt(self._left_s())
        why = self.problem or f"{self.holder or 'nobody'} holds it"
        self._renewed_at = None
        log.warning("we no longer lead", lease=self._name, why=why)

    async def _attempt(self, limit_s: float) -> bool:
        """Try to take or to renew; False when that cannot be now, in time."""
        asked_at = self._steady()
        try:
            with anyio.fail_after(limit_s):
                taken = await self._take()
        except TimeoutError:
            self._fell(f"the API server did not answer within {limit_s:.1f} s")
            return False
        except Conflict:
            return False  # somebody was faster: who, will be seen at the next look
        except PortFailure as exc:
            self._fell(str(exc))
            return False
        self.problem = ""
        self._renewed_at = asked_at if taken else None
        return taken

    async def _take(self) -> bool:
        """Write our name, unless somebody else's is there; a holder need not look first."""
        if self._renewed_at is not None and self._seen is not None:
            try:
                self._note(await self._client.replace(self._written(self._seen)))
            except (Conflict, Missing):
                pass  # somebody wrote or deleted it: look
            else:
                return True
        try:
            self._note(await self._client.get("Lease", self._name, self._namespace))
            if not self._free():
                return False
            self._note(await self._client.replace(self._written(self._seen)))
        except Missing:
            self._note(await self._client.create(self._written(None)))
        return True

    async def _give_back(self) -> None:
        if self._renewed_at is None or self._seen is None:
            return
        free = self._written(self._seen)
        free["spec"] |= {"holderIdentity": "", "leaseDurationSeconds": 1}
        self._renewed_at = None
        with anyio.CancelScope(shield=True), anyio.move_on_after(_RELEASE_S):
            try:
                self._note(await self._client.replace(free))
                log.info("we gave the lead back", lease=self._name)
            except PortFailure as exc:
                log.warning("we could not give the lead back", lease=self._name, problem=str(exc))

    # --- what is written and seen ---------------------------------------------------------------

    def _left_s(self) -> float:
        """Return for how long we may still act."""
        if self._renewed_at is None:
            return 0.0
        return self._terms.deadline_s - (self._steady() - self._renewed_at)

    def _note(self, lease: Object) -> None:
        """Remember the record, and since when it has not changed."""
        if self._seen is None or lease.get("spec") != self._seen.get("spec"):
            self._seen_at = self._steady()
        self._seen = lease
        self.holder = str((lease.get("spec") or {}).get("holderIdentity") or "")

    def _free(self) -> bool:
        """Tell whether the Lease may be taken: it is ours, nobody's, or its holder is silent."""
        if self.holder in {"", self.identity} or self._seen is None:
            return True
        promised = (self._seen.get("spec") or {}).get("leaseDurationSeconds")
        duration_s = float(promised) if isinstance(promised, int) else self._terms.duration_s
        return self._steady() - self._seen_at > duration_s

    def _written(self, before: Object | None) -> Object:
        now = _micro(self._clock.now())
        old: dict[str, Any] = (before or {}).get("spec") or {}
        ours = old.get("holderIdentity") == self.identity
        changes = int(old.get("leaseTransitions") or 0)
        meta: Object = {"name": self._name, "namespace": self._namespace}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": before["metadata"] if before is not None else meta,
            "spec": {
                **old,
                "holderIdentity": self.identity,
                "leaseDurationSeconds": round(self._terms.duration_s),
                "acquireTime": old.get("acquireTime", now) if ours else now,
                "renewTime": now,
                "leaseTransitions": changes if ours or before is None else changes + 1,
            },
        }

    def _fell(self, problem: str) -> None:
        if problem != self.problem:
            log.warning("the lease could not be asked for", lease=self._name, problem=problem)
        self.problem = problem


def _micro(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
