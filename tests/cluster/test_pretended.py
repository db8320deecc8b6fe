"""
The API server that unit tests pretend answers as the real one does.

The same questions are put to both; what comes back must be the same: the failures and their kinds,
and the fields that our code goes by.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from serinus.adapters.kubernetes.client import Client
from serinus.ports.failures import PortFailure
from tests.adapters.kubernetes.apiserver import FakeApiServer

Object = dict[str, Any]
NAMESPACE = "pretended"


def config(namespace: str, name: str = "a", **data: str) -> Object:
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def deployment(namespace: str, image: str = "podinfo:6.0.0", **more: Any) -> Object:
    labels = {"app": "shop"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "app", "image": image}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": namespace, "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": template, "replicas": 0, **more},
    }


class Told:
    """What became of each question, in words that both servers share."""

    def __init__(self) -> None:
        self.words: list[Any] = []

    async def of(self, asked: Awaitable[Any], *paths: str) -> Any:
        try:
            answer = await asked
        except PortFailure as failure:
            self.words.append(type(failure).__name__)
            return None
        self.words.append([_at(answer, path) for path in paths])
        return answer


def _at(found: Any, path: str) -> Any:
    for part in path.split("."):
        if found is None:
            return None
        found = found[int(part)] if isinstance(found, list) else found.get(part)
    return found


async def versions(client: Client, ns: str, told: Told) -> None:
    made = await told.of(client.create(config(ns, x="1")), "data", "metadata.generation")
    await told.of(client.create(config(ns)))
    await told.of(client.replace({**made, "data": {"x": "2"}}), "data")
    await told.of(client.replace(made))
    await told.of(client.get("ConfigMap", "b", ns))
    await told.of(client.patch("ConfigMap", "b", ns, {"data": {}}))
    await told.of(client.delete("ConfigMap", "a", ns, uid="another"))
    await told.of(client.delete("ConfigMap", "a", ns, uid=made["metadata"]["uid"]))
    await told.of(client.delete("ConfigMap", "a", ns, missing_ok=False))


async def same_again(client: Client, ns: str, told: Told) -> None:
    first = await client.apply(config(ns, x="1"))
    second = await client.apply(config(ns, x="1"))
    third = await client.patch("ConfigMap", "a", ns, {"data": {"x": "1"}})
    versions = [one["metadata"]["resourceVersion"] for one in (first, second, third)]
    told.words.append(len(set(versions)))


async def fields_of_several(client: Client, ns: str, told: Told) -> None:
    await told.of(client.apply(config(ns, ours="1", both="1")), "data")
    await told.of(client.apply(config(ns, both="1", theirs="1"), manager="argocd"), "data")
    await told.of(client.apply(config(ns, both="2"), manager="argocd", force=False))
    await told.of(client.apply(config(ns, ours="2")), "data")
    await told.of(client.apply(config(ns, both="3"), force=False))
    await told.of(client.apply(config(ns, both="3")), "data")
    await told.of(client.apply(config(ns), manager="argocd"), "data")
    await told.of(client.patch("ConfigMap", "a", ns, {"data": {"both": "4"}}), "data")
    await told.of(client.apply(config(ns, both="5"), manager="flux", force=False))
    await told.of(client.apply(config(ns)), "data")


async def containers_of_several(client: Client, ns: str, told: Told) -> None:
    containers = "spec.template.spec.containers"
    await told.of(client.apply(deployment(ns)), f"{containers}.0.image", "metadata.generation")
    side: Object = {"spec": {"template": {"spec": {"containers": [{"name": "s", "image": "s:1"}]}}}}
    added = client.patch("Deployment", "shop", ns, side, type="strategic")
    await told.of(added, f"{containers}.0.name", f"{containers}.1.name", "metadata.generation")
    again = client.apply(deployment(ns, "podinfo:6.0.1"))
    await told.of(again, f"{containers}.1.image", f"{containers}.1.name", "metadata.generation")
    paused = [{"op": "add", "path": "/spec/paused", "value": True}]
    await told.of(client.patch("Deployment", "shop", ns, paused, type="json"), "spec.paused")
    await told.of(client.apply(deployment(ns, "podinfo:6.0.1")), "spec.paused")
    wrong = [{"op": "test", "path": "/spec/paused", "value": False}]
    await told.of(client.patch("Deployment", "shop", ns, wrong, type="json"))


def ingress(namespace: str, host: str, **status: Any) -> Object:
    """An object with a status that nobody in the cluster writes."""
    backend = {"service": {"name": "shop", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "shop", "namespace": namespace},
        "spec": {"ingressClassName": "nobody", "rules": [{"host": host, "http": {"paths": paths}}]},
        "status": {"loadBalancer": status},
    }


async def status_and_spec(client: Client, ns: str, told: Told) -> None:
    parts = ("spec.rules.0.host", "status.loadBalancer.ingress", "metadata.generation")
    here = {"ingress": [{"ip": "10.0.0.1"}]}
    await told.of(client.create(ingress(ns, "one", **here)), *parts)
    await told.of(client.patch("Ingress", "shop", ns, {"status": {"loadBalancer": here}}), *parts)
    made = await client.get("Ingress", "shop", ns)
    both = {**ingress(ns, "two", **here), "metadata": made["metadata"]}
    await told.of(client.replace_status(both), *parts)
    await told.of(client.replace_status(both), *parts)
    await told.of(client.apply(ingress(ns, "three")), *parts)
    await told.of(client.apply_status(ingress(ns, "four", ingress=[{"ip": "10.0.0.2"}])), *parts)
    await told.of(client.patch("ConfigMap", "a", ns, {}, subresource="status"))


async def finalizers(client: Client, ns: str, told: Told) -> None:
    held = config(ns)
    held["metadata"]["finalizers"] = ["serinus.dev/hold"]
    await client.create(held)
    await told.of(client.delete("ConfigMap", "a", ns))
    found = await told.of(client.get("ConfigMap", "a", ns), "metadata.finalizers")
    told.words.append("deletionTimestamp" in found["metadata"])
    await told.of(client.patch("ConfigMap", "a", ns, {"metadata": {"finalizers": None}}))
    await told.of(client.get("ConfigMap", "a", ns))


async def selectors(client: Client, ns: str, told: Told) -> None:
    for name, labels in (("a", {"app": "x"}), ("b", {"app": "y"}), ("c", {"tier": "z"})):
        obj = config(ns, name)
        obj["metadata"]["labels"] = labels
        await client.create(obj)
    for selector in ("app=x", "app!=x", "app", "!app", "app in (x, y)", "app notin (x),tier=z"):
        found, _ = await client.list("ConfigMap", ns, selector)
        mine = [o["metadata"]["name"] for o in found if len(o["metadata"]["name"]) == 1]
        told.words.append((selector, mine))


SCENES: list[Callable[[Client, str, Told], Awaitable[None]]] = [
    versions,
    same_again,
    fields_of_several,
    containers_of_several,
    status_and_spec,
    finalizers,
    selectors,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_both_answer_alike(
    scene: Callable[[Client, str, Told], Awaitable[None]], cluster: Path, namespace: str
) -> None:
    real, pretended = Told(), Told()
    async with Client.connect(cluster) as client:
        await scene(client, namespace, real)
    async with Client.connect(transport=FakeApiServer()) as client:
        await scene(client, namespace, pretended)

    assert real.words == pretended.words
