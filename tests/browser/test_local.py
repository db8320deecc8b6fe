"""
What people do on the pages of `serinus up`, with real replicas behind Envoy: several at once, by
keys alone, on a phone, and those who may only look. A proxy has let them in, so each has a name.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import asking, axe, chromium, place, proxy
from tests.browser.chromium import Person
from tests.browser.place import Place

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),  # real replicas start, on a machine that is full of other tests
    pytest.mark.usefixtures("patient"),
]

NAMES: Final = ("raced", "tuned", "keyed", "phoned", "watched")
"""One for each test: they change what they look at."""

WHERE: Final = "Where it is"

SKIPPED: Final = "the current wait is skipped"
"""What the first of two is told, and the second too where both were heard in one turn."""

MOVED: Final = "the step is now 2 of 3; you were looking at 1"
LATER: Final = "the wish is kept"
"""What a controller that is slow to answer leaves to the page to tell."""

SENT: Final = """
async () => {
  const body = {verb: "rollback", environment: "local", reason: "out of spite"};
  const answer = await fetch("/api/v1/applications/watched/intents", {
    method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body)});
  return [answer.status, await answer.text()];
}
"""
FORM: Final = """
() => {
  const form = document.createElement("form");
  const csrf = document.querySelector("input[name=csrf]").value;
  const fields = {csrf, application: "watched", environment: "local", verb: "rollback",
                  back: "/r/local/watched/2"};
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    [input.name, input.value] = [name, value];
    form.append(input);
  }
  [form.method, form.action, form.hidden] = ["post", "/act", true];
  document.body.append(form);
  form.submit();
}
"""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Applications that serve v1, and those that can wait for it have v2 on its way."""
    with place.opened(tmp_path_factory.mktemp("local")) as found:
        for name in NAMES:
            found.write(name, "v1", bake="1h", replicas=1)
        found.up(proxy.ACCESS)
        found.serving(*NAMES)
        for name in NAMES:
            if name != "tuned":
                found.write(name, "v2", bake="1h", replicas=1)
        yield found


@pytest.fixture(scope="module")
def front(local: Place) -> Iterator[str]:
    with proxy.before(local.origin) as origin:
        yield origin


@pytest.fixture
def come(meet: Callable[..., Person], front: str) -> Callable[..., Person]:
    """Somebody whom the proxy has let in, of a group."""

    def one(name: str, group: str = "sre", **wishes: object) -> Person:
        person = meet(front, patience_ms=chromium.PATIENCE_MS, **wishes)
        person.context.add_cookies([{"name": "who", "value": f"{name}|{group}", "url": front}])
        return person

    return one


def rolling(person: Person, name: str) -> Page:
    """Look at a release of which the first step has begun."""
    page = person.page
    expect_row(person, name)
    person.goto(f"/r/local/{name}/2")
    expect(where(page)).to_contain_text("Step 1 of 3")
    return page


def expect_row(person: Person, name: str) -> None:
    """Wait on the first page for a release that begins."""
    person.goto(f"/?q={name}")
    flying = person.page.get_by_role("region", name="In flight")
    expect(flying).to_contain_text("#2")


def where(page: Page) -> Locator:
    return page.get_by_role("region", name=WHERE)


def test_two_who_click_at_once_move_a_release_one_step(come: Callable[..., Person]) -> None:
    ada, bob = (rolling(come(name), "raced") for name in ("ada", "bob"))
    confirms = [asking.fill(page, "Next step") for page in (ada, bob)]
    for confirm in confirms:
        confirm.click()
    banner = re.compile(f"{SKIPPED}|{MOVED}|{LATER}", re.IGNORECASE)
    for page in (ada, bob):
        decisions = page.get_by_role("log", name="Decisions")
        expect(decisions).to_contain_text(re.compile(f"(ada|bob): next – done: {SKIPPED}"))
        for name in ("ada", "bob"):
            expect(decisions).to_contain_text(re.compile(f"{name}: next – .*({SKIPPED}|{MOVED})"))
        expect(where(page)).to_contain_text("Step 2 of 3")
        expect(page.locator("main > .banner", has_text=banner)).to_be_visible()


