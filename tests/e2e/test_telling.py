"""People are told what a real controller does, once, over its restarts too."""

import json
import time
from pathlib import Path

import pytest

from tests.e2e.home import Home, home
from tests.taker import Told, taking

pytestmark = [pytest.mark.envoy, pytest.mark.timeout(300)]

ENVIRONMENT = """
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: local}
spec:
  notify: [{to: chat}, {to: on-call, on: [rollback]}]
"""


def test_people_are_told_once_what_a_controller_does(tmp_path: Path) -> None:
    with taking() as (port, told), home(tmp_path, bake="60s") as here:
        (tmp_path / "delivery" / "local.yaml").write_text(ENVIRONMENT)
        for name in ("chat", "on-call"):
            secret = here.home / "secrets" / name
            secret.parent.mkdir(parents=True, exist_ok=True)
            secret.touch(0o600)
            secret.write_text(f"json://127.0.0.1:{port}/{name}-T0KEN\n")
        here.up()
        _wait(told, 1)
        _noted(here)
        here.kill()
        here.up()
        here.serinus("deploy", "site", "v2")
        _rolling(here)
        here.serinus("rollback", "site", "-m", "not today")
        _wait(told, 3)
        tried = here.serinus("notify", "test")
        log = here.log()

    assert [
        ("/chat-T0KEN", "site v1 (local #1): succeeded"),
        ("/chat-T0KEN", "site v1 → v2 (local #2): rolled back"),
        ("/on-call-T0KEN", "site v1 → v2 (local #2): rolled back"),
    ] == sorted((path, title) for path, title, _ in told[:3])
    assert "not today" in told[2][2]
    assert 0 == tried.returncode, tried.stdout
    assert 5 == len(told)
    assert "T0KEN" not in log + tried.stdout + tried.stderr


def _wait(told: Told, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(told) < count:
        assert time.monotonic() < deadline, told
        time.sleep(0.1)


def _noted(here: Home) -> None:
    """Wait until it is written down that the first message was sent."""
    deadline = time.monotonic() + 60
    while not json.loads((here.home / "told.json").read_text()).get("chat"):
        assert time.monotonic() < deadline, here.log()
        time.sleep(0.1)


def _rolling(here: Home) -> None:
    deadline = time.monotonic() + 60
    while here.json("explain", "site")["state"] != "Rolling":
        assert time.monotonic() < deadline, here.log()
        time.sleep(0.2)
