"""The same commands from elsewhere: an empty directory, the address of a dashboard and a token."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2

from tests.e2e.home import Home

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/\?token=")


class Afar:
    """Somebody who reaches the dashboard of a home, and nothing else of it."""

    def __init__(self, here: Home, path: Path) -> None:
        path.mkdir()
        self.path = path
        found = LINK.search(here.log())
        assert found is not None, here.log()
        self.address = found.group(1)
        made = here.serinus("dashboard", "--token")
        assert made.returncode == 0, made.stderr
        self.token = made.stdout.strip()
        assert self.token

    def serinus(
        self, *words: str, token: str | None = None, timeout: float = 150
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as people do; what it prints never holds the token."""
        environ = self.environ if token is None else {**self.environ, "SERINUS_TOKEN": token}
        done = subprocess.run(
            self.typed(*words),
            cwd=self.path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert self.token not in done.stdout + done.stderr
        return done

    def begun(self, *words: str) -> subprocess.Popen[str]:
        """Begin a command that follows a release, and return once it does: it has said a line."""
        process = subprocess.Popen(
            self.typed(*words),
            cwd=self.path,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline(), process.communicate()
        return process

    def json(self, *words: str) -> Any:
        """Run a command and read its JSON."""
        done = self.serinus(*words, "-o", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def until(self, version: str, phase: str) -> None:
        """Wait until the last release is one of a version, and in a phase; by the API itself."""
        latest = f"{self.address}/api/v1/releases/local/site/latest"
        shown = {"authorization": f"Bearer {self.token}"}
        deadline = time.monotonic() + 120
        with httpx2.Client(trust_env=False, headers=shown, timeout=20) as program:
            while True:
                view = program.get(latest).json()
                if view["version"] == version and str(view["state"]).startswith(phase):
                    return
                assert time.monotonic() < deadline, view
                time.sleep(0.2)

    def typed(self, *words: str) -> list[str]:
        """Return the words of a command; the token is not among them."""
        return [sys.executable, "-m", "serinus", *words, "--server", self.address]

    @property
    def environ(self) -> dict[str, str]:
        """The environment of such a person: a token, and no home."""
        rest = {name: text for name, text in os.environ.items() if not name.startswith("SERINUS_")}
        return {**rest, "SERINUS_TOKEN": self.token}
