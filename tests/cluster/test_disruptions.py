"""A PodDisruptionBudget of a user's covers whoever serves, during a release and after it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cluster import kubectl
from serinus.adapters.kubernetes import existing
from serinus.core.state import labels
from serinus.core.state.workload import Revision
from tests.cluster import platforms, samples, shops
from tests.cluster.platforms import World, application, made

pytestmark = pytest.mark.anyio

BUDGET = "policy/v1"


@pytest.fixture
async def adopting(cluster: Path, namespace: str) -> AsyncIterator[World]:
    """A Deployment, a Service and a budget of a user, and an Application that adopts them."""
    kubectl.apply(*samples.podinfo(namespace, replicas=3), budget(namespace, {"app": "shop"}))
    kubectl.run("rollout", "status", "deployment/shop", "-n", namespace, "--timeout=60s")
    reference = {"kind": "Deployment", "name": "shop"}
    asked = application(namespace, workload={"port": samples.PORT}, workloadRef=reference)
    async with opened(cluster, namespace, asked) as found:
        yield found


@pytest.fixture
async def own(cluster: Path, namespace: str) -> AsyncIterator[World]:
    """An Application with a workload of its own, and a budget by the label that its pods have."""
    kubectl.apply(budget(namespace, {labels.APPLICATION: "shop"}))
    async with opened(cluster, namespace, application(namespace)) as found:
        yield found


@contextlib.asynccontextmanager
async def opened(cluster: Path, namespace: str, asked: dict[str, Any]) -> AsyncIterator[World]:
    async with platforms.started(cluster, namespace, proxy=False) as found:
        kubectl.apply(asked)

        async def known() -> bool:
            return found.platform.world.caches["Application"].get(namespace, "shop") is not None

        await found.eventually(known)
        try:
            yield found
        finally:
            shops.abandon(namespace)


def budget(namespace: str, selected: dict[str, str]) -> dict[str, Any]:
    """Return a budget that lets one pod be away."""
    return {
        "apiVersion": BUDGET,
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "shop", "namespace": namespace},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selected}},
    }


async def covers(world: World, namespace: str, expected: int, healthy: int) -> None:
    """Wait until the budget expects so many pods, one of which may be away, and has so many."""
    wanted = {"expectedPods": expected, "desiredHealthy": expected - 1, "currentHealthy": healthy}
    seen: dict[str, Any] = {}

    async def counted() -> bool:
        seen.update(kubectl.get("poddisruptionbudget", "shop", namespace).get("status", {}))
        return wanted == {name: seen.get(name) for name in wanted}

    try:
        await world.eventually(counted)
    except TimeoutError:
        raise AssertionError(f"wanted {wanted}, the budget says {seen}") from None


def evicted(namespace: str, revision: Revision) -> list[bool]:
    """Ask to evict the pods of a revision one after the other, and tell which were let go."""
    selected = f"{labels.REVISION}={labels.short(revision.id)}"
    found = kubectl.run("get", "pods", "-n", namespace, "-l", selected, "-o", "name")
    return [_evicted(namespace, pod.removeprefix("pod/")) for pod in found.split()]


def _evicted(namespace: str, pod: str) -> bool:
    asked = (
        '{"apiVersion": "policy/v1", "kind": "Eviction", '
        f'"metadata": {{"name": "{pod}", "namespace": "{namespace}"}}}}'
    )
    path = f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction"
    try:
        kubectl.run("create", "--raw", path, "-f", "-", given=asked)
    except RuntimeError as problem:
        if "disruption budget" not in str(problem):
            raise
        return False
    return True


async def released(world: World, namespace: str, one: Revision, two: Revision) -> None:
    """Release a revision after another, and look at the budget on the way."""
    await world.run((one, range(3)))
    await world.route((one, 1000))
    await covers(world, namespace, 3, 3)
    await world.run((one, range(3)), (two, range(3, 5)))
    await world.route((one, 600), (two, 400))
    await covers(world, namespace, 5, 5)
    await world.run((one, range(3)), (two, range(3, 6)))
    await world.route((two, 1000))
    await world.run((two, range(3, 6)))
    await covers(world, namespace, 3, 3)

    assert [True, False, False] == evicted(namespace, two)


async def test_a_budget_by_a_deployments_own_labels_goes_on_covering_who_serves(
    adopting: World, namespace: str
) -> None:
    one = of_user(namespace)
    changed = existing.of_deployment(kubectl.get("deployment", "shop", namespace))
    changed["spec"]["containers"][0]["image"] = "podinfo:6.0.1"

    await released(adopting, namespace, one, made("6.0.1", changed))


async def test_a_budget_by_our_label_covers_every_revision(own: World, namespace: str) -> None:
    await released(own, namespace, made("6.0.0"), made("6.0.1"))


def of_user(namespace: str) -> Revision:
    return made("6.0.0", existing.of_deployment(kubectl.get("deployment", "shop", namespace)))
