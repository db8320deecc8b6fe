"""
Adopt a Deployment that is there; :mod:`.leaving` gives it back. Neither loses a request.

::

    its own     the Deployment rolls each change of its template at once
       │  paused by one write, refused if it changed meanwhile; its pods are labelled as they are
       ▼
    adopted     it runs one revision for us; a change of its template is a new revision, which
       │        gets a Deployment of its own. A while after a promotion the adopted one has no pods
       │  its template becomes that of the revision that serves, and it goes on
       ▼
    handed back it rolls; when all its pods are ready, Services and routes become what they were
       │
       ▼
    its own     our marks are gone, and our pods end without getting one more request

Each arrow may break off anywhere and is gone on with. Nothing of it needs us to be alive: while we
are not there, an adopted Deployment replaces its pods as ever, and its Service finds them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog

from serinus.adapters.kubernetes import autoscaling, deployments, existing, leaving, pods
from serinus.adapters.kubernetes.deployments import HASH, Group, Held
from serinus.adapters.kubernetes.world import World
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.core.state.workload import Revision
from serinus.ports.failures import Missing, Unavailable

Object = dict[str, Any]

log = structlog.get_logger()

SOON_S = 1.0
"""So soon it is looked again whether a Deployment has rolled out."""


class Adoption:
    """Adopt Deployments and look after them; the caller holds the application's lock."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self, application: Object, revisions: Sequence[Revision]) -> None:
        """
        Adopt the Deployment that the application refers to, where it runs one of the revisions.

        ``Unavailable`` while it rolls: it is adopted when it is done.
        """
        reference = (application.get("spec") or {}).get("workloadRef")
        if not reference:
            return
        place = _place(application)
        name = Name(place.namespace, reference["name"])
        await leaving.hold(self._world, application)
        known = self._world.adopted(place)
        try:
            deployment = await self._world.client.get("Deployment", name.name, name.namespace)
        except Missing:
            return  # What it said is a revision all the same; it gets a Deployment of its own.
        if known is not None:
            await self._scaled(application, deployment)
            return
        template = existing.of_deployment(deployment)
        revision = next((r for r in revisions if r.workload.template == template), None)
        if revision is None:
            if not self._world.held(place):
                raise Unavailable(f"Deployment {name} has changed since it was seen", SOON_S)
            return
        if not deployments.rolled_out(deployment):
            raise Unavailable(
                f"Deployment {name} is rolling; it is adopted when it is done", SOON_S
            )
        if not deployment["spec"].get("replicas", 1):
            return
        await self._scaled(application, deployment)
        await self._pause(application, deployment, revision)
        await self.look(place)

    async def _pause(self, application: Object, deployment: Object, revision: Revision) -> None:
        meta, spec = deployment["metadata"], deployment["spec"]
        running = await self._pods(deployment)
        found = {p["metadata"].get("labels", {}).get(HASH, "") for p in running}
        if len(found) != 1:
            message = f"Deployment {meta['namespace']}/{meta['name']} has pods of several templates"
            raise Unavailable(message, SOON_S)
        replicas = spec.get("replicas", 1)
        group = Group(tuple(range(replicas)), since=self._world.clock.now(), set=replicas)
        original = {"spec": {"paused": spec.get("paused", False)}}
        paused = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": meta["name"],
                "namespace": meta["namespace"],
                # Whoever changed it since we read it was faster: then it is looked at again.
                "resourceVersion": meta["resourceVersion"],
                "labels": {labels.APPLICATION: application["metadata"]["name"]},
                "annotations": {
                    **deployments.annotations(revision, group),
                    labels.ADOPTED: revision.id,
                    labels.PODS: found.pop(),
                    labels.REPLICAS: str(replicas),
                    labels.ORIGINAL: msgspec.json.encode(original).decode(),
                },
            },
            "spec": {"paused": True},
        }
        self._world.absorb(await self._world.client.apply(paused))

    async def look(self, place: Name) -> None:
        """
        See that an adopted Deployment rests, that its pods are known, and what its owner wants.

        Pods that came in place of others do not say that they are ours: they are found by the
        labels of their Deployment, when it has more of them than we know.
        """
        held = self._world.adopted(place)
        if held is None or held.handed_back:
            return
        name = Name(held.namespace, held.name)
        if not held.paused:
            log.warning("an adopted deployment is paused again", deployment=str(name))
            await self._world.patch("Deployment", name, {"spec": {"paused": True}})
        await self._wish(held, name)
        deployment = self._world.caches["Deployment"].get(*name)
        application = self._world.application(place)
        if application is not None and deployment is not None:
            await self._scaled(application, deployment)
        status = (deployment or {}).get("status") or {}
        known = [p for p in self._world.pods_of(held) if pods.living(p)]
        if deployment is None or status.get("replicas", 0) <= len(known):
            return
        for pod in await self._pods(deployment):
            if pod["metadata"].get("labels", {}).get(HASH) == held.selector.get(HASH):
                await self._label(held, pod)

    def follow(self, touch: Callable[[Name], None]) -> None:
        """Look again as soon as an autoscaler scales a Deployment that is adopted."""

        def told(_: str, __: Object | None, new: Object | None) -> None:
            namespace = "" if new is None else new["metadata"]["namespace"]
            name = "" if new is None else autoscaling.deployment(new)
            found = self._world.caches["Deployment"].get(namespace, name)
            owner = "" if found is None else self._world.deployments.owner(found)
            if owner:
                touch(Name(namespace, owner))

        self._world.caches[autoscaling.KIND].subscribe(told)

    async def _scaled(self, application: Object, deployment: Object) -> None:
        """Let the autoscalers of a Deployment scale its Application."""
        known = self._world.caches[autoscaling.KIND].of(deployment["metadata"]["namespace"])
        for one in await autoscaling.retarget(self._world.client, known, application, deployment):
            self._world.absorb(one)

    async def _wish(self, held: Held, name: Name) -> None:
        """Understand who scales the Deployment itself: so many replicas are wanted, of whatever."""
        if held.group.set is None or held.replicas in {held.group.set, 0}:
            return
        patch = {"metadata": {"annotations": {labels.REPLICAS: str(held.replicas)}}}
        await self._world.patch("Deployment", name, patch)

    async def _label(self, held: Held, pod: Object) -> None:
        meta = pod["metadata"]
        said = meta.get("labels", {})
        wanted = {labels.APPLICATION: held.application, labels.REVISION: held.short}
        if all(said.get(label) == text for label, text in wanted.items()):
            return
        # What it lived through before us says nothing of the revision.
        before = {labels.RESTARTS: str(-pods.restarts(pod))} if pods.restarts(pod) else {}
        patch = {"metadata": {"labels": wanted, "annotations": before, "uid": meta["uid"]}}
        await self._world.patch("Pod", Name(held.namespace, meta["name"]), patch)

    async def _pods(self, deployment: Object) -> list[Object]:
        """Return the living pods of a Deployment, asked of the API server."""
        meta = deployment["metadata"]
        selector = (deployment["spec"].get("selector") or {}).get("matchLabels") or {}
        text = ",".join(f"{label}={value}" for label, value in sorted(selector.items()))
        found, _ = await self._world.client.list("Pod", meta["namespace"], text)
        return [p for p in found if pods.living(p) and pods.comes_from(p, meta["name"])]


def _place(application: Object) -> Name:
    meta = application["metadata"]
    return Name(meta["namespace"], meta["name"])
