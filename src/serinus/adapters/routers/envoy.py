"""
Envoy: a route as the resources that Envoy reads.

One document for each application and environment, so that two applications never write the same
thing; the platform that feeds Envoy merges the documents of all of them::

    envoy shop~local
    ├─ virtual_host   the host's domains, one route with weights per mille
    ├─ clusters       one for each revision: its health check, its way to find endpoints
    └─ endpoints      one for each cluster: addresses, named after their replicas

A cluster belongs to one revision for its whole life. Endpoints come and go without touching it, so
its counters and its histogram never start again. What Envoy's own words cannot hold (the full id of
a revision) stands in the metadata below ``serinus.dev``.
"""

from collections.abc import Mapping
from typing import Any

from serinus.core.state.notice import Key
from serinus.core.state.traffic import (
    Backend,
    Document,
    Documents,
    Endpoint,
    Feature,
    Ref,
    Route,
)

KIND = "envoy"
OWNER = "serinus.dev"
TOTAL = 1000

# Upper bounds of the latency histogram. Envoy counts whole milliseconds, rounded down: a bucket
# holds the requests that took less than its bound.
BOUNDS_MS = (
    *(1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750),
    *(1000, 1500, 2000, 2500, 3000, 5000, 7500, 10000, 15000, 30000, 60000),
)

_SEPARATOR = "~"  # allowed in file names and in names of counters, never in those of applications
_DIGITS = 20
_TYPES = "type.googleapis.com/envoy."
# High enough that the platform itself never turns requests away; a hanging application with a
# thousand requests in flight is the judge's matter.
_LIMITS = {
    "max_connections": 16_384,
    "max_pending_requests": 16_384,
    "max_requests": 16_384,
    "max_retries": 1_024,
}


class Router:
    """Write routes down for Envoy, and read them back."""

    features = Feature.WEIGHT

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the one document of the application."""
        return (ref(key),)

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the document for the route, or its removal."""
        if route is None:
            return {r: None for r in self.refs(key) if r in found}
        return {ref(key): _document(key, route)}

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the document carries out."""
        document = found.get(ref(key))
        if not document or not document.get("virtual_host"):
            return None
        host = document["virtual_host"]
        told = metadata(host)
        clusters = {c["name"]: c for c in document.get("clusters", ())}
        endpoints = {e["cluster_name"]: e for e in document.get("endpoints", ())}
        backends = tuple(
            _backend(w, clusters[w["name"]], endpoints.get(w["name"], {}))
            for w in weights(host)
            if w["name"] in clusters
        )
        return Route(
            application=key.application,
            environment=key.environment,
            host=told["host"],
            backends=backends,
            timeout_s=float(told["timeout_s"]),
        )


def ref(key: Key) -> Ref:
    """Return the name of the application's document."""
    return Ref(KIND, f"{key.application}{_SEPARATOR}{key.environment}")


def cluster_name(key: Key, revision: str) -> str:
    """Return the name of a revision's cluster: no dots and colons, which counters would mangle."""
    return f"{ref(key).name}{_SEPARATOR}{revision[:_DIGITS]}"


def metadata(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what this router noted on a resource, empty when it is not ours."""
    found: Mapping[str, Any] = (
        resource.get("metadata", {}).get("filter_metadata", {}).get(OWNER, {})
    )
    return found


def weights(virtual_host: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the weighted clusters of a virtual host, in the order of the route's backends."""
    route = virtual_host["routes"][0].get("route", {})
    found: list[Mapping[str, Any]] = route.get("weighted_clusters", {}).get("clusters", [])
    return found


def assignment(cluster: str, endpoints: tuple[tuple[str, str, bool], ...]) -> dict[str, Any]:
    """Return the endpoints of a cluster, each (replica, ``host:port``, takes requests)."""
    return {
        "cluster_name": cluster,
        "endpoints": [{"lb_endpoints": [_endpoint(*endpoint) for endpoint in endpoints]}],
    }


def endpoints_of(assigned: Mapping[str, Any]) -> tuple[tuple[str, str, bool], ...]:
    """Return what :func:`assignment` was given."""
    return tuple(
        (
            e["endpoint"].get("hostname", ""),
            "{address}:{port_value}".format(**e["endpoint"]["address"]["socket_address"]),
            e.get("health_status", "UNKNOWN") != "DRAINING",
        )
        for locality in assigned.get("endpoints", ())
        for e in locality.get("lb_endpoints", ())
    )


def _document(key: Key, route: Route) -> Document:
    total = sum(b.weight for b in route.backends)
    if route.backends and total != TOTAL:
        raise ValueError(f"route {key}: the weights sum to {total}, want {TOTAL}")
    return {
        "virtual_host": _virtual_host(key, route),
        "clusters": [_cluster(key, backend) for backend in route.backends],
        "endpoints": [
            assignment(
                cluster_name(key, backend.revision),
                tuple((e.replica, e.address, True) for e in backend.endpoints),
            )
            for backend in route.backends
        ],
    }


def _virtual_host(key: Key, route: Route) -> dict[str, Any]:
    return {
        "name": ref(key).name,
        "domains": [route.host, f"{route.host}:*"],
        "metadata": {
            "filter_metadata": {
                OWNER: {
                    "application": key.application,
                    "environment": key.environment,
                    "host": route.host,
                    "timeout_s": route.timeout_s,
                }
            }
        },
        "routes": [{"match": {"prefix": "/"}} | _action(key, route)],
    }


def _action(key: Key, route: Route) -> dict[str, Any]:
    if not route.backends:
        sentence = f"no version of {key} serves yet\n"
        return {"direct_response": {"status": 503, "body": {"inline_string": sentence}}}
    return {
        "route": {
            "weighted_clusters": {
                "clusters": [
                    {"name": cluster_name(key, b.revision), "weight": b.weight}
                    for b in route.backends
                ]
            },
            "timeout": f"{route.timeout_s:.3f}s",
            "retry_policy": _retries(),
        }
    }


def _retries() -> dict[str, Any]:
    """Try again only what no replica has seen, within the same revision, elsewhere if possible."""
    return {
        "retry_on": "connect-failure,refused-stream",
        "num_retries": 2,
        "retry_back_off": {"base_interval": "0.010s", "max_interval": "0.050s"},
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {
                    "@type": f"{_TYPES}extensions.retry.host.previous_hosts.v3."
                    "PreviousHostsPredicate"
                },
            }
        ],
        "host_selection_retry_max_attempts": 3,
    }


