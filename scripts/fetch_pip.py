"""
Fetch pip's own wheel, for a Python that comes without ensurepip.

    python scripts/fetch_pip.py DIRECTORY      prints the path of the wheel

The version and the hash are fixed here. The index is the public one or PIP_INDEX_URL; its page may
be JSON (PEP 691) or HTML (PEP 503).
"""

import base64
import hashlib
import html
import json
import os
import re
import sys
import urllib.parse
import urllib.request
from pathlib import Path

WHEEL = "pip-26.3-py3-none-any.whl"
SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
INDEX = "https://pypi.org/simple"
ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"


def read(url: str, accept: str = "*/*") -> tuple[bytes, str]:
    """Return the body and the content type of a page; a password may stand in the URL."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        sys.exit(f"fetch_pip: {url}: want an address that begins with http:// or https://")
    login, _, host = parts.netloc.rpartition("@")
    headers = {"Accept": accept}
    if login:
        token = base64.b64encode(urllib.parse.unquote(login).encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    plain = parts._replace(netloc=host).geturl()
    request = urllib.request.Request(plain, headers=headers)  # noqa: S310  the scheme is checked above
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  checked above
        return answer.read(), answer.headers.get_content_type()


def address(page: bytes, kind: str, base: str) -> str:
    """Find the address of the wheel on the index's page."""
    if kind.endswith("json"):
        links: list[str] = [file["url"] for file in json.loads(page)["files"]]
    else:
        links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.decode())]
    for link in links:
        if urllib.parse.urlsplit(link).path.endswith(f"/{WHEEL}"):
            return urllib.parse.urljoin(base, link)
    sys.exit(f"fetch_pip: {base} does not name {WHEEL}")


def main() -> None:
    """Fetch, check, save and print."""
    base = os.environ.get("PIP_INDEX_URL", INDEX).rstrip("/") + "/pip/"
    body, _ = read(address(*read(base, ACCEPT), base))
    found = hashlib.sha256(body).hexdigest()
    if found != SHA256:
        sys.exit(f"fetch_pip: {WHEEL} has sha256 {found}, want {SHA256}")
    path = Path(sys.argv[1]) / WHEEL
    path.write_bytes(body)
    print(path)


if __name__ == "__main__":
    main()
