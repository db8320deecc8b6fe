"""Everything can be done from the keyboard, and nothing happens by one key alone."""

from collections.abc import Iterator

import pytest
from playwright import sync_api
from playwright.sync_api import expect

from tests.browser import stage
from tests.browser.chromium import Person
from tests.browser.theatre import Theatre, playing

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    play = stage.rolling("paused", "tabbed", "quiet", "found")
    with playing(tmp_path_factory.mktemp("keyboard"), play) as found:
        yield found


def focused(page: sync_api.Page) -> str:
    return str(page.evaluate("() => document.activeElement.textContent.trim()"))


def ready(page: sync_api.Page) -> None:
    """Wait until the scripts of the page listen."""
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_a_release_is_found_and_paused_by_keys(ada: Person) -> None:
    page = ada.page
    ada.goto("/")
    ready(page)
    page.keyboard.press("/")
    page.keyboard.type("paused")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=paused*")
    ready(page)
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="paused", exact=True).first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/local/paused/2")
    ready(page)
    page.keyboard.press("p")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("p")
    dialog.get_by_label("Why").press_sequentially("lunch")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Where it is")).to_contain_text("Paused at 1 %")


def test_rolling_back_is_two_keys_and_escape_is_a_way_out(ada: Person) -> None:
    page = ada.page
    ada.goto("/r/local/tabbed/2")
    ready(page)
    opener = page.get_by_role("main").get_by_role("button", name="Roll back")
    opener.focus()
    page.keyboard.press("x")
    expect(page.get_by_role("dialog").get_by_role("button", name="Roll back")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Rolled back by ada")


def test_the_first_tab_leads_past_the_frame(ada: Person) -> None:
    page = ada.page
    ada.goto("/r/local/quiet/2")
    page.keyboard.press("Tab")
    assert "Skip to the page" == focused(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "() => document.getElementById('main').contains(document.activeElement)"

    assert page.evaluate(inside)


def test_every_thing_that_can_be_clicked_can_be_reached_and_is_seen_to_be(ada: Person) -> None:
    page = ada.page
    ada.goto("/r/local/quiet/2")
    ready(page)
    wanted = page.get_by_role("main").get_by_role("button").all_inner_texts()
    reached: list[str] = []
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.append(focused(page))
        unseen = page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
            return document.activeElement !== document.body
                && style.outlineStyle === "none" && style.boxShadow === "none"; }"""
        )
        assert not unseen, reached[-1]

    assert set(wanted) <= set(reached)


def test_the_palette_leads_to_a_verb_of_an_application(ada: Person) -> None:
    page = ada.page
    ada.goto("/")
    ready(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("roll back found")
    expect(page.get_by_role("option").first).to_contain_text("found")
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/local/found/2?ask=rollback")
    expect(page.get_by_role("dialog")).to_contain_text("Roll back: found")


def test_keys_lead_to_other_pages_and_tell_what_they_do(ada: Person) -> None:
    page = ada.page
    ada.goto("/")
    ready(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/apps")


def test_keys_that_are_turned_off_do_nothing(ada: Person) -> None:
    page = ada.page
    ada.context.add_cookies([{"name": "keys", "value": "off", "url": ada.origin}])
    ada.goto("/r/local/quiet/2")
    ready(page)
    for key in ("p", "x", "n", "?"):
        page.keyboard.press(key)

    assert 0 == page.get_by_role("dialog").count()
