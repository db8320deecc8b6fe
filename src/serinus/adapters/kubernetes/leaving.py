"""
Give an adopted Deployment back, running the revision that serves: no request is lost.

::

    one write     its template, its number of replicas, and it may go on
    wait          until all of its pods are of that template, and ready
    autoscalers   scale it again
    our pods      lose the labels by which others find them: our own Services need none
    (documents)   Services and routes become what they were; our pods get no new request
    (they end)    and then our marks are taken away

What is in brackets is done by the platform, in that order. An Application is kept from going by a
finalizer until then.
"""

from typing import Any

import msgspec

from serinus.adapters.kubernetes import autoscaling, deployments, existing, pods
from serinus.adapters.kubernetes.deployments import HASH, Held
from serinus.adapters.kubernetes.world import World
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.ports.failures import Missing, Unavailable

Object = dict[str, Any]

SOON_S = 1.0
"""So soon it is looked again whether the Deployment has rolled out."""

MARKS = (
    *(labels.ADOPTED, labels.HANDED_BACK, labels.ORIGINAL, labels.REPLICAS, labels.PODS),
    *(labels.REVISION_ID, labels.WORKLOAD, labels.TEMPLATE, labels.GROUP),
)
"""Our annotations on a Deployment of somebody else."""


class Leaving:
    """Hand Deployments back; the caller holds the application's lock."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def hand_back(self, place: Name, serving: str) -> None:
        """
        Let the adopted Deployment take over again, running the revision that serves.

        ``Unavailable`` until all of its pods are ready; nothing that users see has changed then.
        """
        held = self._world.adopted(place)
        if held is None:
            return
        name = Name(held.namespace, held.name)
        try:
            deployment = await self._world.client.get("Deployment", *reversed(name))
        except Missing:
            return
        if not held.handed_back:
            deployment = await self._release(place, held, deployment, serving)
        if not deployments.rolled_out(deployment):
            status, wanted = deployment.get("status") or {}, deployment["spec"].get("replicas", 1)
            ready = min(status.get("updatedReplicas", 0), status.get("availableReplicas", 0))
            message = f"Deployment {name} takes over again: {ready} of {wanted} pods are ready"
            raise Unavailable(message, SOON_S)
        await autoscaling.put_back(self._world.client, place.namespace, place.name)
        await self._step_aside(place)

    async def _release(self, place: Name, held: Held, deployment: Object, serving: str) -> Object:
        """Give the Deployment its template, its replicas and its freedom, in one write."""
        meta = deployment["metadata"]
        patch: list[Object] = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": meta["resourceVersion"]}
        ]
        template = await self._template(place, held, serving)
        if template is not None and template != existing.of_deployment(deployment):
            patch.append({"op": "replace", "path": "/spec/template", "value": template})
        said = meta.get("annotations") or {}
        original = msgspec.json.decode(said.get(labels.ORIGINAL, "{}")).get("spec", {})
        application = self._world.application(place) or {}
        wanted = ((application.get("spec") or {}).get("workload") or {}).get("replicas")
        replicas = existing.replicas(deployment) if wanted is None else wanted
        patch += [
            {"op": "add", "path": "/spec/paused", "value": original.get("paused", False)},
            {"op": "add", "path": "/spec/replicas", "value": replicas},
            {
                "op": "add",
                "path": f"/metadata/annotations/{labels.HANDED_BACK.replace('/', '~1')}",
                "value": serving or held.revision,
            },
        ]
        client = self._world.client
        found = await client.patch("Deployment", held.name, held.namespace, patch, type="json")
        return self._world.absorb({"kind": "Deployment", **found})

    async def _template(self, place: Name, held: Held, serving: str) -> Object | None:
        """Return the template of the revision that serves, None when nobody knows it."""
        every = [*self._world.held(place), held]
        one = next((h for h in every if h.revision == serving), held)
        found = await self._world.client.get("Deployment", one.name, one.namespace)
        revision = deployments.revision(found)
        return None if revision is None else revision.workload.template

    async def _step_aside(self, place: Name) -> None:
        """Take from our own pods the labels by which others find them: our Services need none."""
        for held in self._world.held(place):
            for pod in self._world.pods_of(held):
                said = pod["metadata"].get("labels") or {}
                theirs = {
                    label: None
                    for label in said
                    if not label.startswith("serinus.dev/") and label != HASH
                }
                if theirs and pods.living(pod):
                    name = Name(held.namespace, pods.name(pod))
                    await self._world.patch("Pod", name, {"metadata": {"labels": theirs}})

    async def end(self, place: Name) -> None:
        """Take our marks away: from the Deployment, its pods, and the Application."""
        held = self._world.adopted(place)
        if held is not None:
            await self._unmark(place, held)
        application = self._world.application(place)
        if application is not None:
            await let_go(self._world, application)

    async def _unmark(self, place: Name, held: Held) -> None:
        none = dict.fromkeys((labels.APPLICATION, labels.REVISION, labels.ORDINAL, labels.SERVING))
        notes = dict.fromkeys((labels.DRAINED_AT, labels.RESTARTS, pods.COST))
        for pod in self._world.pods.of(*place):
            if pod["metadata"]["labels"].get(labels.REVISION) == held.short and pods.comes_from(
                pod, held.name
            ):
                patch = {"metadata": {"labels": none, "annotations": notes}}
                try:
                    await self._world.patch("Pod", Name(place.namespace, pods.name(pod)), patch)
                except Missing:
                    continue
        meta = {"labels": {labels.APPLICATION: None}, "annotations": dict.fromkeys(MARKS)}
        try:
            name = Name(held.namespace, held.name)
            await self._world.patch("Deployment", name, {"metadata": meta})
        except Missing:
            return


async def hold(world: World, application: Object) -> None:
    """Keep an Application from going before what was there before is back."""
    meta = application["metadata"]
    found = meta.get("finalizers") or []
    if labels.FINALIZER not in found and not meta.get("deletionTimestamp"):
        await _finalizers(world, application, [*found, labels.FINALIZER])


async def let_go(world: World, application: Object) -> None:
    """Let an Application go."""
    found = application["metadata"].get("finalizers") or []
    if labels.FINALIZER in found:
        rest = [one for one in found if one != labels.FINALIZER]
        try:
            await _finalizers(world, application, rest)
        except Missing:
            return


async def _finalizers(world: World, application: Object, wanted: list[str]) -> None:
    # The version keeps us from dropping what somebody else has added meanwhile.
    version = application["metadata"].get("resourceVersion")
    patch = {"metadata": {"finalizers": wanted, "resourceVersion": version}}
    await world.patch("Application", _place(application), patch)


def _place(application: Object) -> Name:
    meta = application["metadata"]
    return Name(meta["namespace"], meta["name"])
