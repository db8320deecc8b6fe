"""A VirtualService of Istio moves real requests: istiod tells Envoy, and Envoy does."""

import collections
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cluster import istio, kubectl, processes
from tests.cluster import samples

REQUESTS = 400
ANSWER_S = 30.0


@pytest.fixture(scope="module")
def mesh(cluster: Path) -> Path:
    istio.start()
    return cluster


def virtual_service(namespace: str, weights: dict[str, int]) -> dict[str, Any]:
    destinations = [
        {"destination": {"host": name, "port": {"number": 80}}, "weight": weight}
        for name, weight in weights.items()
    ]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "shop", "namespace": namespace},
        "spec": {"hosts": ["shop"], "http": [{"route": destinations}]},
    }


def messages(host: str, count: int) -> collections.Counter[str]:
    """Ask podinfo so often who it is; an answer that is none counts as its status."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{istio.WEB}", headers={"Host": host}) as client:
        answers = [client.get("/") for _ in range(count)]
    return collections.Counter(
        answer.json()["message"] if answer.status_code == 200 else str(answer.status_code)
        for answer in answers
    )


def test_weights_of_a_virtual_service_are_followed(mesh: Path, namespace: str) -> None:
    kubectl.apply(
        *samples.podinfo(namespace, "6.0.0"),
        *samples.podinfo(namespace, "6.0.1", name="candidate"),
        virtual_service(namespace, {"shop": 90, "candidate": 10}),
    )
    for name in ("shop", "candidate"):
        kubectl.run("rollout", "status", f"deployment/{name}", "-n", namespace, "--timeout=60s")
    host = f"shop.{namespace}.svc.cluster.local"
    followed = processes.until(lambda: "podinfo 6.0.1" in messages(host, 50), ANSWER_S)
    counts = messages(host, REQUESTS)

    assert followed
    assert {"podinfo 6.0.0", "podinfo 6.0.1"} == set(counts)
    assert 0.05 <= counts["podinfo 6.0.1"] / REQUESTS <= 0.15
