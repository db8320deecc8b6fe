"""
A cluster as people see it from outside: what the objects say, and nothing of a controller's own.

It is the store of a controller without its disk. It decides nothing and writes nothing but intents.
Replicas are looked at where they are, in the pods.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

import msgspec

from serinus.adapters.kubernetes import decided, notes, pods, records, summary
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client, Object
from serinus.adapters.kubernetes.objects import ApplicationStatus
from serinus.adapters.kubernetes.store import Kinds, Store
from serinus.core.state import labels
from serinus.core.state.intent import Intent
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status
from serinus.core.state.workload import Replica, ReplicaState
from serinus.ports import failures
from serinus.ports.clock import Clock
from serinus.ports.store import Asked, Snapshot
from serinus.ports.store import Store as Inner

LOOK_EVERY = timedelta(seconds=1)
"""How often pods are listed while somebody watches."""

MOST = 1_000_000
"""Decisions of one release, so that those of the next one have higher numbers."""


class Said:
    """What is asked for, as far as Application objects tell: their names, and their problems."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def asked(self, name: str, environment: str) -> Asked:
        """Return the problem of a spec, as the controller told it."""
        del environment
        found = standing(self._cache, name)
        sentence = found.sentence if found is not None else ""
        if not sentence.startswith(summary.UNUSED):
            return Asked()
        return Asked(problem=sentence.removeprefix(summary.UNUSED))

    def applications(self) -> Sequence[str]:
        """Return the names of all applications, sorted."""
        found = (obj["metadata"] for obj in self._cache.of())
        return sorted(f"{meta['namespace']}/{meta['name']}" for meta in found)

    def changed(self) -> bool:
        """Tell nothing: who watches looks again and again."""
        return False


def standing(cache: Cache, application: str) -> ApplicationStatus | None:
    """Return the status of an Application, None when there is none that can be read."""
    place = labels.parted(application)
    obj = cache.get(place.namespace, place.name)
    try:
        return msgspec.convert((obj or {}).get("status") or {}, ApplicationStatus) if obj else None
    except msgspec.ValidationError:
        return None


class Reading(Store):
    """
    Read a cluster; see :class:`serinus.ports.store.Store` for the contract.

    ``environment``: of applications that had no release yet. ``inner`` stays empty.
    """

    def __init__(
        self, client: Client, kinds: Kinds, clock: Clock, *, inner: Inner, environment: str
    ) -> None:
        super().__init__(
            client,
            kinds,
            Said(kinds.applications),
            clock,
            inner=inner,
            environment=lambda name: self._pasts.environment(name) or environment,
        )
        self._client = client
        self._kinds = kinds
        self._looked: dict[Key, tuple[datetime, tuple[Replica, ...]]] = {}

    def standing(self, key: Key) -> ApplicationStatus:
        """Return the status that an Application has, an empty one where there is none."""
        return standing(self._kinds.applications, key.application) or ApplicationStatus()

    async def intents(self, key: Key) -> tuple[Intent, ...]:
        """Return the intents without an answer, oldest first."""
        return self._wishes.open(key, ())

    async def events(
        self, after: int = 0, key: Key | None = None, release: int | None = None, limit: int = 500
    ) -> tuple[Event, ...]:
        """Return the last decisions of each release, numbered through the releases."""
        found: list[Event] = []
        for name, entry in self._pasts.entries():
            mine = key is None or labels.parted(name) == labels.parted(key.application)
            if not mine or release not in {None, entry.number}:
                continue
            read = records.read(entry)
            known = key or Key(name, read.spec.environment)
            events = decided.events(read.status.decisions, known, entry.number)
            for event, one in zip(events, read.status.decisions, strict=True):
                number = entry.number * MOST + one.sequence
                if number > after:
                    found.append(msgspec.structs.replace(event, sequence=number))
        return tuple(sorted(found, key=lambda event: event.sequence)[:limit])

    async def newest(self) -> int:
        """Return the sequence of the newest event."""
        return max((event.sequence for event in await self.events()), default=0)

    async def snapshot(self, key: Key) -> Snapshot | None:
        """Return what the controller saw with its last decision, and the pods as they are now."""
        seen, status = self._pasts.whole(key).seen, self._pasts.status(key)
        if status is None:
            return None
        replicas = await self._replicas(key, status)
        if seen is None:
            return Snapshot(self._clock.now(), None, replicas, None) if replicas else None
        return msgspec.structs.replace(seen, replicas=replicas)

    async def _replicas(self, key: Key, status: Status) -> tuple[Replica, ...]:
        now = self._clock.now()
        known = self._looked.get(key)
        if known is not None and now - known[0] < LOOK_EVERY:
            return known[1]
        place = labels.parted(key.application)
        try:
            found, _ = await self._client.list(
                "Pod", place.namespace, f"{labels.APPLICATION}={place.name}"
            )
        except failures.Rejected:  # Whoever may not see pods sees the release all the same.
            found = []
        revisions = [status.stable, status.previous, status.kept]
        revisions += [status.release.candidate] if status.release else []
        replicas = tuple(
            one for pod in found if (one := replica(pod, [r for r in revisions if r])) is not None
        )
        self._looked[key] = now, replicas
        return replicas

    # --- what only a controller does --------------------------------------------------------------

    async def record(self, status: Status, **given: Any) -> NoReturn:
        """Refuse: only the controller decides."""
        del given
        raise failures.Rejected(f"{status.key} is not decided about from outside the cluster")

    async def forget(self, key: Key) -> None:
        """Refuse: only the controller forgets."""
        raise failures.Rejected(f"{key} is not forgotten from outside the cluster")

    async def prune(self, now: datetime) -> None:
        """Do nothing: nothing is kept here."""


def replica(pod: Object, revisions: Sequence[str]) -> Replica | None:
    """
    Return the replica that a pod is, None for one that is none (yet).

    ``revisions``: whole ids; a pod says no more than the first digits.
    """
    number, meta = pods.ordinal(pod), pod["metadata"]
    short = (meta.get("labels") or {}).get(labels.REVISION, "")
    revision = next((one for one in revisions if labels.short(one) == short), "")
    started = notes.instant(meta.get("creationTimestamp"))
    if number is None or not revision or started is None:
        return None
    state = _state(pod)
    return Replica(
        revision=revision,
        ordinal=number,
        state=state,
        started_at=started,
        ready_at=pods.ready_at(pod),
        restarts=max(0, pods.restarts(pod)),
        address=(pod.get("status") or {}).get("podIP", ""),
        note="" if state is ReplicaState.READY else notes.of_pod(pod),
    )


def _state(pod: Object) -> ReplicaState:
    if not pods.living(pod) or pods.drained_at(pod) is not None:
        return ReplicaState.STOPPING
    if pods.ready(pod):
        return ReplicaState.READY
    if notes.waits(pod):
        return ReplicaState.BACKING_OFF
    return ReplicaState.STARTING if pods.ready_at(pod) is None else ReplicaState.UNREADY
