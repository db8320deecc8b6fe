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

import httpx2
import pytest

from cluster import images, istio, kubectl, traefik
from serinus.interfaces.demo import tally
from tests.cluster import controllers, samples, table
from tests.cluster.controllers import Controller

RATE = 200
REPLICAS = 3
WARM_S = 8.0


class Case(NamedTuple):
    """
    A router, where it takes requests, and what an Environment says of it.

    ``counts``: who counts, and where that is read. ``host``: by what name a namespace's shop is
    called. ``start``: starts what carries it out, where that is not Traefik.
    """

    router: str
    port: int
    theirs: Callable[[str, str], dict[str, Any]]
    settings: Mapping[str, Any] = MappingProxyType({})
    counts: tuple[str, str] = ("traefik", traefik.SCRAPE)
    host: str = "{}.test"
    start: Callable[[], None] = traefik.start


CASES = (
    Case("traefik", traefik.WEB, samples.ingress_route),
    Case(
        "gatewayapi",
        traefik.GATEWAY,
        samples.http_route,
        {"gateway": {"name": traefik.NAME, "namespace": traefik.NAMESPACE}},
    ),
    Case("nginx", traefik.NGINX, samples.ingress),
    Case(
        "istio",
        istio.WEB,
        samples.virtual_service,
        counts=("envoy", istio.SCRAPE),
        host="shop.{}.svc.cluster.local",
        start=istio.start,
    ),
)


class Story:
    """One namespace with its controller, its environment, and the load on its host."""

    def __init__(self, case: Case, namespace: str, home: Path) -> None:
        self.case, self.namespace, self.home = case, namespace, home
        self.host = case.host.format(namespace)
        self.image = images.serinus()
        self.number = 0
        self.controller: Controller | None = None

    @property
    def log(self) -> Path:
        return self.home / "controller.log"

    def environment(self) -> dict[str, Any]:
        dialect, scrape = self.case.counts
        return {
            "apiVersion": "serinus.dev/v1alpha1",
            "kind": "Environment",
            "metadata": {"name": self.namespace},
            "spec": {
                "target": {"namespaces": [self.namespace]},
                "router": {self.case.router: dict(self.case.settings)},
                "counts": {"dialect": dialect, "scrape": scrape},
            },
        }

    def application(self, version: str, **faults: str) -> dict[str, Any]:
        variables = {"SHOP_ADDRESS": "0.0.0.0", "SHOP_VERSION": version, **faults}  # noqa: S104 - the pod's own
        # How fast it answers is not what is tried here, and a busy machine makes one arm slower.
        parameters = {"bake": "12s", "warmup": "3s", "keepOld": "2s", "latencyBound": "5s"}
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
                    "parameters": parameters,
                },
            },
        }

    def tested(self, version: str) -> dict[str, Any]:
        """Return the spec of a version that testers get, who send a header."""
        spec: dict[str, Any] = self.application(version)["spec"]
        parameters = {"share": "0%", "header": "x-canary=always"}
        parameters |= {"duration": "12s", "warmup": "2s"}
        spec["delivery"] = {"template": "ab-test", "parameters": parameters, "sticky": None}
        return spec

    def theirs(self, version: str) -> list[dict[str, Any]]:
        """Return what is there before us: a Deployment, its Service, and a route to it."""
        deployment, service = samples.podinfo(self.namespace, replicas=REPLICAS)
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        variables = {"PORT": "8080", "SHOP_ADDRESS": "0.0.0.0", "SHOP_VERSION": version}  # noqa: S104 - the pod's own
        container |= {
            "image": self.image,
            "command": ["python3", "-m", "serinus.interfaces.demo.shop"],
            "env": [{"name": name, "value": value} for name, value in variables.items()],
            "ports": [{"name": "http", "containerPort": 8080}],
            "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1},
        }
        deployment["spec"]["template"]["spec"]["enableServiceLinks"] = False
        service["spec"]["ports"] = [{"port": 80, "targetPort": 8080}]
        return [deployment, service, self.case.theirs(self.namespace, self.host)]

    def route(self) -> dict[str, Any]:
        """Return the spec of the user's routing object."""
        named = self.case.theirs(self.namespace, self.host)
        spec: dict[str, Any] = kubectl.get(named["kind"], "shop", self.namespace)["spec"]
        return spec

    def adopting(self) -> dict[str, Any]:
        """Return an application that adopts the Deployment, and takes part in the route."""
        made = self.application("v1")
        kind = self.case.theirs(self.namespace, self.host)["kind"]
        made["spec"] = {
            "workloadRef": {"kind": "Deployment", "name": "shop"},
            "route": {"host": self.host, "ref": {"kind": kind, "name": "shop"}},
            "delivery": made["spec"]["delivery"],
        }
        return made

    def answers(self, headers: Mapping[str, str]) -> set[str]:
        """Ask a few times, and return the versions that answer; a failure is one, too."""
        told = {"host": self.host, **headers}
        with httpx2.Client(headers=told, trust_env=False) as client:
            found = [client.get(f"http://127.0.0.1:{self.case.port}/") for _ in range(20)]
        return {one.headers.get("x-shop-version", str(one.status_code)) for one in found}

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


