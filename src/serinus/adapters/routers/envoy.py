"""
Envoy: a route as the resources that Envoy reads.

One document for each application and environment, so that two applications never write the same
thing; the platform that feeds Envoy merges the documents of all of them::

    envoy shop~local
    ├─ virtual_host   the host's domains; matches, weights per mille, copies  (envoy_parts/table)
    ├─ clusters       one for each revision, one for the copies               (envoy_parts/clusters)
    └─ endpoints      one for each cluster: addresses, named after their replicas
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from serinus.adapters.routers.envoy_parts import clusters, names, table
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Document, Documents, Feature, Mirror, Ref, Route

# Upper bounds of the latency histogram. Envoy counts whole milliseconds, rounded down: a bucket
# holds the requests that took less than its bound.
BOUNDS_MS = (
    *(1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750),
    *(1000, 1500, 2000, 2500, 3000, 5000, 7500, 10000, 15000, 30000, 60000),
)


class Router:
    """Write routes down for Envoy, and read them back."""

    features = (
        Feature.WEIGHT
        | Feature.HEADER
        | Feature.COOKIE
        | Feature.QUERY
        | Feature.MIRROR
        | Feature.STICKY
        | Feature.EDITS
        | Feature.VISITS
        | Feature.MANY
        | Feature.COMBINED
    )

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the one document of the application."""
        return (names.ref(key),)

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the document for the route, or its removal."""
        if route is None:
            return {r: None for r in self.refs(key) if r in found}
        return {names.ref(key): _document(key, route)}

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the document carries out."""
        document = found.get(names.ref(key))
        if not document or not document.get("virtual_host"):
            return None
        host = document["virtual_host"]
        told = names.metadata(host)
        known = {c["name"]: c for c in document.get("clusters", ())}
        endpoints = {e["cluster_name"]: e for e in document.get("endpoints", ())}
        backends = tuple(
            _backend(w, known[w["name"]], endpoints.get(w["name"], {}), told)
            for w in table.weights(host)
            if w["name"] in known
        )
        matches, matched = table.matched(told)
        return Route(
            application=key.application,
            environment=key.environment,
            host=told["host"],
            backends=backends,
            timeout_s=float(told["timeout_s"]),
            matches=matches,
            matched=matched,
            sticky=table.sticky(told),
            mirror=_mirror(host, known, endpoints),
            visits=bool(told.get("visits", False)),
        )


def _document(key: Key, route: Route) -> Document:
    total = sum(b.weight for b in route.backends)
    if route.backends and total != table.TOTAL:
        raise ValueError(f"route {key}: the weights sum to {total}, want {table.TOTAL}")
    if route.matches and route.matched not in {b.revision for b in route.backends}:
        raise ValueError(f"route {key}: {route.matched!r} is matched and is no backend")
    found = [clusters.cluster(key, backend) for backend in route.backends]
    endpoints = [
        clusters.serving(names.cluster_name(key, b.revision), b.endpoints) for b in route.backends
    ]
    if route.backends and route.mirror is not None:
        mirror = route.mirror
        found.append(clusters.mirror(key, mirror))
        endpoints.append(
            clusters.serving(names.mirror_name(key, mirror.revision), mirror.endpoints)
        )
    return {
        "virtual_host": table.virtual_host(key, route),
        "clusters": found,
        "endpoints": endpoints,
    }


def _backend(
    weighted: Mapping[str, Any],
    cluster: Mapping[str, Any],
    assigned: Mapping[str, Any],
    told: Mapping[str, Any],
) -> Backend:
    own = names.metadata(cluster)
    return Backend(
        revision=own["revision"],
        weight=int(weighted.get("weight", 0)),
        endpoints=clusters.read(assigned),
        health_path=own["health_path"] or None,
        edits=table.edits(told, own["revision"]),
    )


def _mirror(
    host: Mapping[str, Any], known: Mapping[str, Any], endpoints: Mapping[str, Any]
) -> Mirror | None:
    found = table.mirror(host)
    if found is None or found[0] not in known:
        return None
    name, mirror = found
    return replace(
        mirror,
        endpoints=clusters.read(endpoints.get(name, {})),
        health_path=names.metadata(known[name])["health_path"] or None,
    )
