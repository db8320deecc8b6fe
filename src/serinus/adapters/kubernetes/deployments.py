"""
A revision as a Deployment: written by :func:`document`, read back by :func:`held`.

::

    Deployment shop-3f2a9c01d4
      labels       serinus.dev/application: shop    serinus.dev/revision: 3f2a9c01d4
      annotations  serinus.dev/revision-id, /workload, /template: the revision, as it was given
                   serinus.dev/group: {"ordinals": [0, 1], "drain_s": 5}
      spec         replicas: those wanted, and those that drain; the template never changes

The pods have what the revision's template says, and beside it our labels and a few seconds between
the end of new requests and the end of the process: a node hears late that a pod is to get no more.
"""

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from serinus.adapters.kubernetes import configs, notes
from serinus.core.spec import canonical
from serinus.core.state import labels
from serinus.core.state.workload import Revision, Workload

Object = dict[str, Any]

FAREWELL_S = 5
"""So long a container goes on after it was told to get no new requests."""

GRACE_S = 30
"""How long a container may take to end, where its template does not say: Kubernetes' default."""

PROGRESS_S = 600

HASH = "pod-template-hash"
"""The label by which Kubernetes tells apart the pods of a Deployment's templates."""


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Which replicas should exist, and how long the requests of the others may take to end.

    ``set``: the number of pods that we asked for last; another number is somebody else's wish.
    """

    ordinals: tuple[int, ...] = ()
    drain_s: float = 0.0
    since: datetime | None = None
    set: int | None = None


class Held(msgspec.Struct, frozen=True):
    """
    What a Deployment says of the revision that it runs.

    ``adopted``: it belongs to somebody else. ``selector`` finds its pods: for an adopted one by
    its own labels alone, so that they serve also while nobody marks them. ``workload`` is without
    its template.
    """

    namespace: str
    name: str
    uid: str
    application: str
    revision: str
    version: str
    workload: Workload
    group: Group
    replicas: int
    adopted: bool
    handed_back: str
    paused: bool
    selector: Mapping[str, str]
    failure: str = ""

    @property
    def short(self) -> str:
        """The digits of the revision that names and labels hold."""
        return labels.short(self.revision)


class Said(msgspec.Struct, frozen=True):
    """The annotation that holds a revision, but for the template of its workload."""

    version: str
    workload: Workload


def document(
    application: Object, revision: Revision, group: Group, replicas: int, *, owned: bool
) -> Object:
    """
    Return the Deployment of a revision of an application.

    ``owned``: it goes when the Application goes. That of an adopted application has to wait until
    what was there before is back.
    """
    meta = application["metadata"]
    name, namespace = meta["name"], meta["namespace"]
    ours = {
        labels.MANAGED_BY: labels.MANAGER,
        labels.APPLICATION: name,
        labels.REVISION: revision.short,
    }
    result: Object = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": f"{name}-{revision.short}",
            "namespace": namespace,
            "labels": ours,
            "annotations": annotations(revision, group),
        },
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 1,
            "progressDeadlineSeconds": PROGRESS_S,
            "selector": {
                "matchLabels": {labels.APPLICATION: name, labels.REVISION: revision.short}
            },
            "template": template(name, revision),
        },
    }
    if owned:
        result["metadata"]["ownerReferences"] = [owner(application)]
    return result


def annotations(revision: Revision, group: Group) -> dict[str, str]:
    """Return how a Deployment holds its revision and the replicas that are wanted."""
    said = msgspec.to_builtins(Said(revision.version, revision.workload))
    del said["workload"]["template"]
    return {
        labels.REVISION_ID: revision.id,
        labels.WORKLOAD: canonical.text(said).decode(),
        labels.TEMPLATE: canonical.text(revision.workload.template).decode(),
        labels.GROUP: msgspec.json.encode(group).decode(),
    }


def template(application: str, revision: Revision) -> Object:
    """Return the pod template of a revision as it is run."""
    work = revision.workload
    result = configs.with_copies(work.template, work.files)
    meta = result.setdefault("metadata", {})
    meta["labels"] = {
        **(meta.get("labels") or {}),
        labels.APPLICATION: application,
        labels.REVISION: revision.short,
        labels.SERVING: "true",
    }
    spec = result.setdefault("spec", {})
    abrupt = [
        container
        for container in spec.get("containers") or ()
        if "preStop" not in (container.get("lifecycle") or {})
    ]
    for container in abrupt:
        farewell = {"preStop": {"sleep": {"seconds": FAREWELL_S}}}
        container["lifecycle"] = {**(container.get("lifecycle") or {}), **farewell}
    if abrupt:
        grace = spec.get("terminationGracePeriodSeconds")
        spec["terminationGracePeriodSeconds"] = (GRACE_S if grace is None else grace) + FAREWELL_S
    return result


def owner(application: Mapping[str, Any]) -> Object:
    """Return the reference to an object that owns others."""
    meta = application["metadata"]
    return {
        "apiVersion": application["apiVersion"],
        "kind": application["kind"],
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def held(found: Mapping[str, Any]) -> Held | None:
    """Return what a Deployment says of its revision, None where it runs none for us."""
    meta = found["metadata"]
    said = meta.get("annotations") or {}
    if not {labels.REVISION_ID, labels.WORKLOAD, labels.GROUP} <= said.keys():
        return None
    try:
        told = msgspec.json.decode(said[labels.WORKLOAD], type=Said)
        group = msgspec.json.decode(said[labels.GROUP], type=Group)
    except msgspec.MsgspecError:  # somebody wrote into it; it is written anew when it is wanted
        return None
    spec = found.get("spec") or {}
    return Held(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta.get("uid", ""),
        application=(meta.get("labels") or {}).get(labels.APPLICATION, ""),
        revision=said[labels.REVISION_ID],
        version=told.version,
        workload=told.workload,
        group=group,
        replicas=spec.get("replicas", 1),
        adopted=labels.ADOPTED in said,
        handed_back=said.get(labels.HANDED_BACK, ""),
        paused=spec.get("paused", False),
        selector={
            **((spec.get("selector") or {}).get("matchLabels") or {}),
            **({HASH: said[labels.PODS]} if labels.PODS in said else {}),
        },
        failure=notes.of_failure((found.get("status") or {}).get("conditions")),
    )


def revision(found: Mapping[str, Any]) -> Revision | None:
    """Return the revision of a Deployment as it was given, None where it does not say."""
    told = held(found)
    text = (found["metadata"].get("annotations") or {}).get(labels.TEMPLATE)
    if told is None or text is None:
        return None
    work = msgspec.structs.replace(told.workload, template=msgspec.json.decode(text))
    return Revision(id=told.revision, version=told.version, workload=work)


def trimmed(found: Object) -> Object:
    """Return a Deployment without what nobody needs at hand: templates, and who wrote what."""
    result = copy.copy(found)
    meta = result["metadata"] = dict(found["metadata"])
    meta.pop("managedFields", None)
    if "annotations" in meta:
        dropped = {labels.TEMPLATE, "kubectl.kubernetes.io/last-applied-configuration"}
        meta["annotations"] = {k: v for k, v in meta["annotations"].items() if k not in dropped}
        if labels.ADOPTED not in meta["annotations"] and labels.GROUP in meta["annotations"]:
            result["spec"] = {k: v for k, v in found["spec"].items() if k != "template"}
    return result


def rolled_out(found: Mapping[str, Any]) -> bool:
    """Tell whether all pods of a Deployment are of its template, and ready."""
    wanted = (found.get("spec") or {}).get("replicas", 1)
    status = found.get("status") or {}
    if status.get("observedGeneration", 0) < found["metadata"].get("generation", 0):
        return False
    counts = [status.get(k, 0) for k in ("replicas", "updatedReplicas", "availableReplicas")]
    return counts == [wanted] * len(counts)
