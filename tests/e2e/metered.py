"""
An application with metrics of its own, and nothing of Serinus in it.

``/metrics`` has a gauge, ``shop_queue_length`` (DEPTH, 3 by default), and two counters,
``shop_orders_total`` and ``shop_orders_failed_total``: ten orders a second, of which FAILED (0.02
by default) fail. The labels that tell versions apart are put on by who scrapes it.
"""

import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BEGAN = time.monotonic()
DEPTH = float(os.environ.get("DEPTH", "3"))
FAILED = float(os.environ.get("FAILED", "0.02"))


class Handler(BaseHTTPRequestHandler):
    """Answer everything; say nothing."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Return the metrics, or a greeting."""
        content = metrics() if self.path == "/metrics" else b"ok\n"
        self.send_response(200)
        self.send_header("content-type", "text/plain; version=0.0.4")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
        """Keep quiet."""


def metrics() -> bytes:
    """Return all metrics in Prometheus' text form."""
    orders = 10 * (time.monotonic() - BEGAN)
    lines = [
        "# TYPE shop_queue_length gauge",
        f"shop_queue_length {DEPTH}",
        "# TYPE shop_orders_total counter",
        f"shop_orders_total {orders}",
        "# TYPE shop_orders_failed_total counter",
        f"shop_orders_failed_total {orders * FAILED}",
    ]
    return "\n".join([*lines, ""]).encode()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
