"""A real HorizontalPodAutoscaler scales whoever serves, before, during and after a release."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import kubectl
from tests.cluster import adopted, controllers, shops
from tests.cluster.shops import Shop

LEAST, MORE, MOST = 2, 3, 4


@pytest.fixture
def shop(namespace: str, routers: Path, tmp_path: Path) -> Iterator[Shop]:
    del routers
    with shops.opened(namespace, tmp_path) as made:
        yield made


def at_least(shop: Shop, least: int) -> None:
    """Raise the lower bound of the autoscaler, as the owner of the application does."""
    change = json.dumps({"spec": {"minReplicas": least}})
    kubectl.run("patch", "hpa", "shop", "-n", shop.namespace, f"--patch={change}")


def running(shop: Shop) -> dict[str, int]:
    """Return how many ready pods each Deployment has, by the version that they run."""
    found: dict[str, int] = {}
    for one in kubectl.get("pods", namespace=shop.namespace)["items"]:
        (container,) = one["spec"]["containers"]
        version = next(v["value"] for v in container["env"] if v["name"] == "SHOP_VERSION")
        conditions = one.get("status", {}).get("conditions", [])
        ready = any((c["type"], c["status"]) == ("Ready", "True") for c in conditions)
        if ready and "deletionTimestamp" not in one["metadata"]:
            found[version] = found.get(version, 0) + 1
    return found


def counted_by_autoscaler(shop: Shop) -> tuple[int, int]:
    """Return how many pods the autoscaler has counted, and how many it wants: it looks seldom."""
    status = kubectl.get("hpa", "shop", shop.namespace)["status"]
    return status["currentReplicas"], status["desiredReplicas"]


@pytest.mark.timeout(600)
def test_an_autoscaler_scales_whoever_serves_in_flight_and_after_the_promotion(
    shop: Shop,
) -> None:
    kubectl.apply(*adopted.theirs(shop, "v1", LEAST))
    controllers.until(lambda: adopted.ready(shop, LEAST), "the autoscaler has scaled it")
    with shop.controller(), shop.load() as counted:
        kubectl.apply(adopted.application(shop))
        first = shop.ended(1)
        kubectl.apply(adopted.deployment(shop, "v2"))
        shop.reached(2, "1/3")
        at_least(shop, MORE)
        controllers.until(lambda: running(shop).get("v1") == MORE, "stable is scaled", shop.log)
        in_flight = controllers.release("shop", 2, shop.namespace)
        second = shop.ended(2)
        at_least(shop, MOST)
        controllers.until(
            lambda: running(shop) == {"v2": MOST}, "who serves is scaled alone", shop.log
        )
        controllers.until(
            lambda: counted_by_autoscaler(shop) == (MOST, MOST), "it counts who serves", shop.log
        )

    assert ["Succeeded"] * 2 == [first["phase"], second["phase"]], second["sentence"]
    assert "endedAt" not in in_flight
    assert {} == counted().lost_by
    assert 0 == kubectl.get("deployment", "shop", shop.namespace)["spec"]["replicas"]
