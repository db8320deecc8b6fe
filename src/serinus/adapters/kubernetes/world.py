"""
What the parts of the platform share: the API server, the clock, and the objects kept at hand.

::

    Application              who they are, and what they ask for
    Deployment ─ Pod         one for each revision, and its replicas
    Service ─ EndpointSlice  whom a revision's name stands for, as the cluster carries it out
    HorizontalPodAutoscaler  who says how many
    HTTPRoute, Ingress, …    what the router in use writes
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from serinus.adapters.kubernetes import autoscaling, deployments, grouped, pods
from serinus.adapters.kubernetes.cache import Cache, slim
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.deployments import Held
from serinus.adapters.kubernetes.grouped import Grouped
from serinus.adapters.routers.kubernetes_parts import services
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.ports.clock import Clock

Object = dict[str, Any]

KINDS = ("Application", "Deployment", "Pod", "Service", "EndpointSlice", autoscaling.KIND)
"""What the platform needs a cache of, beside the kinds of the router."""

_POD_META = frozenset(
    {
        *("name", "namespace", "uid", "resourceVersion", "labels", "annotations"),
        *("creationTimestamp", "deletionTimestamp", "ownerReferences"),
    }
)
_POD_STATUS = frozenset(
    {
        *("phase", "reason", "message", "podIP", "conditions", "startTime"),
        *("containerStatuses", "initContainerStatuses"),
    }
)


def caches(
    client: Client, clock: Clock, namespace: str | None = None, routing: Iterable[str] = ()
) -> dict[str, Cache]:
    """Return the caches that the platform needs, by kind; who makes them also runs them."""
    trims = {
        "Deployment": deployments.trimmed,
        "Pod": trimmed_pod,
        "EndpointSlice": trimmed_slice,
        autoscaling.KIND: autoscaling.trimmed,
    }
    selectors = {"Pod": labels.APPLICATION}
    return {
        kind: Cache(client, clock, kind, namespace, selectors.get(kind), trim=trims.get(kind, slim))
        for kind in dict.fromkeys((*KINDS, *routing))
    }


@dataclass(frozen=True)
class World:
    """The API server, the clock, and what is kept of objects, by what it belongs to."""

    client: Client
    clock: Clock
    caches: Mapping[str, Cache]
    deployments: Grouped
    pods: Grouped
    services: Grouped
    slices: Grouped

    @classmethod
    def over(cls, client: Client, caches: Mapping[str, Cache], clock: Clock) -> "World":
        """Return the world of these caches."""
        return cls(
            client=client,
            clock=clock,
            caches=caches,
            deployments=Grouped(caches["Deployment"]),
            pods=Grouped(caches["Pod"]),
            services=Grouped(caches["Service"]),
            slices=Grouped(caches["EndpointSlice"], grouped.by_label(grouped.SLICES_SERVICE)),
        )

    def application(self, place: Name) -> Object | None:
        """Return the Application of that name, None when there is none."""
        return self.caches["Application"].get(*place)

    def held(self, place: Name) -> list[Held]:
        """Return all Deployments that run a revision of an application for us, by name."""
        found = (deployments.held(d) for d in self.deployments.of(*place))
        return [held for held in found if held is not None and not held.handed_back]

    def adopted(self, place: Name) -> Held | None:
        """Return the adopted Deployment of an application, also one that is handed back."""
        found = (deployments.held(d) for d in self.deployments.of(*place))
        return next((held for held in found if held is not None and held.adopted), None)

    def pods_of(self, held: Held) -> list[Object]:
        """Return the pods of a revision, those that are ending included."""
        found = self.pods.of(held.namespace, held.application)
        mine = [p for p in found if p["metadata"]["labels"].get(labels.REVISION) == held.short]
        return [p for p in mine if pods.comes_from(p, held.name)]

    def served(self, place: Name, revision: str) -> frozenset[str]:
        """Return the names of a revision's replicas that its Services stand for."""
        result: set[str] = set()
        for service in self.services.of(*place):
            backing = services.backing(service)
            if backing is not None and backing.revision == revision:
                named = (e.replica for e in backing.endpoints)
                result.update(named if backing.serving is None else backing.serving)
        return frozenset(result)

    def absorb(self, found: Object) -> Object:
        """Take in what the API server answered to a write of ours; return it."""
        cache = self.caches.get(found["kind"])
        if cache is not None:
            cache.absorb(found)
        return found

    async def patch(self, kind: str, place: Name, patch: Mapping[str, Any]) -> Object:
        """Merge a patch into an object, and know of it at once."""
        found = await self.client.patch(kind, place.name, place.namespace, patch)
        return self.absorb({"kind": kind, **found})


def trimmed_pod(pod: Object) -> Object:
    """Return what is needed of a pod: the most of it is a copy of its template."""
    meta, status = pod["metadata"], pod.get("status") or {}
    spec = pod.get("spec") or {}
    kept = [_container(c) for c in spec.get("containers") or ()]
    initial = [_container(c) for c in spec.get("initContainers") or ()]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {k: v for k, v in meta.items() if k in _POD_META},
        "spec": {
            "nodeName": spec.get("nodeName", ""),
            "containers": kept,
            **({"initContainers": initial} if initial else {}),
        },
        "status": {k: v for k, v in status.items() if k in _POD_STATUS},
    }


def trimmed_slice(found: Object) -> Object:
    """Return what is needed of an EndpointSlice: which pods are in it."""
    meta = found["metadata"]
    said = meta.get("labels") or {}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            **{k: meta[k] for k in ("name", "namespace", "resourceVersion", "uid") if k in meta},
            "labels": {grouped.SLICES_SERVICE: said.get(grouped.SLICES_SERVICE, "")},
        },
        "endpoints": [
            {k: e[k] for k in ("addresses", "conditions", "targetRef") if k in e}
            for e in found.get("endpoints") or ()
        ],
    }


def _container(container: Object) -> Object:
    limits = (container.get("resources") or {}).get("limits") or {}
    kept: Object = {k: v for k, v in container.items() if k in {"name", "image"}}
    return {**kept, "resources": {"limits": limits}} if limits else kept
