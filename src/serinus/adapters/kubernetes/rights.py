"""
What the controller may do in a cluster, and what people may: the least that each needs.

::

    controller          what one namespace, or every one, has to allow
    controller-cluster  what belongs to no namespace: environments, shared templates, nodes
    viewer              see everything that Serinus writes
    deployer            viewer, and change applications
    operator            viewer, and pause, resume, next, promote, rollback, retry, delete
    approver            viewer, and approve, reject

What a person may ask of a release is a right on a subresource that nobody serves, such as
``releases/promote``. An Intent is refused when its author lacks the right of its verb, by a
ValidatingAdmissionPolicy (:mod:`serinus.adapters.kubernetes.policies`), so that the rights hold for
whatever door it came through, ``kubectl`` included.
"""

from collections.abc import Iterable, Sequence
from typing import Any

Rule = dict[str, Any]

GROUP = "serinus.dev"
READ = ("get", "list", "watch")
WRITE = ("create", "patch", "delete")

ROUTERS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "replicas": (),
    "gatewayapi": (("gateway.networking.k8s.io", ("httproutes", "grpcroutes")),),
    "traefik": (
        ("traefik.io", ("traefikservices", "ingressroutes", "middlewares", "serverstransports")),
    ),
    "nginx": (("networking.k8s.io", ("ingresses",)),),
    "istio": (("networking.istio.io", ("virtualservices", "destinationrules")),),
    "linkerd": (("gateway.networking.k8s.io", ("httproutes", "grpcroutes")),),
}
"""The objects that each router reads and writes, by API group; the first is always needed."""

OPERATOR = ("pause", "resume", "next", "promote", "rollback", "retry", "delete")
APPROVER = ("approve", "reject")


def namespaced(routers: Sequence[str] = tuple(ROUTERS)) -> list[Rule]:
    """Return what the controller needs in each namespace whose applications it delivers."""
    return [
        _rule(GROUP, ("applications",), (*READ, "patch")),
        _rule(GROUP, ("applications/status", "applications/finalizers"), ("patch", "update")),
        # An autoscaler that scaled a Deployment has to be told where it begins.
        _rule(GROUP, ("applications/scale",), ("patch",)),
        _rule(GROUP, ("releases",), (*READ, *WRITE, "update")),
        _rule(GROUP, ("releases/status",), ("patch", "update")),
        _rule(GROUP, ("intents",), (*READ, "delete")),
        _rule(GROUP, ("intents/status",), ("patch", "update")),
        _rule(GROUP, ("deliverytemplates",), READ),
        _rule(GROUP, ("deliverytemplates/status",), ("patch",)),
        _rule("apps", ("deployments",), (*READ, *WRITE)),
        _rule("apps", ("replicasets",), READ),
        _rule("", ("pods",), (*READ, "patch", "delete")),
        _rule("", ("pods/log",), ("get",)),
        _rule("", ("services",), (*READ, *WRITE)),
        # What a revision uses is copied, so that it can be rolled back with it.
        _rule("", ("configmaps", "secrets"), (*READ, *WRITE)),
        _rule("", ("events",), ("create", "patch")),
        _rule("discovery.k8s.io", ("endpointslices",), READ),
        _rule("autoscaling", ("horizontalpodautoscalers",), (*READ, "patch")),
        _rule("metrics.k8s.io", ("pods",), ("get", "list")),
        *(_rule(group, kinds, (*READ, *WRITE)) for group, kinds in _written(routers)),
    ]


def cluster() -> list[Rule]:
    """Return what the controller needs that belongs to no namespace."""
    kinds = ("environments", "clusterdeliverytemplates")
    return [
        _rule(GROUP, kinds, READ),
        _rule(GROUP, tuple(f"{kind}/status" for kind in kinds), ("patch",)),
    ]


def kubelet() -> list[Rule]:
    """
    Return what reading memory and CPU from kubelets takes, where no metrics API is served.

    It goes through the API server, which knows one right for all that a kubelet answers: whoever
    has it may do more than read figures. So it is not given unless somebody asks for it.
    """
    return [_rule("", ("nodes/proxy",), ("get",))]


def leases() -> list[Rule]:
    """Return what leader election takes, in the controller's own namespace."""
    return [_rule("coordination.k8s.io", ("leases",), ("get", "create", "update", "patch"))]


def dashboard() -> list[Rule]:
    """
    Return what the controller needs for people who steer and deploy in its dashboard.

    It asks in their names, so it needs every verb, and the right to sign for others.
    """
    return [
        _rule(GROUP, ("intents",), ("create",)),
        _rule(GROUP, ("intents/actor",), ("create",)),
        _verbs((*OPERATOR, *APPROVER)),
        _rule(GROUP, ("applications",), ("create", "update", "delete")),
    ]


def people() -> dict[str, list[Rule]]:
    """Return the roles for people, by name."""
    kinds = ("applications", "deliverytemplates", "releases", "intents")
    viewer = [
        _rule(GROUP, (*kinds, "environments", "clusterdeliverytemplates"), READ),
        _rule("", ("pods", "events"), READ),
        _rule("", ("pods/log",), ("get",)),
    ]
    asking = _rule(GROUP, ("intents",), ("create",))
    return {
        "viewer": viewer,
        "deployer": [*viewer, _rule(GROUP, ("applications",), ("create", "update", "patch"))],
        "operator": [*viewer, asking, _verbs(OPERATOR)],
        "approver": [*viewer, asking, _verbs(APPROVER)],
    }


def _verbs(names: Iterable[str]) -> Rule:
    return _rule(GROUP, tuple(f"releases/{name}" for name in names), ("create",))


def _written(routers: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what the routers write, each group once."""
    found: dict[str, dict[str, None]] = {}
    for router in routers:
        for group, kinds in ROUTERS[router]:
            found.setdefault(group, {}).update(dict.fromkeys(kinds))
    return [(group, tuple(kinds)) for group, kinds in found.items()]


def _rule(group: str, resources: Iterable[str], verbs: Iterable[str]) -> Rule:
    return {
        "apiGroups": [group],
        "resources": list(resources),
        "verbs": list(dict.fromkeys(verbs)),
    }
