"""The platform on a real cluster: real pods, a real router, and every request counted."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cluster import kubectl, traefik
from serinus.adapters.kubernetes import configs, existing
from serinus.core.state.traffic import Ref
from serinus.core.state.workload import ReplicaState
from tests.cluster import platforms, samples
from tests.cluster.platforms import World, application, made, template

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world(cluster: Path, namespace: str, routers: Path) -> AsyncIterator[World]:
    del routers
    async with platforms.started(cluster, namespace) as found:
        kubectl.apply(application(namespace))

        async def known() -> bool:
            return found.platform.world.caches["Application"].get(namespace, "shop") is not None

        await found.eventually(known)
        yield found


def pods(namespace: str) -> dict[str, dict[str, Any]]:
    """Return the pods that are not ending, by their uids."""
    found = kubectl.get("pods", namespace=namespace)["items"]
    return {p["metadata"]["uid"]: p for p in found if not p["metadata"].get("deletionTimestamp")}


def url(port: int) -> str:
    return f"http://127.0.0.1:{port}/"


async def test_replicas_run_serve_and_end_and_no_request_is_lost(
    world: World, namespace: str
) -> None:
    one, two = made("6.0.0"), made("6.0.1")
    await world.run((one, [0, 1]))
    await world.route((one, 1000))

    async with platforms.load(url(traefik.GATEWAY), host=world.host) as load:
        await load.answered_by("podinfo 6.0.0")
        load.lost.clear()  # until the router had heard of the route
        await world.run((one, [0, 1]), (two, [0, 1]))
        await world.route((one, 500), (two, 500))
        await world.route((one, 0), (two, 1000))
        await load.answered_by("podinfo 6.0.1")
        await world.route((two, 1000))
        await world.run((two, [0, 1]))

    assert {} == load.lost
    assert {"podinfo 6.0.0", "podinfo 6.0.1"} == set(load.answers)


async def test_of_several_pods_the_chosen_one_ends_and_no_request_is_lost(
    world: World, namespace: str
) -> None:
    one = made("6.0.0")
    before = await world.run((one, [0, 1, 2]))
    await world.route((one, 1000))

    async with platforms.load(url(traefik.GATEWAY), host=world.host) as load:
        await load.answered_by("podinfo 6.0.0")
        load.lost.clear()
        after = await world.run((one, [0, 2]))

    assert {} == load.lost
    assert [r for r in before if r.ordinal != 1] == list(after)


async def test_a_pod_that_should_go_goes_though_the_fresh_one_is_not_ready(
    world: World, namespace: str
) -> None:
    one = made("6.0.6-unready")
    await world.ensure((one, [0]))
    await world.noted(lambda r: r.address != "")
    before = set(pods(namespace))

    await world.ensure((one, [1]))

    async def changed() -> bool:
        found = pods(namespace)
        return len(found) == 1 and not before & found.keys()

    await world.eventually(changed)
    await world.noted(lambda r: r.ordinal == 1 and r.note == "its readiness probe fails")


async def test_a_crash_is_told_with_its_code_and_counted(world: World) -> None:
    crashing = made("crash", template(args=["--no-such-flag"]))

    await world.ensure((crashing, [0]))

    replica = await world.noted(lambda r: r.restarts > 0 and r.state is ReplicaState.BACKING_OFF)
    assert re.fullmatch(r"exited with [1-9]\d* after \d+ s", replica.note)


async def test_a_program_that_is_not_there_is_told_of(world: World) -> None:
    lost = made("lost", template(command=["/no/such/program"]))

    await world.ensure((lost, [0]))

    replica = await world.noted(lambda r: "cannot be started" in r.note)
    assert "/no/such/program" in replica.note


async def test_an_image_that_is_nowhere_is_told_by_its_name(world: World) -> None:
    missing = made("none", template(image="nowhere.invalid/shop:9"))

    await world.ensure((missing, [0]))

    replica = await world.noted(lambda r: r.state is ReplicaState.BACKING_OFF)
    assert replica.note.startswith("image nowhere.invalid/shop:9 cannot be pulled: ")


async def test_a_quota_that_is_used_up_is_told_in_numbers(world: World, namespace: str) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "few", "namespace": namespace},
        "spec": {"hard": {"pods": "1"}},
    }
    kubectl.apply(quota)

    await world.ensure((made(), [0, 1]))

    replica = await world.noted(lambda r: "quota" in r.note)
    assert "the quota few is used up: pods 1 of 1; one pod more needs pods 1" == replica.note


async def test_no_room_on_any_node_is_told(world: World) -> None:
    huge = made("huge", template(resources={"requests": {"memory": "900Gi"}}))

    await world.ensure((huge, [0]))

    replica = await world.noted(lambda r: "room" in r.note)
    assert replica.note.startswith("no node has room for it: insufficient memory")


async def test_too_much_memory_is_told(world: World) -> None:
    small = template(resources={"limits": {"memory": "6Mi"}})

    await world.ensure((made("small", small), [0]))

    replica = await world.noted(lambda r: r.restarts > 0 and bool(r.note))
    assert "killed for using more memory than its limit of 6Mi" == replica.note


async def test_a_revision_keeps_the_configuration_that_it_came_with(
    world: World, namespace: str
) -> None:
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "words", "namespace": namespace},
        "data": {"PODINFO_UI_COLOR": "#111111"},
    }
    kubectl.apply(config)
    source = [{"configMapRef": {"name": "words"}}]
    digest = configs.digest(config)
    one = made("6.0.0", template(envFrom=source), files={"ConfigMap/words": digest})
    await world.run((one, [0]))
    kubectl.apply({**config, "data": {"PODINFO_UI_COLOR": "#222222"}})

    pod = next(iter(pods(namespace).values()))
    kubectl.run("delete", "pod", pod["metadata"]["name"], "-n", namespace, "--wait=false")

    async def anew() -> bool:
        (replica,) = await world.platform.replicas(world.key)
        fresh = not pods(namespace).keys() & {pod["metadata"]["uid"]}
        return replica.state is ReplicaState.READY and fresh

    await world.eventually(anew)
    (pod,) = pods(namespace).values()
    name = pod["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"]
    assert f"words-{digest[:10]}" == name
    copy = kubectl.get("configmap", name, namespace)
    assert ({"PODINFO_UI_COLOR": "#111111"}, True) == (copy["data"], copy["immutable"])


async def test_what_runs_goes_when_its_application_does(world: World, namespace: str) -> None:
    await world.run((made(), [0]))

    kubectl.run("delete", "application", "shop", "-n", namespace)

    async def gone() -> bool:
        return not kubectl.get("deployments", namespace=namespace)["items"]

    await world.eventually(gone)


# --- adopting and leaving -------------------------------------------------------------------------


@pytest.fixture
async def adopting(cluster: Path, namespace: str, routers: Path) -> AsyncIterator[World]:
    """A Deployment, a Service, a route and an autoscaler of a user, and an Application."""
    del routers
    kubectl.apply(
        *samples.podinfo(namespace, "6.0.0", replicas=3),
        samples.http_route(namespace, f"{namespace}.test"),
        scaler(namespace),
    )
    kubectl.run("rollout", "status", "deployment/shop", "-n", namespace, "--timeout=60s")
    async with platforms.started(cluster, namespace, ref=Ref("HTTPRoute", "shop")) as found:
        reference = {"kind": "Deployment", "name": "shop"}
        kubectl.apply(application(namespace, workload={"port": 9898}, workloadRef=reference))

        async def known() -> bool:
            return found.platform.world.caches["Application"].get(namespace, "shop") is not None

        await found.eventually(known)
        yield found


def scaler(namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "shop", "namespace": namespace},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
            "minReplicas": 3,
            "maxReplicas": 9,
        },
    }


def of_user(namespace: str) -> Any:
    """Return the revision that the user's Deployment asks for."""
    deployment = kubectl.get("deployment", "shop", namespace)
    found = existing.of_deployment(deployment)
    image = found["spec"]["containers"][0]["image"]
    return made(image.partition(":")[2], found)


