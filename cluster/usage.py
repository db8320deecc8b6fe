"""What pods use (`kubectl top`, the API metrics.k8s.io), by metrics-server on this machine."""

import json
from typing import Any

from cluster import keys, kubectl, parts, places, processes

NAME = "metrics-server"
PORT = 10260
NAMESPACE = "kube-system"
START_S = 90.0


def start() -> None:
    """Start metrics-server and wait until it knows the node; one that runs is left alone."""
    with parts.locked(NAME):
        if processes.alive(NAME) and knows_node():
            return
        kubectl.apply(*documents())
        kubeconfig = keys.path("admin.kubeconfig")
        processes.start(
            NAME,
            parts.program(NAME),
            f"--kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            f"--kubelet-certificate-authority={keys.path('authority.crt')}",
            "--kubelet-preferred-address-types=InternalIP",
            "--metric-resolution=10s",
            "--kubelet-request-timeout=5s",
            f"--bind-address={places.GATEWAY}",
            f"--secure-port={PORT}",
            f"--tls-cert-file={keys.path('node.crt')}",
            f"--tls-private-key-file={keys.path('node.key')}",
        )
        processes.wait(NAME, "numbers of the node", knows_node, START_S)


def stop() -> None:
    """End metrics-server and withdraw its API, which would answer nobody."""
    kubectl.run("delete", "apiservice", "v1beta1.metrics.k8s.io", "--ignore-not-found")
    processes.stop(NAME)


def knows_node() -> bool:
    """Whether the API tells what the node uses."""
    try:
        answer = kubectl.run("get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes")
    except RuntimeError:
        return False
    names = [item["metadata"]["name"] for item in json.loads(answer)["items"]]
    return places.NODE in names


def documents() -> list[dict[str, Any]]:
    """Return how the API server finds metrics-server: an API, a Service, and where it leads."""
    about = {"name": NAME, "namespace": NAMESPACE}
    port = {"name": "https", "port": 443, "targetPort": PORT}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": about,
            "spec": {"ports": [port]},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": about | {"labels": {"kubernetes.io/service-name": NAME}},
            "addressType": "IPv4",
            "ports": [{"name": "https", "port": PORT}],
            "endpoints": [{"addresses": [places.GATEWAY]}],
        },
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1beta1.metrics.k8s.io"},
            "spec": {
                "group": "metrics.k8s.io",
                "version": "v1beta1",
                "service": about,
                "insecureSkipTLSVerify": True,
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
            },
        },
    ]
