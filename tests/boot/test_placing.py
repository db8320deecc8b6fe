from typing import Any

import pytest

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.platform import Behaviour, Platform
from serinus.adapters.memory.router import Router
from serinus.adapters.memory.store import Store
from serinus.adapters.routers.kubernetes_parts import services
from serinus.app.office import Manifests, Sought
from serinus.boot import cluster as boot
from serinus.boot.placing import Placing
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Ref
from serinus.ports import Ports
from serinus.ports.failures import Missing, Rejected
from tests import builders
from tests.adapters.kubernetes.cluster import ENV, IMAGE, Cluster
from tests.builders import OLD

pytestmark = pytest.mark.anyio

KEY = Key("team/shop", ENV)
GATEWAY = {
    "target": {"namespaces": ["team"]},
    "router": {"gatewayapi": {"gateway": {"name": "web", "namespace": "infra"}}},
}


def data(**spec: Any) -> dict[str, Any]:
    given = spec if "workloadRef" in spec else {"workload": IMAGE} | spec
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": "team"},
        "spec": given,
    }


def placing(cluster: Cluster, store: Store, **there: Document) -> Placing:
    clock = Clock()
    platform = Platform(clock, lambda *_: Behaviour())
    for kind, document in there.items():
        platform._documents[Ref(kind, "team/shop")] = document
    ports = Ports(platform, Router(), store, clock)
    return Placing(cluster.specs, ports, boot.placed, "team")


async def render(
    shown: dict[str, Any],
    whole: dict[str, Any] | None = None,
    *,
    serves: str | None = OLD,
    cluster: Cluster | None = None,
    **there: Document,
) -> Manifests:
    store = Store()
    if serves:
        await store.record(builders.idle(KEY, stable=serves))
    used = placing(cluster or Cluster(), store, **there)
    return await used.render(Sought(shown, whole or shown, ENV))


def names(found: Manifests) -> list[str]:
    return [one.name for one in found.manifests]


async def test_the_deployment_and_the_services_of_the_first_step_are_shown() -> None:
    cluster = Cluster()
    found = await render(data(workload=IMAGE | {"resources": {"memory": "64Mi"}}), cluster=cluster)

    deployment, *rest = found.manifests
    assert found.sentence.startswith("As the release of v1 begins: ")
    assert deployment.name.startswith("Deployment shop-")
    for part in ("image: shop:v1", "containerPort: 9898", "memory: 64Mi", "readinessProbe:"):
        assert part in deployment.text, deployment.text
    short = deployment.name.partition("shop-")[2]
    assert [f"Service shop-{OLD[:10]}", f"Service shop-{short}", "Service shop"] == (
        [one.name for one in rest]
    )
    assert "targetPort: 9898" in rest[1].text
    assert "goes when that goes" in deployment.about


async def test_the_router_of_the_environment_is_told_its_first_step() -> None:
    cluster = Cluster()
    cluster.put("Environment", ENV, "", spec=GATEWAY)
    found = await render(data(), cluster=cluster)

    route = next(one for one in found.manifests if one.name == "HTTPRoute shop")
    assert "weight: " in route.text
    assert f"shop-{OLD[:10]}" in route.text


async def test_names_are_those_it_will_have_and_no_secret_is_told() -> None:
    cluster = Cluster()
    whole = data(workload=IMAGE | {"env": {"API_TOKEN": "hunter2"}})
    cluster.application(workload=whole["spec"]["workload"])
    shown = data(workload=IMAGE | {"env": {"API_TOKEN": "•••"}})
    found = await render(shown, whole, cluster=cluster, serves=None)

    assert f"Deployment shop-{cluster.wanted().revision.short}" == found.manifests[0].name
    assert "API_TOKEN" in found.manifests[0].text
    assert "hunter2" not in str(found)
    assert "serves everybody as soon as it is ready" in found.sentence


async def test_no_deployment_is_written_for_what_serves_already() -> None:
    cluster = Cluster()
    cluster.application()
    found = await render(data(), cluster=cluster, serves=cluster.wanted().revision.id)

    assert "so nothing new is written" in found.sentence
    assert not any(name.startswith("Deployment") for name in names(found))


async def test_an_adopted_deployment_is_marked_and_its_secrets_are_not_told() -> None:
    cluster = Cluster()
    env = [{"name": "DB_PASSWORD", "value": "hunter2"}]
    container = {"name": "web", "image": "shop:v1", "env": env, "ports": [{"containerPort": 80}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    cluster.deployment(template=template)
    adopts = data(workloadRef={"kind": "Deployment", "name": "web"})
    first = await render(adopts, cluster=cluster, serves=None)
    later = await render(adopts, cluster=cluster)

    assert ("Deployment web", True) == (names(first)[0], "paused: true" in first.manifests[0].text)
    assert "DB_PASSWORD" in later.manifests[0].text
    assert "hunter2" not in str(first) + str(later)


async def test_a_service_of_a_user_is_shown_with_what_is_changed_in_it() -> None:
    root = {
        "apiVersion": "v1",
        "kind": services.KIND,
        "metadata": {"name": "shop", "namespace": "team"},
        "spec": {"selector": {"app": "shop"}, "ports": [{"port": 80, "name": "web"}]},
    }
    found = await render(data(), Service=root)

    assert "serinus.dev/original" in found.manifests[-1].text


async def test_what_cannot_be_placed_is_told() -> None:
    with pytest.raises(Rejected, match="ConfigMap team/none is not there"):
        await render(data(workload=IMAGE | {"configMaps": ["none"]}))
    guest = data(route={"ref": {"kind": "HTTPRoute", "name": "none"}})
    cluster = Cluster()
    cluster.put("Environment", ENV, "", spec=GATEWAY)
    with pytest.raises(Missing, match="HTTPRoute team/none is not there"):
        await render(guest, cluster=cluster)
