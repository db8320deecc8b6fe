"""
Nodes that only pretend: their pods become ready at once and run nowhere, so thousands cost little.

A pod gets there by the selector and the toleration in `PLACEMENT`. Its address leads nowhere.
"""

from typing import Any

from cluster import kubectl, parts, places, processes

NAME = "kwok"
MODULE = "sigs.k8s.io/kwok"
STAGES = (
    "kustomize/stage/node/fast/node-initialize.yaml",
    "kustomize/stage/node/heartbeat/node-heartbeat.yaml",
    "kustomize/stage/pod/fast/pod-ready.yaml",
    "kustomize/stage/pod/fast/pod-complete.yaml",
    "kustomize/stage/pod/fast/pod-delete.yaml",
)
MARK = "kwok.x-k8s.io/node"
PLACEMENT = {
    "nodeSelector": {"type": NAME},
    "tolerations": [{"key": MARK, "operator": "Exists", "effect": "NoSchedule"}],
}
"""What the specification of a pod needs to get onto such a node."""

START_S = 60.0


def start(nodes: int = 4) -> None:
    """Start KWOK with some nodes, and wait until they are ready; one that runs is left alone."""
    with parts.locked(NAME):
        kubectl.apply(*(node(number) for number in range(nodes)))
        if not processes.alive(NAME):
            folder = parts.module(MODULE, parts.KWOK)
            processes.start(
                NAME,
                parts.program(NAME),
                f"--kubeconfig={places.KUBECONFIG}",
                *(f"--config={folder / stage}" for stage in STAGES),
                f"--manage-nodes-with-annotation-selector={MARK}=fake",
                "--manage-all-nodes=false",
                "--v=WARN",
                "--cidr=10.250.0.0/16",
                "--node-ip=10.250.0.1",
                "--node-lease-duration-seconds=40",
                "--server-address=127.0.0.1:10247",
            )
        processes.wait(NAME, f"{nodes} nodes", lambda: ready_nodes() >= nodes, START_S)


def stop() -> None:
    """End KWOK and remove its nodes with their pods."""
    kubectl.run("delete", "nodes", f"--selector=type={NAME}", "--wait=false")
    processes.stop(NAME)


def node(number: int) -> dict[str, Any]:
    """Return a node with room for thousands of pods."""
    room = {"cpu": "1000", "memory": "4Ti", "pods": "10000"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": f"{NAME}-{number}",
            "labels": {"type": NAME, "kubernetes.io/hostname": f"{NAME}-{number}"},
            "annotations": {MARK: "fake"},
        },
        "spec": {"taints": [{"key": MARK, "value": "fake", "effect": "NoSchedule"}]},
        "status": {"allocatable": room, "capacity": room},
    }


def ready_nodes() -> int:
    """Return how many of the nodes are ready."""
    listed = kubectl.run("get", "nodes", f"--selector=type={NAME}", "--no-headers")
    return sum(line.split()[1] == "Ready" for line in listed.splitlines())
