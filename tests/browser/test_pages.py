"""
Every page, in both themes, wide and narrow: readable for all, and at home.

With SERINUS_SCREENSHOTS naming a folder, pictures of what was seen are left there: that is what
``make screenshots`` does.
"""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright import sync_api

from tests.browser import axe
from tests.browser.chromium import THEMES, Person
from tests.browser.theatre import Theatre

pytestmark = pytest.mark.browser

PAGES: Final = {
    "settings": "/settings",
}
WIDTHS: Final = (1280, 768, 360)


@pytest.fixture(scope="module")
def ada(browser: sync_api.Browser, theatre: Theatre) -> Iterator[Person]:
    """One person, who looks at all the pages."""
    person = Person(browser, theatre.origin)
    person.page.goto(theatre.link())
    yield person
    person.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_in_both_themes_and_at_all_widths(ada: Person, name: str) -> None:
    page = ada.page
    page.goto(PAGES[name])
    sync_api.expect(page.get_by_role("heading", level=1)).to_be_visible()
    wrong: list[str] = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            where = f"{theme}, {width} px"
            if _overflows(page):
                wrong.append(f"{where}: wider than the window: {_overflows(page)}")
            if width != WIDTHS[1]:
                wrong += [f"{where}: {said}" for said in axe.violations(page)]
            _picture(page, f"{name}-{theme}-{width}")
    ada.excuse("status of 404")  # Chromium says so of a page that is not there, and is right
    heard, ada.complaints[:] = list(ada.complaints), []

    assert [] == wrong
    assert [] == heard


def _overflows(page: sync_api.Page) -> list[str]:
    """Return what makes the page scroll sideways."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.body.querySelectorAll("*")]
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map((e) => e.outerHTML.slice(0, 120))"""
    )
    return found


def _picture(page: sync_api.Page, name: str) -> None:
    folder = os.environ.get("SERINUS_SCREENSHOTS")
    if not folder:
        return
    wish = {"format": "webp", "quality": 82, "captureBeyondViewport": False}
    session = page.context.new_cdp_session(page)
    found = session.send("Page.captureScreenshot", wish)
    session.detach()
    path = Path(folder) / f"{name}.webp"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(found["data"]))
