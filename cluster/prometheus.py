"""
Prometheus on this machine, at 127.0.0.1:18200: it reads the routers each second, and the kubelet.

    job="traefik"     Traefik's counters by router and service
    job="envoy"       those of the Envoy that follows istiod
    job="containers"  CPU and memory of containers, with `namespace`, `pod` and `container`

Debian's package knows no pods by itself, so nothing else is read.
"""

import json
import shutil
from typing import Any

from cluster import istio, keys, parts, places, processes, traefik

NAME = "prometheus"
PORT = 18200
ADDRESS = f"http://127.0.0.1:{PORT}"
EVERY = "1s"
SELDOM = "5s"
START_S = 60.0


def start() -> None:
    """Start Prometheus and wait until it is ready; one that runs is left alone."""
    program = shutil.which(NAME)
    if program is None:
        raise SystemExit("cluster: there is no prometheus; run: apt-get install prometheus")
    with parts.locked(NAME):
        folder = places.STATE / NAME
        folder.mkdir(exist_ok=True)
        config = folder / "config.yaml"
        config.write_text(json.dumps(settings(), indent=2))
        processes.start(
            NAME,
            program,
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--storage.tsdb.retention.time=2h",
            f"--web.listen-address=127.0.0.1:{PORT}",
            "--log.level=warn",
        )
        processes.wait(NAME, "Prometheus", is_ready, START_S)


def stop() -> None:
    """End Prometheus; what it knows stays until the cluster ends."""
    processes.stop(NAME)


def settings() -> dict[str, Any]:
    """Return the configuration of Prometheus (JSON is YAML)."""
    return {
        "global": {"scrape_interval": EVERY, "scrape_timeout": EVERY},
        "scrape_configs": [
            job("traefik", f"127.0.0.1:{traefik.METRICS}"),
            job("envoy", f"127.0.0.1:{istio.ADMIN}") | {"metrics_path": "/stats/prometheus"},
            job("containers", f"{places.GATEWAY}:10250")
            | {
                "scrape_interval": SELDOM,
                "scrape_timeout": SELDOM,
                "scheme": "https",
                "metrics_path": "/metrics/cadvisor",
                "tls_config": {
                    "ca_file": str(keys.path("authority.crt")),
                    "cert_file": str(keys.path("admin.crt")),
                    "key_file": str(keys.path("admin.key")),
                },
            },
        ],
    }


def job(name: str, target: str) -> dict[str, Any]:
    """Return what Prometheus reads from one address."""
    return {"job_name": name, "static_configs": [{"targets": [target]}]}


def is_ready() -> bool:
    """Whether Prometheus says that it is ready."""
    return processes.answers(f"{ADDRESS}/-/ready")
