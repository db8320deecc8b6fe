"""
A good release in bad company: its metric source, its gate, its log and its users all misbehave.

::

    users ── forged cookies ──▶ Envoy ──▶ candidate ── 10 MB lines, binary ──▶ its log
    metric source: silent, a page, a million series, bytes that are no text, numbers past all bounds
    gate: silent, then 10 MB

Nothing of it may harm the release, nor the controller: each is named, and a person has the word,
also when the controller is killed in the middle of it.
"""

import re
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.home import Home, home

pytestmark = [pytest.mark.envoy, pytest.mark.timeout(180)]

BABBLER = Path(__file__).with_name("babbler.py")
TEN_MB = 10 * 1024 * 1024
SITE = """\
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata: {{name: site}}
spec:
  version: v1
  workload:
    command: [{python}, -S, {babbler}]
    env: {{VERSION: "${{version}}", BABBLES: v2}}
    health: {{path: /healthz}}
    replicas: 2
  delivery:
    template: canary-fast
    parameters: {{bake: 3s, warmup: 1s, latencyBound: 2s, keepOld: 1m}}
    sticky: 1h
    plan:
    - traffic: {{candidate: 50%}}
      hold: {{for: 3s}}
      gates: [{{webhook: {{url: "http://127.0.0.1:{port}/gate/T0KEN", timeout: 1s, every: 1s}}}}]
    checks:
    - name: lines
      logs: {{pattern: "ERROR|Traceback", slo: {{max: 5%}}}}
    - name: new
      newLines: {{pattern: "ERROR|Traceback"}}
    - {{name: silent, query: {{promql: silent, max: 1, every: 1s}}}}
    - {{name: page, query: {{promql: page, max: 1, every: 1s}}}}
    - {{name: million, query: {{promql: million, max: 1, every: 1s}}}}
    - {{name: bytes, query: {{promql: bytes, max: 1, every: 1s}}}}
    - {{name: huge, query: {{promql: 'huge{{r="$revision"}}', stable: {{ratio: 1.5}}, every: 1s}}}}
"""
LOCAL = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {{name: local}}
spec: {{metrics: {{prometheus: {{url: "http://127.0.0.1:{port}", timeout: 1s}}}}}}
"""
FORGED = (
    "",
    "x" * 6000,
    "00000000-0000-0000-0000-00000000000g",
    "%00%0d%0aset-cookie: a=b",
    "\xff\xfe",
    "00000000-0000-0000-0000-000000000000; {cookie}=twice",
)


NAMED = {
    "silent": "did not answer within 1s",
    "page": "answered with text/html",
    "million": "answered with more than 8 MiB",
    "bytes": "cannot answer now (500)",
    "huge": "the answer is 1.7e+308",
}
"""What people are told of each check."""


@contextmanager
def villain() -> Iterator[int]:
    """Be the worst metric source and the worst gate at once; return the port."""
    over = threading.Event()

    class Misbehaves(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            if self.path.startswith("/gate"):
                Misbehaves.asked += 1
                query = "silent" if Misbehaves.asked % 2 else "large"
            else:
                query = urllib.parse.parse_qs(body)["query"][0].partition("{")[0]
            if query == "silent":
                over.wait(5)
                self.close_connection = True
                return
            self.answer(*ANSWERS[query]())

        asked = 0

        def answer(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:  # who asked has had enough
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Misbehaves)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def vector(series: bytes) -> bytes:
    return b'{"status":"success","data":{"resultType":"vector","result":[' + series + b"]}}"


SERIES = b'{"metric":{"i":"7"},"value":[1,"1"]}'
ANSWERS: dict[str, Any] = {
    "page": lambda: (200, "text/html", b"<html>please sign in</html>"),
    "million": lambda: (200, "application/json", vector(b",".join([SERIES] * 1_000_000))),
    "bytes": lambda: (500, "application/json", b'{"status":"error","error":"\xff\xfe"}'),
    "huge": lambda: (200, "application/json", vector(SERIES.replace(b'"1"', b'"1.7e308"'))),
    "large": lambda: (200, "application/json", b'{"open": true, "reason": "' + b"x" * TEN_MB),
}


def memory(here: Home) -> tuple[int, int]:
    """Return what the controller has of the machine's memory now, and at most, in kB."""
    assert here.controller is not None
    text = Path(f"/proc/{here.controller.pid}/status").read_text()
    found = {name: int(re.findall(rf"{name}:\s+(\d+)", text)[0]) for name in ("VmRSS", "VmHWM")}
    return found["VmRSS"], found["VmHWM"]


def forge(here: Home, cookie: str) -> set[int]:
    """Ask with every forged cookie, and return the statuses."""
    found = set()
    with httpx2.Client() as client:
        for value in FORGED:
            sent = f"{cookie}={value.format(cookie=cookie)}".encode("latin-1")
            headers = [(b"host", b"site.localhost"), (b"cookie", sent)]
            found.add(client.get(f"http://127.0.0.1:{here.port}/", headers=headers).status_code)
    return found


def revision(view: dict[str, Any]) -> str:
    """Return the candidate's revision, as its replica's name tells it."""
    return next(str(r["name"]) for r in view["replicas"] if r["role"] == "candidate")


def told(here: Home) -> dict[str, tuple[str, str]]:
    """Return outcome and sentence of each check, once all of them have been looked at."""
    deadline = time.monotonic() + 30
    while True:
        view = here.json("explain", "site")
        found = {check["name"]: (check["outcome"], check["sentence"]) for check in view["checks"]}
        named = all(words in found[check][1] for check, words in NAMED.items())
        if named and "no data" not in {found["lines"][0], found["new"][0]}:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


def test_a_good_release_ends_well_in_bad_company(tmp_path: Path) -> None:
    with villain() as port, home(tmp_path) as here:
        delivery = tmp_path / "delivery"
        site = SITE.format(python=sys.executable, babbler=BABBLER, port=port)
        (delivery / "site.yaml").write_text(site)
        (delivery / "local.yaml").write_text(LOCAL.format(port=port))
        here.up()
        before = memory(here)[0]
        here.traffic(rate=50)
        assert 0 == here.serinus("deploy", "site", "v2").returncode
        shut = [here.until_said(words) for words in ("did not answer within", "more than 64 KiB")]
        here.kill()
        here.up()
        here.until_said("the webhook at")
        passed = here.serinus("next", "site", "-m", "the gate is broken")
        held = here.until("Holding")
        cookie = f"serinus-site-{revision(held)[:8]}"
        statuses = forge(here, cookie)
        checks = told(here)
        promoted = here.serinus("promote", "site", "-m", "we looked ourselves")
        done = here.serinus("watch", "site", "--until-end")
        after, most = memory(here)
        counted = here.counted()
        logs = sum(file.stat().st_size for file in (here.home / "logs").rglob("*.log*"))
        log = here.log()

    assert all(f"http://127.0.0.1:{port}" in view["wait"]["cause"] for view in shut)
    assert (0, 0) == (passed.returncode, promoted.returncode), passed.stderr + promoted.stderr
    assert "no data" in held["wait"]["cause"]
    assert {200} == statuses
    assert checks["lines"][0] in {"pass", "inconclusive"}
    assert "pass" == checks["new"][0]
    for check, words in NAMED.items():
        assert "error" == checks[check][0]
        assert words in checks[check][1]
    assert 0 == done.returncode, done.stdout
    assert (0, 0) == (counted.errors, counted.lost), counted.sentence()
    assert after < 2 * before
    assert most < 3 * before
    assert logs < 20 * TEN_MB
    assert "T0KEN" not in log
    assert "Traceback (" not in log
