"""A range of a real Prometheus, which scraped two pods, becomes the ticks that they counted."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anyio
import pytest

from serinus.boot import sources
from serinus.core.state.counts import CANDIDATE, STABLE, Tick
from serinus.lab import scrapes
from serinus.lab.scrapes import Ask
from tests.e2e.scraping import free_port, scraping

pytestmark = pytest.mark.prometheus

WATCHED_S = 8.0
EACH = 100
"""Requests that a pod counts in each second."""


class Pod(ThreadingHTTPServer):
    """Something with a counter of requests, of which a share fails."""

    def __init__(self, failing: float) -> None:
        super().__init__(("127.0.0.1", 0), Metrics)
        self.failing, self.began = failing, time.monotonic()
        self.scrapes = 0
        self.scraped = threading.Condition()

    def metrics(self) -> bytes:
        requests = int(EACH * (time.monotonic() - self.began))
        with self.scraped:
            self.scrapes += 1
            self.scraped.notify_all()
        failed = int(requests * self.failing)
        lines = ["# TYPE requests_total counter"]
        lines.append(f'requests_total{{code="200"}} {requests - failed}')
        if failed:  # as clients do: a series comes with what it counts
            lines.append(f'requests_total{{code="500"}} {failed}')
        return "\n".join([*lines, ""]).encode()


class Metrics(BaseHTTPRequestHandler):
    """Answer with the counters."""

    server: Pod

    def do_GET(self) -> None:
        content = self.server.metrics()
        self.send_response(200)
        self.send_header("content-type", "text/plain; version=0.0.4")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
        """Keep quiet."""


@contextmanager
def running(failing: float) -> Iterator[Pod]:
    pod = Pod(failing)
    thread = threading.Thread(target=pod.serve_forever, daemon=True)
    thread.start()
    try:
        yield pod
    finally:
        pod.shutdown()
        pod.server_close()
        thread.join()


async def scraped(pods: list[Pod], number: int) -> None:
    """Wait until each pod was scraped so many times."""

    def wait(pod: Pod) -> bool:
        with pod.scraped:
            return pod.scraped.wait_for(lambda: pod.scrapes >= number, timeout=40)

    for pod in pods:
        assert await anyio.to_thread.run_sync(wait, pod)


@pytest.mark.timeout(90)
async def test_what_prometheus_scraped_is_what_is_replayed(tmp_path: Path) -> None:
    port, targets = free_port(), tmp_path / "targets.json"
    with running(0.0) as old, running(0.2) as new:
        named = ((old, "v1"), (new, "v2"))
        targets.write_text(
            json.dumps(
                [
                    {
                        "targets": [f"127.0.0.1:{pod.server_port}"],
                        "labels": {"version": version, "pod": version},
                    }
                    for pod, version in named
                ]
            )
        )
        async with scraping(tmp_path / "prometheus", targets, port):
            await scraped([old, new], 3)
            start = time.time()
            await scraped([old, new], 3 + round(WATCHED_S) + 1)
            ask = Ask(
                requests="requests_total",
                errors='requests_total{code="500"}',
                start=start,
                end=start + WATCHED_S,
                candidate=("version", "v2"),
                step_s=1.0,
            )
            found = await scrapes.fetch(sources.at(f"http://127.0.0.1:{port}"), ask)

    ticks = (*found.recording.history, *found.recording.ticks)
    assert len(ticks) >= WATCHED_S - 1
    for arm in (STABLE, CANDIDATE):
        assert counted(ticks, arm)[0] == pytest.approx(EACH * len(ticks), rel=0.3)
    requests, errors = counted(ticks, CANDIDATE)
    assert errors == pytest.approx(0.2 * requests, abs=2)
    assert 0 == counted(ticks, STABLE)[1]


def counted(ticks: tuple[Tick, ...], name: str) -> tuple[int, int]:
    arms = [tick.arms[name] for tick in ticks if name in tick.arms]
    return sum(arm.requests for arm in arms), sum(arm.errors for arm in arms)
