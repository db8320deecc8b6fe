"""What pods write and how they die decides releases on a cluster, and the status names it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import kubectl
from tests.cluster import controllers, shops
from tests.cluster.shops import Shop

COMPLAINS = """
import sys, threading
from serinus.interfaces.demo import shop
def complain():
    print("ERROR order 4711 lost its basket", flush=True)
    threading.Timer(0.5, complain).start()
complain()
sys.exit(shop.main())
"""
NEW_LINES = {"name": "new-errors", "newLines": {"pattern": "ERROR|Traceback", "times": 3}}


@pytest.fixture
def shop(namespace: str, routers: Path, tmp_path: Path) -> Iterator[Shop]:
    del routers
    with shops.opened(namespace, tmp_path) as made:
        yield made


@pytest.mark.timeout(600)
def test_new_lines_in_the_log_hold_a_release_and_too_much_memory_takes_one_back(
    shop: Shop,
) -> None:
    with shop.controller():
        shop.ask("v1")
        assert "Succeeded" == shop.ended(1)["phase"]
        with shop.load() as counted:
            complaining = shop.application("v2", command=["python3", "-c", COMPLAINS])
            complaining["spec"]["delivery"]["checks"] = [{"use": "golden-signals"}, NEW_LINES]
            kubectl.apply(complaining)
            held = shop.says("ERROR order # lost its basket")
            between = controllers.release("shop", 2, shop.namespace)
            lost = counted().lost_by

            shop.ask("v3", bake="60s", resources={"memory": "96Mi"}, env=leaking(shop))
            killed = shop.ended(3)

    assert between["phase"] in {"Held", "Holding"}, between
    assert "new-errors" in held
    assert "Rolled back" == killed["phase"], killed["sentence"]
    assert "killed for using more memory than its limit of 96Mi" in killed["sentence"]
    assert {} == lost
    # Only who was sent to the pod that died: nobody else noticed.
    assert set(counted().lost_by) <= {"proxy_502", "proxy_503"}
    assert counted().lost < counted().versions["v1"].requests / 10


def leaking(shop: Shop) -> dict[str, str]:
    """Return what lets a shop grow until it is ended; a while later than it begins to serve."""
    env = shop.application("v3")["spec"]["workload"]["env"]
    return {**json.loads(json.dumps(env)), "SHOP_LEAK": "6MB/s:1GB:exit"}
