"""What somebody runs already, with an autoscaler, and the application that adopts it."""

import json
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cluster import kubectl
from tests.cluster import controllers, samples
from tests.cluster.shops import Shop

PORT = 8080
GIT = "argocd-controller"
GIT_S = 3.0
"""So often is applied again what is in Git."""

IGNORED = {
    "Service": "selector",
    "HorizontalPodAutoscaler": "scaleTargetRef",
    "IngressRoute": "routes",
}
"""The field of each kind that our page tells Argo CD not to fight about."""


def deployment(shop: Shop, version: str) -> dict[str, Any]:
    """Return the Deployment; how many replicas it has is the autoscaler's matter."""
    made, _ = samples.podinfo(shop.namespace)
    del made["spec"]["replicas"]
    variables = {"PORT": str(PORT), "SHOP_ADDRESS": "0.0.0.0", "SHOP_VERSION": version}  # noqa: S104 - the pod's own
    spec = made["spec"]["template"]["spec"]
    spec["enableServiceLinks"] = False
    (container,) = spec["containers"]
    probe = {"httpGet": {"path": "/healthz", "port": PORT}, "periodSeconds": 1, "timeoutSeconds": 5}
    container |= {
        "image": shop.image,
        "command": ["python3", "-m", "serinus.interfaces.demo.shop"],
        "env": [{"name": name, "value": value} for name, value in variables.items()],
        "ports": [{"name": "http", "containerPort": PORT}],
        "readinessProbe": probe,
    }
    return made


def scaler(shop: Shop, least: int) -> dict[str, Any]:
    """Return its autoscaler; only its lower bound is ever reached here."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}
    usage = {"type": "Utilization", "averageUtilization": 80}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": usage}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "shop", "namespace": shop.namespace},
        "spec": {
            "scaleTargetRef": target,
            "minReplicas": least,
            "maxReplicas": 9,
            "metrics": [metric],
        },
    }


def theirs(shop: Shop, version: str, least: int) -> list[dict[str, Any]]:
    """Return all that runs without us: the Deployment, its Service, a route, an autoscaler."""
    _, service = samples.podinfo(shop.namespace)
    service["spec"]["ports"] = [{"port": 80, "targetPort": PORT}]
    route = samples.ingress_route(shop.namespace, f"{shop.namespace}.test")
    return [deployment(shop, version), service, route, scaler(shop, least)]


def application(shop: Shop) -> dict[str, Any]:
    """Return the application that adopts it, and takes part in the route."""
    made = shop.application("v1")
    made["spec"] = {
        "workloadRef": {"kind": "Deployment", "name": "shop"},
        "route": {
            "host": f"{shop.namespace}.test",
            "ref": {"kind": "IngressRoute", "name": "shop"},
        },
        "delivery": made["spec"]["delivery"],
    }
    return made


def ready(shop: Shop, least: int) -> bool:
    """Tell whether the Deployment runs as many pods as its autoscaler wants."""
    status = controllers.found("deployment", "shop", shop.namespace).get("status", {})
    return bool(status.get("readyReplicas", 0) == status.get("replicas") == least)


class Git:
    """Somebody who keeps a cluster in step with Git, and corrects whatever differs."""

    def __init__(self, files: Iterable[dict[str, Any]]) -> None:
        self.files = list(files)
        self.respects = False
        self.applied = 0
        self.problems: list[str] = []
        self._ends = threading.Event()

    def run(self) -> None:
        """Apply everything again and again."""
        while True:
            try:
                self._apply()
            except (RuntimeError, subprocess.TimeoutExpired) as problem:
                self.problems.append(str(problem))
            if self._ends.wait(GIT_S):
                return

    def end(self) -> None:
        """Apply nothing any more."""
        self._ends.set()

    def _apply(self) -> None:
        files = [self._respected(one) if self.respects else one for one in self.files]
        bundle = {"apiVersion": "v1", "kind": "List", "items": files}
        how = ("--server-side", "--force-conflicts", f"--field-manager={GIT}")
        kubectl.run("apply", *how, "-f", "-", given=json.dumps(bundle))
        self.applied += 1

    def _respected(self, file: dict[str, Any]) -> dict[str, Any]:
        """Return a file with the fields as they are that are not to be fought about."""
        field = IGNORED.get(file["kind"])
        if field is None:
            return file
        live = kubectl.get(file["kind"], file["metadata"]["name"], file["metadata"]["namespace"])
        return file | {"spec": file["spec"] | {field: live["spec"][field]}}


@contextmanager
def kept_in_git(files: Iterable[dict[str, Any]]) -> Iterator[Git]:
    """Keep the cluster in step with files for the length of a block; they may be changed."""
    git = Git(files)
    thread = threading.Thread(target=git.run, daemon=True)
    thread.start()
    try:
        yield git
    finally:
        git.end()
        thread.join()
