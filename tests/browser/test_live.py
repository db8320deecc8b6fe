"""An open page follows what is so, and disturbs nobody who works on it."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright import sync_api

from serinus.core.state.intent import Verb
from tests.browser import stage, wire
from tests.browser.chromium import Person
from tests.browser.theatre import Theatre, playing
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser

WHERE = "Where it is"

GONE = re.compile("(Lost|Stale) since")
"""Stale, too, as soon as a piece of the page that was asked for does not come."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    play = stage.rolling(
        "followed", "written", "listed", "shared", "cut-worker", "cut-alone", "told"
    )
    with playing(tmp_path_factory.mktemp("live"), play) as found:
        yield found


@pytest.fixture
def line(house: Theatre) -> Iterator[Wire]:
    with wire.before(house.origin) as found:
        yield found


def test_a_change_is_on_the_page_without_a_reload(ada: Person, house: Theatre) -> None:
    page = ada.page
    ada.goto("/r/local/followed/2")
    sync_api.expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.evaluate("() => { window.stays = true; }")
    house.wait(house.stage.ask, "followed", Verb.NEXT)
    sync_api.expect(page.get_by_role("region", name=WHERE)).to_contain_text("Step 2 of 5")

    assert page.evaluate("() => window.stays")


def test_what_one_writes_stays_while_the_page_changes_around_it(
    ada: Person, house: Theatre
) -> None:
    page = ada.page
    ada.goto("/r/local/written/2")
    sync_api.expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.get_by_role("button", name="Roll back").click()
    why = page.get_by_role("dialog").get_by_label("Why")
    why.fill("half a sen")
    house.wait(house.stage.ask, "written", Verb.NEXT)
    sync_api.expect(page.locator("#sentence")).to_contain_text("Step 2 of 5")

    sync_api.expect(why).to_be_focused()
    sync_api.expect(why).to_have_value("half a sen")


def test_a_release_that_begins_appears_on_the_first_page(ada: Person, house: Theatre) -> None:
    page = ada.page
    house.wait(house.stage.ask, "listed", Verb.ROLLBACK)
    ada.goto("/?q=listed")
    sync_api.expect(page.get_by_text("Live", exact=True)).to_be_visible()
    flying = page.get_by_role("region", name="In flight")
    sync_api.expect(flying).to_have_count(0)
    house.stage.write("listed", "v3", bake="1h")
    sync_api.expect(flying).to_contain_text("v3")


def test_all_tabs_of_a_browser_share_one_connection(ada: Person, house: Theatre) -> None:
    ada.goto("/r/local/shared/2")
    sync_api.expect(ada.page.get_by_text("Live", exact=True)).to_be_visible()
    house.listened(1)
    tabs = [ada.context.new_page() for _ in range(3)]
    for tab in tabs:
        tab.goto("/r/local/shared/2")
        sync_api.expect(tab.get_by_text("Live", exact=True)).to_be_visible()

    assert 1 == house.listeners()


@pytest.mark.parametrize(("name", "workers"), [("cut-worker", True), ("cut-alone", False)])
def test_a_line_on_which_nothing_comes_is_told_of_and_opened_again(
    line: Wire,
    meet: Callable[..., Person],
    house: Theatre,
    name: str,
    workers: bool,  # noqa: FBT001 - a case
) -> None:
    ada = meet(line.origin)
    page = ada.page
    if not workers:
        ada.context.add_init_script("delete globalThis.SharedWorker")
    ada.context.clock.install(time=house.stage.clock.now())
    ada.goto(house.mode.link(line.origin))
    ada.goto(f"/r/local/{name}/2")
    where = page.get_by_role("region", name=WHERE)
    sync_api.expect(page.get_by_text("Live", exact=True)).to_be_visible()
    line.cut()
    house.wait(house.stage.ask, name, Verb.NEXT)
    page.clock.fast_forward(41_000)
    sync_api.expect(page.get_by_text(GONE)).to_be_visible()
    page.clock.fast_forward(11_000)
    sync_api.expect(page.get_by_text("Stale since")).to_be_visible()
    sync_api.expect(where).to_contain_text("Step 1 of 5")
    line.mend()
    sync_api.expect(page.get_by_text("Live", exact=True)).to_be_visible()
    sync_api.expect(where).to_contain_text("Step 2 of 5")


def test_those_who_hear_the_page_are_told_the_newest_after_a_while(
    meet: Callable[..., Person], house: Theatre
) -> None:
    ada = meet(house.origin)
    page = ada.page
    ada.context.clock.install(time=house.stage.clock.now())
    ada.goto(house.link())
    ada.goto("/r/local/told/2")
    sync_api.expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.clock.pause_at(house.stage.clock.now() + timedelta(hours=1))
    heard = page.locator("#announcer")
    sentence = page.locator("#sentence")
    for step in (2, 3, 4):
        house.wait(house.stage.ask, "told", Verb.NEXT)
        sync_api.expect(sentence).to_contain_text(f"Step {step} of 5")
        sync_api.expect(heard).to_contain_text("Step 2 of 5")
    page.clock.run_for(5_000)

    sync_api.expect(heard).to_contain_text("Step 4 of 5")