def theirs(namespace: str) -> dict[str, Any]:
    """Return the specs of the user's objects."""
    return {
        kind: kubectl.get(kind, "shop", namespace)["spec"]
        for kind in ("deployment", "service", "httproute", "hpa")
    }


async def adopted(world: World, namespace: str) -> Any:
    one = of_user(namespace)
    await world.run((one, range(3)))
    await world.route((one, 1000))
    return one


async def test_adopting_and_leaving_change_nothing_and_lose_no_request(
    adopting: World, namespace: str
) -> None:
    before, running = theirs(namespace), set(pods(namespace))
    address = before["service"]["clusterIP"]
    async with platforms.load(
        url(traefik.GATEWAY), f"http://{address}/", host=adopting.host
    ) as load:
        await load.answered_by("podinfo 6.0.0")
        load.lost.clear()
        await adopted(adopting, namespace)
        deployment = kubectl.get("deployment", "shop", namespace)
        assert deployment["spec"]["paused"]
        await adopting.leave()

    after = theirs(namespace)
    assert {} == load.lost
    assert running == set(pods(namespace))
    assert before == after
    assert not kubectl.get("deployment", "shop", namespace)["metadata"]["annotations"].keys() - {
        "deployment.kubernetes.io/revision"
    }
    assert {"shop"} == names("services", namespace) == names("deployments", namespace)


