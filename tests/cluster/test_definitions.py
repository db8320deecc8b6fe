"""The resource definitions, and what is read of objects, on a real API server."""

import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from cluster import kubectl
from serinus.adapters.kubernetes import crd, existing, policies, specs, template
from serinus.adapters.kubernetes.cache import Cache, slim
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.specs import Ground, Specs
from serinus.adapters.local.clock import Clock
from serinus.adapters.local.specs import Specs as LocalSpecs
from serinus.boot import catalogue
from serinus.ports.store import Asked
from tests.adapters.kubernetes import applications
from tests.cluster import controllers

ROOT = Path(__file__).parents[2]
ENV = "kubernetes"
IMAGE = {"image": "podinfo:6.0.0", "port": 9898, "health": {"path": "/readyz"}}
DIGEST = "0123456789abcdef" * 4
RELEASE = {
    "application": "shop",
    "environment": ENV,
    "number": 1,
    "candidate": DIGEST,
    "version": "v1",
    "delivery": {"steps": [{"share": 10}]},
    "deliveryHash": DIGEST,
    "replicas": 1,
    "createdAt": "2026-03-04T05:06:07.123456Z",
}


@pytest.fixture(scope="session")
def defined(cluster: Path) -> Path:
    """A cluster that knows our kinds."""
    kubectl.run("apply", "--server-side", "--force-conflicts", "-f", str(ROOT / "deploy" / "crds"))
    names = [f"crd/{one.plural}.serinus.dev" for one in crd.DEFINITIONS]
    kubectl.run("wait", "--for=condition=Established", "--timeout=30s", *names)
    return cluster


@pytest.fixture
def place(defined: Path, namespace: str) -> str:
    """A namespace of such a cluster."""
    assert defined.exists()
    return namespace


