"""The objects of a cluster at hand, changed as people change them, without an API server."""

import copy
from collections.abc import Callable
from typing import Any

from serinus.adapters.kubernetes import specs
from serinus.adapters.kubernetes.specs import Ground, Heard, Specs
from serinus.boot import catalogue
from serinus.core.state.observed import Wanted

Object = dict[str, Any]
ENV = "kubernetes"
IMAGE = {"image": "shop:v1", "port": 9898}


class Kept:
    """The objects of one kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.objects: dict[tuple[str, str], Object] = {}
        self.callbacks: list[Heard] = []

    def get(self, namespace: str | None, name: str) -> Object | None:
        return self.objects.get((namespace or "", name))

    def of(self, namespace: str | None = None) -> list[Object]:
        found = sorted(self.objects.items())
        return [one for (space, _), one in found if namespace in {None, space}]

    def subscribe(self, callback: Heard) -> Callable[[], None]:
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def put(self, key: tuple[str, str], new: Object | None) -> None:
        old = self.objects.pop(key, None)
        if new is not None:
            self.objects[key] = new
        change = "DELETED" if new is None else "ADDED" if old is None else "MODIFIED"
        for callback in self.callbacks:
            callback(change, old, new)


class Cluster:
    """Caches of all kinds, and the specs over them."""

    def __init__(self, **ground: Any) -> None:
        self.caches = {kind: Kept(kind) for kind in specs.KINDS}
        self.specs = Specs(self.caches, Ground(catalogue.builtin(), **ground))

    def wanted(self, name: str = "team/shop", environment: str = ENV) -> Wanted:
        """Return what is wanted, which has to be known."""
        found = self.specs.asked(name, environment)
        assert found.wanted is not None, found.problem
        return found.wanted

    def problem(self, name: str = "team/shop") -> str:
        """Return what keeps an application from being known."""
        found = self.specs.asked(name, ENV)
        assert found.wanted is None
        return found.problem

    def quiet(self) -> None:
        """Ask for everything once, so that only what comes is news."""
        for name in self.specs.applications():
            self.specs.asked(name, self.specs.environment(name))
        self.specs.changed()

    def put(
        self,
        kind: str,
        name: str,
        namespace: str = "team",
        notes: dict[str, str] | None = None,
        **rest: Any,
    ) -> None:
        """Write an object, as it is from then on."""
        known = self.caches[kind].get(namespace, name)
        generation = 0 if known is None else known["metadata"]["generation"]
        changed = known is None or known.get("spec") != rest.get("spec")
        metadata: Object = {
            "name": name,
            "uid": f"uid of {name}",
            "generation": generation + changed,
            "annotations": notes or {},
        }
        if namespace:
            metadata["namespace"] = namespace
        written = {"kind": kind, "metadata": metadata} | copy.deepcopy(rest)
        self.caches[kind].put((namespace, name), written)

    def remove(self, kind: str, name: str, namespace: str = "team") -> None:
        """Take an object away."""
        self.caches[kind].put((namespace, name), None)

    def application(
        self,
        name: str = "shop",
        namespace: str = "team",
        notes: dict[str, str] | None = None,
        **spec: Any,
    ) -> None:
        """Write an Application that runs an image, unless the spec says otherwise."""
        given = spec if "workloadRef" in spec else {"workload": IMAGE} | spec
        self.put("Application", name, namespace, notes, spec=given)

    def deployment(self, name: str = "web", image: str = "shop:v1", **spec: Any) -> None:
        """Write a Deployment of somebody's."""
        container = {"name": "web", "image": image, "ports": [{"containerPort": 8080}]}
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
        self.put("Deployment", name, spec={"replicas": 3, "template": template} | spec)
