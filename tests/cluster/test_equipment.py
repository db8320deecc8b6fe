"""The cluster is what it says: a node that runs pods, and routers that lead to them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cluster import kubectl, network, places, processes, traefik
from tests.cluster import samples

ANSWER_S = 20.0
ROUTES: dict[str, tuple[int, Callable[[str, str], dict[str, Any]]]] = {
    "its own objects": (traefik.WEB, samples.ingress_route),
    "the Gateway API": (traefik.GATEWAY, samples.http_route),
    "an Ingress of ingress-nginx": (traefik.NGINX, samples.ingress),
}


def message(address: str, host: str) -> str | None:
    """Ask podinfo who it is; None while nobody answers well."""
    try:
        answer = httpx2.get(address, headers={"Host": host}, timeout=2)
    except httpx2.TransportError:
        return None
    return str(answer.json()["message"]) if answer.status_code == 200 else None


def test_the_node_is_ready(cluster: Path) -> None:
    assert kubectl.node_is_ready()


def test_a_service_leads_this_machine_to_pods_that_are_ready(namespace: str) -> None:
    kubectl.apply(*samples.podinfo(namespace, "6.0.1", replicas=2))
    kubectl.run("rollout", "status", "deployment/shop", "-n", namespace, "--timeout=60s")
    address = kubectl.get("service", "shop", namespace)["spec"]["clusterIP"]
    answers = processes.until(lambda: message(f"http://{address}/", "shop") is not None, ANSWER_S)

    assert answers
    assert message(f"http://{address}/", "shop") == "podinfo 6.0.1"


def test_what_leads_to_no_pod_yet_stays_on_this_machine(cluster: Path) -> None:
    way = network.run("ip", "-json", "route", "get", "10.96.255.254")

    assert [(places.BRIDGE, places.GATEWAY)] == [
        (route["dev"], route["prefsrc"]) for route in json.loads(way)
    ]


@pytest.mark.parametrize("way", ROUTES)
def test_traefik_leads_to_a_service_by(way: str, namespace: str, routers: Path) -> None:
    port, route = ROUTES[way]
    host = f"{namespace}.test"
    kubectl.apply(*samples.podinfo(namespace, "6.0.2"), route(namespace, host))
    kubectl.run("rollout", "status", "deployment/shop", "-n", namespace, "--timeout=60s")
    address = f"http://127.0.0.1:{port}/"
    answers = processes.until(lambda: message(address, host) is not None, ANSWER_S)

    assert answers
    assert message(address, host) == "podinfo 6.0.2"
