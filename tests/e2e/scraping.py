"""A real Prometheus for the length of a test, which finds its targets in a file."""

import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2

PROGRAM = "prometheus"
CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: serinus
  file_sd_configs:
  - files: ["{targets}"]
    refresh_interval: 1s
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def scraping(folder: Path, targets: Path, port: int) -> AsyncIterator[None]:
    """Scrape the targets of a file, each second, and answer on a port."""
    process = _started(folder, targets, port)
    try:
        await _ready(process, port)
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        process.kill()
        process.wait()


def _started(folder: Path, targets: Path, port: int) -> subprocess.Popen[bytes]:
    folder.mkdir()
    (folder / "prometheus.yml").write_text(CONFIG.format(targets=targets))
    command = [PROGRAM, "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=1h"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


async def _ready(process: subprocess.Popen[bytes], port: int) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        with anyio.fail_after(30):
            while True:
                assert process.poll() is None, "it has ended; its log tells why"
                with contextlib.suppress(httpx2.HTTPError):
                    answer = await client.get(f"http://127.0.0.1:{port}/-/ready")
                    if answer.is_success:
                        return
                await anyio.sleep(0.1)
