"""Numbers of pods and routers come as users have them: metrics.k8s.io, and Prometheus."""

from pathlib import Path

import httpx2

from cluster import kubectl, processes, prometheus, usage
from tests.cluster import samples

NUMBERS_S = 60.0


def value(query: str) -> float | None:
    """Ask Prometheus for one number; None where it knows none."""
    answer = httpx2.get(f"{prometheus.ADDRESS}/api/v1/query", params={"query": query}).json()
    result = answer["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def test_what_pods_use_is_told_by_the_api(cluster: Path, namespace: str) -> None:
    usage.start()
    kubectl.apply(*samples.podinfo(namespace))
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods"
    told = processes.until(lambda: '"memory"' in kubectl.run("get", "--raw", path), NUMBERS_S)

    assert told


def test_prometheus_knows_the_memory_of_pods(routers: Path, namespace: str) -> None:
    prometheus.start()
    kubectl.apply(*samples.podinfo(namespace))
    query = f'sum(container_memory_working_set_bytes{{namespace="{namespace}"}})'
    known = processes.until(lambda: (value(query) or 0) > 0, NUMBERS_S)

    assert known
    assert 1 == value('up{job="traefik"}')
