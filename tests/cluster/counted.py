"""The page of a router's counters as a server of its own, which can be away."""

import contextlib
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cluster import places, traefik


class Page:
    """Answers what Traefik answers at ``address``, which pods reach too."""

    def __init__(self) -> None:
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.come()

    @property
    def address(self) -> str:
        """Return where it is read."""
        return f"http://{places.GATEWAY}:{self._port}/metrics"

    def come(self) -> None:
        """Listen, at the same port as before."""
        self._server = ThreadingHTTPServer((places.GATEWAY, self._port), _Handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def go(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        with urllib.request.urlopen(traefik.SCRAPE, timeout=10) as answer:  # noqa: S310 - loopback
            text = answer.read()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's word
        """Say nothing."""


@contextlib.contextmanager
def page() -> Iterator[Page]:
    """Answer for the length of a block."""
    made = Page()
    try:
        yield made
    finally:
        made.go()
