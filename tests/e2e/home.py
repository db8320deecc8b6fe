"""A home of its own for an end-to-end test: `serinus up` as people start it, and real requests."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from serinus.interfaces.demo import tally

GOOD = """\
{{
\tadmin off
\tauto_https off
\tpersist_config off
}}
http://:{{$PORT}} {{
\theader x-version {version}
\trespond /healthz "ok"
\trespond / "hello from {version}"
}}
"""
BAD = GOOD.replace('respond / "hello from {version}"', 'respond / "no" 500')

SPEC = Path(__file__).with_name("site.yaml")
"""The file of the tutorial, word for word."""


class Home:
    """A directory with specs, a controller that can be killed, and a load generator."""

    def __init__(self, path: Path, *, bake: str = "5s") -> None:
        self.path = path
        self.home = path / "h"
        self.port = _free_port()
        self.tally_path = path / "tally.json"
        self.controller: subprocess.Popen[bytes] | None = None
        self.load: subprocess.Popen[bytes] | None = None
        (path / "delivery").mkdir()
        spec = SPEC.read_text().replace("bake: 5s", f"bake: {bake}")
        (path / "delivery" / "site.yaml").write_text(spec)
        for version, text in (("v1", GOOD), ("v2", GOOD), ("v3", BAD), ("v4", GOOD)):
            (path / f"Caddyfile.{version}").write_text(text.format(version=version))

    def up(self) -> None:
        """Start the controller, and wait until the application has a first release."""
        self.controller = self._start("up", "--port", str(self.port))
        deadline = time.monotonic() + 30
        while not self.serves():
            assert time.monotonic() < deadline, self.log()
            assert self.controller.poll() is None, self.log()
            time.sleep(0.1)

    def serves(self) -> bool:
        """Tell whether the application answers through Envoy."""
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection,
        ):
            connection.settimeout(2)
            connection.sendall(
                b"GET / HTTP/1.1\r\nhost: site.localhost\r\nconnection: close\r\n\r\n"
            )
            return connection.recv(64).startswith(b"HTTP/1.1 200")
        return False

    def kill(self) -> None:
        """Kill the controller without a word."""
        assert self.controller is not None
        self.controller.send_signal(signal.SIGKILL)
        self.controller.wait()

    def traffic(self, rate: int = 100, *, duration: str = "200s") -> None:
        """Send steady traffic until the end of the test."""
        command = [sys.executable, "-m", "serinus.interfaces.demo.load"]
        command += ["--url", f"http://127.0.0.1:{self.port}", "--host", "site.localhost"]
        command += ["--rate", str(rate), "--duration", duration, "--paths", "/=1"]
        command += ["--marker", "x-version", "--json", str(self.tally_path)]
        self.load = subprocess.Popen(command, start_new_session=True)

    def counted(self) -> tally.Tally:
        """End the traffic and return what became of it."""
        assert self.load is not None
        self.load.send_signal(signal.SIGTERM)
        self.load.wait(timeout=20)
        return tally.Tally.decode(self.tally_path.read_bytes())

    def serinus(self, *words: str, timeout: float = 150) -> subprocess.CompletedProcess[str]:
        """Run a command as people do."""
        return subprocess.run(
            [*_serinus(), *words],
            cwd=self.path,
            env=self._environ(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def json(self, *words: str) -> Any:
        """Run a command and read its JSON."""
        done = self.serinus(*words, "-o", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def until(self, phase: str, *, step_begun: bool = False) -> dict[str, Any]:
        """Wait until the last release is in a phase, and its step begun; return its view."""

        def there(view: dict[str, Any]) -> bool:
            begun = any(s["state"] == "current" and s["seconds"] for s in view["steps"])
            return str(view["state"]).startswith(phase) and (begun or not step_begun)

        return self._until(there, phase)

    def until_said(self, words: str) -> dict[str, Any]:
        """Wait until the reason for waiting holds some words; return the view."""
        return self._until(lambda view: words in str(view["wait"]), words)

    def _until(self, holds: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while True:
            view: dict[str, Any] = self.json("explain", "site")
            if holds(view):
                return view
            assert time.monotonic() < deadline, f"{what}: {view['state']}, {view['wait']}"
            time.sleep(0.2)

    def log(self) -> str:
        """Return what the controller printed."""
        return (self.path / "up.log").read_text()

    def down(self) -> None:
        """End everything, whatever state it is in."""
        if self.load is not None and self.load.poll() is None:
            self.load.kill()
            self.load.wait()
        self.serinus("down", timeout=60)
        if self.controller is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.controller.wait(timeout=10)
            self.controller.kill()
            self.controller.wait()

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.path / "up.log").open("ab") as log:
            return subprocess.Popen(
                [*_serinus(), *words],
                cwd=self.path,
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _environ(self) -> dict[str, str]:
        here = Path(sys.executable).parent
        path = f"{here}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "SERINUS_HOME": str(self.home), "SERINUS_ACTOR": "ada"}


@contextlib.contextmanager
def home(path: Path, *, bake: str = "5s") -> Iterator[Home]:
    """Make a home for the length of a test, and leave nothing behind that runs."""
    made = Home(path, bake=bake)
    try:
        yield made
    finally:
        made.down()


def _serinus() -> list[str]:
    return [sys.executable, "-m", "serinus"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
