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
from tests.browser.stage import Stage
from tests.browser.theatre import Theatre, playing

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
    "release-why": "/r/local/shop/4?tab=why",
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
EMPTY: Final = {"nothing-yet": "/", "no-applications": "/apps", "no-activity": "/activity"}
FOLLOW_MS: Final = 5_000
SEEN: Final = tuple((theme, width) for width in (1280, 768, 360) for theme in THEMES)
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
    ada.page.goto(PAGES[name])
    wrong = _wrong(ada.page, name)
    ada.excuse("status of 404")  # Chromium says so of a page that is not there, and is right

    assert [] == wrong
    assert [] == ada.heard()


def test_the_page_for_strangers_is_readable_too(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    stranger = meet(theatre.origin)
    stranger.goto("/")
    stranger.excuse("status of 401")

    assert [] == _wrong(stranger.page, "stranger")
    assert "serinus" in stranger.page.inner_text("main")


def test_pages_of_a_place_without_applications_are_readable_too(
    meet: Callable[..., Person], tmp_path: Path
) -> None:
    with playing(tmp_path, nothing) as house:
        ada = meet(house.origin)
        house.enter(ada)
        for name, path in EMPTY.items():
            ada.goto(path)
            assert [] == _wrong(ada.page, name), path


async def nothing(play: Stage) -> None:
    """Play nothing: nobody has deployed anything yet."""
    del play


def _wrong(page: sync_api.Page, name: str) -> list[str]:
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
