"""Nodes that only pretend take pods, and these become ready."""

from pathlib import Path

from cluster import kubectl, kwok
from tests.cluster import samples

PODS = 50


def test_pods_on_nodes_that_pretend_become_ready(cluster: Path, namespace: str) -> None:
    kwok.start()
    deployment, service = samples.podinfo(namespace, replicas=PODS)
    deployment["spec"]["template"]["spec"] |= kwok.PLACEMENT
    kubectl.apply(deployment, service)
    kubectl.run("rollout", "status", "deployment/shop", "-n", namespace, "--timeout=60s")
    pods = kubectl.get("pods", namespace=namespace)["items"]

    assert PODS == len(pods)
    assert {True} == {pod["spec"]["nodeName"].startswith(kwok.NAME) for pod in pods}
