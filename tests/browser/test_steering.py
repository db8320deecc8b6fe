"""People steer releases on their page: what they are told before, and what comes of it."""

import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright import sync_api

from serinus.core.state.intent import Verb
from tests.browser import asking, stage
from tests.browser.chromium import Person
from tests.browser.theatre import Theatre, playing

pytestmark = pytest.mark.browser

MOVED: Final = "The step is now 2 of 5; you were looking at 1."
APPLICATIONS: Final = ("paused", "stepped", "promoted", "taken-back", "raced", "moved", "plain")
"""One for each test: they change what they look at."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with playing(tmp_path_factory.mktemp("steering"), stage.rolling(*APPLICATIONS)) as found:
        yield found


@pytest.fixture
def watching(meet: Callable[..., Person], house: Theatre) -> Callable[..., sync_api.Page]:
    """Somebody who looks at the release of an application."""

    def watch(name: str, **wishes: object) -> sync_api.Page:
        person = meet(house.origin, **wishes)
        house.enter(person)
        person.goto(f"/r/local/{name}/2")
        sync_api.expect(sentence(person.page)).to_contain_text("Step 1 of 5")
        return person.page

    return watch


def sentence(page: sync_api.Page) -> sync_api.Locator:
    return page.get_by_role("region", name="Where it is")


def test_a_release_is_paused_and_goes_on(watching: Callable[..., sync_api.Page]) -> None:
    page = watching("paused")
    asking.ask(page, "Pause", "lunch")
    sync_api.expect(sentence(page)).to_contain_text("Paused at 1 % by ada")
    sync_api.expect(page.get_by_role("log")).to_contain_text("ada: pause (lunch)")
    asking.ask(page, "Resume")
    sync_api.expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_a_dialog_says_what_comes_of_it_before_anything_is_done(
    watching: Callable[..., sync_api.Page], house: Theatre
) -> None:
    page = watching("stepped")
    page.get_by_role("button", name="Next step").click()
    dialog = page.get_by_role("dialog")
    sync_api.expect(dialog).to_contain_text("step 2 begins")
    dialog.get_by_role("button", name="Cancel").click()
    sync_api.expect(dialog).to_have_count(0)
    release = house.wait(house.stage.status, "stepped").release
    assert release is not None
    assert 0 == release.progress.step
    asking.ask(page, "Next step")
    sync_api.expect(sentence(page)).to_contain_text("Step 2 of 5")


def test_promoting_needs_a_reason(watching: Callable[..., sync_api.Page]) -> None:
    page = watching("promoted")
    asking.fill(page, "Promote now").click()
    field = page.get_by_role("dialog").get_by_label(re.compile("^Why"))
    assert field.evaluate("(field) => field.validity.valueMissing")
    field.fill("the fix of tonight")
    page.get_by_role("dialog").get_by_role("button", name="Promote now").click()
    sync_api.expect(sentence(page)).to_contain_text("Promoting v2: all traffic goes to it")


def test_a_release_is_taken_back(watching: Callable[..., sync_api.Page]) -> None:
    page = watching("taken-back")
    page.get_by_role("button", name="Roll back").click()
    dialog = page.get_by_role("dialog")
    sync_api.expect(dialog).to_contain_text("100 % of the traffic goes back to v1")
    dialog.get_by_role("button", name="Roll back").click()
    sync_api.expect(page.get_by_role("main")).to_contain_text("Rolled back")
    sync_api.expect(sentence(page)).to_contain_text("Rolled back by ada")


def test_of_two_who_click_at_once_one_is_told_what_the_other_did(
    watching: Callable[..., sync_api.Page],
) -> None:
    ada, bob = watching("raced"), watching("raced")
    for page in (ada, bob):
        page.get_by_role("button", name="Next step").click()
    for page in (ada, bob):
        page.get_by_role("dialog").get_by_role("button", name="Next step").click()
    sync_api.expect(sentence(ada)).to_contain_text("Step 2 of 5")
    sync_api.expect(sentence(bob)).to_contain_text("Step 2 of 5")
    sync_api.expect(bob.get_by_role("alert")).to_contain_text(MOVED)


def test_what_was_meant_for_another_step_is_refused_in_words(
    watching: Callable[..., sync_api.Page], house: Theatre
) -> None:
    page = watching("moved")
    page.get_by_role("button", name="Pause", exact=True).click()
    house.wait(house.stage.ask, "moved", Verb.NEXT)
    page.get_by_role("dialog").get_by_role("button", name="Pause", exact=True).click()
    sync_api.expect(page.get_by_role("alert")).to_contain_text(MOVED)
    assert 0 == page.get_by_text("Paused at").count()


def test_all_of_it_works_without_scripts(watching: Callable[..., sync_api.Page]) -> None:
    page = watching("plain", scripts=False)
    asking.ask(page, "Pause", "no scripts here")
    sync_api.expect(sentence(page)).to_contain_text("Paused at 1 % by ada")
    sync_api.expect(page.get_by_role("log")).to_contain_text("no scripts here")
