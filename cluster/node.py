"""The node: containerd, kubelet, kube-proxy."""

import json
import os
from pathlib import Path

from cluster import keys, network, parts, places, processes

START_S = 60.0
PAUSE = "serinus.dev/cluster/pause:1"
CONTAINERD = places.STATE / "containerd"
KUBELET = places.STATE / "kubelet"
POD_LOGS = places.STATE / "pod-logs"


def start_containerd() -> None:
    """Start containerd, which keeps to its own folders, and wait for its socket."""
    CONTAINERD.mkdir(parents=True, exist_ok=True)
    config = CONTAINERD / "config.toml"
    config.write_text(containerd_config())
    folder = parts.program("containerd").parent
    processes.start(
        "containerd",
        folder / "containerd",
        "--config",
        config,
        env={"PATH": f"{folder}:{os.environ.get('PATH', '')}:/usr/sbin:/sbin"},
    )
    processes.wait("containerd", "its socket", places.CONTAINERD_SOCKET.exists, START_S)
    if not places.USUAL_SOCKET.exists():
        places.USUAL_SOCKET.parent.mkdir(exist_ok=True)
        places.USUAL_SOCKET.unlink(missing_ok=True)
        places.USUAL_SOCKET.symlink_to(places.CONTAINERD_SOCKET)


def containerd_config() -> str:
    """
    Return the configuration of containerd.

    `restrict_oom_score_adj` is for machines whose root may not raise priorities, as in containers:
    without it, runc ends there with "can't get final child's PID from pipe".
    """
    return f"""\
version = 4
root = "{CONTAINERD}/root"
state = "{CONTAINERD}/state"
imports = []

[plugins."io.containerd.server.v1.grpc"]
  address = "{places.CONTAINERD_SOCKET}"
[plugins."io.containerd.server.v1.ttrpc"]
  address = "{places.CONTAINERD_SOCKET}.ttrpc"
[plugins."io.containerd.shim.v1.manager"]
  socket_dir = "{places.STATE}/shims"
[plugins."io.containerd.internal.v1.opt"]
  path = "{CONTAINERD}/opt"
[plugins."io.containerd.nri.v1.nri"]
  disable = true

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "{PAUSE}"

[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  cdi_spec_dirs = []
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["{network.PLUGINS}"]
    conf_dir = "{network.CNI}/conf"
    use_internal_loopback = true
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      Root = "{CONTAINERD}/runc"
"""


WEIGHT = "16384"
"""The processor time of all pods together, where a process of this machine has 1024."""


def start_kubelet() -> None:
    """Start the kubelet, which makes this machine a node of the cluster."""
    KUBELET.mkdir(parents=True, exist_ok=True)
    config = write(KUBELET / "config.json", kubelet_config())
    for controller in Path("/sys/fs/cgroup").iterdir():
        if controller.is_dir() and (controller / "cgroup.procs").exists():
            (controller / places.CGROUP).mkdir(exist_ok=True)
    # All pods together would weigh as one process of the tests: probes would fail, not the shops.
    for shares in Path("/sys/fs/cgroup").glob(f"*/{places.CGROUP}/cpu.shares"):
        shares.write_text(WEIGHT)
    processes.start(
        "kubelet",
        parts.program("kubernetes"),
        "kubelet",
        f"--config={config}",
        f"--kubeconfig={keys.path('kubelet.kubeconfig')}",
        f"--root-dir={KUBELET}",
        f"--cert-dir={KUBELET / 'pki'}",
        f"--hostname-override={places.NODE}",
        f"--node-ip={places.GATEWAY}",
    )


def kubelet_config() -> dict[str, object]:
    """Return the configuration of the kubelet."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": places.GATEWAY,
        "healthzBindAddress": "127.0.0.1",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(keys.path("authority.crt"))},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(keys.path("node.crt")),
        "tlsPrivateKeyFile": str(keys.path("node.key")),
        "containerRuntimeEndpoint": f"unix://{places.CONTAINERD_SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{places.CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        "podLogsDir": str(POD_LOGS),
        "volumePluginDir": str(KUBELET / "volume-plugins"),
        "clusterDomain": "cluster.local",
        "maxPods": 500,
        "serializeImagePulls": False,
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1Gi"},
        "kubeAPIQPS": 200,
        "kubeAPIBurst": 400,
        "eventRecordQPS": 100,
        "eventBurst": 200,
    }


def start_proxy() -> None:
    """Start kube-proxy: the addresses of Services lead to pods, also from this machine."""
    folder = places.STATE / "kube-proxy"
    folder.mkdir(exist_ok=True)
    config = write(
        folder / "config.json",
        {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "mode": "iptables",
            "bindAddress": "127.0.0.1",
            "healthzBindAddress": "127.0.0.1:10256",
            "metricsBindAddress": "127.0.0.1:10249",
            "hostnameOverride": places.NODE,
            "clientConnection": {"kubeconfig": str(keys.path("proxy.kubeconfig"))},
            "clusterCIDR": places.POD_RANGE,
            "nodePortAddresses": ["127.0.0.0/8"],
            "conntrack": {"maxPerCore": 0},
        },
    )
    processes.start("kube-proxy", parts.program("kubernetes"), "kube-proxy", f"--config={config}")


def write(path: Path, document: dict[str, object]) -> Path:
    """Write a configuration (JSON is YAML) and return its path."""
    path.write_text(json.dumps(document, indent=2))
    return path
