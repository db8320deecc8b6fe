"""Applications whose files are kept in Git: somebody applies them again all the time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import kubectl
from tests.cluster import adopted, controllers, shops
from tests.cluster.shops import Shop

LEAST = 2
KINDS = ("application", "deployment", "service", "hpa", "ingressroute")


@pytest.fixture
def shop(namespace: str, routers: Path, tmp_path: Path) -> Iterator[Shop]:
    del routers
    with shops.opened(namespace, tmp_path) as made:
        yield made


def generations(shop: Shop) -> dict[str, str]:
    """Return how often what people write in each object has changed."""
    found = {kind: kubectl.get(kind, "shop", shop.namespace) for kind in KINDS}
    return {
        kind: str(one["metadata"].get("generation", one["spec"])) for kind, one in found.items()
    }


def at_rest(shop: Shop, git: adopted.Git) -> bool:
    """Tell whether nothing changes while it is applied again: the autoscaler looks seldom, too."""
    before, then = generations(shop), git.applied
    controllers.until(lambda: git.applied > then + 2, "it was applied again", shop.log)
    return before == generations(shop)


@pytest.mark.timeout(600)
def test_what_git_owns_is_adopted_and_released_while_it_is_applied_again_and_again(
    shop: Shop,
) -> None:
    files = adopted.theirs(shop, "v1", LEAST)
    with adopted.kept_in_git(files) as git, shop.controller():
        controllers.until(lambda: adopted.ready(shop, LEAST), "the autoscaler has scaled it")
        with shop.load() as counted:
            git.files.append(adopted.application(shop))
            first = shop.ended(1)
            git.files[0] = adopted.deployment(shop, "v2")
            second = shop.ended(2)
            insisted = git.applied

            git.respects = True
            controllers.until(lambda: git.applied > insisted + 2, "it respects what we change")
            controllers.until(lambda: at_rest(shop, git), "nobody fights any more", shop.log)

    assert [] == git.problems
    assert ["Succeeded"] * 2 == [first["phase"], second["phase"]], second["sentence"]
    assert "v2" in counted().versions
    assert {} == counted().lost_by
    target = kubectl.get("hpa", "shop", shop.namespace)["spec"]["scaleTargetRef"]
    assert ("Application", "shop") == (target["kind"], target["name"])
    assert {"workloadRef", "route", "delivery"} <= set(
        kubectl.get("application", "shop", shop.namespace)["spec"]
    )
