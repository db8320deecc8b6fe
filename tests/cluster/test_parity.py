"""
One scenario, three platforms: a film in memory, this machine, and a cluster tell the same story.

The same three changes of one application (a first version, a good one, one whose errors rise) are
delivered by the same template, at the same rate of requests, by the loop that all of them share.
What is compared is the history of each release: its events, as kind and reason, and its end. The
film's history is what the other two are held against.

Left out is what chance and real time may change, and nothing else:

    how often        a probe or a step is begun again, and how long each lasts: of neighbouring
                     repetitions of the same two or three events one is kept
    how far          the share at which the errors are seen: a step more or less before the alarm
    numbers          in sentences; they are counts of requests, which are drawn by lot
    by the way       verdicts and replicas, which are told when they change (a pod that is late)
"""

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from ruamel.yaml import YAML

from cluster import images, kubectl, traefik
from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.boot import catalogue, local
from serinus.boot.settings import Settings
from serinus.boot.simulation import Film
from serinus.core.spec import resolve
from serinus.core.spec.application import DeliverySpec
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.limits import Limits
from serinus.core.state.notice import Event, Key, Kind
from serinus.ports import Ports
from tests.cluster import controllers

TEMPLATE = "canary-fast"
PARAMETERS = {"bake": "12s", "warmup": "3s", "keepOld": "2s", "latencyBound": "300ms"}
RATE = 200
REPLICAS = 3
ERRORS = 0.1
WARM_S = 20.0
PATIENCE_S = 240.0

VERSIONS = ("v1", "v2", "v3")
BAD = "v3"

COMPARED = frozenset({Kind.RELEASE, Kind.STEP, Kind.RETREAT, Kind.RESULT})

History = tuple[str, ...]
"""What happened to one release, as ``kind Reason``."""


def test_the_film_promotes_the_good_version_and_takes_the_bad_one_back() -> None:
    first, good, bad = anyio.run(in_a_film)

    assert ("release Started", "result Succeeded") == first
    assert ("release Started", "step StepStarted", "step Promoting", "result Succeeded") == good[:4]
    assert ("release Started", "step StepStarted", "retreat Alarm") == bad[:3]
    assert "result RolledBack" == bad[-1]


@pytest.mark.timeout(900)
async def test_this_machine_has_the_history_of_the_film(tmp_path: Path) -> None:
    assert await in_a_film() == await on_this_machine(tmp_path)


@pytest.mark.timeout(900)
def test_a_cluster_has_the_history_of_the_film(
    namespace: str, routers: Path, tmp_path: Path
) -> None:
    assert routers.exists()
    assert anyio.run(in_a_film) == in_a_cluster(namespace, tmp_path)


# --- the scenario -------------------------------------------------------------------------------


def application(version: str, host: str, **workload: Any) -> dict[str, Any]:
    """Return the application as it is written for a machine and for a cluster."""
    faults = {"SHOP_ERRORS": f"{ERRORS:.0%}"} if version == BAD else {}
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop"},
        "spec": {
            "version": version,
            "workload": {
                "env": {"SHOP_VERSION": version, **faults, **workload.pop("env", {})},
                "health": {"path": "/healthz"},
                "replicas": REPLICAS,
                **workload,
            },
            "route": {"host": host},
            "delivery": {"template": TEMPLATE, "parameters": PARAMETERS},
        },
    }


def delivery() -> Delivery:
    """Return what the template comes to, for the film."""
    asked = DeliverySpec(template=TEMPLATE, parameters=dict(PARAMETERS))
    layer = resolve.Layer("application", "spec.delivery", asked)
    found = resolve.resolve((layer,), catalogue.builtin(), Limits())
    assert found.delivery is not None, found.problems
    return found.delivery


