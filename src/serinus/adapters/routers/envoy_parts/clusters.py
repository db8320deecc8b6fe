"""
Clusters and their endpoints.

A cluster belongs to one revision for its whole life. Endpoints come and go without touching it, so
its counters and its histogram never start again. Copies of requests have a cluster of their own:
what they do is counted apart, and narrow limits keep a target that hangs cheap.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from serinus.adapters.routers.envoy_parts import names
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Mirror

# High enough that the platform itself never turns requests away; a hanging application with a
# thousand requests in flight is the judge's matter.
_LIMITS = {
    "max_connections": 16_384,
    "max_pending_requests": 16_384,
    "max_requests": 16_384,
    "max_retries": 1_024,
}
# A copy that finds no room is dropped and counted nowhere: nobody waits for it.
_MIRROR_LIMITS = {
    "max_connections": 128,
    "max_pending_requests": 128,
    "max_requests": 256,
    "max_retries": 0,
}
_KEPT = "x-serinus-forwarded-for"


def cluster(key: Key, backend: Backend) -> dict[str, Any]:
    """Return the cluster of a revision that answers users."""
    told = _told(key, backend.revision, backend.health_path)
    name = names.cluster_name(key, backend.revision)
    return _cluster(name, told, backend.health_path) | {
        "circuit_breakers": {"thresholds": [_LIMITS]},
        "typed_extension_protocol_options": _protocol({}),
    }


def mirror(key: Key, mirrored: Mirror) -> dict[str, Any]:
    """Return the cluster of a revision that gets copies."""
    told = _told(key, mirrored.revision, mirrored.health_path) | {"mirror": True}
    name = names.mirror_name(key, mirrored.revision)
    return _cluster(name, told, mirrored.health_path) | {
        "circuit_breakers": {"thresholds": [_MIRROR_LIMITS]},
        "typed_extension_protocol_options": _protocol({"http_filters": _as_for_users()}),
    }


def copied(edits: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes of a copy's headers, before Envoy adds its own (see below)."""
    return [_set(_KEPT, "%REQ(x-forwarded-for)%"), *edits]


def assignment(name: str, endpoints: tuple[tuple[str, str, bool], ...]) -> dict[str, Any]:
    """Return the endpoints of a cluster, each (replica, ``host:port``, takes requests)."""
    return {
        "cluster_name": name,
        "endpoints": [{"lb_endpoints": [_endpoint(*endpoint) for endpoint in endpoints]}],
    }


def serving(name: str, endpoints: tuple[Endpoint, ...]) -> dict[str, Any]:
    """Return the assignment of endpoints that all take requests."""
    return assignment(name, tuple((e.replica, e.address, True) for e in endpoints))


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


def read(assigned: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    """Return the endpoints that take requests."""
    return tuple(Endpoint(name, at) for name, at, takes in endpoints_of(assigned) if takes)


def _told(key: Key, revision: str, health_path: str | None) -> dict[str, Any]:
    return {
        "application": key.application,
        "environment": key.environment,
        "revision": revision,
        "health_path": health_path or "",
    }


def _cluster(name: str, told: Mapping[str, Any], health_path: str | None) -> dict[str, Any]:
    return {
        "@type": f"{names.TYPES}config.cluster.v3.Cluster",
        "name": name,
        "type": "EDS",
        "eds_cluster_config": {
            "eds_config": {
                "resource_api_version": "V3",
                # Relative to Envoy's working directory, which the platform chooses.
                "path_config_source": {"path": f"./eds/{name}.json"},
            }
        },
        "metadata": names.noted(told),
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
        "health_checks": [_health_check(health_path)],
    }


def _protocol(further: dict[str, Any]) -> dict[str, Any]:
    """Leave idle connections before the application does, else a request may meet its closing."""
    kind = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        kind: {
            "@type": f"type.googleapis.com/{kind}",
            "explicit_http_config": {"http_protocol_options": {}},
            "common_http_protocol_options": {"idle_timeout": "1s"},
            **further,
        }
    }


def _as_for_users() -> list[dict[str, Any]]:
    """
    Make a copy look like the request that it is a copy of.

    Envoy sends copies as if it had asked itself: it adds the machine's outer address to
    ``x-forwarded-for``, and a header that says so.
    """
    filters = f"{names.TYPES}extensions.filters.http."
    changes = [
        _set("x-forwarded-for", f"%REQ({_KEPT})%"),
        {"remove": _KEPT},
        {"remove": "x-envoy-internal"},
    ]
    edits = {
        "@type": f"{filters}header_mutation.v3.HeaderMutation",
        "mutations": {"request_mutations": changes},
    }
    codec = {"@type": f"{filters}upstream_codec.v3.UpstreamCodec"}
    return [
        {"name": "as-for-users", "typed_config": edits},
        {"name": "codec", "typed_config": codec},
    ]


def _set(name: str, value: str) -> dict[str, Any]:
    header = {"key": name, "value": value}
    return {"append": {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}


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
