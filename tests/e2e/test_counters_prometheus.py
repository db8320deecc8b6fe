"""What products were recorded to say, scraped by a real Prometheus, is counted as it was."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import pytest

from serinus.adapters.kubernetes import origins, tally
from serinus.adapters.kubernetes.tally import Crew
from serinus.adapters.local.clock import Clock
from serinus.boot import sources
from serinus.core.state.notice import Key
from tests.conformance import test_dialects as recorded
from tests.e2e.scraping import free_port, scraping

pytestmark = pytest.mark.prometheus

KEY = Key("team/shop", "prod")


class Page(BaseHTTPRequestHandler):
    """Answer with a recorded page."""

    content = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/plain; version=0.0.4")
        self.send_header("content-length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
        """Keep quiet."""


@contextmanager
def served(name: str) -> Iterator[str]:
    content = (recorded.FOLDERS / name / "recorded.txt").read_bytes()
    handler = type("Recorded", (Page,), {"content": content})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def target(name: str, address: str, told: Any) -> dict[str, Any]:
    """Return a target with the labels that a scraper in a cluster adds."""
    labels = {"dialect": name, "namespace": "routers", **told.get("page", {})}
    return {"targets": [address], "labels": labels}


async def test_every_dialect_is_counted_by_way_of_a_prometheus(tmp_path: Path) -> None:
    worlds = {name: recorded.world(name) for name in recorded.NAMES}
    found: dict[str, dict[str, int]] = {}
    port = free_port()
    with ExitStack() as pages:
        listed = [
            target(name, pages.enter_context(served(name)), told) for name, told in worlds.items()
        ]
        (tmp_path / "targets.json").write_text(json.dumps(listed))
        async with scraping(tmp_path / "prometheus", tmp_path / "targets.json", port):
            source = sources.at(f"http://127.0.0.1:{port}")
            for name, told in worlds.items():
                with anyio.fail_after(30):
                    while not found.get(name):
                        found[name] = await counted(name, told, source)
                        await anyio.sleep(0.2)

    assert found == {
        name: {replica: one["ended"] for replica, one in told["expected"].items()}
        for name, told in worlds.items()
    }


async def counted(name: str, told: Any, source: Any) -> dict[str, int]:
    choice, wrong = origins.read({"prometheus": "p", **told["settings"]}, name)
    assert () == wrong
    assert choice is not None
    pods = {pod: tuple(of) for pod, of in told.get("pods", {}).items()}
    who = tally.known({KEY: Crew(told.get("services", {}), pods)})
    asked = origins.Asked(choice, source, Clock())
    await asked.look(who)
    return {
        replica: one.completed
        for revision in asked.tally.revisions(KEY, who).values()
        for replica, one in revision.replicas.items()
        if one.completed
    }
