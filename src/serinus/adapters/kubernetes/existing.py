"""
What an existing Deployment says of its pods, for an application that adopts it.

The API server fills in what nobody wrote, and a later version of it fills in more. What it filled
in is taken out again, so that the same Deployment is the same revision in every version.
"""

from collections.abc import Mapping
from typing import Any

from serinus.core.spec import pods
from serinus.core.spec.health import HealthProbe
from serinus.core.state import labels

Object = dict[str, Any]

OURS = "serinus.dev/"
MAIN = "kubectl.kubernetes.io/default-container"
"""An annotation of a pod: which of its containers is meant where none is named."""

_DEFAULTS: Mapping[str, object] = {
    "apiVersion": "v1",  # of a fieldRef
    "defaultMode": 0o644,
    "divisor": "0",
    "dnsPolicy": "ClusterFirst",
    "expirationSeconds": 3600,
    "failureThreshold": 3,
    "periodSeconds": 10,
    "protocol": "TCP",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "scheme": "HTTP",
    "successThreshold": 1,
    "terminationGracePeriodSeconds": 30,
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "timeoutSeconds": 1,
    "type": "",  # of a hostPath
}
"""What the API server fills in, by the name of the field, wherever that stands in a template."""

_EMPTY = frozenset({"securityContext", "resources"})
"""What says nothing when it is empty; an empty ``emptyDir`` says something."""

_FREE = frozenset({"labels", "annotations", "nodeSelector", "matchLabels", "data"})
"""Mappings whose keys are people's own: nothing in them is a default."""


def of_deployment(deployment: Mapping[str, Any]) -> Object:
    """Return the pod template of a Deployment, as somebody may have written it."""
    written = deployment["spec"]["template"]
    metadata = written.get("metadata") or {}
    kept: Object = {}
    for key in ("labels", "annotations"):
        own = {k: v for k, v in (metadata.get(key) or {}).items() if not k.startswith(OURS)}
        if own:
            kept[key] = dict(sorted(own.items()))
    spec = _plain(written["spec"])
    account = spec.get("serviceAccountName")
    if spec.get("serviceAccount") == account:
        spec.pop("serviceAccount", None)  # The old name of the same field.
    return {"metadata": kept, "spec": spec}


def container(template: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the container that serves: the one that is called so, or marked so, or the first."""
    found: list[Mapping[str, Any]] = template["spec"]["containers"]
    marked = (template.get("metadata", {}).get("annotations") or {}).get(MAIN)
    for wanted in (marked, pods.APP):
        for one in found:
            if one["name"] == wanted:
                return one
    return found[0]


def port(template: Mapping[str, Any]) -> int | None:
    """Return the port that serves, as far as the template tells: called http, or the first one."""
    main = container(template)
    ports = main.get("ports") or []
    named = [one for one in ports if one.get("name") in {"http", "web", "grpc"}]
    for one in (*named, *ports):
        return int(one["containerPort"])
    probe = main.get("readinessProbe") or {}
    asked = (probe.get("httpGet") or probe.get("tcpSocket") or {}).get("port")
    return asked if isinstance(asked, int) else None


def health(template: Mapping[str, Any]) -> HealthProbe:
    """Return how a pod says that it is ready; without a probe its port is open."""
    probe = container(template).get("readinessProbe") or {}
    return HealthProbe(
        path=(probe.get("httpGet") or {}).get("path"),
        every_s=float(probe.get("periodSeconds", 10)),
        timeout_s=float(probe.get("timeoutSeconds", 1)),
    )


def grace_s(template: Mapping[str, Any]) -> float:
    """Return how long a pod may take to stop."""
    return float(template["spec"].get("terminationGracePeriodSeconds", 30))


def replicas(deployment: Mapping[str, Any]) -> int:
    """Return how many replicas the Deployment's owner wants, whoever runs them at the moment."""
    noted = (deployment["metadata"].get("annotations") or {}).get(labels.REPLICAS, "")
    if noted.isdecimal():
        return max(1, int(noted))
    return max(1, int(deployment["spec"].get("replicas", 1)))


# --- parts --------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    result: Object = {}
    for key, inner in value.items():
        if key in _FREE:
            result[key] = dict(inner) if isinstance(inner, Mapping) else inner
            continue
        found = _plain(inner)
        usual = key in _DEFAULTS and found == _DEFAULTS[key]
        if found is None or usual or (found == {} and key in _EMPTY):
            continue
        result[key] = found
    if "image" in result and result.get("imagePullPolicy") == _pull(result["image"]):
        del result["imagePullPolicy"]
    return result


def _pull(image: Any) -> str:
    """Return when an image is pulled unless somebody says otherwise."""
    name, _, digest = str(image).partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return "Always" if tag == "latest" or not (tag or digest) else "IfNotPresent"
