"""
A shop of podinfo on the test cluster, behind Traefik, for what befalls its controller.

Its pods, the router, and the requests are real. The controller is a process of its own on this
machine, which can be killed, and whose way to the API server can be cut.
"""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cluster import kubectl, places, traefik, up
from serinus.boot import installing

Object = dict[str, Any]

PATIENCE_S = 600.0
LOOK_S = 0.2
END_S = 20.0
REPLICAS = 2
QUICK = {"bake": "10s", "warmup": "1s", "keepOld": "1s", "latencyBound": "5s"}
"""How fast podinfo answers is not what is measured, and a busy machine makes one arm slower."""

WORKS = "the controller works"


class Life:
    """One process of the controller, with an empty disk of its own."""

    def __init__(self, namespace: str, home: Path, kubeconfig: Path) -> None:
        self.began = time.monotonic()
        self._log = home / "controller.log"
        words = [sys.executable, "-m", "serinus", "controller", "--namespace", namespace]
        words += ["--system-namespace", namespace, "--router", "traefik"]
        words += ["--environment", namespace, "--home", str(home), "--health", "127.0.0.1:0"]
        environ = {**os.environ, "KUBECONFIG": str(kubeconfig), "PYTHONUNBUFFERED": "1"}
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(words, stdout=out, stderr=out, env=environ)  # noqa: S603 - our own

    def said(self) -> str:
        """Return what it told so far."""
        return self._log.read_text()

    def works(self) -> None:
        """Wait until it leads."""
        until(lambda: WORKS in self.said(), "the controller works", self.said)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Ask it to end, and wait for that."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(END_S)


class Shop:
    """The application, in a namespace that is named for this run."""

    def __init__(self, namespace: str, home: Path) -> None:
        self.namespace = namespace
        self.host = f"{namespace}.test"
        self.address = f"http://127.0.0.1:{traefik.WEB}/"
        self._home = home
        self._lives = 0

    def begin(self, kubeconfig: Path = places.KUBECONFIG) -> Life:
        """Start a controller."""
        self._lives += 1
        home = self._home / str(self._lives)
        home.mkdir()
        return Life(self.namespace, home, kubeconfig)

    @contextlib.contextmanager
    def controller(self, kubeconfig: Path = places.KUBECONFIG) -> Iterator[Life]:
        """Let a controller work for the length of a block."""
        life = self.begin(kubeconfig)
        try:
            life.works()
            yield life
        finally:
            life.end()

    def want(self, image: str, attempt: str) -> None:
        """Ask for an image; ``attempt`` makes a revision of its own of it."""
        kubectl.apply(
            {
                "apiVersion": "serinus.dev/v1alpha1",
                "kind": "Application",
                "metadata": {"name": "shop", "namespace": self.namespace},
                "spec": {
                    "version": f"{image.rpartition(':')[2]}-{attempt}",
                    "workload": {
                        "image": image,
                        "env": {"ATTEMPT": attempt},
                        "port": 9898,
                        "health": {"path": None},  # one that fails fails on every path
                        "replicas": REPLICAS,
                    },
                    "route": {"host": self.host},
                    "delivery": {
                        "template": "canary-fast",
                        "parameters": QUICK,
                    },
                },
            }
        )

    def releases(self) -> int:
        """Return how many releases there are."""
        return len(kubectl.get("releases", namespace=self.namespace)["items"])

    def release(self, number: int) -> Object:
        """Return the status of a release, {} while it has none."""
        for one in kubectl.get("releases", namespace=self.namespace)["items"]:
            if one["spec"]["number"] == number:
                return dict(one.get("status", {}))
        return {}

    def reached(self, number: int, reason: str) -> None:
        """Wait until a release has decided something."""

        def look() -> bool:
            decided = self.release(number).get("decisions", ())
            return any(one["reason"] == reason for one in decided)

        until(look, f"release {number} has decided {reason}")

    def ended(self, number: int) -> Object:
        """Wait until a release has ended, and return its status."""
        until(lambda: "endedAt" in self.release(number), f"release {number} has ended")
        return self.release(number)

    def environment(self) -> Object:
        """Return where the application runs, and who counts."""
        return {
            "apiVersion": "serinus.dev/v1alpha1",
            "kind": "Environment",
            "metadata": {"name": self.namespace},
            "spec": {
                "target": {"namespaces": [self.namespace]},
                "router": {"traefik": {}},
                "counts": {"dialect": "traefik", "scrape": traefik.SCRAPE},
            },
        }


def until(look: Callable[[], bool], what: str, said: Callable[[], str] = str) -> None:
    """Look until something is so; give up at the end of patience."""
    end = time.monotonic() + PATIENCE_S
    while not look():
        if time.monotonic() > end:
            raise SystemExit(f"not within {PATIENCE_S:.0f} s: {what}\n{said()[-3000:]}")
        time.sleep(LOOK_S)


@contextlib.contextmanager
def opened(name: str) -> Iterator[Shop]:
    """Make a namespace and its environment, and remove them with all that is in them."""
    up.ensure()
    traefik.start()
    kinds = installing.text(installing.wanted(""))
    kubectl.run("apply", "--server-side", "--force-conflicts", "-f", "-", given=kinds)
    for kind in ("environments", "applications", "releases", "intents"):
        kubectl.run("wait", f"crd/{kind}.serinus.dev", "--for=condition=Established")
    namespace = f"{name}-{secrets.token_hex(3)}"
    kubectl.run("create", "namespace", namespace)
    with tempfile.TemporaryDirectory(prefix="serinus-bench-") as home:
        shop = Shop(namespace, Path(home))
        try:
            kubectl.apply(shop.environment())
            yield shop
        finally:
            _remove(namespace)


def _remove(namespace: str) -> None:
    """Remove everything; the controller is gone, so nobody else lets the application go."""
    free = '--patch={"metadata":{"finalizers":null}}'
    with contextlib.suppress(RuntimeError):  # it is not there where the beginning failed
        kubectl.run("patch", "application", "shop", "-n", namespace, "--type=merge", free)
    kubectl.run("delete", "environment", namespace, "--ignore-not-found")
    kubectl.run("delete", "namespace", namespace, "--wait=false")