@contextlib.contextmanager
def load(url: str, host: str, home: Path) -> Iterator[None]:
    """Send steady traffic for the length of a block."""
    command = [sys.executable, "-m", "serinus.interfaces.demo.load", "--duration", "600s"]
    command += ["--url", url, "--host", host, "--rate", str(RATE)]
    command += ["--json", str(home / "load.json")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


# --- the platforms ------------------------------------------------------------------------------


async def in_a_film() -> tuple[History, ...]:
    """Play it in memory, on a clock that is moved."""

    def behave(circumstance: Circumstance) -> Behaviour:
        errors = ERRORS if circumstance.version == BAD else 0.0
        return Behaviour(errors=errors, slower=(0.0,))

    film = Film(behave, delivery(), rate=RATE, tick_s=1.0, bounds_ms=(300,), replicas=REPLICAS)
    for version in VERSIONS:
        film.deploy(version)
        await film.finish()
        await film.run(WARM_S)
    return histories(await film.store.events())


async def on_this_machine(home: Path) -> tuple[History, ...]:
    """Play it as processes behind Envoy."""
    settings = Settings(home=home / "h", specs=home / "delivery", port=_free_port())
    settings.specs.mkdir()
    command = [sys.executable, "-m", "serinus.interfaces.demo.shop"]
    host, key = "shop.localhost", Key("shop", "local")
    try:
        async with local.controller(settings) as (ports, _):
            with contextlib.ExitStack() as stack:
                for number, version in enumerate(VERSIONS, start=1):
                    with (settings.specs / "shop.yaml").open("w") as out:
                        YAML().dump(application(version, host, command=command), out)
                    await _ended(ports, key, number)
                    if version == VERSIONS[0]:
                        stack.enter_context(load(f"http://127.0.0.1:{settings.port}", host, home))
                    await anyio.sleep(WARM_S)  # real requests come in real time
            return histories(await ports.store.events())
    finally:
        await local.down(settings)


def in_a_cluster(namespace: str, home: Path) -> tuple[History, ...]:
    """Play it as pods behind Traefik."""
    host = f"{namespace}.test"
    environment = {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Environment",
        "metadata": {"name": namespace},
        "spec": {
            "target": {"namespaces": [namespace]},
            "router": {"traefik": {}},
            "counts": {"scrape": traefik.SCRAPE},
        },
    }
    pod = {
        "image": images.serinus(),
        "command": ["python3", "-m", "serinus.interfaces.demo.shop"],
        "env": {"SHOP_ADDRESS": "0.0.0.0"},  # noqa: S104 - the pod's own
        "port": 8080,
    }
    kubectl.apply(environment)
    try:
        running = controllers.controller(namespace, home, router="traefik", environment=namespace)
        with running as controller, contextlib.ExitStack() as stack:
            for number, version in enumerate(VERSIONS, start=1):
                wanted = application(version, host, **pod)
                wanted["metadata"]["namespace"] = namespace
                kubectl.apply(wanted)
                _over(number, namespace, controller.log)
                if version == VERSIONS[0]:
                    stack.enter_context(load(f"http://127.0.0.1:{traefik.WEB}", host, home))
                anyio.run(anyio.sleep, WARM_S)  # as above
            found = tuple(
                _told(
                    (Kind(one["kind"]), one["reason"])
                    for one in controllers.release("shop", number, namespace)["decisions"]
                )
                for number in range(1, len(VERSIONS) + 1)
            )
            kubectl.run("delete", "application", "shop", "-n", namespace)
            return found
    finally:
        kubectl.run("delete", "environment", namespace)


# --- histories ----------------------------------------------------------------------------------


def histories(events: Iterable[Event]) -> tuple[History, ...]:
    """Return the history of each release."""
    kept = list(events)
    numbers = sorted({one.release for one in kept if one.release is not None})
    return tuple(
        _told((one.kind, one.reason) for one in kept if one.release == number) for number in numbers
    )


def _told(events: Iterable[tuple[Kind, str]]) -> History:
    """Return what is compared of a release's events; the head of this file says why."""
    found: list[str] = []
    for kind, reason in events:
        if kind in COMPARED:
            found.append(f"{kind.value} {reason}")
            for length in (1, 2):
                if found[-length:] == found[-2 * length : -length]:
                    del found[-length:]
    return tuple(found)


def _over(number: int, namespace: str, log: Path) -> None:
    """Wait until a release of the cluster has ended."""

    def look() -> bool:
        return "endedAt" in controllers.release("shop", number, namespace)

    controllers.until(look, f"release {number} has ended", log, PATIENCE_S)


async def _ended(ports: Ports, key: Key, number: int) -> None:
    with anyio.fail_after(PATIENCE_S):
        while True:
            release = await ports.store.release(key, number)
            if release is not None and release.ended_at is not None:
                return
            await anyio.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
