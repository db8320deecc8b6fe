"""
What the shop answers: its few pages, made once, and the bytes of an answer.

Every answer bears the version and the replica; a proxy in front passes them on, and an answer
that the proxy makes itself has neither.
"""

import html
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

MARKER: Final = "x-shop-version"
REPLICA: Final = "x-shop-replica"

_GOODS: Final = (("Canary seed, 1 kg", 490), ("Cuttlebone", 210), ("Swing of beech", 1250))
_READ: Final = frozenset({b"GET", b"HEAD"})
_HTML: Final = "text/html; charset=utf-8"
_JSON: Final = "application/json"

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Shop {version}</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; }}
  table {{ width: 100%; border-collapse: collapse; }}
  td {{ padding: .4rem 0; border-top: 1px solid #ddd; }}
  td + td {{ text-align: right; }}
</style>
<h1>All for your canary</h1>
<p>Version <b>{version}</b>, replica <b>{replica}</b></p>
<table>
{rows}
</table>
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """One page, whoever asks for it."""

    status: int
    kind: str
    body: bytes
    allow: str = ""


class Answers:
    """All answers of one replica."""

    def __init__(self, version: str, replica: str) -> None:
        self._who = f"server: shop\r\n{MARKER}: {version}\r\n{REPLICA}: {replica}\r\n"
        self._date = (0, "")
        rows = "\n".join(
            f"<tr><td>{html.escape(name)}</td><td>€ {cents / 100:.2f}</td></tr>"
            for name, cents in _GOODS
        )
        page = _PAGE.format(version=version, replica=replica, rows=rows)
        goods = [{"name": name, "cents": cents} for name, cents in _GOODS]
        self._pages = {
            b"/": Answer(200, _HTML, page.encode()),
            b"/api/products": _json(200, version=version, products=goods),
            b"/api/checkout": _json(200, version=version, order="accepted"),
            b"/healthz": _json(200, version=version, health="ok"),
        }
        self._missing = _json(404, error="there is no such page", pages=["/", "/api/products"])
        self._forbidden = _json(405, error="this page is not asked in this way")
        self.failed = _json(500, error="the shop failed, as it was told to")
        self.starting = _json(503, error="the shop is still starting")

    def find(self, method: bytes, path: bytes) -> Answer:
        """Find the page for a request."""
        page = self._pages.get(path)
        if page is None:
            return self._missing
        if method in _READ or (method == b"POST" and path == b"/api/checkout"):
            return page
        allow = "GET, HEAD, POST" if path == b"/api/checkout" else "GET, HEAD"
        return Answer(405, _JSON, self._forbidden.body, allow)

    def refusal(self, status: int, reason: str) -> Answer:
        """Make the answer to a request that cannot be understood."""
        return _json(status, error=reason)

    def render(self, answer: Answer, *, last: bool, method: bytes = b"GET") -> bytes:
        """Make the bytes of an answer; the last one on a connection says so."""
        allow = f"allow: {answer.allow}\r\n" if answer.allow else ""
        connection = "connection: close\r\n" if last else ""
        head = (
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n{self._who}"
            f"date: {self._now()}\r\ncontent-type: {answer.kind}\r\n"
            f"content-length: {len(answer.body)}\r\n{allow}{connection}\r\n"
        ).encode()
        return head if method == b"HEAD" else head + answer.body

    def _now(self) -> str:
        """Tell the date for the field of that name, made anew once a second."""
        second = int(time.time())
        if second != self._date[0]:
            text = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(second))
            self._date = (second, text)
        return self._date[1]


def _json(status: int, **content: object) -> Answer:
    return Answer(status, _JSON, json.dumps(content).encode() + b"\n")
