"""
Istio on this machine: istiod, and a stock Envoy that takes its routes and endpoints from it.

    18100  requests to port 80 of Services, by host as in a mesh: `shop.team.svc.cluster.local`
    18101  Envoy's own counters and pages (/stats, /stats/prometheus, /ready, /config_dump)

Envoy listens as its own configuration says and asks istiod for the rest: routes of port 80,
clusters, endpoints. Istio's listeners name filters that only its own build of Envoy has. So there
is no `istio_requests_total`; the counters of Envoy's clusters say how many requests went where.
"""

import json
import sys
from pathlib import Path
from typing import Any

from cluster import crds, kubectl, parts, places, processes

NAME = "istiod"
PROXY = "istio-envoy"
ENVOY = Path(sys.prefix) / "bin" / "envoy"
WEB, ADMIN = 18100, 18101
DEBUG, DISCOVERY, MONITORING = 18085, 15010, 18086
SCRAPE = f"http://127.0.0.1:{ADMIN}/stats/prometheus"
NAMESPACE = "istio-system"
START_S = 90.0
SETTINGS = {
    "ENABLE_CA_SERVER": "false",
    "PILOT_CERT_PROVIDER": "none",
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    "POD_NAMESPACE": NAMESPACE,
    "POD_NAME": NAME,
}


def start() -> None:
    """Install what istiod reads, start it and Envoy; those that are ready are left alone."""
    with parts.locked(NAME):
        if processes.alive(NAME) and processes.alive(PROXY) and is_ready():
            return
        program = parts.program("pilot-discovery")
        crds.install(*crds.ISTIO)
        kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        folder = places.STATE / NAME
        folder.mkdir(exist_ok=True)
        start_istiod(program, folder)
        start_envoy(folder)


def stop() -> None:
    """End istiod and its Envoy; their objects stay."""
    for name in (PROXY, NAME):
        processes.stop(name)


def start_istiod(program: Path, folder: Path) -> None:
    """Start the control plane and wait until it answers."""
    mesh = folder / "mesh.json"
    mesh.write_text(json.dumps({"enableAutoMtls": False, "accessLogFile": ""}))
    processes.start(
        NAME,
        program,
        "discovery",
        f"--kubeconfig={places.KUBECONFIG}",
        f"--meshConfig={mesh}",
        "--registries=Kubernetes",
        f"--httpAddr=127.0.0.1:{DEBUG}",
        f"--grpcAddr=127.0.0.1:{DISCOVERY}",
        f"--monitoringAddr=127.0.0.1:{MONITORING}",
        "--secureGRPCAddr=",
        "--httpsAddr=",
        "--ctrlz_port=0",
        env=SETTINGS,
    )
    processes.wait(
        NAME, "istiod", lambda: processes.answers(f"http://127.0.0.1:{DEBUG}/ready"), START_S
    )


def start_envoy(folder: Path) -> None:
    """Start the data plane and wait until it has its first configuration."""
    config = folder / "envoy.json"
    config.write_text(json.dumps(bootstrap(), indent=2))
    processes.start(
        PROXY, ENVOY, "--config-path", config, "--concurrency", "1", "--log-level", "warn"
    )
    processes.wait(PROXY, "Envoy", is_ready, START_S)


def bootstrap() -> dict[str, Any]:
    """Return the configuration of Envoy: one listener, all the rest from istiod."""
    streams = {"ads": {}, "resource_api_version": "V3"}
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
        ".HttpConnectionManager",
        "stat_prefix": "web",
        "rds": {"route_config_name": "80", "config_source": streams},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
                },
            }
        ],
    }
    manager_filter = {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": manager,
    }
    http2 = {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http2_protocol_options": {}},
        }
    }
    return {
        "node": {
            "id": "sidecar~10.244.0.200~probe.test~test.svc.cluster.local",
            "cluster": "probe.test",
            "metadata": {"NAMESPACE": "test", "CLUSTER_ID": "Kubernetes"},
        },
        "admin": {"address": address(ADMIN)},
        "dynamic_resources": {
            "ads_config": {
                "api_type": "GRPC",
                "transport_api_version": "V3",
                "grpc_services": [{"envoy_grpc": {"cluster_name": NAME}}],
            },
            "cds_config": streams,
        },
        "static_resources": {
            "listeners": [
                {
                    "name": "web",
                    "address": address(WEB),
                    "filter_chains": [{"filters": [manager_filter]}],
                }
            ],
            "clusters": [
                {
                    "name": NAME,
                    "type": "STATIC",
                    "typed_extension_protocol_options": http2,
                    "load_assignment": {
                        "cluster_name": NAME,
                        "endpoints": [
                            {"lb_endpoints": [{"endpoint": {"address": address(DISCOVERY)}}]}
                        ],
                    },
                }
            ],
        },
    }


def address(port: int) -> dict[str, Any]:
    """Return an address on loopback, as Envoy writes it."""
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def is_ready() -> bool:
    """Whether Envoy has what it needs to take requests."""
    return processes.answers(f"http://127.0.0.1:{ADMIN}/ready")
