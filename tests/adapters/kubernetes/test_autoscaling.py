from typing import Any

from serinus.adapters.kubernetes import autoscaling
from serinus.adapters.kubernetes.client import Client
from serinus.core.state import labels
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import application

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}
DEPLOYMENT: dict[str, Any] = {"metadata": {"name": "shop"}, "spec": {"replicas": 4}}
RESTING: dict[str, Any] = {
    "metadata": {"name": "shop", "annotations": {labels.REPLICAS: "4"}},
    "spec": {"replicas": 0},
}


def scaler(named: str, **target: str) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": named, "namespace": "team"},
        "spec": {"scaleTargetRef": {**TARGET, **target}, "maxReplicas": 9},
    }


async def retarget(
    client: Client, server: FakeApiServer, deployment: dict[str, Any] = DEPLOYMENT
) -> list[dict[str, Any]]:
    kept = [autoscaling.trimmed(one) for one in server.all(autoscaling.KIND)]
    shop = server.find("Application", "shop", "team")
    return await autoscaling.retarget(client, kept, shop, deployment)


def replicas(server: FakeApiServer) -> Any:
    return server.find("Application", "shop", "team")["spec"].get("workload", {}).get("replicas")


async def test_an_autoscaler_follows_the_application_and_is_given_back_as_it_was() -> None:
    server = FakeApiServer()
    server.add(application(), scaler("mine"), scaler("other", name="blog"))
    before = server.find(autoscaling.KIND, "mine", "team")["spec"]

    async with Client.connect(transport=server) as client:
        (written,) = await retarget(client, server)

        adopted = server.find(autoscaling.KIND, "mine", "team")
        target = {"apiVersion": "serinus.dev/v1alpha1", "kind": "Application", "name": "shop"}
        assert {"scaleTargetRef": target, "maxReplicas": 9} == adopted["spec"] == written["spec"]
        assert 4 == replicas(server)
        other = server.find(autoscaling.KIND, "other", "team")
        assert "blog" == other["spec"]["scaleTargetRef"]["name"]

        await autoscaling.put_back(client, "team", "shop")

    after = server.find(autoscaling.KIND, "mine", "team")
    assert before == after["spec"]
    assert not after["metadata"].get("annotations")


async def test_one_that_comes_while_the_deployment_rests_begins_with_what_its_owner_wants() -> None:
    server = FakeApiServer()
    server.add(application(), scaler("mine"))

    async with Client.connect(transport=server) as client:
        await retarget(client, server, RESTING)

    assert 4 == replicas(server)


async def test_whoever_applies_the_file_again_leaves_the_number_and_finds_nothing_to_undo() -> None:
    server = FakeApiServer()
    file = application(workloadRef={"kind": "Deployment", "name": "shop"})
    server.add(file, manager="argocd-controller")
    server.add(scaler("mine"))

    async with Client.connect(transport=server) as client:
        await retarget(client, server)
        await client.apply(file, manager="argocd-controller", force=False)  # nobody else has it

    assert 4 == replicas(server)


async def test_an_autoscaler_that_scales_the_application_by_itself_is_left_alone() -> None:
    server = FakeApiServer()
    target = {"apiVersion": "serinus.dev/v1alpha1", "kind": "Application", "name": "shop"}
    server.add(application(), scaler("mine", **target))
    before = server.find(autoscaling.KIND, "mine", "team")

    async with Client.connect(transport=server) as client:
        assert [] == await retarget(client, server)
        await autoscaling.put_back(client, "team", "shop")

    assert before == server.find(autoscaling.KIND, "mine", "team")


async def test_a_number_of_replicas_that_somebody_wrote_is_left_alone() -> None:
    server = FakeApiServer()
    server.add(application(workload={"replicas": 2}), scaler("mine"))

    async with Client.connect(transport=server) as client:
        await retarget(client, server)

    assert 2 == replicas(server)


async def test_a_number_that_came_since_the_application_was_read_is_left_alone() -> None:
    server = FakeApiServer()
    server.add(application(), scaler("mine"))
    read = server.find("Application", "shop", "team")
    server.edit("Application", "shop", "team", {"spec": {"workload": {"replicas": 7}}})

    async with Client.connect(transport=server) as client:
        kept = [autoscaling.trimmed(one) for one in server.all(autoscaling.KIND)]
        await autoscaling.retarget(client, kept, read, DEPLOYMENT)

    assert 7 == replicas(server)


async def test_without_an_autoscaler_nothing_is_asked_or_written() -> None:
    server = FakeApiServer()
    server.add(application())

    async with Client.connect(transport=server) as client:
        await retarget(client, server)
        assert [] == server.requests
        await autoscaling.put_back(client, "team", "shop")

    assert {"list"} == {verb for verb, _, _ in server.requests}
