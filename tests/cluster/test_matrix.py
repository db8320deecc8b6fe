"""
The routers of a cluster, each with a whole story: real pods, real routers, counted requests.

For each router a controller of its own runs in a namespace of its own, while 200 requests come each
second. What was sent and lost stands in a table before pytest's summary.
"""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from cluster import images, kubectl, traefik
from serinus.interfaces.demo import tally
from tests.cluster import controllers, table
from tests.cluster.controllers import Controller

RATE = 200
REPLICAS = 3
WARM_S = 8.0


class Case(NamedTuple):
    """A router, where it takes requests, and what an Environment says of it."""

    router: str
    port: int
    settings: Mapping[str, Any] = MappingProxyType({})


CASES = (
    Case("traefik", traefik.WEB),
    Case(
        "gatewayapi",
        traefik.GATEWAY,
        {"gateway": {"name": traefik.NAME, "namespace": traefik.NAMESPACE}},
    ),
    Case("nginx", traefik.NGINX),
)


class Story:
    """One namespace with its controller, its environment, and the load on its host."""

    def __init__(self, case: Case, namespace: str, home: Path) -> None:
        self.case, self.namespace, self.home = case, namespace, home
        self.host = f"{namespace}.test"
        self.image = images.serinus()
        self.number = 0
        self.controller: Controller | None = None

    @property
    def log(self) -> Path:
        return self.home / "controller.log"

    def environment(self) -> dict[str, Any]:
        return {
            "apiVersion": "serinus.dev/v1alpha1",
            "kind": "Environment",
            "metadata": {"name": self.namespace},
            "spec": {
                "target": {"namespaces": [self.namespace]},
                "router": {self.case.router: dict(self.case.settings)},
                "counts": {"dialect": "traefik", "scrape": traefik.SCRAPE},
            },
        }

    def application(self, version: str, **faults: str) -> dict[str, Any]:
        variables = {"SHOP_ADDRESS": "0.0.0.0", "SHOP_VERSION": version, **faults}  # noqa: S104 - the pod's own
        return {
            "apiVersion": "serinus.dev/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "shop", "namespace": self.namespace},
            "spec": {
                "version": version,
                "workload": {
                    "image": self.image,
                    "command": ["python3", "-m", "serinus.interfaces.demo.shop"],
                    "env": variables,
                    "port": 8080,
                    "health": {"path": "/healthz"},
                    "replicas": REPLICAS,
                },
                "route": {"host": self.host},
                "delivery": {
                    "template": "canary-fast",
                    "parameters": {"bake": "12s", "warmup": "3s", "keepOld": "2s"},
                },
            },
        }

    def release(self, version: str, **faults: str) -> dict[str, Any]:
        """Ask for a version, and return the status of its release once that has ended."""
        self.number += 1
        kubectl.apply(self.application(version, **faults))
        return controllers.ended("shop", self.number, self.namespace, self.log)

    @contextlib.contextmanager
    def load(self) -> Iterator[Callable[[], tally.Tally]]:
        """Send steady traffic for the length of a block."""
        kept = self.home / "load.json"
        command = [sys.executable, "-m", "serinus.interfaces.demo.load", "--duration", "600s"]
        command += ["--url", f"http://127.0.0.1:{self.case.port}", "--host", self.host]
        command += ["--rate", str(RATE), "--json", str(kept)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                controllers.until(kept.exists, "the load has begun")
                yield lambda: tally.Tally.decode(kept.read_bytes())
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait()


@pytest.fixture(params=CASES, ids=[case.router for case in CASES])
def story(
    request: pytest.FixtureRequest, namespace: str, routers: Path, tmp_path: Path
) -> Iterator[Story]:
    del routers
    made = Story(request.param, namespace, tmp_path)
    kubectl.apply(made.environment())
    try:
        running = controllers.controller(
            namespace, tmp_path, router=made.case.router, environment=namespace
        )
        with running as made.controller:
            yield made
            kubectl.run("delete", "application", "shop", "-n", namespace, "--ignore-not-found")
    finally:
        kubectl.run("delete", "environment", namespace)


@pytest.mark.timeout(600)
def test_releases_through_a_router_lose_no_request(story: Story) -> None:
    assert "Succeeded" == story.release("v1")["phase"]

    with story.load() as counted:
        controllers.until(lambda: counted().ok > RATE, "requests are answered", story.log)
        before = counted()
        good = story.release("v2")
        between = counted()
        bad = story.release("v3", SHOP_ERRORS="10%")
    after = counted()

    table.note(story.case.router, "good", between.sent - before.sent, between.lost - before.lost)
    table.note(
        story.case.router, "taken back", after.sent - between.sent, after.lost - between.lost
    )
    assert "Succeeded" == good["phase"], good["sentence"]
    assert "Rolled back" == bad["phase"], bad["sentence"]
    assert "errors" in bad["sentence"]
    assert before.lost == after.lost, after.lost_by
