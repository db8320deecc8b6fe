"""What goes wrong in a cluster: the release waits or ends, says why, and users notice nothing."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from cluster import kubectl
from serinus.interfaces.demo import tally
from tests.cluster import controllers, shops, wire
from tests.cluster.shops import Shop

pytestmark = pytest.mark.timeout(600)

GONE_S = 60.0
REPAIRED_S = 30.0
HEARD_S = 10.0
"""Until Traefik, which reads every 2 s, sends requests to what is there again."""


@pytest.fixture
def shop(namespace: str, routers: Path, tmp_path: Path) -> Iterator[Shop]:
    del routers
    with shops.opened(namespace, tmp_path) as made:
        yield made


def serving(shop: Shop, number: int = 1) -> None:
    """Let v1 serve, by the release of this number."""
    shop.ask("v1")
    assert "Succeeded" == shop.ended(number)["phase"]


def test_a_candidate_that_cannot_run_is_given_up_and_it_is_told_why(shop: Shop) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "few", "namespace": shop.namespace},
        "spec": {"hard": {"pods": str(shops.REPLICAS)}},
    }
    with shop.controller():
        serving(shop)
        with shop.load() as counted:
            shop.ask("v2", start="15s", image="localhost/absent:9")
            absent = shop.ended(2)
            shop.ask("v3", start="8s", resources={"cpu": "200"})
            large = shop.ended(3)
            kubectl.apply(quota)
            shop.ask("v4", start="8s")
            crowded = shop.ended(4)
            kubectl.run("delete", "resourcequota", "few", "-n", shop.namespace)
            shop.ask("v5", configMaps=["words"])
            missing = shop.says("ConfigMap", "words")
            assert {} == controllers.release("shop", 5, shop.namespace)
            kubectl.run("create", "configmap", "words", "--from-literal=A=b", "-n", shop.namespace)
            good = shop.ended(5)

    assert ["Failed to start"] * 3 == [found["phase"] for found in (absent, large, crowded)]
    assert "image localhost/absent:9 cannot be pulled" in absent["sentence"]
    assert "no node has room for it: insufficient cpu" in large["sentence"]
    assert "the quota few is used up: pods 2 of 2" in crowded["sentence"]
    assert all("v1 serves as before" in one["sentence"] for one in (absent, large, crowded))
    assert f"ConfigMap {shop.namespace}/words is not there" in missing
    assert "Succeeded" == good["phase"], good["sentence"]
    assert {} == counted().lost_by


def test_a_router_that_cannot_be_used_is_told_and_what_serves_goes_on(shop: Shop) -> None:
    with shop.controller():
        serving(shop)
        with shop.load() as counted:
            kubectl.apply(shop.environment(router={"istio": {}}))
            shop.ask("v2")
            told = shop.says("does not watch the kind VirtualService")
            between = controllers.release("shop", 2, shop.namespace)
            kubectl.apply(shop.environment())
            good = shop.ended(2)

    assert "start it with --router istio" in told
    assert {} == between
    assert "Succeeded" == good["phase"], good["sentence"]
    assert {} == counted().lost_by


def test_a_release_outlives_the_counts_and_the_api_server_when_they_are_away(
    shop: Shop, tmp_path: Path
) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(wire.laid()) as line,
        shop.controller(kubeconfig=line.kubeconfig(tmp_path)) as ours,
    ):
        serving(shop)
        with shop.load() as counted:
            shop.ask("v2", bake="10s")
            shop.reached(2, "1/3")
            shop.page.go()
            blind = shop.says("no data", f"{shop.page.address} cannot be read")
            shop.page.come()
            shop.reached(2, "1/3")

            portal.call(line.hang_up)
            ours.says("we no longer lead")
            before = controllers.release("shop", 2, shop.namespace)
            line.cut = False
            good = shop.ended(2)

    assert "Holding" in blind
    assert "endedAt" not in before
    assert "Succeeded" == good["phase"], good["sentence"]
    assert {} == counted().lost_by


@contextmanager
def halfway(shop: Shop) -> Iterator[Callable[[], tally.Tally]]:
    """Be at the second step of a release, with requests that are counted."""
    with shop.controller():
        serving(shop)
        with shop.load() as counted:
            shop.ask("v2", bake="20s")
            shop.reached(2, "2/3")
            yield counted


def test_what_others_change_under_our_hands_is_put_right_and_no_request_is_lost(
    shop: Shop,
) -> None:
    with halfway(shop) as counted:
        ours = split(shop)
        stable = deployment(shop, "v1")
        turned = [{**one, "weight": 7} for one in ours]
        patch(shop, "traefikservice", "shop", {"spec": {"weighted": {"services": turned}}})
        patch(shop, "deployment", stable, {"spec": {"replicas": 1}})
        controllers.until(lambda: split(shop) == ours, "the weights are ours again", shop.log)
        controllers.until(
            lambda: scale(shop, stable) == shops.REPLICAS, "it is scaled again", shop.log
        )
        good = shop.ended(2)

    assert "Succeeded" == good["phase"], good["sentence"]
    assert {} == counted().lost_by


def test_a_service_that_somebody_deletes_costs_no_more_than_the_time_until_it_is_back(
    shop: Shop,
) -> None:
    with halfway(shop) as counted:
        stable = deployment(shop, "v1")
        before, began = counted(), time.monotonic()
        kubectl.run("delete", "service", stable, "-n", shop.namespace)
        controllers.until(
            lambda: controllers.found("service", stable, shop.namespace),
            "the Service is there again",
            shop.log,
        )
        repair_s = time.monotonic() - began
        good = shop.ended(2)
    after = counted()
    print(f"lost {dict(after.lost_by)}, repaired within {repair_s:.1f} s")

    assert "Succeeded" == good["phase"], good["sentence"]
    assert {} == before.lost_by
    assert repair_s < REPAIRED_S
    assert set(after.lost_by) <= {"proxy_404", "proxy_500", "proxy_502", "proxy_503"}
    assert after.lost <= shops.RATE * (repair_s + HEARD_S), after.lost_by


@pytest.fixture
def beside(namespace: str) -> Iterator[str]:
    """A namespace for the controller's Lease, which outlives that of the application."""
    name = f"{namespace}-system"
    kubectl.run("create", "namespace", name)
    yield name
    kubectl.run("delete", "namespace", name, "--wait=false")


