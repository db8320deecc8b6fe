"""A Secret is a part of the revision that reads it: a change is released, and is taken back."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster import kubectl, places
from serinus.adapters.kubernetes import configs
from serinus.core.state import labels
from tests.cluster import controllers, shops
from tests.cluster.shops import Shop

NAME = "words"
ENV = {"SHOP_ADDRESS": "0.0.0.0"}  # noqa: S104 - the pod's own; what version it is, the Secret says


@pytest.fixture
def shop(namespace: str, routers: Path, tmp_path: Path) -> Iterator[Shop]:
    del routers
    with shops.opened(namespace, tmp_path) as made:
        yield made


def write(shop: Shop, word: str) -> dict[str, Any]:
    """Write the Secret, as its owner does."""
    made = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": NAME, "namespace": shop.namespace},
        "type": "Opaque",
        "data": {"SHOP_VERSION": base64.b64encode(word.encode()).decode()},
    }
    kubectl.apply(made)
    return made


def pods(shop: Shop, revision: str) -> list[str]:
    """Return the names of a revision's pods that are ready and stay."""
    found = kubectl.get("pods", namespace=shop.namespace)["items"]
    return [
        one["metadata"]["name"]
        for one in found
        if one["metadata"]["labels"][labels.REVISION] == revision
        and "deletionTimestamp" not in one["metadata"]
        and any(
            (c["type"], c["status"]) == ("Ready", "True")
            for c in one.get("status", {}).get("conditions", [])
        )
    ]


def one_revision(shop: Shop) -> str:
    """Return the revision that all pods are of."""
    found = kubectl.get("pods", namespace=shop.namespace)["items"]
    (revision,) = {one["metadata"]["labels"][labels.REVISION] for one in found}
    return str(revision)


def roll_back(shop: Shop) -> None:
    words = [sys.executable, "-m", "serinus", "rollback", "shop", "--reason", "a test"]
    words += ["--kubeconfig", str(places.KUBECONFIG), "--namespace", shop.namespace]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert 0 == told.returncode, told.stdout + told.stderr


@pytest.mark.timeout(600)
def test_a_changed_secret_is_released_and_after_a_rollback_fresh_pods_read_the_old_one(
    shop: Shop,
) -> None:
    old = write(shop, "blue")
    with shop.controller():
        shop.ask("v1", bake="60s", env=ENV, secrets=[NAME])
        first = shop.ended(1)
        stable = one_revision(shop)
        with shop.load() as counted:
            assert {"blue"} == set(counted().versions)
            write(shop, "green")
            shop.reached(2, "1/3")
            controllers.until(lambda: "green" in counted().versions, "green serves", shop.log)
            roll_back(shop)
            back = shop.ended(2)
            died, *_ = pods(shop, stable)
            kubectl.run("delete", "pod", died, "-n", shop.namespace)
            controllers.until(
                lambda: len(set(pods(shop, stable)) - {died}) == shops.REPLICAS,
                "a fresh pod is there",
                shop.log,
            )
            before = counted().versions
            controllers.until(
                lambda: counted().versions["blue"].requests > before["blue"].requests + 100,
                "requests are answered by the fresh pod too",
            )
            after = counted()

    assert ["Succeeded", "Rolled back"] == [first["phase"], back["phase"]], back["sentence"]
    assert before["green"].requests == after.versions["green"].requests
    assert {} == after.lost_by
    assert {} == controllers.release("shop", 3, shop.namespace)
    copy = kubectl.get("secret", configs.copied(NAME, configs.digest(old)), shop.namespace)
    assert (old["data"], True) == (copy["data"], copy["immutable"])
