"""What the platform does on a real cluster when things are taken away under its hands."""

from pathlib import Path

import anyio
import pytest

from cluster import kubectl
from serinus.adapters.kubernetes import existing
from serinus.core.state.traffic import Ref
from tests.cluster import platforms, samples
from tests.cluster.platforms import World, application, made

pytestmark = pytest.mark.anyio

MOMENTS_S = (0.05, 0.15, 0.3, 0.6, 1.2, 2.5)


async def adopted(world: World, namespace: str) -> None:
    """Adopt the Deployment of a user, and let its next revision have a part."""
    reference = {"kind": "Deployment", "name": "shop"}
    kubectl.apply(application(namespace, workload={"port": 9898}, workloadRef=reference))

    async def known() -> bool:
        return world.platform.world.caches["Application"].get(namespace, "shop") is not None

    await world.eventually(known)
    one = made("6.0.0", existing.of_deployment(kubectl.get("deployment", "shop", namespace)))
    await world.run((one, range(2)))
    await world.route((one, 1000))
    kubectl.run("set", "image", "deployment/shop", "app=podinfo:6.0.1", "-n", namespace)
    two = made("6.0.1", existing.of_deployment(kubectl.get("deployment", "shop", namespace)))
    await world.run((one, range(2)), (two, [0, 1]))
    await world.route((one, 0), (two, 1000))


def theirs(namespace: str) -> None:
    """Let there be a Deployment, a Service and a route of a user."""
    kubectl.apply(
        *samples.podinfo(namespace, "6.0.0", replicas=2),
        samples.http_route(namespace, f"{namespace}.test"),
    )
    kubectl.run("rollout", "status", "deployment/shop", "-n", namespace, "--timeout=60s")


async def test_a_namespace_that_is_deleted_in_flight_goes(
    cluster: Path, namespace: str, routers: Path
) -> None:
    del routers
    theirs(namespace)
    async with platforms.started(cluster, namespace, ref=Ref("HTTPRoute", "shop")) as world:
        await adopted(world, namespace)

        kubectl.run("delete", "namespace", namespace, "--wait=false")
        await world.leave()

        async def gone() -> bool:
            return namespace not in kubectl.run("get", "namespaces", "-o", "name")

        await world.eventually(gone)
    kubectl.run("create", "namespace", namespace)  # the fixture deletes it


async def test_a_controller_that_is_killed_while_leaving_is_followed_by_one_that_goes_on(
    cluster: Path, namespace: str, routers: Path
) -> None:
    del routers
    theirs(namespace)
    before = kubectl.get("service", "shop", namespace)["spec"]
    address = f"http://{before['clusterIP']}/"
    ref = Ref("HTTPRoute", "shop")
    async with platforms.load(address, host=f"{namespace}.test", rate=50.0) as load:
        async with platforms.started(cluster, namespace, ref=ref) as world:
            await adopted(world, namespace)
        for moment_s in MOMENTS_S:
            async with platforms.started(cluster, namespace, ref=ref) as world:
                with anyio.move_on_after(moment_s):
                    await world.leave()
        async with platforms.started(cluster, namespace, ref=ref) as world:
            await world.leave()

    assert {} == load.lost
    assert before == kubectl.get("service", "shop", namespace)["spec"]
    deployment = kubectl.get("deployment", "shop", namespace)
    assert "podinfo:6.0.1" == deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    assert (2, False) == (deployment["spec"]["replicas"], deployment["spec"].get("paused", False))
    assert ["shop"] == [
        one["metadata"]["name"] for one in kubectl.get("deployments", namespace=namespace)["items"]
    ]
