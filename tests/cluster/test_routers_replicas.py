"""Replicas: connections through a real kube-proxy are divided as the pods that serve are."""

import http.client
import json
import math
from pathlib import Path

from msgspec.structs import replace

from cluster import kubectl, processes
from serinus.adapters.routers import replicas
from serinus.adapters.routers.kubernetes_parts import services
from serinus.core.state import labels
from serinus.core.state.traffic import Backend, Endpoint, Route
from tests.cluster import routing, samples
from tests.cluster.routing import NEW, OLD

CONNECTIONS = 400


def pods(namespace: str, revision: str) -> dict[str, str]:
    """Return the names of a revision's pods that are ready, by the names of their replicas."""
    chosen = f"{labels.REVISION}={labels.short(revision)}"
    listed = json.loads(kubectl.run("get", "pod", "-n", namespace, "-l", chosen, "-o", "json"))
    found = sorted(p["metadata"]["name"] for p in listed["items"])
    return {f"{labels.short(revision)}-{n}": name for n, name in enumerate(found)}


def split(namespace: str, new: int) -> Route:
    weights = {OLD: 1000 - new, NEW: new}
    backends = tuple(
        Backend(
            revision,
            weight,
            tuple(Endpoint(n, f"10.0.0.1:{samples.PORT}") for n in pods(namespace, revision)),
        )
        for revision, weight in weights.items()
    )
    return replace(routing.split(namespace, new), backends=backends)


def serve(namespace: str, router: replicas.Router) -> None:
    """Do what the platform does: label the pods as the Services tell, those that serve first."""
    found = routing.found(router, namespace)
    told = {
        revision: services.backing(found[ref])
        for revision in (OLD, NEW)
        for ref in found
        if ref.name.endswith(f"shop-{labels.short(revision)}")
    }
    named: dict[str, list[str]] = {"true": [], "false": []}
    for revision, stood in told.items():
        serving = set(stood.serving or ()) if stood else set()
        for replica, name in pods(namespace, revision).items():
            named["true" if replica in serving else "false"].append(name)
    for word, names in named.items():
        if names:
            label = f"{labels.SERVING}={word}"
            kubectl.run("label", "pod", *names, label, "--overwrite", "-n", namespace)


def asked(address: str, count: int) -> dict[str, int]:
    """Open so many connections, and count who answered."""
    counts = {OLD: 0, NEW: 0}
    for _ in range(count):
        connection = http.client.HTTPConnection(address, timeout=5)
        connection.request("GET", "/")
        message = json.loads(connection.getresponse().read())["message"]
        connection.close()
        counts[routing.NAMES[message]] += 1
    return counts


def follows(address: str, *, candidate: bool) -> bool:
    """Say whether the node's proxy leads to the candidate, or does not, as it should by now."""
    try:
        return bool(asked(address, 60)[NEW]) == candidate
    except OSError:  # The Service is so new that nothing leads to it yet.
        return False


def test_connections_are_divided_as_the_pods_that_serve_are(namespace: str, cluster: Path) -> None:
    routing.start(namespace)
    old = labels.of_revision("shop", OLD)
    kubectl.run("scale", "deployment", old, "--replicas=4", "-n", namespace)
    kubectl.run("rollout", "status", f"deployment/{old}", "-n", namespace, "--timeout=90s")
    router, shares = replicas.Router(), {}

    for share in (250, 0, 10):
        route = split(namespace, share)
        routing.deliver(router, namespace, route)
        serve(namespace, router)
        assert route == router.read(routing.key(namespace), routing.found(router, namespace))
        address = kubectl.get("service", "shop", namespace)["spec"]["clusterIP"]
        assert processes.until(lambda: follows(address, candidate=bool(share)), 30.0)  # noqa: B023  asked at once
        shares[share] = asked(address, CONNECTIONS)[NEW]

    error = 4 * math.sqrt(CONNECTIONS * 0.25 * 0.75)
    assert abs(shares[250] - 0.25 * CONNECTIONS) <= error
    assert 0 == shares[0]
    assert abs(shares[10] - 0.2 * CONNECTIONS) <= error