def names(kind: str, namespace: str) -> set[str]:
    return {o["metadata"]["name"] for o in kubectl.get(kind, namespace=namespace)["items"]}


async def test_an_adopted_application_is_released_and_left_and_loses_no_request(
    adopting: World, namespace: str
) -> None:
    before = theirs(namespace)
    address = before["service"]["clusterIP"]
    async with platforms.load(
        url(traefik.GATEWAY), f"http://{address}/", host=adopting.host
    ) as load:
        await load.answered_by("podinfo 6.0.0")
        load.lost.clear()  # until the router had heard of the user's route
        one = await adopted(adopting, namespace)
        kubectl.run("set", "image", "deployment/shop", "app=podinfo:6.0.1", "-n", namespace)
        two = of_user(namespace)
        await adopting.run((one, range(3)), (two, range(3)))
        await adopting.route((one, 900), (two, 100))
        await adopting.route((one, 0), (two, 1000))
        await load.answered_by("podinfo 6.0.1")
        await adopting.route((two, 1000))
        await adopting.run((two, range(3)))
        assert 0 == kubectl.get("deployment", "shop", namespace)["spec"]["replicas"]
        await adopting.leave()

    after = theirs(namespace)
    assert {} == load.lost
    assert {"podinfo 6.0.0", "podinfo 6.0.1"} == set(load.answers)
    for kind in ("service", "httproute", "hpa"):
        assert before[kind] == after[kind]
    assert 3 == after["deployment"]["replicas"]
    assert "podinfo:6.0.1" == after["deployment"]["template"]["spec"]["containers"][0]["image"]
    assert {"shop"} == names("services", namespace) == names("deployments", namespace)


async def test_an_application_that_is_deleted_in_flight_goes_back_to_stable(
    adopting: World, namespace: str
) -> None:
    running = set(pods(namespace))
    address = theirs(namespace)["service"]["clusterIP"]
    async with platforms.load(
        url(traefik.GATEWAY), f"http://{address}/", host=adopting.host
    ) as load:
        await load.answered_by("podinfo 6.0.0")
        load.lost.clear()  # until the router had heard of the user's route
        one = await adopted(adopting, namespace)
        kubectl.run("set", "image", "deployment/shop", "app=podinfo:6.0.1", "-n", namespace)
        two = of_user(namespace)
        await adopting.run((one, range(3)), (two, [0]))
        await adopting.route((one, 900), (two, 100))
        kubectl.run("delete", "application", "shop", "-n", namespace, "--wait=false")
        await adopting.leave()

    assert {} == load.lost
    assert running == set(pods(namespace))
    deployment = kubectl.get("deployment", "shop", namespace)
    assert one.workload.template == existing.of_deployment(deployment)
    assert set() == names("applications.serinus.dev", namespace)


async def test_adopted_released_and_left_without_any_proxy_no_request_is_lost(
    cluster: Path, namespace: str
) -> None:
    kubectl.apply(*samples.podinfo(namespace, "6.0.0", replicas=3))
    kubectl.run("rollout", "status", "deployment/shop", "-n", namespace, "--timeout=60s")
    before = kubectl.get("service", "shop", namespace)["spec"]
    async with platforms.started(cluster, namespace, proxy=False) as world:
        reference = {"kind": "Deployment", "name": "shop"}
        kubectl.apply(application(namespace, workload={"port": 9898}, workloadRef=reference))

        async def known() -> bool:
            return world.platform.world.caches["Application"].get(namespace, "shop") is not None

        await world.eventually(known)
        async with platforms.load(f"http://{before['clusterIP']}/", host=world.host) as load:
            one = await adopted(world, namespace)
            kubectl.run("set", "image", "deployment/shop", "app=podinfo:6.0.1", "-n", namespace)
            two = of_user(namespace)
            await world.run((one, range(3)), (two, range(1)))
            await world.route((one, 750), (two, 250))
            await world.run((one, range(3)), (two, range(3)))
            await world.route((one, 0), (two, 1000))
            await load.answered_by("podinfo 6.0.1")
            await world.route((two, 1000))
            await world.run((two, range(3)))
            await world.leave()

    assert {} == load.lost
    assert {"podinfo 6.0.0", "podinfo 6.0.1"} == set(load.answers)
    assert before == kubectl.get("service", "shop", namespace)["spec"]
