"""
An autoscaler of an adopted Deployment: it follows the application, and is given back on leaving.

::

    before    HorizontalPodAutoscaler ─▶ Deployment shop
    adopted   HorizontalPodAutoscaler ─▶ Application shop, whose replicas go to whoever serves

Nothing else of it is changed: its metrics and its bounds are its owner's.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from serinus.adapters.kubernetes.client import Client
from serinus.core.state import labels

Object = dict[str, Any]

KIND = "HorizontalPodAutoscaler"


async def retarget(client: Client, application: Object, deployment: Object) -> None:
    """Let every autoscaler of the Deployment scale the Application instead."""
    meta = application["metadata"]
    found, _ = await client.list(KIND, meta["namespace"])
    mine = list(_of(found, "Deployment", deployment["metadata"]["name"]))
    if not mine:
        return
    if (application.get("spec") or {}).get("workload", {}).get("replicas") is None:
        # An autoscaler rests while the number is 0, or nothing.
        replicas = deployment["spec"].get("replicas", 1)
        patch = {"spec": {"workload": {"replicas": replicas}}}
        await client.patch("Application", meta["name"], meta["namespace"], patch)
    target = {
        "apiVersion": application["apiVersion"],
        "kind": application["kind"],
        "name": meta["name"],
    }
    for one in mine:
        original = msgspec.json.encode(one["spec"]["scaleTargetRef"]).decode()
        patch = {
            "metadata": {"annotations": {labels.ORIGINAL: original}},
            "spec": {"scaleTargetRef": target},
        }
        await client.patch(KIND, one["metadata"]["name"], meta["namespace"], patch)


async def put_back(client: Client, namespace: str, application: str) -> None:
    """Let the autoscalers of an application scale what they scaled before."""
    found, _ = await client.list(KIND, namespace)
    for one in _of(found, "Application", application):
        text = (one["metadata"].get("annotations") or {}).get(labels.ORIGINAL)
        if text is not None:
            patch = {
                "metadata": {"annotations": {labels.ORIGINAL: None}},
                "spec": {"scaleTargetRef": msgspec.json.decode(text)},
            }
            await client.patch(KIND, one["metadata"]["name"], namespace, patch)


def _of(found: list[Object], kind: str, name: str) -> Iterator[Object]:
    for one in found:
        target = one["spec"]["scaleTargetRef"]
        if (target["kind"], target["name"]) == (kind, name):
            yield one
