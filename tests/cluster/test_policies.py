"""A user's DestinationRule holds for revisions, with the rights that `serinus install` gives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cluster import istio, kubectl
from tests.cluster import controllers, installed, shops
from tests.cluster.shops import Shop

STRICT = {"consecutive5xxErrors": 7, "baseEjectionTime": "13s"}
POOL = {"http": {"http1MaxPendingRequests": 321}}


@pytest.fixture
def shop(namespace: str, routers: Path, tmp_path: Path) -> Iterator[Shop]:
    del routers
    istio.start()
    with shops.opened(namespace, tmp_path) as made:
        yield made


def rule(namespace: str, **policy: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": "shop", "namespace": namespace},
        "spec": {"host": "shop", "trafficPolicy": policy},
    }


def policies(shop: Shop) -> dict[str, dict[str, Any]]:
    """Return the policies of the rules that there are, by the hosts that they concern."""
    found = kubectl.get("destinationrules", namespace=shop.namespace)["items"]
    return {one["spec"]["host"]: one["spec"].get("trafficPolicy") for one in found}


def ejecting(shop: Shop) -> dict[str, tuple[str, int]]:
    """Return how Envoy ejects and how many requests may wait, by the host of a cluster."""
    address = f"http://127.0.0.1:{istio.ADMIN}/config_dump?resource=dynamic_active_clusters"
    found = [one["cluster"] for one in httpx2.get(address).json()["configs"]]
    return {
        one["name"].rpartition("|")[2]: (
            one["outlier_detection"].get("base_ejection_time", ""),
            one["circuit_breakers"]["thresholds"][0]["max_pending_requests"],
        )
        for one in found
        if f".{shop.namespace}.svc." in one["name"] and "outlier_detection" in one
    }


@pytest.mark.timeout(600)
def test_a_users_traffic_policy_holds_for_the_revisions_and_is_followed(shop: Shop) -> None:
    router = {"istio": {"destinationRule": "shop"}}
    kubectl.apply(
        shop.environment(router=router),
        rule(shop.namespace, outlierDetection=STRICT, connectionPool=POOL),
    )
    with installed.installed(
        *(shop.namespace, "--router", "istio", "--environment", shop.namespace),
        "--kubelet-stats",
    ) as ours:
        shop.ask("v1")
        first = shop.ended(1)
        shop.ask("v2", bake="300s")
        controllers.until(lambda: 3 == len(policies(shop)), "both revisions have a rule")
        made = policies(shop)
        controllers.until(lambda: 3 == len(ejecting(shop)), "Envoy has the rules")
        carried = ejecting(shop)

        patch = '[{"op": "remove", "path": "/spec/trafficPolicy/outlierDetection"}]'
        where = ("destinationrule", "shop", "-n", shop.namespace)
        kubectl.run("patch", *where, "--type=json", f"--patch={patch}")
        controllers.until(
            lambda: [{"connectionPool": POOL}] * 3 == [*policies(shop).values()],
            "the revisions have what is left of the policy",
        )
        theirs = kubectl.get("destinationrule", "shop", shop.namespace)["spec"]
        kubectl.run("delete", "application", "shop", "-n", shop.namespace, "--timeout=60s")
        said = ours.said()

    assert "Succeeded" == first["phase"], first["sentence"]
    assert [{"outlierDetection": STRICT, "connectionPool": POOL}] * 3 == [*made.values()]
    assert {("13s", 321)} == {*carried.values()}
    assert {"host": "shop", "trafficPolicy": {"connectionPool": POOL}} == theirs
    assert {"shop": {"connectionPool": POOL}} == policies(shop)
    assert "forbidden" not in said.lower(), said
