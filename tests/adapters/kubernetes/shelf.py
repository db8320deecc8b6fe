"""What a pretended API server keeps: objects, their versions, their owners, their history."""

import copy
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from serinus.adapters.kubernetes import kinds
from serinus.adapters.kubernetes.kinds import Kind
from tests.adapters.kubernetes import fields

Object = dict[str, Any]
WITH_STATUS = {
    *("Application", "Environment", "DeliveryTemplate", "ClusterDeliveryTemplate", "Release"),
    *("Intent", "Deployment", "ReplicaSet", "StatefulSet", "Pod", "Service", "Namespace", "Node"),
    *("HorizontalPodAutoscaler", "PodDisruptionBudget", "Ingress", "HTTPRoute", "GRPCRoute"),
    *("Gateway", "GatewayClass", "VirtualService", "DestinationRule", "CustomResourceDefinition"),
    *("SelfSubjectAccessReview", "ResourceQuota"),
}
WITHOUT_GENERATION = {
    *("ConfigMap", "Secret", "Event", "Lease", "ServiceAccount", "Endpoints", "Namespace", "Node"),
    *("Service", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"),
}


class Refused(Exception):
    """An answer that is no success; ``code`` and ``reason`` are those of a Status object."""

    def __init__(self, code: int, reason: str, message: str, name: str = "") -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.name = code, reason, message, name


class Happened(NamedTuple):
    version: int
    kind: Kind
    change: str
    new: Object
    old: Object | None


_PRECONDITIONS = {"uid": "UID", "resourceVersion": "ResourceVersion"}


class Shelf:
    """Keep objects by kind, namespace and name. Who writes is told apart by manager."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.version = 100
        self.oldest = 0
        self.history: list[Happened] = []
        self.objects: dict[Kind, dict[tuple[str, str], Object]] = {}
        self._owners: dict[str, fields.Owners] = {}
        self._uids = 0

    # --- reading --------------------------------------------------------------------------------

    def find(self, kind: Kind, namespace: str, name: str) -> Object | None:
        return self.objects.get(_of(kind), {}).get((namespace, name))

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        found = self.find(kind, namespace, name)
        if found is None:
            group = f".{kind.group}" if kind.group else ""
            message = f'{kind.plural}{group} "{name}" not found'
            raise Refused(404, "NotFound", message, name)
        return found

    def all(self, kind: Kind, namespace: str | None = None) -> list[Object]:
        found = self.objects.get(_of(kind), {})
        return [found[key] for key in sorted(found) if namespace in {None, key[0]}]

    def everything(self) -> Iterator[tuple[Kind, Object]]:
        for kind, found in list(self.objects.items()):
            for obj in list(found.values()):
                yield kind, obj

    # --- writing --------------------------------------------------------------------------------

    def create(self, kind: Kind, namespace: str, obj: Object, manager: str) -> Object:
        new = copy.deepcopy(obj)
        meta = new.setdefault("metadata", {})
        self._uids += 1
        name = meta.get("name") or f"{meta.get('generateName', '')}{self._uids:05d}"
        if self.find(kind, namespace, name) is not None:
            message = f'{kind.plural} "{name}" already exists'
            raise Refused(409, "AlreadyExists", message, name)
        meta |= {"name": name, "uid": f"uid-{self._uids}"}
        if kind.name not in WITHOUT_GENERATION:
            meta["generation"] = 1
        meta["creationTimestamp"] = self.now.isoformat().replace("+00:00", "Z")
        if kind.namespaced:
            meta["namespace"] = namespace
        if kind.name in WITH_STATUS and kind.name != "Pod":
            new.pop("status", None)
        _defaulted(kind, new)
        owners = self._owners.setdefault(meta["uid"], {})
        if not owners:
            fields.noted({}, obj, owners, manager)
        return self._keep(kind, "ADDED", new, None)

    def replace(
        self, kind: Kind, namespace: str, obj: Object, manager: str, subresource: str | None
    ) -> Object:
        old = self.get(kind, namespace, obj["metadata"]["name"])
        version = obj["metadata"].get("resourceVersion")
        if version not in {None, "", old["metadata"]["resourceVersion"]}:
            name = old["metadata"]["name"]
            message = (
                f'Operation cannot be fulfilled on {kind.plural} "{name}": the object has been '
                "modified; please apply your changes to the latest version and try again"
            )
            raise Refused(409, "Conflict", message, name)
        return self.change(kind, old, obj, manager, subresource)

    def apply(
        self, kind: Kind, namespace: str, obj: Object, manager: str, subresource: str | None,
        *, force: bool,
    ) -> tuple[Object, bool]:  # fmt: skip
        """Return the object, and whether it is new."""
        name = obj["metadata"]["name"]
        old = self.find(kind, namespace, name)
        if old is None and subresource is None:
            uid = f"uid-{self._uids + 1}"
            owners = self._owners.setdefault(uid, {})
            fields.applied({}, obj, owners, manager, force=True)
            return self.create(kind, namespace, obj, manager), True
        old = old or self.get(kind, namespace, name)
        owners = self._owners.setdefault(old["metadata"]["uid"], {})
        trial = {path: set(names) for path, names in owners.items()}
        part = {**obj, "metadata": obj["metadata"]}
        if subresource == "status":
            part = {"metadata": {"name": name}, "status": obj.get("status", {})}
            trial = {p: names for p, names in trial.items() if p[0] == "status"}
        elif kind.name in WITH_STATUS:
            part.pop("status", None)
            trial = {p: names for p, names in trial.items() if p[0] != "status"}
        new, conflicts = fields.applied(old, part, trial, manager, force=force)
        if conflicts:
            message = "Apply failed with " + f"{len(conflicts)} conflicts: " + "; ".join(conflicts)
            raise Refused(409, "Conflict", message, name)
        for path in [p for p in owners if (p[0] == "status") is (subresource == "status")]:
            del owners[path]
        owners |= trial
        return self.change(kind, old, new, "", subresource), False

    def change(
        self, kind: Kind, old: Object, asked: Object, manager: str, subresource: str | None
    ) -> Object:
        """Write what may be written by this way; nothing happens when it is the same."""
        new = copy.deepcopy(asked)
        if subresource == "status":
            new = {**copy.deepcopy(old), "status": new.get("status", {})}
        elif kind.name in WITH_STATUS:
            new.pop("status", None)
            if "status" in old:
                new["status"] = copy.deepcopy(old["status"])
        meta, was = new.setdefault("metadata", {}), old["metadata"]
        for key in ("uid", "creationTimestamp", "generation", "deletionTimestamp", "namespace"):
            meta.pop(key, None)
            if key in was:
                meta[key] = was[key]
        meta["name"] = was["name"]
        _defaulted(kind, new)
        if manager:
            fields.noted(old, new, self._owners.setdefault(was["uid"], {}), manager)
        if _bare(new) == _bare(old):
            return old
        if "generation" in meta and _spec(new) != _spec(old):
            meta["generation"] += 1
        if "deletionTimestamp" in meta and not meta.get("finalizers"):
            return self._remove(kind, new)
        return self._keep(kind, "MODIFIED", new, old)

    def delete(
        self, kind: Kind, namespace: str, name: str, wanted: Mapping[str, str] | None = None
    ) -> Object:
        old = self.get(kind, namespace, name)
        for key, value in (wanted or {}).items():
            if value != old["metadata"][key]:
                message = f"Precondition failed: {_PRECONDITIONS[key]} in precondition: {value}"
                raise Refused(409, "Conflict", message, name)
        if old["metadata"].get("finalizers"):
            if "deletionTimestamp" in old["metadata"]:
                return old
            new = copy.deepcopy(old)
            if "generation" in new["metadata"]:
                new["metadata"]["generation"] += 1
            new["metadata"]["deletionTimestamp"] = self.now.isoformat().replace("+00:00", "Z")
            return self._keep(kind, "MODIFIED", new, old)
        return self._remove(kind, old)

    def _remove(self, kind: Kind, old: Object) -> Object:
        gone = self._keep(kind, "DELETED", copy.deepcopy(old), old)
        meta = gone["metadata"]
        del self.objects[_of(kind)][meta.get("namespace", ""), meta["name"]]
        self._collect(kind, meta)
        return gone

    def _collect(self, kind: Kind, meta: Object) -> None:
        """Delete what was owned by an object that is gone, and what was in a namespace."""
        there = {obj["metadata"]["uid"] for _, obj in self.everything()}
        for other, obj in self.everything():
            mine = obj["metadata"]
            owners = [owner["uid"] for owner in mine.get("ownerReferences", ())]
            orphaned = meta["uid"] in owners and not there & set(owners)
            inside = kind.name == "Namespace" and mine.get("namespace") == meta["name"]
            if (orphaned or inside) and self.find(other, mine.get("namespace", ""), mine["name"]):
                self.delete(other, mine.get("namespace", ""), mine["name"])

    def _keep(self, kind: Kind, change: str, new: Object, old: Object | None) -> Object:
        self.version += 1
        meta = new["metadata"]
        meta["resourceVersion"] = str(self.version)
        meta["managedFields"] = fields.managed(self._owners.get(meta["uid"], {}))
        new |= {"apiVersion": new.get("apiVersion", kind.api_version), "kind": kind.name}
        self.objects.setdefault(_of(kind), {})[meta.get("namespace", ""), meta["name"]] = new
        self.history.append(Happened(self.version, _of(kind), change, new, old))
        return new


def _of(kind: Kind) -> Kind:
    """All versions of a kind are kept together."""
    return kinds.of(kind.name)


def _bare(obj: Object) -> Object:
    keep = {
        k: v for k, v in obj["metadata"].items() if k not in {"managedFields", "resourceVersion"}
    }
    return {**obj, "metadata": keep}


def _spec(obj: Object) -> Object:
    return {k: v for k, v in obj.items() if k not in {"metadata", "status"}}


def _defaulted(kind: Kind, obj: Object) -> None:
    if kind.name in {"Deployment", "ReplicaSet"}:
        obj.setdefault("spec", {}).setdefault("replicas", 1)
