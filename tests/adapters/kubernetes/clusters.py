"""Clusters with a Deployment of somebody else in them, and controllers that die."""

from typing import Any

from serinus.adapters.kubernetes import existing
from serinus.core.state.workload import Revision
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import World, application, made, template


def deployment(version: str = "1", replicas: int = 2) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": "team", "labels": {"team": "tea"}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "shop"}},
            "template": template(version),
        },
    }


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "shop", "namespace": "team"},
    "spec": {"selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": 8080}]},
}
SCALER = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "shop", "namespace": "team"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
        "maxReplicas": 9,
    },
}


def cluster() -> FakeApiServer:
    server = FakeApiServer()
    server.add(deployment(), SERVICE, SCALER)
    server.add(application(workloadRef={"kind": "Deployment", "name": "shop"}))
    server.settle()
    return server


def user(server: FakeApiServer) -> dict[str, Any]:
    return server.find("Deployment", "shop", "team")


def revision(server: FakeApiServer) -> Revision:
    """Return the revision that the Deployment's template is."""
    return made("1", template=existing.of_deployment(user(server)))


def uids(server: FakeApiServer) -> set[str]:
    return {pod["metadata"]["uid"] for pod in server.all("Pod")}


async def promoted(world: World) -> Revision:
    """Adopt the Deployment, edit its template, and let the new revision serve alone."""
    one = revision(world.server)
    await world.run((one, [0, 1]))
    await world.route((one, 1000))
    world.server.edit("Deployment", "shop", "team", {"spec": {"template": template("2")}})
    two = made("2", template=existing.of_deployment(user(world.server)))
    await world.run((one, [0, 1]), (two, [0, 1]))
    await world.route((one, 0), (two, 1000))
    await world.route((two, 1000))
    await world.run((two, [0, 1]))
    await world.settle()
    return two


def die_after(server: FakeApiServer, writes: int) -> None:
    """Let nothing be written any more after so many writes."""
    done = 0

    def count(_: str, __: object) -> None:
        nonlocal done
        done += 1
        if done > writes:
            for verb in ("create", "patch", "apply", "delete", "replace"):
                server.fail(verb, "*", times=10_000)

    server.admit = count


def revive(server: FakeApiServer) -> None:
    server.heal()
    server.admit = lambda *_: None
