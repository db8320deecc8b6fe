"""
Whether the controller is well: ``/healthz`` and ``/readyz`` for kubelets, ``/metrics`` to scrape.

It answers from a thread of its own, so that it can also say that the controller's loop stands
still. Nothing secret is behind it, and nothing that changes anything.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self

from serinus.ports import failures

WAKE_S = 1.0
LOOK_S = 30.0
"""How often it is seen that the end has come, where nothing wakes us."""

TIMEOUT_S = 5.0
"""How long one who asks may take to do so."""

TEXT = "text/plain; charset=utf-8"
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


class Condition(NamedTuple):
    """Whether something is so, in one sentence either way."""

    well: bool
    sentence: str


class Health(NamedTuple):
    """
    What is answered.

    ``alive``: not so means that the controller should be ended and started again; ``ready``: that
    it does its work, or stands by to take it over; ``metrics``: Prometheus' text format.
    """

    alive: Callable[[], Condition]
    ready: Callable[[], Condition]
    metrics: Callable[[], bytes]


class Server:
    """Answer at an address until the block is left. ``port`` 0: one that is free."""

    def __init__(self, host: str, port: int, health: Health) -> None:
        self._health = health
        self._server = _listen(host, port, _handler(health))
        self._ended = False
        self._thread = threading.Thread(target=self._answer, name="health")
        self._thread.daemon = True

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return self._server.server_port

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the address."""
        self._ended = True
        self._wake()
        self._thread.join()
        self._server.server_close()

    def _answer(self) -> None:
        """Answer one after the other: the library's own loop wakes twice a second for nobody."""
        while not self._ended:
            self._server.handle_request()

    def _wake(self) -> None:
        """Ask ourselves something, so that it is seen that the end has come."""
        host, port = self._server.server_address[:2]
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nobody listens here
        with contextlib.suppress(OSError):
            socket.create_connection((everywhere.get(str(host), str(host)), port), WAKE_S).close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    timeout = LOOK_S
    allow_reuse_address = True


def _listen(host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    try:
        return _Listener((host, port), handler)
    except OSError as problem:
        raise failures.Rejected(
            f"health cannot be answered at {host}:{port}: {problem.strerror or problem}",
            hint="serinus controller --health 127.0.0.1:0   (any free port), or another one",
        ) from problem


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers, which is how the standard library wants it."""

    class Handler(BaseHTTPRequestHandler):
        timeout = TIMEOUT_S
        server_version = "serinus"
        sys_version = ""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._answer(HTTPStatus.OK, health.metrics(), EXPOSITION)
            elif path in {"/healthz", "/readyz"}:
                found = health.alive() if path == "/healthz" else health.ready()
                code = HTTPStatus.OK if found.well else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(code, f"{found.sentence}\n".encode(), TEXT)
            else:
                known = b"known: /healthz, /readyz, /metrics\n"
                self._answer(HTTPStatus.NOT_FOUND, known, TEXT)

        def _answer(self, code: HTTPStatus, body: bytes, kind: str) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            """Say nothing: probes come every few seconds."""

    return Handler
