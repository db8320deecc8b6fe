"""Questions to the cluster, by the kubectl that pip installed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from cluster import places

PROGRAM = Path(sys.prefix) / "bin" / "kubectl"


def run(*arguments: str, given: str | None = None, timeout_s: float = 120) -> str:
    """Run kubectl as the admin and return what it printed; raise with its words if it fails."""
    answer = subprocess.run(
        [PROGRAM, f"--kubeconfig={places.KUBECONFIG}", *arguments],
        check=False,
        capture_output=True,
        text=True,
        input=given,
        timeout=timeout_s,
    )
    if answer.returncode:
        raise RuntimeError(f"kubectl {' '.join(arguments)}: {answer.stderr.strip()}")
    return answer.stdout


def get(kind: str, name: str = "", namespace: str | None = None) -> dict[str, Any]:
    """Return an object, or the list of a kind where no name is given."""
    where = ["--all-namespaces"] if namespace is None and not name else []
    where += ["--namespace", namespace] if namespace else []
    found: dict[str, Any] = json.loads(
        run("get", kind, *([name] if name else []), *where, "-o", "json")
    )
    return found


def apply(*documents: dict[str, Any]) -> None:
    """Apply documents by server-side apply."""
    bundle = {"apiVersion": "v1", "kind": "List", "items": list(documents)}
    run("apply", "--server-side", "--force-conflicts", "-f", "-", given=json.dumps(bundle))


def node_is_ready() -> bool:
    """Whether the node says that pods can run on it."""
    try:
        node = get("node", places.NODE)
    except (RuntimeError, subprocess.TimeoutExpired):
        return False
    conditions = node.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
