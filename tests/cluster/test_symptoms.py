"""What pods write and how they die decides releases on a cluster, and the status names it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cluster import kubectl
from serinus.interfaces.demo import tally
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


@contextmanager
def serving(shop: Shop) -> Iterator[Callable[[], tally.Tally]]:
    """Let v1 serve, with requests that are counted."""
    with shop.controller():
        shop.ask("v1")
        assert "Succeeded" == shop.ended(1)["phase"]
        with shop.load() as counted:
            yield counted


def asked(shop: Shop, checks: list[dict[str, Any]], **changes: Any) -> None:
    """Ask for a version that is judged by these checks alone."""
    made = shop.application(**changes)
    made["spec"]["delivery"]["checks"] = checks
    kubectl.apply(made)


@pytest.mark.timeout(600)
def test_new_lines_in_the_log_hold_a_release(shop: Shop) -> None:
    with serving(shop) as counted:
        command = ["python3", "-c", COMPLAINS]
        asked(shop, [{"use": "golden-signals"}, NEW_LINES], version="v2", command=command)
        held = shop.says("ERROR order # lost its basket")
        status = controllers.release("shop", 2, shop.namespace)

    assert status["phase"] in {"Held", "Holding"}, status
    assert "new-errors" in held
    assert {} == counted().lost_by


@pytest.mark.timeout(600)
def test_who_needs_more_memory_than_it_may_have_is_taken_back(shop: Shop) -> None:
    with serving(shop) as counted:
        # Its errors would tell sooner: here nobody looks at them.
        limit = {"memory": "96Mi"}
        asked(shop, [NEW_LINES], version="v2", bake="4m", resources=limit, env=leaking(shop))
        killed = shop.ended(2)

    assert "Rolled back" == killed["phase"], killed["sentence"]
    assert "killed for using more memory than its limit of 96Mi" in killed["sentence"]
    # Only who was sent to the pod that died: nobody else noticed.
    assert set(counted().lost_by) <= {"proxy_502", "proxy_503", "proxy_504"}
    assert counted().lost < counted().versions["v1"].requests / 10


def leaking(shop: Shop) -> dict[str, str]:
    """Return what lets a shop grow until it is ended; a while later than it begins to serve."""
    env = shop.application("v2")["spec"]["workload"]["env"]
    return {**json.loads(json.dumps(env)), "SHOP_LEAK": "6MB/s:1GB:exit"}
