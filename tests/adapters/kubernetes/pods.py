"""
What controllers and the kubelet do with Deployments, at once and the same in every run.

Deployment → ReplicaSet (one for each template, the newest has the replicas) → Pods, which run and
are ready; Service → EndpointSlice with the pods that its selector finds.
"""

import copy
import hashlib
from typing import Any

import msgspec

from serinus.adapters.kubernetes import kinds
from tests.adapters.kubernetes.shelf import Object, Shelf

COST = "controller.kubernetes.io/pod-deletion-cost"
HASH = "pod-template-hash"
_US = "kube-controller-manager"


def settle(shelf: Shelf, broken: dict[str, str]) -> None:
    for deployment in shelf.all(kinds.of("Deployment")):
        _deploy(shelf, deployment)
    for owned in shelf.all(kinds.of("ReplicaSet")):
        _scale(shelf, owned)
    for pod in shelf.all(kinds.of("Pod")):
        _run(shelf, pod, broken)
    for deployment in shelf.all(kinds.of("Deployment")):
        _report(shelf, deployment)
    for service in shelf.all(kinds.of("Service")):
        _endpoints(shelf, service)


def ready(pod: Object) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def template_hash(template: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(template, order="sorted")).hexdigest()[:10]


def _owned(shelf: Shelf, kind: str, owner: Object) -> list[Object]:
    found = shelf.all(kinds.of(kind), owner["metadata"].get("namespace"))
    uid = owner["metadata"]["uid"]
    return [
        o for o in found if any(r["uid"] == uid for r in o["metadata"].get("ownerReferences", ()))
    ]


def _owner(obj: Object) -> Object:
    meta = obj["metadata"]
    return {
        "apiVersion": obj["apiVersion"], "kind": obj["kind"], "name": meta["name"],
        "uid": meta["uid"], "controller": True,
    }  # fmt: skip


def _deploy(shelf: Shelf, deployment: Object) -> None:
    """Give the replicas to the ReplicaSet of the template; a paused Deployment makes no new one."""
    spec, meta = deployment["spec"], deployment["metadata"]
    mark = template_hash(spec["template"])
    sets = _owned(shelf, "ReplicaSet", deployment)
    if not any(s["metadata"]["labels"][HASH] == mark for s in sets):
        if spec.get("paused") and sets:
            mark = sets[-1]["metadata"]["labels"][HASH]
        else:
            template = copy.deepcopy(spec["template"])
            labels = template.setdefault("metadata", {}).setdefault("labels", {})
            labels[HASH] = mark
            new = {
                "metadata": {
                    "name": f"{meta['name']}-{mark}",
                    "labels": dict(labels),
                    "ownerReferences": [_owner(deployment)],
                },
                "spec": {"replicas": 0, "template": template, "selector": spec.get("selector")},
            }
            shelf.create(kinds.of("ReplicaSet"), meta["namespace"], new, _US)
    for one in _owned(shelf, "ReplicaSet", deployment):
        wanted = spec["replicas"] if one["metadata"]["labels"][HASH] == mark else 0
        patched = copy.deepcopy(one)
        patched["spec"]["replicas"] = wanted
        shelf.change(kinds.of("ReplicaSet"), one, patched, _US, None)


def _scale(shelf: Shelf, owner: Object) -> None:
    kind, namespace = kinds.of("Pod"), owner["metadata"]["namespace"]
    have = _owned(shelf, "Pod", owner)
    for _ in range(owner["spec"]["replicas"] - len(have)):
        template = copy.deepcopy(owner["spec"]["template"])
        meta = {**template.get("metadata", {}), "ownerReferences": [_owner(owner)]}
        meta["generateName"] = f"{owner['metadata']['name']}-"
        shelf.create(kind, namespace, {"metadata": meta, "spec": template.get("spec", {})}, _US)
    going = sorted(have, key=_last_to_go)[: max(0, len(have) - owner["spec"]["replicas"])]
    for pod in going:
        shelf.delete(kind, namespace, pod["metadata"]["name"])


