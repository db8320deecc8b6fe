"""
Chromium as a person has it, and a watch on each page.

A page of ours asks nobody but its own server, breaks no rule of its own policy, and says nothing
in the console. What is seen otherwise is a complaint, and a test that ends with one has failed.
"""

import contextlib
import os
import shutil
import urllib.parse
from collections.abc import Iterator
from typing import Final, Literal

import pytest
from playwright import sync_api

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
MISSING: Final = "there is no Chromium here: apt-get install chromium"

ARGUMENTS: Final = (
    "--no-sandbox",  # tests run as root in CI, where Chromium has no sandbox
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    # Whatever a page asks for elsewhere, nothing leaves this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

WAIT_MS: Final = 15_000
"""How long a page may take to show what is waited for, with the machine full of other tests."""

PATIENCE_MS: Final = 120_000
"""The same where real replicas must start, or be judged, before it can be shown."""

SHAKEN: Final = "net::ERR_NETWORK_CHANGED"
"""What requests end with while an interface of the machine comes or goes: no page's doing."""

LISTEN: Final = """
addEventListener("securitypolicyviolation", (event) => console.error(
    `policy broken: ${event.violatedDirective} by ${event.blockedURI} ${event.sample}`
    + ` in ${event.sourceFile}:${event.lineNumber}`));
"""

Theme = Literal["light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")


def program() -> str | None:
    """Find the program, None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def must_be_here() -> bool:
    """Tell whether tests that lack it fail instead of being left out: in CI nothing is."""
    return bool(os.environ.get("CI"))


@contextlib.contextmanager
def running() -> Iterator[sync_api.Browser]:
    """Run a browser, without a window and with no profile but an empty one."""
    path = program()
    if path is None:
        pytest.fail(f"{MISSING} (and CI is set: nothing is left out)", pytrace=False)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Person:
    """Somebody with a browser of their own: cookies, a theme, a width; pages that are watched."""

    def __init__(
        self,
        browser: sync_api.Browser,
        origin: str,
        *,
        theme: Theme = "light",
        width: int = 1280,
        scripts: bool = True,
        patience_ms: int = WAIT_MS,
    ) -> None:
        self.origin = origin
        self.complaints: list[str] = []
        self._excused: list[str] = [SHAKEN]
        self._shaken = False
        self.context = browser.new_context(
            base_url=origin,
            color_scheme=theme,
            java_script_enabled=scripts,
            locale="en-GB",
            reduced_motion="reduce",
            timezone_id="Europe/Berlin",
            viewport={"width": width, "height": 800 if width > 500 else 760},
        )
        self.context.set_default_timeout(patience_ms)
        self.context.add_init_script(LISTEN)
        self.context.on("page", self._watch)
        self.page = self.context.new_page()

    def _watch(self, page: sync_api.Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)

    def _heard(self, message: sync_api.ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        where = message.location
        self.complaints.append(f"{message.type}: {message.text} ({where.get('url', '')})")

    def _asked(self, request: sync_api.Request) -> None:
        url = request.url
        if url.startswith(("data:", "blob:")) or _origin(url) == self.origin:
            return
        self.complaints.append(f"asked elsewhere: {request.method} {url}")

    def _failed(self, request: sync_api.Request) -> None:
        self._shaken = self._shaken or request.failure == SHAKEN

    def goto(self, url: str) -> sync_api.Response | None:
        """Open a page, once more where the machine's network changed meanwhile."""
        for _ in range(3):
            self._shaken = False
            try:
                answer = self.page.goto(url)
            except sync_api.Error as problem:
                if SHAKEN not in str(problem):
                    raise
                continue
            if not self._shaken:
                return answer
        return pytest.fail(f"{url}: {SHAKEN}, three times")

    def excuse(self, *words: str) -> None:
        """Pardon the complaints that hold some words: this test provokes them."""
        self._excused += words

    def heard(self) -> list[str]:
        """Return what pages did wrong since the last call, but for what is excused."""
        self.page.evaluate("0")  # what was said before its answer is heard before it
        found = [
            said for said in self.complaints if not any(words in said for words in self._excused)
        ]
        self.complaints.clear()
        return found

    def close(self) -> None:
        """Close all pages, and fail when one of them had something to complain about."""
        wrong = self.heard()
        self.context.close()
        if wrong:
            pytest.fail("\n".join(["pages of ours did wrong:", *wrong]), pytrace=False)


def _origin(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
