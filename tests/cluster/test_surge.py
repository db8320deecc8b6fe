"""A release that has room for one pod more: never more pods than that, and no request lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cluster import kubectl
from serinus.core.state import labels
from tests.cluster import shops
from tests.cluster.shops import Shop

REPLICAS = 3
EVERY_S = 0.3


@pytest.fixture
def shop(namespace: str, routers: Path, tmp_path: Path) -> Iterator[Shop]:
    del routers
    with shops.opened(namespace, tmp_path) as made:
        yield made


@contextmanager
def most_pods(namespace: str) -> Iterator[list[int]]:
    """Count the pods of the shop all the time, those that end included, and keep the most."""
    found = [0]
    over = threading.Event()

    def count() -> None:
        selected = f"{labels.APPLICATION}=shop"
        while not over.wait(EVERY_S):
            told = kubectl.run("get", "pods", "-n", namespace, "-l", selected, "-o", "name")
            found[0] = max(found[0], len(told.split()))

    counter = threading.Thread(target=count)
    counter.start()
    try:
        yield found
    finally:
        over.set()
        counter.join()


def asked(shop: Shop, version: str) -> None:
    found = shop.application(version, replicas=REPLICAS)
    found["spec"]["delivery"] |= {"maxSurge": 1, "drain": "4s"}
    kubectl.apply(found)


@pytest.mark.timeout(600)
def test_a_bounded_release_keeps_its_bound_there_and_back_and_loses_no_request(shop: Shop) -> None:
    with shop.controller():
        asked(shop, "v1")
        first = shop.ended(1)
        with shop.load() as counted, most_pods(shop.namespace) as most:
            asked(shop, "v2")
            good = shop.ended(2)
            asked(shop, "v3")
            shop.reached(3, "2/3")
            asked(shop, "v2")
            back = shop.ended(3)

    assert ["Succeeded", "Succeeded"] == [first["phase"], good["phase"]], good["sentence"]
    assert "Superseded" == back["phase"], back["sentence"]
    assert {} == counted().lost_by
    assert REPLICAS + 1 == most[0]