def _last_to_go(pod: Object) -> tuple[bool, int, str]:
    """Sort as the ReplicaSet controller does: unready ones, cheap ones, and the newest go first."""
    cost = int(pod["metadata"].get("annotations", {}).get(COST, 0))
    age = "".join(chr(0x10FFFF - ord(c)) for c in pod["metadata"]["name"])
    return ready(pod), cost, age


def _run(shelf: Shelf, pod: Object, broken: dict[str, str]) -> None:
    containers = pod["spec"].get("containers", ())
    waiting = {c["name"]: broken[c["image"]] for c in containers if c.get("image") in broken}
    number = int(pod["metadata"]["uid"].partition("-")[2])
    started = pod["metadata"]["creationTimestamp"]
    old = {s["name"]: s for s in pod.get("status", {}).get("containerStatuses", ())}
    statuses = [
        {
            "name": c["name"],
            "image": c.get("image", ""),
            "ready": c["name"] not in waiting,
            "restartCount": old.get(c["name"], {}).get("restartCount", 0),
            "state": (
                {"waiting": {"reason": waiting[c["name"]]}}
                if c["name"] in waiting
                else {"running": {"startedAt": started}}
            ),
        }
        for c in containers
    ]
    well = "False" if waiting else "True"
    new = copy.deepcopy(pod)
    new["status"] = {
        **pod.get("status", {}),
        "phase": "Pending" if waiting else "Running",
        "podIP": f"10.244.{number // 250}.{number % 250 + 1}",
        "startTime": started,
        "conditions": [
            {"type": kind, "status": well, "lastTransitionTime": started}
            for kind in ("Ready", "ContainersReady")
        ],
        "containerStatuses": statuses,
    }
    shelf.change(kinds.of("Pod"), pod, new, "kubelet", "status")


def _report(shelf: Shelf, deployment: Object) -> None:
    mark = template_hash(deployment["spec"]["template"])
    sets = _owned(shelf, "ReplicaSet", deployment)
    found = [(s, pod) for s in sets for pod in _owned(shelf, "Pod", s)]
    serving = sum(ready(pod) for _, pod in found)
    wanted = deployment["spec"]["replicas"]
    new = copy.deepcopy(deployment)
    new["status"] = {
        "observedGeneration": deployment["metadata"]["generation"],
        "replicas": len(found),
        "updatedReplicas": sum(s["metadata"]["labels"][HASH] == mark for s, _ in found),
        "readyReplicas": serving,
        "availableReplicas": serving,
        "unavailableReplicas": max(0, wanted - serving),
        "conditions": [{"type": "Available", "status": "True" if serving >= wanted else "False"}],
    }
    shelf.change(kinds.of("Deployment"), deployment, new, _US, "status")


def _endpoints(shelf: Shelf, service: Object) -> None:
    meta, selector = service["metadata"], service.get("spec", {}).get("selector")
    if not selector:
        return
    kind, name = kinds.of("EndpointSlice"), f"{meta['name']}-1"
    found = [
        pod
        for pod in shelf.all(kinds.of("Pod"), meta["namespace"])
        if selector.items() <= pod["metadata"].get("labels", {}).items()
    ]
    new: Object = {
        "metadata": {
            "name": name,
            "labels": {"kubernetes.io/service-name": meta["name"]},
            "ownerReferences": [_owner(service)],
        },
        "addressType": "IPv4",
        "ports": service["spec"].get("ports", []),
        "endpoints": [
            {
                "addresses": [pod["status"]["podIP"]],
                "conditions": {"ready": ready(pod), "serving": ready(pod)},
                "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"]},
            }
            for pod in found
        ],
    }
    old = shelf.find(kind, meta["namespace"], name)
    if old is None:
        shelf.create(kind, meta["namespace"], new, _US)
    else:
        shelf.change(kind, old, new, _US, None)
