"""
The cluster as a platform: see :class:`serinus.ports.platform.Platform` for the contract.

::

    ensure ──▶ adoption ──▶ ensuring ──▶ tending ◀── changes of pods, Deployments, Services
    deliver ─▶ leaving, at the end ──▶ delivery ──▶ tending
    replicas, applied, fetch ──▶ what is kept of objects; no request is made
    scrape, listen, visits ──▶ those who count and listen, where there is anybody
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from serinus.adapters.kubernetes import deployments, leaving, pods
from serinus.adapters.kubernetes.adoption import Adoption
from serinus.adapters.kubernetes.delivery import Delivery, Following
from serinus.adapters.kubernetes.deployments import Held
from serinus.adapters.kubernetes.ensuring import Ensuring
from serinus.adapters.kubernetes.leaving import Leaving
from serinus.adapters.kubernetes.tending import Tending
from serinus.adapters.kubernetes.world import World
from serinus.adapters.routers.kubernetes_parts import services
from serinus.core.state import labels
from serinus.core.state.cohort import Visit
from serinus.core.state.counts import Scrape
from serinus.core.state.labels import Name
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Ref
from serinus.core.state.workload import Group, Replica, Revision, Usage
from serinus.ports.failures import Conflict, Missing, Rejected

log = structlog.get_logger()

_DRAIN_S = 10.0


class Counting(Protocol):
    """Who counts requests; see :meth:`serinus.ports.platform.Platform.scrape`."""

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """Return the newest counts of each application that has any."""
        ...


class Listening(Protocol):
    """Who reads logs; see :meth:`serinus.ports.platform.Platform.listen`."""

    async def listen(self, key: Key, patterns: Mapping[str, str]) -> None:
        """Count the log lines that match, from now on."""
        ...

    def added(self, key: Key, scrape: Scrape) -> Scrape:
        """Return a scrape with what was heard of the application."""
        ...


class Measuring(Protocol):
    """Who knows what pods take of their nodes."""

    def usage(self, namespace: str, pod: str) -> Usage | None:
        """Return what a pod took when it was looked at last, None when nobody knows."""
        ...


class Platform:
    """
    Run revisions as Deployments of a cluster.

    ``world`` has a running cache for each kind that ``world.caches`` makes, those of
    ``routing_kinds`` included, which are those that the routers in use write.
    """

    def __init__(
        self,
        world: World,
        *,
        counting: Counting | None = None,
        listening: Listening | None = None,
        usage: Measuring | None = None,
        following: Following | None = None,
        routing_kinds: Sequence[str] = (),
    ) -> None:
        self.world = world
        self._counting, self._listening, self._usage = counting, listening, usage
        self._tending = Tending(self.world)
        self._ensuring = Ensuring(self.world, self._tending)
        self._adoption = Adoption(self.world)
        self._leaving = Leaving(self.world)
        kinds = tuple(dict.fromkeys((services.KIND, *routing_kinds)))
        self._delivery = Delivery(self.world, kinds, following)
        self._keys: dict[Name, Key] = {}
        self._ready: dict[str, tuple[int, datetime]] = {}
        world.caches["Pod"].subscribe(self._gone)

    async def run(self, notify: Callable[[Key], None]) -> None:
        """Tend pods until cancelled; ``notify`` hears of each change of what an application has."""

        def changed(place: Name) -> None:
            key = self._keys.get(place)
            if key is not None:
                notify(key)

        self._tending.follow(changed)
        self._adoption.follow(self._tending.touch)
        await self._tending.run(self._look)

    async def ensure(
        self, key: Key, revisions: Sequence[Revision], groups: Sequence[Group], drain_s: float
    ) -> None:
        """Make exactly the named replicas exist."""
        place = self._place(key)
        async with self._tending.lock(place):
            if groups:
                application = self.world.application(place)
                if application is None:
                    raise Missing(f"Application {place} is not there")
                await self._adoption.begin(application, revisions)
                await self._ensuring.ensure(application, revisions, groups, drain_s)
            else:
                await self._ensuring.release(place, set(), drain_s)
            await self._tend(place)

    async def replicas(self, key: Key) -> tuple[Replica, ...]:
        """Return all replicas of the application, those that are wanted and have no pod as well."""
        place = self._place(key)
        result: list[Replica] = []
        running = [(held, self.world.pods_of(held)) for held in self.world.held(place)]
        several = sum(bool(found) for _, found in running) > 1
        for held, found in running:
            if held.group.ordinals or found:
                known = {p["metadata"].get("uid", ""): self._known(p, several) for p in found}
                result += pods.replicas(held, found, self._missing_since(held), known)
        return tuple(result)

    async def revision(self, revision: str) -> Revision | None:
        """Return a revision that a Deployment still tells of."""
        for found in self.world.deployments.cache.of():
            held = deployments.held(found)
            if held is not None and held.revision == revision:
                try:
                    whole = await self.world.client.get("Deployment", held.name, held.namespace)
                except Missing:
                    continue
                return deployments.revision(whole)
        return None

    async def fetch(self, refs: Sequence[Ref]) -> Documents:
        """Return the documents that exist among those asked for."""
        return self._delivery.fetch(tuple(refs))

    async def deliver(self, key: Key, documents: dict[Ref, Document | None]) -> None:
        """
        Write documents in the order given.

        Where they take the route of an adopted application away, its Deployment takes over first:
        ``Unavailable`` until it has.
        """
        place = self._place(key)
        async with self._tending.lock(place):
            if self._delivery.ends(key, documents):
                await self._leaving.hand_back(place, self._delivery.serving(key))
            elif self._foreign(documents):
                application = self.world.application(place)
                if application is not None:
                    await leaving.hold(self.world, application)
            await self._delivery.deliver(key, documents)
            await self._tend(place)

    async def applied(self) -> Documents:
        """Return the documents that are seen to be carried out."""
        return self._delivery.applied()

    async def lag(self, key: Key) -> str:
        """Say why the data plane does not carry out what was delivered for an application."""
        return self._delivery.lag(key)

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """Return raw counters, where somebody counts, and what was heard in the logs."""
        found = {} if self._counting is None else await self._counting.scrape(keys)
        if self._listening is None:
            return found
        return {key: self._listening.added(key, one) for key, one in found.items()}

    async def listen(self, key: Key, patterns: Mapping[str, str]) -> None:
        """Count the log lines that match, where somebody listens."""
        if self._listening is not None:
            await self._listening.listen(key, patterns)
        elif patterns:
            raise Rejected("nobody listens to the logs of this cluster")

    async def visits(self, key: Key) -> tuple[Visit, ...]:
        """Return nobody: no router of a cluster notes down who came."""
        del key
        return ()

    async def delete(self, key: Key) -> None:
        """Remove what is left of the application, and let its Application go."""
        place = self._place(key)
        async with self._tending.lock(place):
            for held in self.world.held(place):
                if not held.adopted:
                    await self.world.client.delete("Deployment", held.name, held.namespace)
            for service in self.world.services.of(*place):
                if services.ours(service):
                    name = service["metadata"]["name"]
                    await self.world.client.delete(services.KIND, name, place.namespace)
            await self._leaving.end(place)
        await self.listen(key, {})
        self._delivery.forget(key)
        self._tending.forget(place)
        self._keys.pop(place, None)

    # --- parts ----------------------------------------------------------------------------------

    def _place(self, key: Key) -> Name:
        place = labels.parted(key.application)
        self._keys[place] = key
        return place

    async def _look(self, place: Name) -> datetime | None:
        async with self._tending.lock(place):
            await self._adoption.look(place)
            return await self._tending.tend(place)

    async def _tend(self, place: Name) -> None:
        """Tend now what can be, and the rest in its time."""
        try:
            again = await self._tending.tend(place)
        except Conflict:  # Somebody writes at the same time; it is looked at again at once.
            again = self.world.clock.now()
        if again is not None:
            self._tending.touch(place, again)

    def _gone(self, change: str, old: pods.Pod | None, new: pods.Pod | None) -> None:
        if change == "DELETED" and old is not None and new is None:
            self._ready.pop(old["metadata"].get("uid", ""), None)

    def _foreign(self, documents: Mapping[Ref, Document | None]) -> bool:
        return any(d is not None and not services.ours(d) for d in documents.values())

    def _missing_since(self, held: Held) -> datetime:
        """Return since when the replicas that have no pod are wanted, as far as we have seen."""
        return held.group.since or self.world.clock.now()

    def _known(self, pod: pods.Pod, compared: bool) -> pods.Known:  # noqa: FBT001 - ours alone
        """
        Return what is known of a pod beside what it says: since when it was ready, its usage.

        Usage is asked for where it is ``compared`` with that of another revision.
        """
        meta = pod["metadata"]
        uid, count = meta.get("uid", ""), pods.restarts(pod)
        at = pods.ready_at(pod)
        if at is not None and pods.ready(pod):
            self._ready[uid] = (count, at)
        before = self._ready.get(uid)
        since = before[1] if before is not None and before[0] == count else None
        used = None
        if self._usage is not None and compared:
            used = self._usage.usage(meta["namespace"], meta["name"])
        return pods.Known(since, used)
