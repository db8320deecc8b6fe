"""
What is applied to a cluster so that the controller runs there: ``serinus install`` prints it.

::

    Namespace, ServiceAccount
    CustomResourceDefinitions                        (crd)
    ClusterRoles and Roles, and their bindings       (rights)
    ValidatingAdmissionPolicy on Intents             (policies)
    Deployment, PodDisruptionBudget

With a list of namespaces the controller gets no right in any other one: Roles there, and a
ClusterRole only to read what belongs to the whole cluster. Each controller has its own, named after
the namespace that it runs in: installing another one takes no right from the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from serinus.adapters.kubernetes import policies, rights
from serinus.core.state import labels

Manifest = dict[str, Any]

NAME = "serinus-controller"
SYSTEM = "serinus-system"
"""Where the controller runs unless something else is said."""

SECRETS = "serinus-secrets"
"""The Secret whose keys are the secrets that specs name: of places, of sources, of gates."""

RBAC = "rbac.authorization.k8s.io"
PORT = 8081
"""Where health and metrics are answered."""

PAGES = 7070
"""Where the dashboard is served, to those who may forward a port to the pod."""

_USER = 65532
"""The user that images without any user of their own commonly run as."""


class Installation(msgspec.Struct, frozen=True):
    """
    What is to be installed.

    ``namespaces``: those whose applications are delivered; none: all. ``routers``: those that are
    used, so that no right on the objects of others is asked for. ``kubelet``: whether memory and
    CPU are read from kubelets. ``environment``: of namespaces that no Environment names.
    ``dashboard``: whether it is served, on loopback in the pod, with the rights to steer in it.
    """

    image: str
    namespace: str = SYSTEM
    namespaces: tuple[str, ...] = ()
    routers: tuple[str, ...] = tuple(rights.ROUTERS)
    kubelet: bool = False
    environment: str = "kubernetes"
    replicas: int = 2
    dashboard: bool = True


def manifests(
    wanted: Installation, definitions: Sequence[Manifest], *, controller: bool = True
) -> tuple[Manifest, ...]:
    """Return everything, in an order in which it can be applied."""
    found = [*definitions, *policies.every(), *_people(), _namespace(wanted)]
    if controller:
        found += [_account(wanted), *_rights(wanted), *_running(wanted)]
    return tuple(_ours(manifest) for manifest in found)


def secret(namespace: str, name: str) -> str:
    """Return what gives the controller a secret that it does not have."""
    return f"kubectl create secret generic {SECRETS} -n {namespace} --from-file={name}"


# --- rights -------------------------------------------------------------------------------------


def _people() -> Iterator[Manifest]:
    """Yield the roles for people; that they may be added to the usual ones is left to people."""
    for name, rules in rights.people().items():
        yield _role("ClusterRole", f"serinus-{name}", rules)


def _rights(wanted: Installation) -> Iterator[Manifest]:
    rules = [
        *rights.namespaced(wanted.routers),
        *(rights.dashboard() if wanted.dashboard else ()),
    ]
    name = NAME if wanted.namespace == SYSTEM else f"{NAME}-{wanted.namespace}"
    shared = [*rights.cluster(), *(rights.kubelet() if wanted.kubelet else ())]
    if wanted.namespaces:
        for namespace in wanted.namespaces:
            yield _role("Role", name, rules, namespace)
            yield _binding(wanted, "Role", name, namespace)
    else:
        shared = [*shared, *rules]
    yield _role("ClusterRole", name, shared)
    yield _binding(wanted, "ClusterRole", name)
    yield _role("Role", f"{NAME}-leader", rights.leases(), wanted.namespace)
    yield _binding(wanted, "Role", f"{NAME}-leader", wanted.namespace)


def _role(
    kind: str, name: str, rules: Sequence[Mapping[str, Any]], namespace: str = ""
) -> Manifest:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": metadata,
        "rules": [dict(rule) for rule in rules],
    }


def _binding(wanted: Installation, kind: str, name: str, namespace: str = "") -> Manifest:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{kind}Binding",
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": wanted.namespace}],
    }


# --- what runs ----------------------------------------------------------------------------------


def _namespace(wanted: Installation) -> Manifest:
    enforced = "pod-security.kubernetes.io/enforce"
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": wanted.namespace, "labels": {enforced: "restricted"}},
    }


def _account(wanted: Installation) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": NAME, "namespace": wanted.namespace},
    }


def _running(wanted: Installation) -> Iterator[Manifest]:
    selector = {"app.kubernetes.io/name": NAME}
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": wanted.namespace, "labels": selector},
        "spec": {
            "replicas": wanted.replicas,
            "selector": {"matchLabels": selector},
            "template": {"metadata": {"labels": selector}, "spec": _pod(wanted)},
        },
    }
    if wanted.replicas > 1:
        yield {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": NAME, "namespace": wanted.namespace},
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector}},
        }


def _pod(wanted: Installation) -> Manifest:
    arguments = ["controller", "--environment", wanted.environment, "--health", f"0.0.0.0:{PORT}"]
    arguments += ["--dashboard", f"127.0.0.1:{PAGES}"] if wanted.dashboard else ["--no-dashboard"]
    for namespace in wanted.namespaces:
        arguments += ["--namespace", namespace]
    for router in wanted.routers:
        arguments += ["--router", router]
    return {
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": 15,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "controller",
                "image": wanted.image,
                "args": arguments,
                "env": [
                    {"name": "SERINUS_HOME", "value": "/var/lib/serinus"},
                    {
                        "name": "POD_NAME",
                        "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
                    },
                    {
                        "name": "POD_NAMESPACE",
                        "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}},
                    },
                ],
                "ports": [{"name": "health", "containerPort": PORT}],
                "livenessProbe": _probe("/healthz", every=10, failures=3),
                "readinessProbe": _probe("/readyz", every=5, failures=2),
                "resources": {
                    "requests": {"cpu": "50m", "memory": "128Mi"},
                    "limits": {"memory": "512Mi"},
                },
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [
                    {"name": "home", "mountPath": "/var/lib/serinus"},
                    {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - of its own container
                    {
                        "name": "secrets",
                        "mountPath": "/var/lib/serinus/secrets",
                        "readOnly": True,
                    },
                ],
            }
        ],
        # What decides is in the API server; a new pod begins with an empty disk and loses no state.
        "volumes": [
            {"name": "home", "emptyDir": {}},
            {"name": "tmp", "emptyDir": {}},
            {
                "name": "secrets",
                "secret": {"secretName": SECRETS, "optional": True, "defaultMode": 0o440},
            },
        ],
    }


def _probe(path: str, *, every: int, failures: int) -> Manifest:
    return {
        "httpGet": {"path": path, "port": "health"},
        "periodSeconds": every,
        "timeoutSeconds": 3,
        "failureThreshold": failures,
    }


def _ours(manifest: Manifest) -> Manifest:
    """Mark a manifest as one of ours, so that all of them are found by one label."""
    metadata = manifest["metadata"]
    marked = {**metadata.get("labels", {}), "app.kubernetes.io/part-of": labels.MANAGER}
    return {**manifest, "metadata": {**metadata, "labels": marked}}
