"""
Files, addresses and ports of the cluster. There is one cluster on a machine, so they are constants.

Programs listen on loopback or on the bridge of the pods: no other machine can reach them.
The state is not below the clone, because the paths of sockets must be short.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The clone that these files belong to."""

STATE = Path("/var/lib/serinus-cluster")
"""All that the running cluster keeps; it goes when the cluster goes."""

LOGS = STATE / "logs"
KEYS = STATE / "keys"
RECORDS = STATE / "processes"
KUBECONFIG = STATE / "kubeconfig"
OWNER = STATE / "owner"
"""Holds the path of the clone that started the cluster."""

READY = STATE / "ready"
"""Exists as soon as the cluster has been of use."""

CONTAINERD_SOCKET = STATE / "containerd.sock"

USUAL_SOCKET = Path("/run/containerd/containerd.sock")
"""Where the kubelet's counters of containers look, whatever its configuration says."""

CGROUP = os.environ.get("SERINUS_CLUSTER_CGROUP", "serinus-cluster")
"""
All processes of pods are below the control group of this name, so that none is overlooked.

Only a test that starts another cluster, in namespaces of its own, names another one.
"""

NODE = "serinus"
BRIDGE = "serinus0"
GATEWAY = "10.244.0.1"
"""Address of this machine on the bridge of the pods; the API server and the kubelet listen here."""

POD_PREFIX = 20
POD_RANGE = f"10.244.0.0/{POD_PREFIX}"
SERVICE_RANGE = "10.96.0.0/16"
API_SERVICE = "10.96.0.1"

API_PORT = 6443
ETCD_PORT = 12379
ETCD_PEER_PORT = 12380
API_ADDRESS = f"https://{GATEWAY}:{API_PORT}"


def cache() -> Path:
    """Return the folder that keeps what was built, beyond the life of a clone."""
    if named := os.environ.get("SERINUS_CLUSTER_CACHE"):
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "serinus-cluster"
