"""
What Envoy is told once: where its files are, which counters it keeps, how it listens.

Everything that changes while it runs (routes, clusters, endpoints) stands in files of its working
directory, each replaced at once. Paths are relative to that directory, so that a long home path
never meets the limit of 107 bytes for the name of a socket.
"""

from typing import Any

from serinus.adapters.local import refusals
from serinus.adapters.routers import envoy
from serinus.adapters.routers.envoy_parts import names

ROUTES = "serinus"
LISTENER = "serinus"
LOST = "upstream_cx_none_healthy"
"""The counter of copies that nobody was there for."""

VISITS = "visits.log"
"""The file in which requests are noted, one JSON object a line, where their route asks for it."""

LONGEST_PATH = 1024

CATCH_ALL_MS = 3_600_000
"""One bound above all, so that the last bucket holds every timed request."""

_TYPES = "type.googleapis.com/envoy."
_COUNTERS = (
    r"cluster\.[^.]+\.upstream_rq_time",
    rf"cluster\.[^.]+~mirror\.{LOST}",
    r"serinus\.failed\..*",
    r"http\.serinus\.downstream_(rq|cx)_active",
    r"listener_manager\.lds\.update_rejected",
    r"cluster_manager\.cds\.update_rejected",
    r"http\.serinus\.rds\.serinus\.update_rejected",
)


def bootstrap() -> dict[str, Any]:
    """Return the bootstrap file."""
    return {
        "node": {"id": "serinus", "cluster": "serinus"},
        "admin": {"address": {"pipe": {"path": "./admin.sock", "mode": 0o600}}},
        "dynamic_resources": {"lds_config": _file("./lds.json"), "cds_config": _file("./cds.json")},
        # Histograms are put together when somebody looks, not every five seconds.
        "stats_flush_on_admin": True,
        "stats_config": {
            "use_all_default_tags": False,
            "stats_matcher": {
                "inclusion_list": {
                    "patterns": [{"safe_regex": {"regex": f"^{pattern}$"}} for pattern in _COUNTERS]
                }
            },
            "histogram_bucket_settings": [
                {
                    "match": {"suffix": "upstream_rq_time"},
                    "buckets": [*envoy.BOUNDS_MS, CATCH_ALL_MS],
                }
            ],
        },
        "layered_runtime": {
            "layers": [
                {
                    "name": "static",
                    "static_layer": {"re2.max_program_size.error_level": refusals.LARGEST},
                }
            ]
        },
    }


def listener(host: str, port: int) -> dict[str, Any]:
    """Return the one listener of the machine."""
    return {
        "@type": f"{_TYPES}config.listener.v3.Listener",
        "name": LISTENER,
        "address": {"socket_address": {"address": host, "port_value": port}},
        # Without this, a second Envoy could listen on the same port and take half the requests.
        "enable_reuse_port": False,
        "filter_chains": [{"filters": [{"name": "http", "typed_config": _http()}]}],
    }