def test_a_template_is_tuned_for_production(come: Callable[..., Person], local: Place) -> None:
    ada = come("ada")
    page = ada.page
    ada.goto("/a/tuned/deploy")
    preview = page.get_by_role("complementary", name="What will happen")
    expect(preview).to_contain_text("5 % → 50 % → 100 %")
    page.get_by_role("textbox", name="Time per step", exact=True).fill("30m")
    page.get_by_role("textbox", name="Version", exact=True).fill("v2")
    expect(preview).to_contain_text("1h")
    page.get_by_role("button", name=re.compile("^Deploy")).click()
    page.wait_for_url("**/a/tuned")
    expect_row(ada, "tuned")
    ada.goto("/r/local/tuned/2")
    expect(where(page)).to_contain_text("Step 1 of 3")
    expect(page.get_by_role("region", name="Steps")).to_contain_text("≥ 30m")
    text = (local.specs / "tuned.yaml").read_text()

    assert "bake: 30m" in text
    assert "keepOld: 2s" in text


def test_a_release_is_found_paused_and_taken_back_by_keys_alone(
    come: Callable[..., Person],
) -> None:
    ada = come("ada")
    page, keys = ada.page, ada.page.keyboard
    expect_row(ada, "keyed")
    ada.goto("/")
    ready(page)
    keys.press("/")
    keys.type("keyed")
    keys.press("Enter")
    page.wait_for_url("**/?q=keyed*")
    ready(page)
    keys.press("j")
    expect(page.get_by_role("link", name="keyed", exact=True).first).to_be_focused()
    keys.press("Enter")
    page.wait_for_url("**/r/local/keyed/2")
    ready(page)
    expect(where(page)).to_contain_text("Step 1 of 3")
    keys.press("p")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").get_by_label(re.compile("^Why")).press_sequentially("lunch")
    with page.expect_navigation():
        keys.press("Enter")
    expect(where(page)).to_contain_text("by ada")
    expect(where(page)).to_contain_text("Then: “Resume”")
    ready(page)
    keys.press("x")
    confirm = page.get_by_role("dialog").get_by_role("button", name="Roll back", exact=True)
    expect(confirm).to_be_focused()
    with page.expect_navigation():
        keys.press("Enter")
    expect(where(page)).to_contain_text("Rolled back by ada")


def test_a_release_is_found_and_taken_back_on_a_phone(
    come: Callable[..., Person], local: Place
) -> None:
    ada = come("ada", width=360, theme="dark")
    page = ada.page
    expect_row(ada, "phoned")
    page.get_by_role("region", name="In flight").get_by_role("link", name="phoned").first.click()
    expect(where(page)).to_contain_text("Step 1 of 3")
    assert [] == axe.violations(page)
    opener = page.get_by_role("main").get_by_role("button", name="Roll back", exact=True)
    expect(opener).to_be_in_viewport(ratio=1)
    confirm = asking.fill(page, "Roll back")
    expect(confirm).to_be_in_viewport(ratio=1)
    with page.expect_navigation():
        confirm.click()
    expect(where(page)).to_contain_text("Rolled back by ada")

    assert "x-shop-version: v1" in local.answer("phoned").lower()


def test_who_may_only_look_sees_grey_buttons_and_is_refused_in_words(
    come: Callable[..., Person],
) -> None:
    eve = come("eve", "guests")
    page = rolling(eve, "watched")
    wanted = "needs the role operate on watched/local"
    button = page.get_by_role("main").get_by_role("button", name=re.compile("^Roll back"))
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_have_attribute("title", f"Roll back {wanted}")
    expect(page.get_by_role("main")).to_contain_text(f"Steering it {wanted}.")
    assert [] == axe.violations(page)
    status, words = page.evaluate(SENT)
    with page.expect_navigation():
        page.evaluate(FORM)
    expect(page.get_by_role("alert")).to_contain_text(wanted)
    expect(where(page)).to_contain_text("Step 1 of 3")
    eve.excuse("status of 403")

    assert 403 == status
    assert wanted in words


def test_who_is_of_no_group_has_a_page_that_says_so(come: Callable[..., Person]) -> None:
    mallory = come("mallory", "strangers")
    answer = mallory.goto("/")
    mallory.excuse("status of 403")

    assert answer is not None
    assert 403 == answer.status
    assert "needs the role view" in mallory.page.inner_text("main")
    assert [] == axe.violations(mallory.page)


def ready(page: Page) -> None:
    """Wait until the scripts of the page listen."""
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
