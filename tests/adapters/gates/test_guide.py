"""The receiver of the guide to gates does what the guide says: it is run here, word for word."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from serinus.adapters.gates import webhook
from serinus.adapters.local.clock import Clock
from serinus.core.state.gates import GateAnswer, Opening
from tests.adapters.gates.asked import EXAMPLE, Secrets, question

pytestmark = pytest.mark.anyio

GUIDE = Path(__file__).parents[3] / "docs" / "howto" / "gate-a-step.md"
OTHER = "whsec_" + "A" * 32


@pytest.fixture
def receiver() -> Iterator[subprocess.Popen[str]]:
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found is not None
    own = 'def tests_pass(version): return version == "v2"\n'
    say = "\nserver = HTTPServer(('127.0.0.1', 0), Gate)\nprint(server.server_port, flush=True)\n"
    code = re.sub(r"\nHTTPServer\(.*", say + "server.serve_forever()", found[1])
    with subprocess.Popen(
        [sys.executable, "-c", own + code],
        env={**os.environ, "SMOKE": EXAMPLE},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        process.kill()


async def ask(receiver: subprocess.Popen[str], secret: str, *versions: str) -> list[GateAnswer]:
    assert receiver.stdout is not None
    port = await anyio.to_thread.run_sync(receiver.stdout.readline)
    gate = webhook.Gate(Secrets(smoke=secret), Clock())
    url = f"http://127.0.0.1:{int(port)}"
    return [await gate.ask(question(url, secret="smoke", version=version)) for version in versions]


async def test_the_receiver_of_the_guide_opens_and_refuses(
    receiver: subprocess.Popen[str],
) -> None:
    found = await ask(receiver, EXAMPLE, "v2", "v3")

    assert [Opening.OPEN, Opening.REFUSED] == [answer.opening for answer in found]


async def test_the_receiver_of_the_guide_refuses_what_somebody_else_signed(
    receiver: subprocess.Popen[str],
) -> None:
    (found,) = await ask(receiver, OTHER, "v2")

    assert (Opening.REFUSED, "answered 401") == (found.opening, found.sentence)
