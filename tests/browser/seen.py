"""
A page as it is looked at: in both themes, at all widths, by axe, and by whoever wants pictures.

With SERINUS_SCREENSHOTS naming a folder, pictures of what was seen are left there.
"""

import base64
import contextlib
import os
from pathlib import Path
from typing import Final

from playwright import sync_api

from tests.browser import axe
from tests.browser.chromium import THEMES

FOLLOW_MS: Final = 5_000
SEEN: Final = tuple((theme, width) for width in (1280, 768, 360) for theme in THEMES)
PICTURES: Final = (
    Path(os.environ["SERINUS_SCREENSHOTS"]) if os.environ.get("SERINUS_SCREENSHOTS") else None
)


def wrong(page: sync_api.Page, name: str) -> list[str]:
    """Return what is wrong with a page in any theme at any width; leave pictures, if wanted."""
    sync_api.expect(page.get_by_role("heading", level=1)).to_be_visible()
    found: list[str] = []
    for theme, width in SEEN:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 1000 if width > 1000 else 800})
        found += [
            f"{theme}, {width} px: {said}" for said in (*_overflows(page), *axe.violations(page))
        ]
        if PICTURES is not None:
            _picture(page, PICTURES / f"{name}-{theme}-{width}.webp")
    return found


def _overflows(page: sync_api.Page) -> list[str]:
    """Return what makes the page scroll sideways, once charts have had their time to follow."""
    with contextlib.suppress(sync_api.TimeoutError):
        page.wait_for_function(
            "() => document.documentElement.scrollWidth <= innerWidth", timeout=FOLLOW_MS
        )
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.body.querySelectorAll("*")]
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map((e) => `wider than the window: ${e.outerHTML.slice(0, 120)}`)"""
    )
    return found


def _picture(page: sync_api.Page, path: Path) -> None:
    session = page.context.new_cdp_session(page)
    found = session.send("Page.captureScreenshot", {"format": "webp", "quality": 82})
    session.detach()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(found["data"]))
