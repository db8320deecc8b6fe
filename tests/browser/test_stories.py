"""
Whole stories, on the real platform: processes behind Envoy, real requests, `serinus up` as people
start it, and a person who looks at pages.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser import asking, chromium, place
from tests.browser.chromium import Person
from tests.browser.place import Place

pytestmark = [
    pytest.mark.browser,
    # Releases take their time for real: steps are judged after so many seconds, not fewer.
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("patient"),
]

WHERE: Final = "Where it is"


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two applications with traffic, one of them with a bad version under way, and a quiet one."""
    with place.opened(tmp_path_factory.mktemp("busy")) as found:
        found.write("good", "v1")
        found.write("bad", "v1")
        found.write("steered", "v1", bake="1h")
        found.up()
        found.serving("good", "bad", "steered")
        found.traffic("good")
        found.traffic("bad")
        found.write("bad", "v2", SHOP_ERRORS="20%")
        yield found


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place.opened(tmp_path_factory.mktemp("empty")) as found:
        found.up()
        yield found


def test_a_canary_is_watched_to_promotion(meet: Callable[..., Person], busy: Place) -> None:
    ada = meet(busy.origin, patience_ms=chromium.PATIENCE_MS)
    page = ada.page
    ada.goto(busy.another_link())
    busy.write("good", "v2")
    ada.goto("/?q=good")
    expect(page.get_by_role("region", name="In flight")).to_contain_text("#2")
    page.get_by_role("link", name="good", exact=True).first.click()
    where = page.get_by_role("region", name=WHERE)
    expect(where).to_contain_text("Step 1 of 3")
    expect(page.get_by_role("region", name="Steps")).to_contain_text("5 % of the traffic")
    page.evaluate("() => { window.stays = true; }")
    expect(page.get_by_role("img", name="errors of both versions over time")).to_be_attached()
    expect(where).to_contain_text("v2 serves everybody")
    expect(page.get_by_role("log", name="Decisions")).to_contain_text("Promoting v2")

    assert page.evaluate("() => window.stays")
    assert "x-shop-version: v2" in busy.answer("good").lower()


def test_a_bad_version_is_taken_back_and_the_page_says_why(
    meet: Callable[..., Person], busy: Place
) -> None:
    bob = meet(busy.origin, patience_ms=chromium.PATIENCE_MS)
    page = bob.page
    bob.goto(busy.another_link())
    bob.goto("/?q=bad")
    expect(page.get_by_role("main")).to_contain_text("#2")
    page.get_by_role("link", name="bad", exact=True).first.click()
    page.wait_for_url("**/r/local/bad/2")
    where = page.get_by_role("region", name=WHERE)
    expect(where).to_contain_text(re.compile(r"Rolled back: errors [0-9.]+ % against .* on stable"))
    expect(page.get_by_role("log", name="Decisions")).to_contain_text("Taken back to 0 %")
    expect(page.get_by_role("main")).to_contain_text("fresh replicas")

    assert "x-shop-version: v1" in busy.answer("bad").lower()


def test_a_release_is_paused_stepped_promoted_and_the_next_one_taken_back(
    meet: Callable[..., Person], busy: Place
) -> None:
    ada = meet(busy.origin, patience_ms=chromium.PATIENCE_MS)
    page = ada.page
    ada.goto(busy.another_link())
    busy.write("steered", "v2", bake="1h")
    ada.goto("/?q=steered")
    expect(page.get_by_role("region", name="In flight")).to_contain_text("#2")
    page.get_by_role("link", name="steered", exact=True).first.click()
    where = page.get_by_role("region", name=WHERE)
    expect(where).to_contain_text("Step 1 of 3")
    asking.ask(page, "Pause", "lunch")
    expect(where).to_contain_text("by ada")
    asking.ask(page, "Resume")
    asking.ask(page, "Next step")
    expect(where).to_contain_text("Step 2 of 3")
    asking.ask(page, "Promote now", "it is the fix of tonight")
    expect(where).to_contain_text("v2 serves everybody")
    expect(page.get_by_role("log", name="Decisions")).to_contain_text("it is the fix of tonight")

    busy.write("steered", "v3", bake="1h")
    ada.goto("/?q=steered")
    expect(page.get_by_role("region", name="In flight")).to_contain_text("#3")
    page.get_by_role("link", name="steered", exact=True).first.click()
    expect(where).to_contain_text("Step 1 of 3")
    asking.ask(page, "Roll back")
    expect(where).to_contain_text("Rolled back by ada")

    assert "x-shop-version: v2" in busy.answer("steered").lower()


def test_from_the_empty_page_to_serving_and_on_through_a_restart(
    meet: Callable[..., Person], empty: Place
) -> None:
    ada = meet(empty.origin, patience_ms=chromium.PATIENCE_MS)
    page = ada.page
    ada.goto(empty.another_link())
    page.get_by_role("link", name="Deploy the first one").click()
    page.get_by_role("textbox", name="Name (needed)", exact=True).fill("shop")
    page.get_by_role("textbox", name="Version", exact=True).fill("1.0")
    page.get_by_role("textbox", name="Command", exact=True).fill(place.SHOP)
    page.get_by_role("button", name="Create and deploy").click()
    page.wait_for_url("**/a/shop")
    expect(page.get_by_role("main")).to_contain_text("Succeeded")
    assert empty.answer("shop").startswith("HTTP/1.1 200")

    empty.kill()
    expect(page.get_by_text("Reconnecting").or_(page.get_by_text("Stale since"))).to_be_visible()
    assert empty.answer("shop").startswith("HTTP/1.1 200")
    empty.up()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.get_by_role("link", name=re.compile("^Deploy")).first.click()
    expect(page.get_by_role("textbox", name="Version", exact=True)).to_have_value("1.0")
    ada.excuse("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED", "ERR_CONNECTION_RESET")
