"""The bridge that pods are plugged into, and what the kernel must allow; all can be taken back."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from cluster import places

CNI = places.STATE / "cni"
PLUGINS = Path("/usr/lib/cni")
NAME = "serinus-cluster"
RESULTS = Path("/var/lib/cni/results")
BEFORE = places.STATE / "sysctl.json"
"""What the kernel's switches were before the cluster changed them."""

SWITCHES = {
    "net/ipv4/ip_forward": "1",
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/ipv4/conf/all/route_localnet": "1",
}
CHAIN = re.compile(r"^:((?:KUBE|CNI)-\S+)", re.MULTILINE)
RULE = re.compile(r"^-A (\S+) .*-j (?:KUBE|CNI)-\S+.*$", re.MULTILINE)


def up() -> None:
    """Make the bridge with this machine's address on it, and let packets pass."""
    keep_switches()
    for name, value in SWITCHES.items():
        if (path := switch(name)).exists():
            path.write_text(value)
    run("ip", "link", "add", places.BRIDGE, "type", "bridge")
    run("ip", "address", "add", f"{places.GATEWAY}/{places.POD_PREFIX}", "dev", places.BRIDGE)
    run("ip", "link", "set", places.BRIDGE, "up")
    # What kube-proxy leads to no pod yet ends here, and never at the door of another network.
    services = (places.SERVICE_RANGE, "dev", places.BRIDGE, "src", places.GATEWAY)
    run("ip", "route", "add", *services)
    folder = CNI / "conf"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "10-serinus.conflist").write_text(json.dumps(chain_of_plugins(), indent=2))


def chain_of_plugins() -> dict[str, object]:
    """Return how a pod is plugged in: an address of the bridge's range, and ports of the host."""
    ranges = [[{"subnet": places.POD_RANGE, "rangeStart": "10.244.1.1", "gateway": places.GATEWAY}]]
    bridge = {
        "type": "bridge",
        "bridge": places.BRIDGE,
        "isGateway": True,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "ranges": ranges,
            "routes": [{"dst": "0.0.0.0/0"}],
            "dataDir": str(CNI / "addresses"),
        },
    }
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "1.0.0", "name": NAME, "plugins": [bridge, portmap]}


def down() -> None:
    """Remove bridge, chains of iptables and notes of the plugins, and put the switches back."""
    listed = run("ip", "-json", "link", "show", "master", places.BRIDGE, check=False)
    for link in json.loads(listed or "[]"):
        run("ip", "link", "delete", link["ifname"], check=False)
    run("ip", "link", "delete", places.BRIDGE, check=False)
    for family in ("iptables", "ip6tables"):
        for table in ("nat", "filter", "mangle", "raw"):
            remove_chains(family, table)
    for path in RESULTS.glob(f"{NAME}-*"):
        path.unlink()
    for folder in (RESULTS, RESULTS.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    for name, value in json.loads(BEFORE.read_text() if BEFORE.exists() else "{}").items():
        switch(name).write_text(value)


def remove_chains(family: str, table: str) -> None:
    """Remove the chains of Kubernetes from a table, and the rules that lead there."""
    if shutil.which(f"{family}-save") is None:
        return
    saved = run(f"{family}-save", "-t", table, check=False)
    chains = CHAIN.findall(saved)
    if not chains:
        return
    outside = [r for r in RULE.finditer(saved) if not r[1].startswith(("KUBE-", "CNI-"))]
    lines = [
        f"*{table}",
        *(f"-D{rule[0].removeprefix('-A')}" for rule in outside),
        *(f"-F {chain}" for chain in chains),
        *(f"-X {chain}" for chain in chains),
        "COMMIT",
        "",
    ]
    run(f"{family}-restore", "--noflush", check=False, given="\n".join(lines))


def keep_switches() -> None:
    """Note the switches as they are, once; those that kube-proxy will turn are among them."""
    if BEFORE.exists():
        return
    found = {name: path.read_text().strip() for name in SWITCHES if (path := switch(name)).exists()}
    BEFORE.write_text(json.dumps(found))


def switch(name: str) -> Path:
    """Return the file of a switch of the kernel."""
    return Path("/proc/sys") / name


def run(*command: str, check: bool = True, given: str | None = None) -> str:
    """Run a short command and return what it printed; raise with its words where that matters."""
    answer = subprocess.run(command, check=False, capture_output=True, text=True, input=given)
    if check and answer.returncode:
        raise SystemExit(f"cluster: `{' '.join(command)}` failed: {answer.stderr.strip()}")
    return answer.stdout