def document(kind: str, name: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    head = {"apiVersion": "serinus.dev/v1alpha1", "kind": kind}
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return head | {"metadata": metadata, "spec": spec}


def refusal(*documents: dict[str, Any]) -> str:
    """Return what the API server says against documents; empty if it would take them."""
    text = "\n---\n".join(map(json.dumps, documents))
    try:
        kubectl.run("apply", "--server-side", "--dry-run=server", "-f", "-", given=text)
    except RuntimeError as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize(
    ("name", "spec", "said"),
    [
        ("shop", {}, "say what runs: workload.image, or workloadRef"),
        ("shop", {"workloadRef": {"name": "a"}, "workload": IMAGE}, "leave workload.image away"),
        ("s" * 53, {"workload": IMAGE}, "a name has at most 52 letters"),
        ("shop.eu", {"workload": IMAGE}, "a name holds a-z, 0-9 and '-' only"),
        ("shop", {"workload": IMAGE | {"replicas": 0}}, "greater than or equal to 1"),
        ("shop", {"workload": IMAGE | {"env": {"PORT": "1"}}}, "take ${port}"),
        ("shop", {"workload": IMAGE | {"imgae": "x"}}, "imgae: field not declared in schema"),
        ("shop", {"workload": IMAGE, "environments": {"a b": {}}}, "an environment's name holds"),
    ],
)
def test_the_api_server_refuses_an_application_that_cannot_be(
    defined: Path, name: str, spec: dict[str, Any], said: str
) -> None:
    assert defined.exists()
    assert said in refusal(document("Application", name, "default", spec))


def test_it_takes_what_is_exported_and_keeps_each_null(place: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "howto" / "take-it-to-kubernetes.md").read_text()
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    written = next(block for block in blocks if "command: [./shop" in block)
    (tmp_path / "shop.yaml").write_text(written.replace("DEBUG: on", "DEBUG: on, N: '1_0'"))
    exported = LocalSpecs(tmp_path, tmp_path / "home", catalogue.builtin()).export(place)
    kubectl.run("apply", "--server-side", "-f", "-", given=exported.manifests[0].text)
    found = kubectl.get("application", "shop", place)["spec"]
    spec = {"workload": IMAGE | {"health": {"path": None}}, "delivery": {"onFail": None}}
    kubectl.apply(document("Application", "nulls", place, spec))

    assert {"DEBUG": "on", "N": "1_0"} == found["workload"]["env"]
    assert spec == kubectl.get("application", "nulls", place)["spec"]


@pytest.mark.parametrize("kind", ["DeliveryTemplate", "ClusterDeliveryTemplate"])
def test_it_takes_every_template_of_ours(defined: Path, kind: str) -> None:
    texts = [catalogue.text(name) for name in catalogue.names()]
    given = "\n---\n".join(texts).replace("kind: DeliveryTemplate", f"kind: {kind}")

    assert defined.exists()
    kubectl.run("apply", "--server-side", "--dry-run=server", "-f", "-", given=given)


def test_releases_and_intents_never_change(place: str) -> None:
    kubectl.apply(
        document("Release", "shop-1", place, RELEASE),
        document("Intent", "wish", place, {"application": "shop", "verb": "pause", "actor": "ana"}),
    )
    changes = {"release/shop-1": {"delivery": {"steps": []}}, "intent/wish": {"verb": "resume"}}
    for name, change in changes.items():
        patch = json.dumps({"spec": change})
        with pytest.raises(RuntimeError, match="an Intent and a Release never change"):
            kubectl.run("patch", name, "-n", place, "--type=merge", "-p", patch)

    assert "Unsupported value" in refusal(
        document("Intent", "other", place, {"application": "shop", "verb": "explode"})
    )


def test_a_version_of_a_template_never_changes_but_may_be_deprecated(place: str) -> None:
    kubectl.apply(*policies.templates())
    version = "1.0.0"
    step = {"traffic": {"candidate": "10%"}, "hold": {"for": "1m"}}
    spec = {"template": "calm", "version": version, "strategy": "canary", "plan": [step]}
    kubectl.apply(document("DeliveryTemplate", f"calm-{version}", place, spec))
    other = {"plan": [step | {"hold": {"for": "9m"}}]}

    def refused() -> str:
        try:
            changed(place, other)
        except RuntimeError as problem:
            return str(problem)
        changed(place, {"plan": [step]})
        return ""

    told = controllers.until(refused, "the API server has the policy")
    changed(place, {"deprecated": {"message": "take calm@2.0.0"}})

    assert "a version of a template never changes: make a new one, calm-<version>" in told
    kept = kubectl.get("deliverytemplate", f"calm-{version}", place)["spec"]
    assert ([step], {"message": "take calm@2.0.0"}) == (kept["plan"], kept["deprecated"])


def changed(place: str, spec: dict[str, Any]) -> None:
    """Change the template, as somebody does with kubectl."""
    patch = json.dumps({"spec": spec})
    kubectl.run("patch", "dt/calm-1.0.0", "-n", place, "--type=merge", "-p", patch)


def test_environments_and_templates_say_whether_they_can_be_used(
    place: str, tmp_path: Path
) -> None:
    target = {"namespaces": [place]}
    windows = [{"name": "night", "weekly": "Mon"}]
    spec = {"template": "calm", "version": "1.0.0", "strategy": "canary", "plan": [{}]}
    kubectl.apply(
        document("Environment", place, "", {"target": target, "windows": windows}),
        document("DeliveryTemplate", "calm-1.0.0", place, spec),
    )
    try:
        with controllers.controller(place, tmp_path, router="replicas", environment=place):
            stalled = ("--for=condition=Stalled", "--timeout=60s")
            kubectl.run("wait", *stalled, f"environment/{place}")
            kubectl.run("wait", *stalled, "-n", place, "dt/calm-1.0.0")
            shown = kubectl.run("get", "environment", place, "-o", "wide")
            kubectl.run(
                *("patch", "environment", place, "--type=merge"),
                *("-p", json.dumps({"spec": {"windows": None}})),
            )
            ready = ("--for=condition=Ready", "--timeout=60s")
            kubectl.run("wait", *ready, f"environment/{place}")
    finally:
        kubectl.run("delete", "environment", place)

    assert "spec.windows[0].weekly" in shown


def test_kubectl_explains_scales_and_shows_them(place: str) -> None:
    kubectl.apply(document("Application", "shop", place, {"workload": IMAGE}))
    kubectl.run("scale", "application", "shop", "-n", place, "--replicas=3")
    explained = kubectl.run("explain", "application.spec.workload.configMaps")
    shown = kubectl.run("get", "serinus", "-n", place)

    assert 3 == kubectl.get("application", "shop", place)["spec"]["workload"]["replicas"]
    assert "part of the revision" in " ".join(explained.split())
    assert "PHASE" in shown
    assert "CANDIDATE" in shown


def test_a_pod_of_a_template_gets_ready_and_is_read_back_as_it_was_written(place: str) -> None:
    workload = IMAGE | {"command": "/podinfo --port ${port}", "configMaps": ["settings"]}
    mounted = {"name": "app", "volumeMounts": [{"name": "cache", "mountPath": "/cache"}]}
    pod = {"spec": {"containers": [mounted], "volumes": [{"name": "cache", "emptyDir": {}}]}}
    resources = {"cpu": "10m", "memory": "32Mi"}
    found = applications.resolved(workload | {"resources": resources, "pod": pod})
    made = template.of(found, "shop")
    labels = {"matchLabels": {"serinus.dev/application": "shop"}}
    spec = {"replicas": 1, "selector": labels, "template": made}
    metadata = {"name": "shop", "namespace": place}
    settings = {"metadata": metadata | {"name": "settings"}, "data": {"A": "b"}}
    kubectl.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", **settings},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec},
    )
    kubectl.run("rollout", "status", "deployment/shop", "-n", place, "--timeout=60s")

    # A template of our own writes out what the API server would fill in; both are read alike.
    assert existing.of_deployment(kubectl.get("deployment", "shop", place)) == (
        existing.of_deployment({"metadata": metadata, "spec": spec})
    )