def routes(virtual_hosts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the route table: the applications' hosts, and an answer for all others."""
    sentence = "no application answers to this host\n"
    nobody = {
        "name": "nobody",
        "domains": ["*"],
        "routes": [
            {
                "match": {"prefix": "/"},
                "direct_response": {"status": 404, "body": {"inline_string": sentence}},
            }
        ],
    }
    return {
        "@type": f"{_TYPES}config.route.v3.RouteConfiguration",
        "name": ROUTES,
        "virtual_hosts": [*virtual_hosts, nobody],
        # Envoy's own way of appending would name a local client by the machine's outer address.
        "request_headers_to_add": [
            {
                "header": {
                    "key": "x-forwarded-for",
                    "value": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
                },
                "append_action": "APPEND_IF_EXISTS_OR_ADD",
            }
        ],
        "request_headers_to_remove": ["x-envoy-external-address", names.USER_HEADER],
    }


def _http() -> dict[str, Any]:
    return {
        "@type": f"{_TYPES}extensions.filters.network.http_connection_manager.v3."
        "HttpConnectionManager",
        "stat_prefix": "serinus",
        "codec_type": "AUTO",  # HTTP/1.1, and HTTP/2 for those who begin with its preface
        "use_remote_address": True,
        "skip_xff_append": True,
        "preserve_external_request_id": True,
        "server_header_transformation": "PASS_THROUGH",
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "rds": {"route_config_name": ROUTES, "config_source": _file("./rds.json")},
        "early_header_mutation_extensions": [_draw()],
        "http_filters": [
            # It notes nothing by itself: routes say what they want to know.
            {
                "name": names.USER_FILTER,
                "typed_config": {
                    "@type": f"{_TYPES}extensions.filters.http.header_to_metadata.v3.Config"
                },
            },
            {
                "name": "router",
                "typed_config": {
                    "@type": f"{_TYPES}extensions.filters.http.router.v3.Router",
                    "suppress_envoy_headers": True,
                },
            },
        ],
        "access_log": [_failures(), _visits()],
    }


def _draw() -> dict[str, Any]:
    """
    Draw a name for whoever sends a request, before it is routed.

    A newcomer on a sticky route keeps it as his cookie. What a client sends in its place is
    overwritten; ``x-request-id``, which clients may choose, has no part in it.
    """
    header = {"key": names.USER_HEADER, "value": "%UNIQUE_ID%"}
    append = {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
    kind = "http.early_header_mutation.header_mutation.v3.HeaderMutation"
    return {
        "name": "draw",
        "typed_config": {"@type": f"{_TYPES}extensions.{kind}", "mutations": [{"append": append}]},
    }


def _visits() -> dict[str, Any]:
    """Note who came, for routes that ask for it: no query, and of all cookies only the user's."""
    told = f"%METADATA(CLUSTER:{names.OWNER}"
    noted = {
        "a": f"{told}:application)%",
        "e": f"{told}:environment)%",
        "r": f"{told}:revision)%",
        "u": f"%DYNAMIC_METADATA({names.OWNER}:{names.USER}):64%",
        "m": "%REQ(:METHOD):16%",
        "p": f"%PATH(NQ):{LONGEST_PATH}%",
        "s": "%RESPONSE_CODE%",
    }
    asked = {
        "filter": names.OWNER,
        "path": [{"key": names.VISIT}],
        "value": {"present_match": True},
    }
    return {
        "name": "visits",
        "filter": {"metadata_filter": {"matcher": asked, "match_if_key_not_found": False}},
        "typed_config": {
            "@type": f"{_TYPES}extensions.access_loggers.file.v3.FileAccessLog",
            "path": f"./{VISITS}",
            "log_format": {"json_format": noted},
        },
    }


def _failures() -> dict[str, Any]:
    """
    Count the requests that failed, by revision, replica and manner; write no line anywhere.

    The counters of endpoints cannot say this: they count every refused attempt as an error, also
    when the next attempt succeeds, and an answer that breaks off after its headers as a success.
    """
    tags = {
        "c": "%UPSTREAM_CLUSTER%",
        "h": "%UPSTREAM_HOST%",
        "s": "%RESPONSE_CODE%",
        "f": "%RESPONSE_FLAGS%",
    }
    server_error = {
        "comparison": {
            "op": "GE",
            "value": {"default_value": 500, "runtime_key": "serinus.error"},
        }
    }
    return {
        "name": "failures",
        "filter": {
            "or_filter": {
                "filters": [{"status_code_filter": server_error}, {"response_flag_filter": {}}]
            }
        },
        "typed_config": {
            "@type": f"{_TYPES}extensions.access_loggers.stats.v3.Config",
            "stats_scope": {"prefix": "serinus"},
            "counters": [
                {
                    "stat": {
                        "name": "failed",
                        "tags": [{"name": k, "value_format": v} for k, v in tags.items()],
                    },
                    "value_fixed": 1,
                }
            ],
        },
    }


def _file(path: str) -> dict[str, Any]:
    return {"resource_api_version": "V3", "path_config_source": {"path": path}}
