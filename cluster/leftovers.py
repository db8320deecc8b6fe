"""All that a cluster may leave on a machine, whatever state it is in, and its end."""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from cluster import network, places, processes

FIRST = ("kubelet", "kube-controller-manager", "kube-scheduler", "kube-proxy")
"""These go before the pods, or they would bring them back."""

CGROUPS = Path("/sys/fs/cgroup")
LINKS = Path("/var/log/containers")
"""The kubelet links the logs of containers here, whatever its configuration says."""

DEVICES = Path("/var/lib/kubelet/device-plugins")
"""The kubelet listens here for what brings devices, whatever its configuration says."""

END_S = 10.0


def clean() -> None:
    """End everything and remove it; what is not there is no matter."""
    for name in [*FIRST, *(name for name in processes.names() if name not in FIRST)]:
        processes.stop(name, hard=name in {*FIRST, "etcd", "kube-apiserver"})
    kill_pods()
    kill_shims()
    unmount()
    network.down()
    remove_cgroups()
    remove_fixed_places()
    shutil.rmtree(places.STATE, ignore_errors=True)
    if places.STATE.exists():
        raise SystemExit(f"cluster: {places.STATE} cannot be removed; see `mount | grep serinus`")


def left() -> list[str]:
    """Name what is still there of a cluster: for a person, and for the test of the end."""
    found = [f"process {pid}: {line}" for pid, line in shims()]
    found += [f"process {pid} of a pod" for pid in pids_of_pods()]
    found += [f"mount {point}" for point in mounts()]
    found += [f"program {name}" for name in processes.names() if processes.alive(name)]
    found += [f"control group {folder}" for folder in CGROUPS.glob(f"*/{places.CGROUP}")]
    if places.STATE.exists():
        found.append(f"folder {places.STATE}")
    if network.run("ip", "link", "show", places.BRIDGE, check=False):
        found.append(f"bridge {places.BRIDGE}")
    saved = network.run("iptables-save", check=False)
    found += [f"iptables chain {chain}" for chain in network.CHAIN.findall(saved)]
    return found


def kill_pods() -> None:
    """End all processes of pods."""
    end = time.monotonic() + END_S
    while alive := pids_of_pods():
        kill(alive)
        if time.monotonic() > end:
            raise SystemExit(f"cluster: processes of pods do not end: {alive}")
        time.sleep(0.05)


def kill_shims() -> None:
    """End the programs that stood between containerd and the pods."""
    processes.until(lambda: not kill([pid for pid, _ in shims()]), END_S)


def kill(pids: list[int]) -> list[int]:
    """Send SIGKILL to processes and return them."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return pids


def pids_of_pods() -> list[int]:
    """Return the processes in the control groups of the cluster, in any hierarchy."""
    found: set[int] = set()
    for root in [*CGROUPS.glob(f"*/{places.CGROUP}"), *CGROUPS.glob(places.CGROUP)]:
        for path in root.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                found.update(int(word) for word in path.read_text().split())
    return sorted(found - {0})  # the kernel's word for a process of another namespace


def shims() -> Iterator[tuple[int, str]]:
    """Yield the shims that belong to this cluster's containerd."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().decode(errors="replace").split("\0")
            if "shim" in words[0] and str(places.CONTAINERD_SOCKET) in words:
                yield int(path.parent.name), " ".join(words).strip()


def mounts() -> list[str]:
    """Return what is mounted below the state, the innermost first."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    below = [point for point in points if point.startswith(f"{places.STATE}/")]
    return sorted(below, reverse=True)


def unmount() -> None:
    """Unmount what is mounted below the state; what is in use goes as soon as it is free."""
    for _ in range(3):
        for point in mounts():
            network.run("umount", "--lazy", point, check=False)


def remove_cgroups() -> None:
    """Remove the empty control groups, the innermost first."""
    for root in [*CGROUPS.glob(f"*/{places.CGROUP}"), *CGROUPS.glob(places.CGROUP)]:
        folders = sorted((p for p in root.rglob("*") if p.is_dir()), reverse=True)
        for folder in [*folders, root]:
            with contextlib.suppress(OSError):
                folder.rmdir()


def remove_fixed_places() -> None:
    """Remove what lies outside the state because nobody is asked, and the folders then empty."""
    (DEVICES / "kubelet.sock").unlink(missing_ok=True)
    for link in [*LINKS.glob("*.log"), places.USUAL_SOCKET]:
        if link.is_symlink() and link.readlink().is_relative_to(places.STATE):
            link.unlink()
    for folder in (LINKS, places.USUAL_SOCKET.parent, DEVICES, DEVICES.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