def test_an_application_and_a_namespace_that_are_deleted_in_flight_go(
    shop: Shop, beside: str
) -> None:
    with shop.controller(system=beside):
        serving(shop)
        shop.ask("v2", bake="60s")
        shop.reached(2, "1/3")
        kubectl.run("delete", "application", "shop", "-n", shop.namespace, f"--timeout={GONE_S}s")
        controllers.until(lambda: not left(shop), "nothing of it is left", shop.log)

        serving(shop, 3)  # an application's history outlives it
        shop.ask("v2", bake="60s")
        shop.reached(4, "1/3")
        kubectl.run("delete", "namespace", shop.namespace, "--wait=false")
        controllers.until(
            lambda: not controllers.found("namespace", shop.namespace, ""),
            "the namespace is gone",
            shop.log,
            GONE_S,
        )


def split(shop: Shop) -> list[dict[str, Any]]:
    """Return the services of the shop's TraefikService with their weights."""
    found = controllers.found("traefikservice", "shop", shop.namespace)
    shares: list[dict[str, Any]] = found["spec"]["weighted"]["services"]
    return shares


def deployment(shop: Shop, version: str) -> str:
    """Return the name of the Deployment of a version."""
    for one in kubectl.get("deployments", namespace=shop.namespace)["items"]:
        (container,) = one["spec"]["template"]["spec"]["containers"]
        if {"name": "SHOP_VERSION", "value": version} in container["env"]:
            return str(one["metadata"]["name"])
    raise AssertionError(f"no Deployment runs {version}")


def scale(shop: Shop, name: str) -> int:
    found = controllers.found("deployment", name, shop.namespace)
    return int(found["spec"]["replicas"])


def patch(shop: Shop, kind: str, name: str, change: dict[str, Any]) -> None:
    """Change an object as somebody else does."""
    text = json.dumps(change)
    kubectl.run("patch", kind, name, "-n", shop.namespace, "--type=merge", f"--patch={text}")


def left(shop: Shop) -> str:
    """Return what there is that the controller made."""
    kinds = "deployments,services,traefikservices,ingressroutes"
    return kubectl.run("get", kinds, "-n", shop.namespace, "-o", "name")
