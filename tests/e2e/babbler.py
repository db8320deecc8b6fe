"""
An application that answers well, whatever it writes into its log.

With BABBLES it writes a line of ten megabytes, then binary, then many short lines, then again.
"""

import os
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LONG = 10 * 1024 * 1024
VERSION = os.environ["VERSION"]


class Handler(BaseHTTPRequestHandler):
    """Answer everything with the version; say nothing."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Return a greeting."""
        content = f"hello from {VERSION}".encode()
        self.send_response(200)
        self.send_header("x-version", VERSION)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
        """Keep quiet."""


def babble() -> None:
    """Write what no reader of lines likes."""
    noise = random.Random(1)
    while True:
        for text in (b"x" * LONG + b"\n", noise.randbytes(LONG // 10), b"\nok\n" * 100_000):
            os.write(1, text)
            time.sleep(0.5)


if __name__ == "__main__":
    if os.environ.get("BABBLES") == VERSION:
        threading.Thread(target=babble, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
