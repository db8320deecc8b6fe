"""
Bring an application's pods to what their Deployments ask for: ordinals, requests, farewells.

::

    pod without an ordinal   is given the lowest that is wanted and free
    pod that is named        serinus.dev/serving: "true"    by the Service of its revision
    pod that is not          serinus.dev/serving: "false"   once a Service could lead to it
    pod that is to end       serving "false"; a while later the Deployment may keep one fewer,
                             and of all pods this one ends

Everything that this needs to know is in the objects, so a controller that was killed in between
goes on. What a Deployment can not be told, which pod is to end, is said by its deletion cost; that
counts only among pods that are alike, so a pod that would stay though it should go is deleted.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import anyio
import msgspec
import structlog

from serinus.adapters.kubernetes import pods
from serinus.adapters.kubernetes.deployments import Group, Held
from serinus.adapters.kubernetes.world import World
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.ports import clock as clocks
from serinus.ports.failures import Conflict, Missing, PortFailure

Object = dict[str, Any]

log = structlog.get_logger()

KEPT = 5
"""So many revisions that nobody names any more keep their Deployment, for the way back."""

FIRST_S, LONGEST_S = 0.5, 30.0
"""The wait after the first failure, and after many in a row."""


class Tending:
    """Tend the pods of applications, one turn at a time for each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._locks: dict[Name, anyio.Lock] = {}
        self._lives: dict[tuple[str, int], tuple[str, int]] = {}
        self._due: dict[Name, datetime] = {}
        self._falls: dict[Name, int] = {}
        self._woken = anyio.Event()

    def lock(self, place: Name) -> anyio.Lock:
        """Return the lock of an application: whoever writes to its Deployments holds it."""
        return self._locks.setdefault(place, anyio.Lock())

    def forget(self, place: Name) -> None:
        """Forget an application that is gone."""
        self._due.pop(place, None)
        self._falls.pop(place, None)

    def _ended(self, change: str, old: Object | None, _: Object | None) -> None:
        """Forget a Deployment that is gone."""
        if change == "DELETED" and old is not None:
            uid = old["metadata"].get("uid", "")
            for life in [life for life in self._lives if life[0] == uid]:
                del self._lives[life]

    # --- one application ------------------------------------------------------------------------

    async def tend(self, place: Name) -> datetime | None:
        """
        Do all that is to do now, and return when to look again, None when nothing is pending.

        The caller holds the application's lock.
        """
        waits = [await self._tended(place, held) for held in self._world.held(place)]
        await self._prune(place)
        return min([w for w in waits if w is not None], default=None)

    async def _tended(self, place: Name, held: Held) -> datetime | None:
        found = self._world.pods_of(held)
        ordinals = held.group.ordinals
        chosen = pods.assigned(found, ordinals)
        leaving = {
            pods.name(p) for p in pods.unwanted(found, ordinals) if pods.name(p) not in chosen
        }
        served = self._world.served(place, held.revision) if self._called(place, held) else None
        now = self._world.clock.now()
        alive: list[Object] = []
        for pod in [p for p in found if pods.living(p)]:
            number = chosen.get(pods.name(pod), pods.ordinal(pod))
            patch = (
                self._farewell(pod, held, now)
                if pods.name(pod) in leaving
                else self._welcome(pod, held, number, found, served)
            )
            alive.append(await self._patched(held, pod, patch))
        self._note(held, alive)
        return await self._scaled(held, alive, leaving, now)

    def _welcome(
        self,
        pod: Object,
        held: Held,
        number: int | None,
        found: Sequence[Object],
        served: frozenset[str] | None,
    ) -> Object:
        """Return what a pod that stays should say; ``served``: who serves, None: nobody could."""
        name = f"{held.short}-{number}"
        said: Object = {
            "labels": {labels.ORDINAL: str(number)},
            "annotations": {labels.DRAINED_AT: None, pods.COST: None},
        }
        if served is not None:
            said["labels"][labels.SERVING] = "true" if name in served else "false"
        if pods.ordinal(pod) is None and number is not None:
            before = self._before(held, pod, number, found)
            said["annotations"] |= {labels.RESTARTS: str(before)} if before else {}
        return said

    def _called(self, place: Name, held: Held) -> bool:
        """
        Tell whether requests could come to a pod that serves: there are Services, or will never be.

        A first release has its Services when its pods are ready. Until then the label means
        nothing, and a write for each pod of many applications that begin at once is saved.
        """
        application = self._world.application(place) or {}
        routed = "route" in (application.get("spec") or {})
        return held.adopted or not routed or bool(self._world.services.of(*place))

    def _farewell(self, pod: Object, held: Held, now: datetime) -> Object:
        """Return what a pod that is to end should say; who never served has nothing to finish."""
        until = pods.drained_at(pod)
        if until is None:
            busy = pods.serving(pod) and pods.ready(pod) and pods.ordinal(pod) is not None
            until = now + timedelta(seconds=held.group.drain_s if busy else 0.0)
        return {
            "labels": {labels.SERVING: "false"},
            "annotations": {labels.DRAINED_AT: until.isoformat(), pods.COST: str(pods.LOWEST)},
        }

    def _before(self, held: Held, pod: Object, number: int, found: Sequence[Object]) -> int:
        """Return how often the replica was restarted before this pod."""
        uid, count = self._lives.get((held.uid, number), ("", 0))
        if uid in {"", pod["metadata"].get("uid")}:
            return 0
        failed = any(
            p["metadata"].get("uid") == uid and p.get("status", {}).get("phase") == "Failed"
            for p in found
        )
        return count + failed

    def _note(self, held: Held, alive: Sequence[Object]) -> None:
        for pod in alive:
            number = pods.ordinal(pod)
            if number is not None:
                life = (pod["metadata"].get("uid", ""), pods.restarts(pod))
                self._lives[held.uid, number] = life

    async def _patched(self, held: Held, pod: Object, said: Mapping[str, Any]) -> Object:
        """Let a pod say what it should, where it does not yet."""
        meta = pod["metadata"]
        patch: Object = {}
        for part, wanted in said.items():
            there = meta.get(part) or {}
            changed = {name: text for name, text in wanted.items() if there.get(name) != text}
            if changed:
                patch[part] = changed
        if not patch:
            return pod
        place = Name(held.namespace, meta["name"])
        try:
            # The uid makes sure that it is this pod and not another one of its name.
            return await self._world.patch(
                "Pod", place, {"metadata": {**patch, "uid": meta["uid"]}}
            )
        except (Missing, Conflict):  # It is gone; the watch will tell.
            return pod

    # --- fewer pods -----------------------------------------------------------------------------

    async def _scaled(
        self, held: Held, alive: Sequence[Object], leaving: set[str], now: datetime
    ) -> datetime | None:
        ends = {pods.name(p): pods.drained_at(p) or now for p in alive if pods.name(p) in leaving}
        due = [p for p in alive if pods.name(p) in ends and ends[pods.name(p)] <= now]
        target = len(held.group.ordinals) + len(ends) - len(due)
        staying = [p for p in alive if p not in due]
        exact = len(alive) - target == len(due)
        if due and not (exact and pods.go_first(due, staying)):
            for pod in due:
                meta = pod["metadata"]
                await self._world.client.delete(
                    "Pod", meta["name"], held.namespace, uid=meta["uid"]
                )
        if held.replicas != target:
            await self.scale(held, target)
        return min([end for end in ends.values() if end > now], default=None)

    async def scale(self, held: Held, replicas: int, group: Group | None = None) -> None:
        """Let a Deployment have so many pods, and remember that this was our wish."""
        said = msgspec.structs.replace(group or held.group, set=replicas)
        annotations = {labels.GROUP: msgspec.json.encode(said).decode()}
        patch = {"metadata": {"annotations": annotations}, "spec": {"replicas": replicas}}
        await self._world.patch("Deployment", Name(held.namespace, held.name), patch)

    async def _prune(self, place: Name) -> None:
        """Delete the Deployments of revisions that nobody has named for long."""
        idle = [
            held
            for held in self._world.held(place)
            if not held.adopted
            and not held.group.ordinals
            and not held.replicas
            and not self._world.pods_of(held)
        ]
        idle.sort(key=lambda h: (h.group.since is not None, h.group.since), reverse=True)
        for held in idle[KEPT:]:
            await self._world.client.delete("Deployment", held.name, held.namespace)

    # --- all of them ----------------------------------------------------------------------------

    def touch(self, place: Name, at: datetime | None = None) -> None:
        """Look at an application soon, or at an instant."""
        at = at or self._world.clock.now()
        if place not in self._due or at < self._due[place]:
            self._due[place] = at
            self._woken.set()

    def follow(self, changed: Callable[[Name], None]) -> None:
        """Look at applications whose pods, Deployments or Services change, and tell of it."""
        self._world.deployments.cache.subscribe(self._ended)
        for group in (self._world.pods, self._world.deployments, self._world.services):

            def told(
                _: str,
                old: Object | None,
                new: Object | None,
                owner: Callable[[Mapping[str, Any]], str] = group.owner,
            ) -> None:
                for found in (new, old):
                    name = "" if found is None else owner(found)
                    if found is not None and name:
                        place = Name(found["metadata"]["namespace"], name)
                        self.touch(place)
                        changed(place)
                        return

            group.cache.subscribe(told)

    async def run(self, look: Callable[[Name], Any]) -> None:
        """Look at what is due until cancelled; ``look`` is awaited with each application."""
        for found in self._world.deployments.cache.of():
            name = self._world.deployments.owner(found)
            if name:
                self.touch(Name(found["metadata"]["namespace"], name))
        limit = anyio.CapacityLimiter(8)
        busy: set[Name] = set()
        async with anyio.create_task_group() as tasks:
            while True:
                now = self._world.clock.now()
                self._woken = anyio.Event()
                for place in [p for p, at in self._due.items() if at <= now and p not in busy]:
                    del self._due[place]
                    busy.add(place)
                    tasks.start_soon(self._one, place, look, limit, busy)
                waits = [at for p, at in self._due.items() if p not in busy]
                await self._rest((min(waits) - now).total_seconds() if waits else None)

    async def _one(
        self,
        place: Name,
        look: Callable[[Name], Any],
        limit: anyio.CapacityLimiter,
        busy: set[Name],
    ) -> None:
        try:
            async with limit:
                again = await look(place)
            self._falls.pop(place, None)
            if again is not None:
                self.touch(place, again)
        except PortFailure as problem:
            falls = self._falls[place] = self._falls.get(place, 0) + 1
            wait_s = min(LONGEST_S, FIRST_S * 2.0 ** min(falls - 1, 10))
            log.warning("pods are not tended", application=str(place), why=str(problem))
            self.touch(place, self._world.clock.now() + timedelta(seconds=wait_s))
        except Exception:
            log.exception("pods are not tended", application=str(place))
        finally:
            busy.discard(place)
            self._woken.set()

    async def _rest(self, seconds: float | None) -> None:
        """Wait until something happens, or for so long at most."""
        if seconds is None:
            await self._woken.wait()
        else:
            await clocks.until(self._woken, self._world.clock, max(0.0, seconds))
