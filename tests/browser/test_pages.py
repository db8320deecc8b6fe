"""
Every page, in both themes, wide and narrow: readable for all, and at home.

With SERINUS_SCREENSHOTS naming a folder, pictures of what was seen are left there: that is what
``make screenshots`` does.
"""

import base64
import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright import sync_api

from tests.browser import axe
from tests.browser.chromium import THEMES, Person
from tests.browser.theatre import Theatre

pytestmark = pytest.mark.browser

PAGES: Final = {
    "releases": "/",
    "release-rolling": "/r/local/shop/4",
    "release-rolled-back": "/r/local/shop/3",
    "release-succeeded": "/r/local/shop/2",
    "release-first": "/r/local/help/1",
    "release-waiting": "/r/local/basket/2",
    "release-paused": "/r/local/payments/2",
    "release-blue-green": "/r/local/search/2",
    "release-changes": "/r/local/shop/4?tab=changes",
    "release-logs": "/r/local/shop/4?tab=logs",
    "release-dialog": "/r/local/shop/4?ask=promote",
    "release-gone": "/r/local/shop/41",
    "applications": "/apps",
    "application": "/a/shop",
    "application-config": "/a/shop?tab=config",
    "application-new": "/new",
    "application-deploy": "/a/shop/deploy?version=v9",
    "application-yaml": "/a/shop/deploy?mode=yaml",
    "application-back": "/a/shop/back?environment=local&release=2",
    "templates": "/templates",
    "template": "/templates/canary-careful",
    "activity": "/activity",
    "settings": "/settings",
    "unknown": "/nothing/of/the/kind",
}
JUDGED: Final = (("light", 1280), ("dark", 360))
"""axe takes its time: it sees both themes and both ends of the widths, but not all of them."""

FOLLOW_MS: Final = 5_000
SEEN: Final = (*JUDGED, ("dark", 768))
ALL: Final = tuple((theme, width) for theme in THEMES for width in (1280, 768, 360))
PICTURES: Final = (
    Path(os.environ["SERINUS_SCREENSHOTS"]) if os.environ.get("SERINUS_SCREENSHOTS") else None
)


@pytest.fixture(scope="module")
def ada(browser: sync_api.Browser, theatre: Theatre) -> Iterator[Person]:
    """One person, who looks at all the pages."""
    person = Person(browser, theatre.origin)
    theatre.enter(person)
    yield person
    person.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_in_both_themes_and_at_all_widths(ada: Person, name: str) -> None:
    page = ada.page
    page.goto(PAGES[name])
    sync_api.expect(page.get_by_role("heading", level=1)).to_be_visible()
    wrong: list[str] = []
    for theme, width in SEEN if PICTURES is None else ALL:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 1000 if width > 1000 else 800})
        wrong += [f"{theme}, {width} px: {said}" for said in _overflows(page)]
        if (theme, width) in JUDGED:
            wrong += [f"{theme}, {width} px: {said}" for said in axe.violations(page)]
        if PICTURES is not None:
            _picture(page, PICTURES / f"{name}-{theme}-{width}.webp")
    ada.excuse("status of 404")  # Chromium says so of a page that is not there, and is right

    assert [] == wrong
    assert [] == ada.heard()


def test_the_page_for_strangers_is_readable_too(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    stranger = meet(theatre.origin)
    stranger.goto("/")
    stranger.excuse("status of 401")

    assert [] == axe.violations(stranger.page)
    assert "serinus" in stranger.page.inner_text("main")


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
