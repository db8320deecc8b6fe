"""On call at night, with a phone in one hand: everything that is urgent fits it."""

from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright import sync_api
from playwright.sync_api import expect

from tests.browser import stage
from tests.browser.chromium import Person
from tests.browser.theatre import Theatre, playing

pytestmark = pytest.mark.browser

SMALLEST: Final = 24
"""Pixels of what is touched: WCAG 2.2, 2.5.8."""

TARGETS: Final = """
(least) => [...document.querySelectorAll(
        "button, a.button, nav a, input, select, summary, [role=button]")]
    .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.closest(".hidden-text"))
    .filter((e) => !(e.matches("[type=radio], [type=checkbox]") && e.closest("label")))
    .map((e) => [e.getBoundingClientRect(), e.outerHTML.slice(0, 90)])
    .filter(([box, _]) => box.width > 1 && (box.width < least || box.height < least))
    .map(([box, html]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with playing(tmp_path_factory.mktemp("phone"), stage.rolling("shop", "mail")) as found:
        yield found


@pytest.fixture
def ada(meet: Callable[..., Person], house: Theatre) -> Person:
    person = meet(house.origin, width=360, theme="dark")
    house.enter(person)
    return person


def test_a_release_is_found_and_taken_back_with_a_thumb(ada: Person) -> None:
    page = ada.page
    page.get_by_role("region", name="In flight").get_by_role("link", name="shop").first.click()
    opener = page.get_by_role("main").get_by_role("button", name="Roll back")
    expect(opener).to_be_in_viewport(ratio=1)
    opener.click()
    confirm = page.get_by_role("dialog").get_by_role("button", name="Roll back")
    expect(confirm).to_be_in_viewport(ratio=1)
    confirm.click()
    expect(page.get_by_role("region", name="Where it is")).to_contain_text("Rolled back by ada")


@pytest.mark.parametrize("path", ["/", "/r/local/mail/2", "/apps", "/a/mail/deploy"])
def test_what_is_touched_is_large_enough_for_a_finger(ada: Person, path: str) -> None:
    ada.goto(path)
    expect(ada.page.get_by_role("heading", level=1)).to_be_visible()

    assert [] == ada.page.evaluate(TARGETS, SMALLEST)


def test_pages_are_reached_from_the_bar_at_the_bottom(ada: Person) -> None:
    bar = ada.page.get_by_role("navigation", name="Pages")
    for word in ("Applications", "Templates", "Activity", "Settings", "Releases"):
        link = bar.get_by_role("link", name=word)
        expect(link).to_be_in_viewport(ratio=1)
        link.click()
        heading = ada.page.get_by_role("heading", level=1)
        expect(heading).to_be_visible()
        expect(link).to_have_attribute("aria-current", "page")


def test_nothing_lies_under_the_bar_at_the_end_of_a_page(ada: Person) -> None:
    page: sync_api.Page = ada.page
    ada.goto("/r/local/mail/2")
    page.evaluate("() => window.scrollTo(0, document.documentElement.scrollHeight)")
    under = page.evaluate(
        """() => { const bar = document.querySelector(".rail").getBoundingClientRect().top;
        const last = document.querySelector("main").lastElementChild.getBoundingClientRect();
        return last.bottom > bar; }"""
    )

    assert not under
