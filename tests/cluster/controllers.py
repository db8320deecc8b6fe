"""A controller for tests: `serinus controller` as a process of its own, in one namespace."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cluster import kubectl, places

PATIENCE_S = 240.0
LOOK_S = 1.0
"""How often is looked: each look is a program, and takes a tenth of a second of CPU."""

END_S = 20.0


class Controller:
    """One process. ``log`` is what it says."""

    def __init__(
        self,
        namespace: str,
        home: Path,
        *,
        router: str,
        environment: str,
        kubeconfig: Path,
        system: str,
    ) -> None:
        self.namespace = namespace
        self.log = home / "controller.log"
        command = [sys.executable, "-m", "serinus", "controller", "--namespace", namespace]
        command += ["--system-namespace", system, "--router", router, "--home", str(home)]
        command += ["--environment", environment, "--health", "127.0.0.1:0"]
        environ = {**os.environ, "KUBECONFIG": str(kubeconfig)}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, env=environ, start_new_session=True
            )

    def says(self, words: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until it has said something."""
        until(lambda: words in self.log.read_text(), f"it says {words!r}", self.log, patience_s)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Ask it to end, and see that it does."""
        if self.process.poll() is None:
            self.process.terminate()
            assert 0 == self.process.wait(END_S), self.log.read_text()


@contextlib.contextmanager
def controller(
    namespace: str,
    home: Path,
    *,
    router: str = "replicas",
    environment: str = "kubernetes",
    kubeconfig: Path = places.KUBECONFIG,
    system: str = "",
) -> Iterator[Controller]:
    """Run a controller for the length of a block; ``system``: where its Lease is, if elsewhere."""
    home.mkdir(exist_ok=True)
    made = Controller(
        namespace,
        home,
        router=router,
        environment=environment,
        kubeconfig=kubeconfig,
        system=system or namespace,
    )
    try:
        yield made
    finally:
        made.end()


def found(kind: str, name: str, namespace: str) -> dict[str, Any]:
    """Return an object as the API server has it, {} when it is not there."""
    try:
        return kubectl.get(kind, name, namespace)
    except RuntimeError as problem:
        if "NotFound" in str(problem) or "not found" in str(problem):
            return {}
        raise


def until(
    look: Callable[[], Any], what: str, log: Path | None = None, patience_s: float = PATIENCE_S
) -> Any:
    """Look until something is so, and return it."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        result = look()
        if result:
            return result
        time.sleep(LOOK_S)  # for another program, which has a clock of its own
    said = log.read_text()[-3000:] if log is not None and log.exists() else ""
    raise AssertionError(f"not within {patience_s:.0f} s: {what}\n{said}")


def release(application: str, number: int, namespace: str) -> dict[str, Any]:
    """Return the status of a release, {} while there is none."""
    status: dict[str, Any] = found("release", f"{application}-{number}", namespace).get(
        "status", {}
    )
    return status


def ended(application: str, number: int, namespace: str, log: Path | None = None) -> dict[str, Any]:
    """Wait until a release has ended, and return its status."""

    def look() -> dict[str, Any]:
        status = release(application, number, namespace)
        return status if status.get("endedAt") else {}

    status: dict[str, Any] = until(look, f"{application}-{number} has ended", log)
    return status
