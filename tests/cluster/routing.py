"""
A router against the product that it writes for: two revisions, what it says of them, and requests.

The revisions are Deployments of podinfo with the labels that the platform gives to pods; nothing of
the controller runs here.
"""

import collections
import json
from collections.abc import Iterable, Mapping
from typing import Any

import httpx2

from cluster import kubectl, processes
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Document, Documents, Endpoint, Ref, Route
from serinus.ports.router import Router
from tests.cluster import samples

OLD, NEW = "0123456789" + "a" * 54, "9876543210" + "b" * 54
VERSIONS = {OLD: "6.0.0", NEW: "6.0.1"}
NAMES = {f"podinfo {version}": revision for revision, version in VERSIONS.items()}
FOLLOWS_S = 30.0
_SERVERS = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")


def key(namespace: str) -> Key:
    """Return the key of the application `shop` in a namespace."""
    return Key(f"{namespace}/shop", "kubernetes")


def split(namespace: str, new: int, **others: Any) -> Route:
    """Return a route that gives the new revision its part, in per mille."""
    backends = tuple(
        Backend(revision, weight, (Endpoint(f"{revision[:10]}-0", f"10.0.0.1:{samples.PORT}"),))
        for revision, weight in ((OLD, 1000 - new), (NEW, new))
    )
    host = f"{namespace}.test"
    return Route(f"{namespace}/shop", "kubernetes", host, backends, **others)


def start(namespace: str) -> None:
    """Start a pod of each revision, with the labels by which Services find them, and wait."""
    for revision, version in VERSIONS.items():
        name = labels.of_revision("shop", revision)
        deployment, _ = samples.podinfo(namespace, version, name=name)
        metadata = deployment["spec"]["template"]["metadata"]
        metadata["labels"] = metadata["labels"] | {
            labels.APPLICATION: "shop",
            labels.REVISION: labels.short(revision),
            labels.SERVING: "true",
        }
        kubectl.apply(deployment)
    for revision in VERSIONS:
        name = labels.of_revision("shop", revision)
        kubectl.run("rollout", "status", f"deployment/{name}", "-n", namespace, "--timeout=90s")


def found(router: Router, namespace: str) -> Documents:
    """Return the objects that concern the application, as the API server has them."""
    result: dict[Ref, Document] = {}
    wanted = router.refs(key(namespace))
    for kind in dict.fromkeys(ref.kind for ref in wanted):
        for item in json.loads(kubectl.run("get", kind, "-n", namespace, "-o", "json"))["items"]:
            ref = Ref(kind, f"{namespace}/{item['metadata']['name']}")
            if any(one.covers(ref) for one in wanted):
                result[ref] = bare(item)
    return result


def bare(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without what the API server alone writes."""
    metadata = {n: v for n, v in document["metadata"].items() if n not in _SERVERS}
    rest = {n: v for n, v in document.items() if n not in {"metadata", "status"}}
    return {**rest, "metadata": metadata}


def deliver(router: Router, namespace: str, route: Route | None) -> None:
    """Write a route down and deliver it, in the order of the router."""
    there = found(router, namespace)
    for ref, document in router.render(key(namespace), route, there).items():
        if document is not None:
            kubectl.apply(bare(document))
        elif ref in there:
            name = ref.name.rpartition("/")[2]
            kubectl.run("delete", ref.kind, name, "-n", namespace, "--ignore-not-found")


def ask(
    address: str, host: str, count: int, headers: Mapping[str, str] | None = None
) -> collections.Counter[str]:
    """Ask who answers, so many times: a revision, or the status of what is no answer."""
    with httpx2.Client(headers={"Host": host, **(headers or {})}, timeout=5) as client:
        answers = [client.get(address) for _ in range(count)]
    return collections.Counter(
        NAMES[answer.json()["message"]] if answer.status_code == 200 else str(answer.status_code)
        for answer in answers
    )


def follows(address: str, host: str, revisions: Iterable[str], **headers: str) -> bool:
    """Wait until just these revisions answer; tell whether they do in time."""
    wanted = set(revisions)
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def does() -> bool:
        try:
            return wanted == set(ask(address, host, 60, named))
        except httpx2.TransportError:
            return False

    return bool(processes.until(does, FOLLOWS_S))