def _cluster(key: Key, backend: Backend) -> dict[str, Any]:
    name = cluster_name(key, backend.revision)
    return {
        "@type": f"{_TYPES}config.cluster.v3.Cluster",
        "name": name,
        "type": "EDS",
        "eds_cluster_config": {
            "eds_config": {
                "resource_api_version": "V3",
                # Relative to Envoy's working directory, which the platform chooses.
                "path_config_source": {"path": f"./eds/{name}.json"},
            }
        },
        "metadata": {
            "filter_metadata": {
                OWNER: {
                    "application": key.application,
                    "environment": key.environment,
                    "revision": backend.revision,
                    "health_path": backend.health_path or "",
                }
            }
        },
        "connect_timeout": "1s",
        "lb_policy": "ROUND_ROBIN",  # equal shares make the replicas of an arm comparable
        # Nobody healthy: answer 503 at once. Never try the sick, never the other revision.
        # Changes of health reach the workers at once: by default Envoy gathers them for a second,
        # in which a replica that is draining would still get requests.
        "common_lb_config": {
            "healthy_panic_threshold": {"value": 0},
            "update_merge_window": "0s",
        },
        "ignore_health_on_host_removal": True,
        "circuit_breakers": {"thresholds": [_LIMITS]},
        "health_checks": [_health_check(backend.health_path)],
        "typed_extension_protocol_options": _protocol(),
    }


def _protocol() -> dict[str, Any]:
    """Leave idle connections before the application does, else a request may meet its closing."""
    return {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": f"{_TYPES}extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http_protocol_options": {}},
            "common_http_protocol_options": {"idle_timeout": "1s"},
        }
    }


def _health_check(path: str | None) -> dict[str, Any]:
    check: dict[str, Any] = {
        "timeout": "1s",
        "interval": "1s",
        "no_traffic_interval": "1s",
        "unhealthy_interval": "0.5s",
        "healthy_threshold": 1,
        "unhealthy_threshold": 2,
        "reuse_connection": False,  # a held connection would block a server of one thread
    }
    if path is None:
        return check | {"tcp_health_check": {}}
    http = {
        "path": path,
        "host": "localhost",
        "expected_statuses": [{"start": 200, "end": 400}],
    }
    return check | {"http_health_check": http}


def _endpoint(replica: str, address: str, takes_requests: bool) -> dict[str, Any]:  # noqa: FBT001  part of a triple
    host, _, port = address.rpartition(":")
    socket = {"address": host, "port_value": int(port)}
    health = {} if takes_requests else {"health_status": "DRAINING"}
    return {"endpoint": {"hostname": replica, "address": {"socket_address": socket}}} | health


def _backend(
    weighted: Mapping[str, Any], cluster: Mapping[str, Any], assigned: Mapping[str, Any]
) -> Backend:
    told = metadata(cluster)
    return Backend(
        revision=told["revision"],
        weight=int(weighted.get("weight", 0)),
        endpoints=tuple(
            Endpoint(replica, address)
            for replica, address, takes in endpoints_of(assigned)
            if takes
        ),
        health_path=told["health_path"] or None,
    )
