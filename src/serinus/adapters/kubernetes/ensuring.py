"""
Let revisions have the replicas that are wanted: Deployments, and the copies of what they refer to.

::

    new revision    Deployment with no pods ─▶ copies, owned by it ─▶ Deployment with its pods
    known revision  its group of ordinals is written anew; tending does the rest
    not named       its group is empty; its pods drain, and a while later it is pruned
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from serinus.adapters.kubernetes import configs, deployments, pods
from serinus.adapters.kubernetes.deployments import Group, Held
from serinus.adapters.kubernetes.tending import Tending
from serinus.adapters.kubernetes.world import World
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.core.state.workload import Group as Wanted
from serinus.core.state.workload import Revision
from serinus.ports.failures import Conflict, Missing, Rejected, Unavailable

Object = dict[str, Any]


class Ensuring:
    """Write Deployments; the caller holds the application's lock."""

    def __init__(self, world: World, tending: Tending) -> None:
        self._world = world
        self._tending = tending

    async def ensure(
        self,
        application: Object,
        revisions: Sequence[Revision],
        groups: Sequence[Wanted],
        drain_s: float,
    ) -> None:
        """Let exactly these replicas be wanted; what is there already is left as it is."""
        meta = application["metadata"]
        place = Name(meta["namespace"], meta["name"])
        known = {revision.id: revision for revision in revisions}
        for wanted in groups:
            held = self._running(place, wanted.revision)
            if held is None:
                group = Group(wanted.ordinals, drain_s, self._world.clock.now())
                await self._create(application, known[wanted.revision], group)
            else:
                await self._regroup(held, wanted.ordinals, drain_s, known[wanted.revision])
        await self.release(place, {wanted.revision for wanted in groups}, drain_s)

    async def release(self, place: Name, named: set[str], drain_s: float) -> None:
        """Let the replicas of all other revisions end."""
        for held in self._world.held(place):
            running = self._running(place, held.revision)
            if held.revision not in named or (running is not None and running.name != held.name):
                await self._regroup(held, (), drain_s)

    def _running(self, place: Name, revision: str) -> Held | None:
        """
        Return the Deployment that runs a revision, None where one has to be made.

        An adopted one that has no pods any more never gets any again: its owner may have changed
        its template since, and it could start the new one instead.
        """
        found = [h for h in self._world.held(place) if h.revision == revision]
        used = [h for h in found if not h.adopted or h.group.ordinals]
        return min(used, key=lambda h: not h.adopted, default=None)

    async def _regroup(
        self,
        held: Held,
        ordinals: Sequence[int],
        drain_s: float,
        revision: Revision | None = None,
    ) -> None:
        if revision is not None and revision.version != held.version:
            said = deployments.annotations(revision, held.group)
            patch = {"metadata": {"annotations": {labels.WORKLOAD: said[labels.WORKLOAD]}}}
            await self._world.patch("Deployment", Name(held.namespace, held.name), patch)
        wanted = tuple(sorted(ordinals))
        if wanted == held.group.ordinals and (not wanted or drain_s == held.group.drain_s):
            return
        since = held.group.since if wanted == held.group.ordinals else self._world.clock.now()
        group = Group(wanted, drain_s, since)
        alive = [p for p in self._world.pods_of(held) if pods.living(p)]
        fresh = pods.assigned(alive, wanted)
        leaving = [p for p in pods.unwanted(alive, wanted) if pods.name(p) not in fresh]
        await self._tending.scale(held, len(wanted) + len(leaving), group)

    async def _create(self, application: Object, revision: Revision, group: Group) -> None:
        if not revision.workload.template:
            message = f"revision {revision.short} has no pod template: it was made elsewhere"
            raise Rejected(message, hint="deploy its version again")
        files = revision.workload.files
        empty = msgspec.structs.replace(group, ordinals=(), set=0)
        first = await self._apply(application, revision, empty) if files else None
        if first is not None:
            for reference, digest in sorted(files.items()):
                await self._copy(application, reference, digest, first)
        full = msgspec.structs.replace(group, set=len(group.ordinals))
        await self._apply(application, revision, full)

    async def _apply(self, application: Object, revision: Revision, group: Group) -> Object:
        spec = application.get("spec") or {}
        document = deployments.document(
            application,
            revision,
            group,
            group.set or 0,
            owned="workloadRef" not in spec,
        )
        return self._world.absorb(await self._world.client.apply(document))

    async def _copy(self, application: Object, reference: str, digest: str, owner: Object) -> None:
        """Copy a ConfigMap or Secret for a Deployment, or let it own the copy that is there."""
        kind, _, name = reference.partition("/")
        namespace = owner["metadata"]["namespace"]
        owned = deployments.owner(owner) | {"controller": False, "blockOwnerDeletion": False}
        client = self._world.client
        try:
            copy = await client.get(kind, configs.copied(name, digest), namespace)
        except Missing:
            source = await self._source(kind, name, namespace, digest)
            made = configs.document(source, application["metadata"]["name"], digest, [owned])
            try:
                await client.create(made)
            except Conflict:  # It came to be in between.
                copy = await client.get(kind, configs.copied(name, digest), namespace)
            else:
                return
        owners = copy["metadata"].get("ownerReferences") or []
        if any(o["uid"] == owned["uid"] for o in owners):
            return
        meta = {
            "resourceVersion": copy["metadata"]["resourceVersion"],
            "ownerReferences": [*owners, owned],
        }
        await client.patch(kind, copy["metadata"]["name"], namespace, {"metadata": meta})

    async def _source(self, kind: str, name: str, namespace: str, digest: str) -> Object:
        try:
            found = await self._world.client.get(kind, name, namespace)
        except Missing as exc:
            message = f"{kind} {namespace}/{name} is missing, and the revision uses it"
            raise Rejected(message, hint=f"create the {kind}, or take it out of the spec") from exc
        if configs.digest(found) != digest:
            # The change is a revision of its own, which is about to be seen.
            raise Unavailable(f"{kind} {namespace}/{name} has changed since the revision was seen")
        return {"kind": kind, **found}
