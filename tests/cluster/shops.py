"""A shop that is released on a cluster, with its environment and the requests on its host."""

import contextlib
import http
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cluster import images, kubectl, places, traefik
from serinus.boot import installing
from serinus.interfaces.demo import tally
from tests.cluster import controllers, counted
from tests.cluster.controllers import Controller

RATE = 40
REPLICAS = 2
TIMEOUT_S = 30
"""Longer than Traefik waits for a pod: it answers itself where one is gone, and that is counted."""

WARM = 50
"""So many requests are answered before anything is done to a release."""


class Shop:
    """One shop behind Traefik, in a namespace of its own."""

    def __init__(self, namespace: str, home: Path, page: counted.Page) -> None:
        self.namespace, self.home, self.page = namespace, home, page
        self.image = images.serinus()
        self.log = home / "one" / "controller.log"

    def environment(self, **changes: Any) -> dict[str, Any]:
        spec = {
            "target": {"namespaces": [self.namespace]},
            "router": {"traefik": {}},
            "counts": {"dialect": "traefik", "scrape": self.page.address},
        }
        return {
            "apiVersion": "serinus.dev/v1alpha1",
            "kind": "Environment",
            "metadata": {"name": self.namespace},
            "spec": spec | changes,
        }

    def application(
        self, version: str, bake: str = "4s", start: str = "2m", **workload: Any
    ) -> dict[str, Any]:
        address = "0.0.0.0"  # noqa: S104 - all of the pod's own
        asked = {
            "image": self.image,
            "command": ["python3", "-m", "serinus.interfaces.demo.shop"],
            "env": {"SHOP_ADDRESS": address, "SHOP_VERSION": version},
            "port": 8080,
            "health": {"path": "/healthz", "timeout": "5s"},
            "replicas": REPLICAS,
        }
        # How fast it answers is not what is tried here, and a busy machine makes one arm slower.
        quick = {"bake": bake, "warmup": "1s", "keepOld": "1s", "latencyBound": "5s"}
        return {
            "apiVersion": "serinus.dev/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "shop", "namespace": self.namespace},
            "spec": {
                "version": version,
                "workload": asked | workload,
                "route": {"host": f"{self.namespace}.test"},
                "delivery": {
                    "template": "canary-fast",
                    "parameters": quick,
                    "startTimeout": start,
                },
            },
        }

    def ask(self, version: str, bake: str = "4s", start: str = "2m", **workload: Any) -> None:
        """Ask for a version."""
        kubectl.apply(self.application(version, bake, start, **workload))

    def ended(self, number: int) -> dict[str, Any]:
        """Wait until a release has ended, and return its status."""
        return controllers.ended("shop", number, self.namespace, self.log)

    def reached(self, number: int, step: str) -> None:
        """Wait until a release rolls, at a step such as 1/3."""

        def look() -> bool:
            status = controllers.release("shop", number, self.namespace)
            return (status.get("phase"), status.get("step")) == ("Rolling", step)

        controllers.until(look, f"release {number} is at step {step}", self.log)

    def says(self, *words: str) -> str:
        """Wait until the status of the application has these words, and return its sentence."""

        def look() -> str:
            told = str(self.status().get("sentence", ""))
            return told if all(word in told for word in words) else ""

        try:
            return str(controllers.until(look, f"the status says {words}", self.log))
        except AssertionError as late:
            raise AssertionError(f"{late}\nit says: {self.status()}") from None

    def status(self) -> dict[str, Any]:
        """Return the status of the application."""
        found = controllers.found("application", "shop", self.namespace)
        told: dict[str, Any] = found.get("status", {})
        return told

    def _answers(self) -> bool:
        address = f"http://127.0.0.1:{traefik.WEB}/"
        request = urllib.request.Request(address, headers={"Host": f"{self.namespace}.test"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
                return bool(answer.status == http.HTTPStatus.OK)
        except urllib.error.HTTPError:
            return False

    @contextlib.contextmanager
    def controller(
        self, name: str = "one", kubeconfig: Path = places.KUBECONFIG, system: str = ""
    ) -> Iterator[Controller]:
        """Run a controller for this namespace for the length of a block."""
        self.log = self.home / name / "controller.log"
        with controllers.controller(
            self.namespace,
            self.home / name,
            router="traefik",
            environment=self.namespace,
            kubeconfig=kubeconfig,
            system=system,
        ) as made:
            yield made

    @contextlib.contextmanager
    def load(self) -> Iterator[Callable[[], tally.Tally]]:
        """Send steady traffic for the length of a block."""
        controllers.until(self._answers, "Traefik has its route", self.log)
        kept = self.home / "load.json"
        command = [sys.executable, "-m", "serinus.interfaces.demo.load", "--duration", "600s"]
        command += ["--url", f"http://127.0.0.1:{traefik.WEB}", "--host", f"{self.namespace}.test"]
        command += ["--rate", str(RATE), "--json", str(kept), "--timeout", f"{TIMEOUT_S}s"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                controllers.until(kept.exists, "the load has begun")

                def counted() -> tally.Tally:
                    return tally.Tally.decode(kept.read_bytes())

                controllers.until(lambda: counted().ok > WARM, "requests are answered", self.log)
                yield counted
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait()


@contextlib.contextmanager
def opened(namespace: str, home: Path) -> Iterator[Shop]:
    """Let a shop have its environment for the length of a block; its application ends with it."""
    with counted.page() as page:
        shop = Shop(namespace, home, page)
        kinds = installing.text(installing.wanted(""))
        kubectl.run("apply", "--server-side", "--force-conflicts", "-f", "-", given=kinds)
        for kind in ("environments", "applications", "intents"):
            kubectl.run("wait", f"crd/{kind}.serinus.dev", "--for=condition=Established")
        kubectl.apply(shop.environment())
        try:
            yield shop
        finally:
            kubectl.run("delete", "environment", namespace, "--ignore-not-found")
            abandon(namespace)


def abandon(namespace: str) -> None:
    """Let the application go without its controller, which has ended."""
    if controllers.found("application", "shop", namespace):
        change = json.dumps({"metadata": {"finalizers": None}})
        where = ("application", "shop", "-n", namespace)
        kubectl.run("patch", *where, "--type=merge", f"--patch={change}")
