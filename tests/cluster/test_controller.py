"""The controller as people run it: in pods with their own rights, and several of them at once."""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cluster import kubectl, places
from tests.cluster import controllers, installed, shops
from tests.cluster.shops import Shop

TAKEN_OVER_S = 25.0
"""15 s until a silent Lease may be taken, a look each 2 s, and the listing of what there is."""

HANDED_OVER = timedelta(seconds=3.5)
MOMENTS_S = (0.3, 2.0)


@pytest.fixture
def shop(namespace: str, routers: Path, tmp_path: Path) -> Iterator[Shop]:
    del routers
    with shops.opened(namespace, tmp_path) as made:
        yield made


@pytest.mark.timeout(600)
def test_what_install_prints_is_all_that_a_controller_in_a_pod_needs(shop: Shop) -> None:
    with installed.installed(
        *(shop.namespace, "--router", "traefik", "--environment", shop.namespace),
        "--kubelet-stats",
    ) as ours:
        shop.ask("v1")
        first = shop.ended(1)
        with shop.load() as counted:
            shop.ask("v2")
            second = shop.ended(2)
        kubectl.run("delete", "application", "shop", "-n", shop.namespace, "--timeout=60s")
        said = ours.said()

        assert ["Succeeded"] * 2 == [first["phase"], second["phase"]], second["sentence"]
        assert {} == counted().lost_by
        assert "forbidden" not in said.lower(), said
        assert "Traceback" not in said
        assert ["the loop comes round"] * 2 == [told.strip() for told in ours.answers("/healthz")]
        assert 1 == sum(told.startswith("stands by") for told in ours.answers("/readyz"))
        leading = [told for told in ours.answers("/metrics") if "serinus_leading 1.0" in told]
        assert 1 == len(leading)
        assert "serinus_api_requests_total" in leading[0]


@pytest.mark.timeout(600)
def test_of_several_controllers_one_works_and_another_goes_on_when_it_dies(shop: Shop) -> None:
    with shop.controller("a") as first:
        first.says("the controller works")
        shop.ask("v1")
        assert "Succeeded" == shop.ended(1)["phase"]
        with shop.load() as counted, shop.controller("b") as second:
            second.says("Health is answered")
            shop.ask("v2", bake="8s")
            shop.reached(2, "1/3")

            first.kill()
            died = time.monotonic()
            second.says("the controller works")
            took_s = time.monotonic() - died

            good = shop.ended(2)
            with shop.controller("c") as third:
                third.says("Health is answered")
                shop.ask("v3", bake="8s")
                shop.reached(3, "1/3")
                asked = datetime.now(UTC)
                second.end()
                third.says("the controller works")
                handed = led_since(shop.namespace) - asked
                better = shop.ended(3)

    assert ["Succeeded"] * 2 == [good["phase"], better["phase"]], better["sentence"]
    assert {} == counted().lost_by
    assert took_s < TAKEN_OVER_S
    assert handed < HANDED_OVER


@pytest.mark.timeout(600)
def test_a_release_whose_controller_is_killed_again_and_again_ends_the_same(shop: Shop) -> None:
    with shop.controller("first"):
        shop.ask("v1")
        assert "Succeeded" == shop.ended(1)["phase"]
    with shop.load() as counted:
        shop.ask("v2", bake="6s")
        for number, moment_s in enumerate(MOMENTS_S):
            with shop.controller(f"killed-{number}") as one:
                one.says("the controller works")
                time.sleep(moment_s)  # the moments are those of a process that has its own clock
                one.kill()
        with shop.controller("last"):
            good = shop.ended(2)

    assert "Succeeded" == good["phase"], good["sentence"]
    assert {} == counted().lost_by
    assert not controllers.found("release", "shop-3", shop.namespace)


@pytest.mark.timeout(600)
def test_people_steer_with_kubectl_and_with_commands_as_far_as_their_rights_go(shop: Shop) -> None:
    with shop.controller():
        shop.ask("v1")
        shop.ended(1)
        with shop.load():
            shop.ask("v2", bake="60s")
            shop.reached(2, "1/3")
            assert "paused" in wish(shop, "pause").lower()
            shop.says("Paused")
            command(shop, "resume")
            shop.reached(2, "1/3")
            command(shop, "promote", "--reason", "seen")
            promoted = shop.ended(2)
            shop.ask("v3", bake="60s")
            shop.reached(3, "1/3")
            wish(shop, "rollback")
            back = shop.ended(3)
    bind(shop, "serinus-approver", "carol")

    assert "Succeeded" == promoted["phase"], promoted["sentence"]
    assert "Rolled back" == back["phase"], back["sentence"]
    with pytest.raises(RuntimeError, match="carol may not pause releases"):
        wish(shop, "pause", "carol")
    with pytest.raises(RuntimeError, match="carol may sign for nobody else"):
        wish(shop, "approve", "carol", actor="dave")
    with pytest.raises(RuntimeError, match="cannot create resource"):
        wish(shop, "approve", "dave")


def wish(shop: Shop, verb: str, user: str = "serinus-admin", actor: str = "") -> str:
    """Create an Intent as a user does, and return what became of it."""
    name = f"{verb}-{secrets.token_hex(3)}"
    intent = {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Intent",
        "metadata": {"name": name, "namespace": shop.namespace},
        "spec": {"application": "shop", "verb": verb, "actor": actor or user, "reason": "a test"},
    }
    who = [] if user == "serinus-admin" else [f"--as={user}"]
    kubectl.run("create", "-f", "-", *who, given=json.dumps(intent))

    def look() -> dict[str, Any]:
        return dict(controllers.found("intent", name, shop.namespace).get("status", {}))

    answered = controllers.until(look, f"{verb} is answered", shop.log)
    assert answered["done"], answered
    return str(answered["sentence"])


def command(shop: Shop, verb: str, *arguments: str) -> None:
    """Say a command of ours to the cluster."""
    words = [sys.executable, "-m", "serinus", verb, "shop", "--kubeconfig", str(places.KUBECONFIG)]
    words += ["--namespace", shop.namespace, *arguments]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert 0 == told.returncode, told.stdout + told.stderr


def bind(shop: Shop, role: str, user: str) -> None:
    """Give a user a role in the shop's namespace."""
    kubectl.run(
        *("create", "rolebinding", user, f"--clusterrole={role}", f"--user={user}"),
        *("-n", shop.namespace),
    )


def led_since(namespace: str) -> datetime:
    """Return when the one that leads took the Lease."""
    spec = controllers.found("lease", "serinus-controller", namespace)["spec"]
    return datetime.fromisoformat(spec["acquireTime"])