# --- specs --------------------------------------------------------------------------------------


@asynccontextmanager
async def following(kubeconfig: Path, namespace: str) -> AsyncIterator[tuple[Specs, Client]]:
    """Specs over caches of one namespace."""
    trims = {"ConfigMap": specs.trimmed, "Secret": specs.trimmed}
    async with Client.connect(kubeconfig) as client, anyio.create_task_group() as tasks:
        caches = {
            kind: Cache(client, Clock(), kind, namespace, trim=trims.get(kind, slim))
            for kind in specs.KINDS
        }
        for cache in caches.values():
            tasks.start_soon(cache.run)
            await cache.ready.wait()
        yield Specs(caches, Ground(catalogue.builtin())), client
        tasks.cancel_scope.cancel()


async def until(found: Specs, name: str, so: Callable[[Asked], bool]) -> float:
    """Wait until something is asked for, and return how many seconds that took."""
    began = time.monotonic()
    with anyio.fail_after(20):
        while not so(found.asked(name, ENV)):  # noqa: ASYNC110  the cluster sets no event of ours
            await anyio.sleep(0.02)
    return time.monotonic() - began


async def test_what_people_write_is_wanted_within_a_second(cluster: Path, place: str) -> None:
    name = f"{place}/shop"
    spec = {"workload": IMAGE | {"configMaps": ["settings"]}}
    settings = {"metadata": {"name": "settings", "namespace": place}, "data": {"A": "1"}}
    async with following(cluster, place) as (found, client):
        await client.apply(document("Application", "shop", place, spec))
        await until(found, name, lambda asked: "ConfigMap" in asked.problem)
        await client.apply({"apiVersion": "v1", "kind": "ConfigMap", **settings})
        await until(found, name, lambda asked: asked.wanted is not None)
        first = found.asked(name, ENV).wanted
        spec["workload"]["image"] = "podinfo:6.0.1"
        await client.apply(document("Application", "shop", place, spec))
        took = await until(
            found, name, lambda asked: asked.wanted is not None and asked.wanted != first
        )
        second = found.asked(name, ENV).wanted

    assert first is not None
    assert second is not None
    assert ("6.0.0", "6.0.1") == (first.revision.version, second.revision.version)
    assert took < 1


async def test_an_adopted_deployment_is_wanted_as_it_changes(cluster: Path, place: str) -> None:
    name = f"{place}/shop"
    kubectl.run("create", "deployment", "web", "-n", place, "--image=podinfo:6.0.0")
    async with following(cluster, place) as (found, client):
        spec = {"workloadRef": {"name": "web"}, "workload": {"port": 9898}}
        await client.apply(document("Application", "shop", place, spec))
        await until(found, name, lambda asked: asked.wanted is not None)
        first = found.asked(name, ENV).wanted
        kubectl.run("scale", "deployment", "web", "-n", place, "--replicas=2")
        await until(found, name, lambda a: a.wanted is not None and a.wanted.replicas == 2)
        scaled = found.asked(name, ENV).wanted
        kubectl.run("set", "image", "deployment/web", "podinfo=podinfo:6.0.1", "-n", place)
        await until(
            found, name, lambda a: a.wanted is not None and a.wanted.revision.version == "6.0.1"
        )
        changed = found.asked(name, ENV).wanted

    assert first is not None
    assert scaled is not None
    assert changed is not None
    assert first.revision.id == scaled.revision.id != changed.revision.id
