"""
Static files: read once, served with the hash of them all in their path.

::

    /static/3f9c01ab/js/live.js     the hash names this very content: kept for a year

The hash is of all files together, so that a module's relative imports lead to the same version
without a build step, and a page never mixes two.
"""

import gzip
import hashlib
import importlib.resources
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

KINDS: Mapping[str, str] = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
"""What is served, by the end of its name; nothing else is."""

FOR_GOOD = "public, max-age=31536000, immutable"
UNSURE = "no-cache"


@cache
def files() -> Mapping[str, bytes]:
    """Return every file that is served, by its path below ``static``."""
    root = importlib.resources.files("serinus.interfaces.web") / "static"
    return dict(sorted(_below(root, "")))


@cache
def packed() -> Mapping[str, bytes]:
    """Return every file as it travels."""
    return {path: gzip.compress(body, mtime=0) for path, body in files().items()}


@cache
def version() -> str:
    """Return the hash of all files together."""
    whole = hashlib.sha256()
    for path, body in files().items():
        whole.update(path.encode() + b"\0" + body + b"\0")
    return whole.hexdigest()[:12]


def url(path: str) -> str:
    """Return where a file is served; ``KeyError`` for one that does not exist."""
    if path not in files():
        raise KeyError(f"there is no static file {path!r}")
    return f"/static/{version()}/{path}"


async def serve(request: Request) -> Response:
    """Answer with a file; the one that is there now, whichever version was asked for."""
    path = request.path_params["path"]
    body = files().get(path)
    if body is None:
        return PlainTextResponse(f"there is no file {path}", status_code=404)
    current = request.path_params["version"] == version()
    headers = {
        "Cache-Control": FOR_GOOD if current else UNSURE,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = packed()[path]
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=KINDS[path.rpartition(".")[2]], headers=headers)


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for one in folder.iterdir():
        name = f"{path}{one.name}"
        if one.is_dir():
            yield from _below(one, f"{name}/")
        elif one.name.rpartition(".")[2] in KINDS:
            yield name, one.read_bytes()
