"""
Start the cluster and leave it running: `make cluster`, or `python -m cluster.up`.

A cluster that is up is left as it is; a half-dead one is removed first. Traefik comes with it, an
image of this clone's Serinus (`serinus:dev`, made anew where its sources changed), and what is
named besides: `istio`, `kwok`, `prometheus`, `usage`.

    --bare   without Traefik and that image
    --ask    start nothing, and end with 1 where no cluster is up
"""

import os
import shutil
import sys
import time
from collections.abc import Callable

from cluster import (
    control_plane,
    images,
    istio,
    keys,
    kubectl,
    kwok,
    leftovers,
    network,
    node,
    parts,
    places,
    processes,
    prometheus,
    traefik,
    usage,
)

TOOLS = {
    "runc": "runc",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ethtool": "ethtool",
    "socat": "socat",
    "ip": "iproute2",
    "mount": "mount",
}
"""Programs of the machine that pods need, and the Debian packages that have them."""

PROGRAMS = (
    "etcd",
    control_plane.API,
    "kube-controller-manager",
    "kube-scheduler",
    "containerd",
    "kubelet",
    "kube-proxy",
)
OPTIONS = ("--ask", "--bare")
EXTRAS: dict[str, Callable[[], None]] = {
    "istio": istio.start,
    "kwok": kwok.start,
    "prometheus": prometheus.start,
    "usage": usage.start,
}
NODE_S = 90.0


def main() -> None:
    """Start the cluster, or say that it is up; print how it is used."""
    words = sys.argv[1:]
    if unknown := [word for word in words if word not in {*OPTIONS, *EXTRAS}]:
        known = " ".join([*OPTIONS, *EXTRAS])
        raise SystemExit(f"cluster: {' '.join(unknown)} means nothing here; known: {known}")
    if "--ask" in words:
        sys.exit(not is_up())
    took = ensure()
    if "--bare" not in words:
        traefik.start()
        images.dev()
    for name in (word for word in words if word in EXTRAS):
        EXTRAS[name]()
    say(took)


def ensure() -> float | None:
    """Make sure that the cluster is up; return the seconds its start took, or None if it was up."""
    check_machine()
    for name in parts.NEEDED:
        parts.build(parts.PARTS[name])
    with parts.locked("cluster"):
        if is_up():
            return None
        refuse_another()
        begun = time.monotonic()
        leftovers.clean()
        start()
        return time.monotonic() - begun


def is_up() -> bool:
    """Whether a cluster runs and is of use, whichever clone started it."""
    if not places.READY.exists() or not all(processes.alive(name) for name in PROGRAMS):
        return False
    return control_plane.is_ready() and kubectl.node_is_ready()


def refuse_another() -> None:
    """Stop where another clone's cluster has lost a part: it is not ours to remove."""
    owner = places.OWNER.read_text() if places.OWNER.exists() else str(places.ROOT)
    running = [name for name in processes.names() if processes.alive(name)]
    if owner != str(places.ROOT) and running:
        raise SystemExit(
            f"cluster: a cluster of {owner} is half up ({', '.join(running)}); a machine has one "
            f"cluster: run `make cluster-down` there, or `make cluster-down ARGS=--force` here"
        )


def start() -> None:
    """Start everything on a clean machine and wait until pods can run."""
    places.STATE.mkdir(parents=True, mode=0o711)
    places.OWNER.write_text(str(places.ROOT))
    keys.make()
    network.up()
    node.start_containerd()
    control_plane.start_etcd()
    control_plane.start_api()
    images.provide()
    control_plane.start()
    node.start_kubelet()
    node.start_proxy()
    processes.wait("kubelet", "the node", kubectl.node_is_ready, NODE_S)
    places.READY.touch()


def check_machine() -> None:
    """Say all that this machine lacks, at once."""
    lacks = [package for tool, package in TOOLS.items() if not has(tool)]
    if not network.PLUGINS.is_dir():
        lacks.append("containernetworking-plugins")
    if lacks:
        raise SystemExit(f"cluster: programs are missing; run: apt-get install {' '.join(lacks)}")
    if os.geteuid() != 0:
        raise SystemExit("cluster: pods are made of namespaces and mounts; run this as root")
    parts.compiler()


def has(tool: str) -> bool:
    """Whether a program of the machine is there, also where only root looks."""
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None


def say(took: float | None) -> None:
    """Print how the cluster is used."""
    how = "was up already" if took is None else f"is up after {took:.1f} s"
    owner = places.OWNER.read_text()
    print(
        f"cluster: {how} (started by {owner})\n"
        f"  export KUBECONFIG={places.KUBECONFIG}\n"
        f"  kubectl         {kubectl.PROGRAM}\n"
        f"  images          {' '.join(images.NAMES)}\n"
        f"{traefik_lines()}"
        f"{demo_line()}"
        f"  logs            {places.LOGS}\n"
        f"  its end         make cluster-down"
    )


def traefik_lines() -> str:
    """Say where Traefik listens, if it runs."""
    if not processes.alive(traefik.NAME):
        return ""
    ports = {
        "its own objects": traefik.WEB,
        f"Gateway {traefik.NAMESPACE}/{traefik.NAME}": traefik.GATEWAY,
        "Ingress of class nginx": traefik.NGINX,
        "/metrics": traefik.METRICS,
    }
    lines = [f"http://127.0.0.1:{port}  {what}" for what, port in ports.items()]
    return "".join(f"  {'Traefik' if n == 0 else '':15} {line}\n" for n, line in enumerate(lines))


def demo_line() -> str:
    """Say how the demo is played here, where all that it needs is there."""
    if not processes.alive(traefik.NAME) or f"{images.HUB}/{images.DEV}" not in images.known():
        return ""
    return f"  the demo        {places.ROOT}/.venv/bin/serinus demo --platform kubernetes\n"


if __name__ == "__main__":
    main()
