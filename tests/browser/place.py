"""A place of its own for a story: `serinus up` as people start it, with Envoy and replicas."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LINK: Final = re.compile(r"http://\S+/\?token=\S+")
BEHIND: Final = re.compile(r"http://\S+, for the proxy of")
START_S: Final = 90
"""How long real programs may take to start, on a machine that is full of other tests."""

ANSWER_S: Final = 20
END_S: Final = 120
SHOP: Final = f"{sys.executable} -m serinus.interfaces.demo.shop"

SPEC: Final = """\
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata:
  name: {name}
spec:
  version: {version}
  workload:
    command: ["{python}", "-m", "serinus.interfaces.demo.shop"]
    env:
      SHOP_VERSION: "${{version}}"
      SHOP_LATENCY: 3ms
{faults}\
    health: {{path: /healthz}}
    replicas: {replicas}
  route:
    host: {name}.localhost
  delivery:
    template: canary-fast
    parameters: {{bake: {bake}, warmup: 1s, keepOld: 2s}}
"""


class Place:
    """A directory with specs, a controller with its dashboard, and traffic."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.port, self.door = _free_port(), _free_port()
        self.specs = path / "delivery"
        self.specs.mkdir()
        self._log = path / "up.log"
        self._controller: subprocess.Popen[bytes] | None = None
        self._loads: list[subprocess.Popen[bytes]] = []

    @property
    def origin(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.door}"

    def up(self, access: str = "") -> str:
        """
        Start the controller; return the link that it printed.

        With ``access``, a file that says who may do what, it prints none: people come by a proxy.
        """
        before = self._log.stat().st_size if self._log.exists() else 0
        dashboard = ["--dashboard", f"127.0.0.1:{self.door}"]
        if access:
            (self.path / "access.yaml").write_text(access)
            dashboard += ["--access", str(self.path / "access.yaml")]
        with self._log.open("ab") as log:
            self._controller = subprocess.Popen(
                [*_SERINUS, "up", "--port", str(self.port), *dashboard],
                cwd=self.path,
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while not (found := (BEHIND if access else LINK).search(self._log.read_text()[before:])):
            assert time.monotonic() < deadline, self._log.read_text()
            assert self._controller.poll() is None, self._log.read_text()
            time.sleep(0.05)  # a program that starts says so by its output alone
        return found[0]

    def another_link(self) -> str:
        """Ask for one more link, as a second person does."""
        return subprocess.run(
            [*_SERINUS, "dashboard"],
            cwd=self.path,
            env=self._environ(),
            capture_output=True,
            text=True,
            timeout=START_S,
            check=True,
        ).stdout.strip()

    def serving(self, *names: str) -> None:
        """Wait until applications answer."""
        deadline = time.monotonic() + START_S
        while not all(self.answer(name).startswith("HTTP/1.1 200") for name in names):
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.05)  # nobody tells a visitor

    def kill(self) -> None:
        """Kill the controller without a word: what serves goes on serving."""
        assert self._controller is not None
        self._controller.send_signal(signal.SIGKILL)
        self._controller.wait()

    def write(
        self, name: str, version: str, *, bake: str = "5s", replicas: int = 2, **faults: str
    ) -> None:
        """Write a shop's file, as an editor would; ``faults``: what its replicas are told."""
        lines = "".join(f'      {word}: "{value}"\n' for word, value in faults.items())
        text = SPEC.format(
            name=name,
            version=version,
            bake=bake,
            replicas=replicas,
            python=sys.executable,
            faults=lines,
        )
        draft = self.path / f"{name}.yaml"
        draft.write_text(text)
        draft.replace(self.specs / draft.name)

    def traffic(self, name: str, rate: int = 150) -> None:
        """Send steady traffic to an application until the end."""
        command = [sys.executable, "-m", "serinus.interfaces.demo.load"]
        command += ["--url", f"http://127.0.0.1:{self.port}", "--host", f"{name}.localhost"]
        command += ["--rate", str(rate), "--duration", "300s", "--paths", "/=1"]
        command += ["--marker", "x-shop-version", "--json", str(self.path / f"{name}.json")]
        self._loads.append(subprocess.Popen(command, start_new_session=True))

    def answer(self, name: str) -> str:
        """Ask an application for its page, as a visitor; return all of the answer, "" for none."""
        request = f"GET / HTTP/1.1\r\nhost: {name}.localhost\r\nconnection: close\r\n\r\n"
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_S) as connection,
            connection.makefile("rb") as answer,
        ):
            connection.sendall(request.encode())
            return answer.read().decode(errors="replace")
        return ""

    def down(self) -> None:
        """End everything, whatever state it is in."""
        for load in self._loads:
            load.kill()
            load.wait()
        words = [*_SERINUS, "down"]
        try:
            subprocess.run(words, cwd=self.path, env=self._environ(), timeout=END_S, check=False)
        finally:
            if self._controller is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._controller.wait(timeout=10)
                self._controller.kill()
                self._controller.wait()

    def _environ(self) -> dict[str, str]:
        return {**os.environ, "SERINUS_HOME": str(self.path / "h"), "SERINUS_ACTOR": "ada"}


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Place]:
    """Make a place, and leave nothing behind that runs."""
    made = Place(path)
    try:
        yield made
    finally:
        made.down()


_SERINUS: Final = (sys.executable, "-m", "serinus")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
