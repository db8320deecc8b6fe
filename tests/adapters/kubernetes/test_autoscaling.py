from typing import Any

from serinus.adapters.kubernetes import autoscaling
from serinus.adapters.kubernetes.client import Client
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import application

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}
DEPLOYMENT: dict[str, Any] = {"metadata": {"name": "shop"}, "spec": {"replicas": 4}}


def scaler(named: str, **target: str) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": named, "namespace": "team"},
        "spec": {"scaleTargetRef": {**TARGET, **target}, "maxReplicas": 9},
    }


async def test_an_autoscaler_follows_the_application_and_is_given_back_as_it_was() -> None:
    server = FakeApiServer()
    server.add(application(), scaler("mine"), scaler("other", name="blog"))
    before = server.find("HorizontalPodAutoscaler", "mine", "team")["spec"]

    async with Client.connect(transport=server) as client:
        shop = server.find("Application", "shop", "team")
        await autoscaling.retarget(client, shop, DEPLOYMENT)

        adopted = server.find("HorizontalPodAutoscaler", "mine", "team")
        target = {"apiVersion": "serinus.dev/v1alpha1", "kind": "Application", "name": "shop"}
        assert {"scaleTargetRef": target, "maxReplicas": 9} == adopted["spec"]
        assert 4 == server.find("Application", "shop", "team")["spec"]["workload"]["replicas"]
        other = server.find("HorizontalPodAutoscaler", "other", "team")
        assert "blog" == other["spec"]["scaleTargetRef"]["name"]

        await autoscaling.put_back(client, "team", "shop")

    after = server.find("HorizontalPodAutoscaler", "mine", "team")
    assert before == after["spec"]
    assert not after["metadata"].get("annotations")


async def test_a_number_of_replicas_that_somebody_wrote_is_left_alone() -> None:
    server = FakeApiServer()
    server.add(application(workload={"replicas": 2}), scaler("mine"))

    async with Client.connect(transport=server) as client:
        shop = server.find("Application", "shop", "team")
        await autoscaling.retarget(client, shop, DEPLOYMENT)

    assert 2 == server.find("Application", "shop", "team")["spec"]["workload"]["replicas"]


async def test_without_an_autoscaler_nothing_is_written() -> None:
    server = FakeApiServer()
    server.add(application())

    async with Client.connect(transport=server) as client:
        shop = server.find("Application", "shop", "team")
        await autoscaling.retarget(client, shop, DEPLOYMENT)
        await autoscaling.put_back(client, "team", "shop")

    assert {"list"} == {verb for verb, _, _ in server.requests}
