"""
Every page, in both themes, wide and narrow: readable for all, and at home.

Pictures of what was seen are left where :mod:`tests.browser.seen` says: that is what
``make screenshots`` does.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright import sync_api

from tests.browser import seen
from tests.browser.chromium import Person
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
    wrong = seen.wrong(ada.page, name)
    ada.excuse("status of 404")  # Chromium says so of a page that is not there, and is right

    assert [] == wrong
    assert [] == ada.heard()


def test_the_page_for_strangers_is_readable_too(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    stranger = meet(theatre.origin)
    stranger.goto("/")
    stranger.excuse("status of 401")

    assert [] == seen.wrong(stranger.page, "stranger")
    assert "serinus" in stranger.page.inner_text("main")


def test_pages_of_a_place_without_applications_are_readable_too(
    meet: Callable[..., Person], tmp_path: Path
) -> None:
    with playing(tmp_path, nothing) as house:
        ada = meet(house.origin)
        house.enter(ada)
        for name, path in EMPTY.items():
            ada.goto(path)
            assert [] == seen.wrong(ada.page, name), path


async def nothing(play: Stage) -> None:
    """Play nothing: nobody has deployed anything yet."""
    del play
