"""
An autoscaler of an adopted Deployment: it follows the application, and is given back on leaving.

::

    before    HorizontalPodAutoscaler ─▶ Deployment shop
    adopted   HorizontalPodAutoscaler ─▶ Application shop, whose replicas go to whoever serves

Nothing else of it is changed: its metrics and its bounds are its owner's. Whoever points it at the
Deployment again, such as one who keeps it in step with Git, finds it pointed at the Application
again at once; one that points at the Application from the start is left alone altogether.

An autoscaler rests while the number is 0, or nothing. So an Application whose file names none is
scaled once to the number of its Deployment, as by ``kubectl scale``: the file is not touched, and
whoever applies it again does not take the number away, because it is none of theirs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from serinus.adapters.kubernetes import existing
from serinus.adapters.kubernetes.client import Client
from serinus.core.state import labels

Object = dict[str, Any]

KIND = "HorizontalPodAutoscaler"


def trimmed(found: Object) -> Object:
    """Return what is kept of an autoscaler: what it scales."""
    meta = found["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion")
    return {
        "apiVersion": "autoscaling/v2",
        "kind": KIND,
        "metadata": {key: meta[key] for key in kept if key in meta},
        "spec": {"scaleTargetRef": found["spec"]["scaleTargetRef"]},
    }


def deployment(found: Mapping[str, Any]) -> str:
    """Return the name of the Deployment that an autoscaler scales, empty if it scales another."""
    target = found["spec"]["scaleTargetRef"]
    return str(target["name"]) if target["kind"] == "Deployment" else ""


async def retarget(
    client: Client, found: list[Object], application: Object, adopted: Object
) -> list[Object]:
    """
    Let those of the autoscalers that scale the adopted Deployment scale the Application instead.

    Returns them as they are now.
    """
    meta = application["metadata"]
    mine = list(_of(found, "Deployment", adopted["metadata"]["name"]))
    if not mine:
        return []
    await _begin(client, application, adopted)
    target = {
        "apiVersion": application["apiVersion"],
        "kind": application["kind"],
        "name": meta["name"],
    }
    written = []
    for one in mine:
        original = msgspec.json.encode(one["spec"]["scaleTargetRef"]).decode()
        patch = {
            "metadata": {"annotations": {labels.ORIGINAL: original}},
            "spec": {"scaleTargetRef": target},
        }
        name = one["metadata"]["name"]
        written.append({"kind": KIND, **await client.patch(KIND, name, meta["namespace"], patch)})
    return written


async def _begin(client: Client, application: Object, adopted: Object) -> None:
    """Scale an Application of which nobody has said how many replicas it has."""
    if _replicas(application) is not None:
        return
    meta = application["metadata"]
    if _replicas(await client.get("Application", meta["name"], meta["namespace"])) is None:
        patch = {"spec": {"replicas": existing.replicas(adopted)}}
        await client.patch(
            "Application", meta["name"], meta["namespace"], patch, subresource="scale"
        )


def _replicas(application: Object) -> Any:
    return ((application.get("spec") or {}).get("workload") or {}).get("replicas")


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
