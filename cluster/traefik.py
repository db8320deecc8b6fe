"""
Traefik on this machine: three routers in one program, each with an entry point on loopback.

    18000  web       Traefik's own objects: IngressRoute, TraefikService
    18001  gateway   Gateway API: routes whose parent is the Gateway `serinus-routers/traefik`
    18002  nginx     Ingress of the class `nginx` with the canary annotations of ingress-nginx
    18003  metrics   counters (/metrics) and whether it is ready (/ping)
"""

import sys
from pathlib import Path
from typing import Any

from cluster import crds, kubectl, parts, places, processes

NAME = "traefik"
PROGRAM = Path(sys.prefix) / "bin" / NAME
WEB, GATEWAY, NGINX, METRICS = 18000, 18001, 18002, 18003
SCRAPE = f"http://127.0.0.1:{METRICS}/metrics"
NAMESPACE = "serinus-routers"
START_S = 60.0


def start() -> None:
    """Install what Traefik reads and start it; one that is ready is left alone."""
    with parts.locked(NAME):
        if processes.alive(NAME) and is_ready():
            return
        crds.install(*crds.TRAEFIK)
        crds.install(*crds.GATEWAY_API)
        kubectl.apply(*documents())
        processes.start(NAME, PROGRAM, *settings(), env={"KUBECONFIG": str(places.KUBECONFIG)})
        processes.wait(NAME, "Traefik", is_ready, START_S)


def stop() -> None:
    """End Traefik; its objects stay."""
    processes.stop(NAME)


def settings() -> list[str]:
    """Return the command line of Traefik."""
    return [
        f"--entrypoints.web.address=127.0.0.1:{WEB}",
        "--entrypoints.web.asdefault=true",
        f"--entrypoints.gateway.address=127.0.0.1:{GATEWAY}",
        f"--entrypoints.nginx.address=127.0.0.1:{NGINX}",
        f"--entrypoints.metrics.address=127.0.0.1:{METRICS}",
        "--providers.kubernetescrd=true",
        # as our page on Traefik says: a revision without a ready pod takes nobody else's requests
        "--providers.kubernetescrd.allowemptyservices=true",
        "--providers.kubernetesgateway=true",
        "--providers.kubernetesgateway.statusaddress.ip=127.0.0.1",
        "--providers.kubernetesingressnginx=true",
        "--providers.kubernetesingressnginx.httpentrypoint=nginx",
        "--metrics.prometheus=true",
        "--metrics.prometheus.entrypoint=metrics",
        "--metrics.prometheus.addserviceslabels=true",
        "--metrics.prometheus.addrouterslabels=true",
        "--ping=true",
        "--ping.entrypoint=metrics",
        "--log.level=INFO",
        "--log.nocolor=true",
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
    ]


def documents() -> list[dict[str, Any]]:
    """Return the classes and the Gateway that applications name."""
    listener = {
        "name": "http",
        "protocol": "HTTP",
        "port": GATEWAY,
        "allowedRoutes": {"namespaces": {"from": "All"}},
    }
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": "nginx"},
            "spec": {"controller": "k8s.io/ingress-nginx"},
        },
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": NAME},
            "spec": {"controllerName": "traefik.io/gateway-controller"},
        },
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {"gatewayClassName": NAME, "listeners": [listener]},
        },
    ]


def is_ready() -> bool:
    """Whether Traefik says that it is ready."""
    return processes.answers(f"http://127.0.0.1:{METRICS}/ping")
