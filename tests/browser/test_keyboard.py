"""Everything can be done from the keyboard, and nothing happens by one key alone."""

from collections.abc import Iterator

import pytest
from playwright import sync_api
from playwright.sync_api import expect

from serinus.core.state.intent import Verb
from tests.browser import stage
from tests.browser.chromium import Person
from tests.browser.theatre import Theatre, playing

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    play = stage.rolling("paused", "tabbed", "quiet", "found", "walked", "again")
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


def test_arrows_lead_from_step_to_step_which_are_one_stop_of_tab(
    ada: Person, house: Theatre
) -> None:
    page = ada.page
    ada.goto("/r/local/walked/2")
    ready(page)
    steps = page.get_by_role("region", name="Steps").get_by_role("listitem")
    expect(page.locator(".steps > [tabindex='0']")).to_have_count(1)
    steps.nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(steps.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(steps.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(steps.last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    expect(steps.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    house.wait(house.stage.ask, "walked", Verb.NEXT)
    expect(steps.nth(1)).to_have_attribute("aria-current", "step")
    expect(steps.nth(1)).to_be_focused()
    expect(page.locator(".steps > [tabindex='0']")).to_have_count(1)


def test_keys_lead_to_checks_their_tables_and_logs(ada: Person) -> None:
    page = ada.page
    ada.goto("/r/local/quiet/2")
    ready(page)
    checks = page.locator("[data-check]")
    for number in (0, 1, 1):
        page.keyboard.press("c")
        expect(checks.nth(number)).to_be_focused()
    page.keyboard.press("t")
    expect(checks.nth(1).locator("details[open]")).to_have_count(1)
    expect(checks.nth(0).locator("details[open]")).to_have_count(0)
    page.keyboard.press("t")
    expect(checks.nth(1).locator("details[open]")).to_have_count(0)
    page.keyboard.press("l")
    page.wait_for_url("**/r/local/quiet/2?tab=logs*")


def test_a_key_copies_the_link_of_the_page(ada: Person) -> None:
    page = ada.page
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=ada.origin)
    ada.goto("/r/local/quiet/2")
    ready(page)
    page.keyboard.press("y")
    expect(page.locator("#toasts")).to_contain_text("The link is copied.")

    assert page.url == page.evaluate("() => navigator.clipboard.readText()")


@pytest.mark.parametrize(("key", "title"), [("n", "Next step: quiet"), ("P", "Promote now: quiet")])
def test_a_letter_opens_the_dialog_of_its_verb(ada: Person, key: str, title: str) -> None:
    page = ada.page
    ada.goto("/r/local/quiet/2")
    ready(page)
    page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_contain_text(title)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("region", name="Where it is")).to_contain_text("Step 1 of 5")


def test_a_release_that_was_taken_back_is_tried_again_by_keys(ada: Person, house: Theatre) -> None:
    page = ada.page
    house.wait(house.stage.ask, "again", Verb.ROLLBACK)
    house.wait(house.stage.finish, "again")
    ada.goto("/r/local/again/2")
    ready(page)
    page.keyboard.press("r")
    expect(page.get_by_role("dialog")).to_contain_text("Retry")
    page.get_by_role("dialog").get_by_label("Why").press_sequentially("the database is back")
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/local/again/*")
    expect(page.get_by_role("main")).to_contain_text("the database is back")


def test_what_waits_for_a_person_is_approved_by_keys(ada: Person, house: Theatre) -> None:
    page = ada.page
    for version in ("v1", "v2"):
        house.stage.write("gated", version, template="canary-careful", bake="1h")
        house.wait(house.stage.run, 60)
    for _ in range(4):
        house.wait(house.stage.ask, "gated", Verb.NEXT)
    ada.goto("/r/local/gated/2")
    ready(page)
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_contain_text("Approve: gated")
    page.get_by_role("dialog").get_by_label("Why").press_sequentially("seen by two")
    page.keyboard.press("Enter")
    decisions = page.get_by_role("log", name="Decisions")
    expect(decisions).to_contain_text("ada: approve (seen by two) – done")
