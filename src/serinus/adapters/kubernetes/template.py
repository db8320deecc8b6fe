"""
The pod template of a revision: made from an application's own workload.

::

    workload ──▶ container app, probes, variables, limits, spread ───────────┐
    workload.pod, a part of a template ──────────────────────────────────────┴─▶ template

Equal workloads have equal templates, and so are one revision. What makes one pod differ from the
next (its number, whether it serves) is no part of it.
"""

import math
from collections.abc import Mapping
from typing import Any

from serinus.core.spec import patch, pods
from serinus.core.spec.effective import Effective
from serinus.core.state import labels

Object = dict[str, Any]

PORT_NAME = "http"
"""What the port is called that serves."""

PAUSE_S = 5
"""A pod that is to end goes on for so long: until then no router sends anything to it any more."""

_UNREADY = 3
"""So many failed checks in a row take a pod out."""

_ALIVE_EVERY_S, _DEAD = 10, 30
"""A pod whose port is closed for five minutes is restarted: longer than anything takes to start."""

_SPREAD = ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
_NAMED = {"containers", "initContainers", "ephemeralContainers", "volumes", "env"}
"""Lists whose items are told apart by their names: those are merged, other lists are replaced."""


def of(found: Effective, name: str) -> Object:
    """Return the pod template of an application, called ``name`` in its namespace."""
    made = {
        "metadata": {
            "labels": {
                "app.kubernetes.io/name": name,
                labels.MANAGED_BY: labels.MANAGER,
                labels.APPLICATION: name,
                labels.SERVING: "true",
            }
        },
        "spec": _spec(found, name),
    }
    merged: Object = _merged(made, found.pod)
    return merged


def port(found: Effective) -> int:
    """Return the port that a pod of the application listens at."""
    return found.port or pods.DEFAULT_PORT


def _spec(found: Effective, name: str) -> Object:
    spec: Object = {
        "containers": [_container(found)],
        "terminationGracePeriodSeconds": math.ceil(found.grace_s) + PAUSE_S,
        "topologySpreadConstraints": [_spread(name, key) for key in _SPREAD],
        "automountServiceAccountToken": found.service_account is not None,
        # Each revision has a Service, so what a pod would be told of Services is never the same.
        "enableServiceLinks": False,
    }
    if found.service_account is not None:
        spec["serviceAccountName"] = found.service_account
    return spec


def _spread(name: str, key: str) -> Object:
    """Spread the pods of each revision, as far as nodes allow."""
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {labels.APPLICATION: name}},
        "matchLabelKeys": [labels.REVISION],
    }


def _container(found: Effective) -> Object:
    number = port(found)

    def fill(text: str) -> str:
        # The kubelet knows the pod's name; a placeholder becomes its way of asking for it.
        return text.replace("${port}", str(number)).replace("${replica}", "$(SERINUS_REPLICA)")

    container: Object = {
        "name": pods.APP,
        "image": found.image,
        "command": [fill(word) for word in found.command],
        "args": [fill(word) for word in found.args],
        "workingDir": "" if found.workdir == "." else found.workdir,
        "env": _variables(found, number)
        + [{"name": name, "value": fill(found.env[name])} for name in sorted(found.env)],
        "envFrom": [
            *({"configMapRef": {"name": name}} for name in found.config_maps),
            *({"secretRef": {"name": name}} for name in found.secrets),
        ],
        "ports": [{"name": PORT_NAME, "containerPort": number, "protocol": "TCP"}],
        "resources": _resources(found.resources),
        "readinessProbe": _ready(found),
        "livenessProbe": {
            "tcpSocket": {"port": PORT_NAME},
            "periodSeconds": _ALIVE_EVERY_S,
            "failureThreshold": _DEAD,
        },
        "lifecycle": {"preStop": {"sleep": {"seconds": PAUSE_S}}},
        "securityContext": {"allowPrivilegeEscalation": False},
    }
    return {key: value for key, value in container.items() if value not in (None, "", [], {})}


def _variables(found: Effective, number: int) -> list[Object]:
    """Return what a replica is told of itself, as on one machine."""

    def field(name: str, path: str) -> Object:
        return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}

    return [
        {"name": "PORT", "value": str(number)},
        {"name": "SERINUS_APPLICATION", "value": found.application},
        {"name": "SERINUS_ENVIRONMENT", "value": found.environment},
        field("SERINUS_REPLICA", "metadata.name"),
        field("SERINUS_REVISION", f"metadata.labels['{labels.REVISION}']"),
    ]


def _resources(written: Mapping[str, str]) -> Object:
    """
    Ask for what is written.

    Memory is limited to what is asked for: a node that gave more would have to take it back by
    ending somebody. CPU is not limited: it can be shared again a moment later.
    """
    asked = {name: written[name] for name in ("cpu", "memory") if name in written}
    limits = {"memory": written["memory"]} if "memory" in written else {}
    return {key: value for key, value in (("requests", asked), ("limits", limits)) if value}


def _ready(found: Effective) -> Object:
    health = found.health
    check: Object = (
        {"tcpSocket": {"port": PORT_NAME}}
        if health.path is None
        else {"httpGet": {"path": health.path, "port": PORT_NAME}}
    )
    return check | {
        "periodSeconds": max(1, round(health.every_s)),
        "timeoutSeconds": max(1, math.ceil(health.timeout_s)),
        "failureThreshold": _UNREADY,
    }


# --- merging ------------------------------------------------------------------------------------


def _merged(base: Any, change: Any, key: str = "") -> Any:
    """Merge a part of a template: JSON Merge Patch, but that named items are merged by name."""
    if key in _NAMED and isinstance(base, list) and isinstance(change, list):
        return _by_name(base, change)
    if not isinstance(change, Mapping):
        return change
    result = dict(base) if isinstance(base, Mapping) else {}
    for inner, value in change.items():
        if value is None:
            result.pop(inner, None)
        elif isinstance(value, Mapping) and not isinstance(result.get(inner), Mapping):
            result[inner] = patch.merge({}, value)
        else:
            result[inner] = _merged(result.get(inner), value, inner)
    return result


def _by_name(base: list[Any], change: list[Any]) -> list[Any]:
    result = {item["name"]: item for item in base}
    for item in change:
        result[item["name"]] = _merged(result.get(item["name"], {}), item)
    return list(result.values())
