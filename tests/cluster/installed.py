"""The controller as `serinus install` puts it into a cluster: pods with rights of their own."""

import contextlib
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

from cluster import images, kubectl

NAME = "serinus-controller"
PORT = 8081


class Installed:
    """One controller for one namespace, in a namespace of its own."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.system = f"{namespace}-system"
        self.name = f"{NAME}-{self.system}"

    def apply(self, *arguments: str) -> None:
        """Do what the pages say: `serinus install … | kubectl apply --server-side -f -`."""
        command = [sys.executable, "-m", "serinus", "install", images.serinus(), *arguments]
        command += ["--namespace", self.namespace, "--system-namespace", self.system]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        kubectl.run("apply", "--server-side", "--force-conflicts", "-f", "-", given=told)
        kubectl.run("rollout", "status", f"deployment/{NAME}", "-n", self.system, "--timeout=120s")

    def pods(self) -> list[dict[str, Any]]:
        """Return the pods that run."""
        found = kubectl.get("pods", namespace=self.system)["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def answers(self, path: str) -> list[str]:
        """Return what each pod answers at a path; an answer that is not 200 raises."""
        found = []
        for pod in self.pods():
            address = f"http://{pod['status']['podIP']}:{PORT}{path}"
            with urllib.request.urlopen(address, timeout=10) as answer:
                found.append(answer.read().decode())
        return found

    def said(self) -> str:
        """Return what all pods have written."""
        names = [pod["metadata"]["name"] for pod in self.pods()]
        return "\n".join(kubectl.run("logs", name, "-n", self.system) for name in names)


@contextlib.contextmanager
def installed(namespace: str, *arguments: str) -> Iterator[Installed]:
    """Let a controller run in pods for the length of a block."""
    made = Installed(namespace)
    try:
        made.apply(*arguments)
        yield made
    finally:
        for kind in ("clusterrolebinding", "clusterrole"):
            kubectl.run("delete", kind, made.name, "--ignore-not-found")
        kubectl.run("delete", "namespace", made.system, "--wait=false", "--ignore-not-found")