@pytest.fixture(
    params=[
        # Each router's stories one after the other: together they would be the load of a machine.
        pytest.param(case, id=case.router, marks=pytest.mark.xdist_group(f"matrix-{case.router}"))
        for case in CASES
    ]
)
def story(
    request: pytest.FixtureRequest, namespace: str, routers: Path, tmp_path: Path
) -> Iterator[Story]:
    del routers
    request.param.start()
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


@pytest.mark.timeout(600)
def test_testers_get_the_candidate_and_nobody_else_does(story: Story) -> None:
    assert "Succeeded" == story.release("v1")["phase"]

    with story.load() as counted:
        controllers.until(lambda: counted().ok > RATE, "requests are answered", story.log)
        before = counted()
        kubectl.apply(story.application("v2") | {"spec": story.tested("v2")})
        story.number += 1
        controllers.until(
            lambda: "v2" in story.answers({"x-canary": "always"}), "testers get v2", story.log
        )
        everybody = story.answers({})
        test = controllers.ended("shop", story.number, story.namespace, story.log)
    after = counted()

    table.note(story.case.router, "A/B", after.sent - before.sent, after.lost - before.lost)
    assert {"v1"} == everybody
    assert "Concluded" == test["phase"], test["sentence"]
    assert {"v1"} == set(after.versions)
    assert before.lost == after.lost, after.lost_by


@pytest.mark.timeout(600)
def test_a_deployment_is_adopted_released_and_left_and_no_request_is_lost(story: Story) -> None:
    kubectl.apply(*story.theirs("v1"))
    kubectl.run("rollout", "status", "deployment/shop", "-n", story.namespace)
    before_us = story.route()

    with story.load() as counted:
        controllers.until(lambda: counted().ok > RATE, "requests are answered", story.log)
        before = counted()
        kubectl.apply(story.adopting())
        adopted = controllers.ended("shop", 1, story.namespace, story.log)
        kubectl.run(*("set", "env", "deployment/shop", "SHOP_VERSION=v2", "-n", story.namespace))
        released = controllers.ended("shop", 2, story.namespace, story.log)
        between = counted()
        kubectl.run("delete", "application", "shop", "-n", story.namespace, "--timeout=120s")
        controllers.until(lambda: {"v2"} == story.answers({}), "the user's own pods serve v2")
    after = counted()

    table.note(story.case.router, "adopt", between.sent - before.sent, between.lost - before.lost)
    table.note(story.case.router, "leave", after.sent - between.sent, after.lost - between.lost)
    assert "Succeeded" == adopted["phase"], adopted["sentence"]
    assert "Succeeded" == released["phase"], released["sentence"]
    assert before_us == story.route()
    assert before.lost == after.lost, after.lost_by
