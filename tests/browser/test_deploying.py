"""The form of an application, filled in by people: with scripts and without."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright import sync_api

from tests.browser import stage
from tests.browser.chromium import Person
from tests.browser.theatre import Theatre, playing

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
NAME = "[id='f-metadata.name']"
COMMAND = "[id='f-spec.workload.command']"
REPLICAS = "[id='f-spec.workload.replicas']"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """A play in which things are changed."""
    with playing(tmp_path_factory.mktemp("deploying"), stage.usual) as found:
        yield found


def visitor(meet: Callable[..., Person], house: Theatre, *, scripts: bool = True) -> sync_api.Page:
    ada = meet(house.origin, scripts=scripts)
    house.enter(ada)
    ada.excuse("status of 422")  # what is refused comes with its form, and Chromium says so
    return ada.page


@SCRIPTS
def test_a_new_application_is_described_and_written(
    meet: Callable[..., Person], house: Theatre, *, scripts: bool
) -> None:
    page = visitor(meet, house, scripts=scripts)
    name = "parcels" if scripts else "letters"
    page.goto("/apps")
    page.get_by_role("link", name="New application").click()
    page.fill(NAME, name)
    page.fill(COMMAND, "/bin/parcels --port ${port}")
    page.get_by_text("Canary, fast").click()
    page.get_by_role("button", name="Create and deploy").click()

    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text(name)
    sync_api.expect(page.get_by_text(f"{name} is written to")).to_be_visible()
    page.goto(f"/a/{name}?tab=config")
    sync_api.expect(page.get_by_text("canary-fast 1.0.0").first).to_be_visible()


def test_what_would_be_written_is_there_for_those_who_unfold_it_and_follows_what_they_type(
    meet: Callable[..., Person], house: Theatre
) -> None:
    page = visitor(meet, house)
    page.goto("/a/shop/deploy")
    section = page.locator("#d-manifests")
    sync_api.expect(section.locator("pre").first).to_be_hidden()
    section.locator("summary").click()
    sync_api.expect(section).to_contain_text("Nothing of this is written yet")
    page.fill(COMMAND, "/bin/parcels --port ${port}")

    sync_api.expect(section.locator("pre").first).to_contain_text("[/bin/parcels, --port")
    sync_api.expect(section.get_by_role("heading", name="Envoy shop")).to_be_visible()
    page.fill(REPLICAS, "0")
    sync_api.expect(section).to_contain_text("as soon as")


@SCRIPTS
def test_what_is_wrong_stands_beside_its_field(
    meet: Callable[..., Person], house: Theatre, *, scripts: bool
) -> None:
    page = visitor(meet, house, scripts=scripts)
    page.goto("/new")
    page.fill(NAME, "My Parcels")
    page.fill(REPLICAS, "0")
    if scripts:
        page.locator(COMMAND).focus()
    else:
        page.get_by_role("button", name="Check").last.click()

    beside = page.locator("[data-problems-of='metadata.name']")
    sync_api.expect(beside).to_contain_text("is not a name")
    sync_api.expect(page.locator(NAME)).to_have_attribute("aria-invalid", "true")
    wrong = page.locator("[data-problems-of='spec.workload.replicas']")
    sync_api.expect(wrong).to_contain_text("cannot serve")


def test_another_template_shows_what_can_be_set_for_it(
    meet: Callable[..., Person], house: Theatre
) -> None:
    page = visitor(meet, house)
    page.goto("/a/shop/deploy")
    page.get_by_text("Canary, careful").click()

    sync_api.expect(page.locator(".parameters")).to_contain_text("Who approves")
    sync_api.expect(page.locator("#preview")).to_contain_text("approval")


@SCRIPTS
def test_a_gate_is_set_with_who_opens_it_and_what_happens_if_nobody_does(
    meet: Callable[..., Person], house: Theatre, *, scripts: bool
) -> None:
    page = visitor(meet, house, scripts=scripts)
    page.goto("/a/help/deploy")
    page.get_by_text("Gates: what a step waits for").click()
    page.get_by_label("Before replicas are replaced").select_option(label="people approve")
    if not scripts:
        page.get_by_role("button", name="Show what can be set for them").click()
    gate = page.get_by_role("group", name="Before replicas are replaced: people approve")
    gate.get_by_label("Who approves").fill("sre lead")
    gate.get_by_label("How many of them").fill("2")
    gate.get_by_label("And then").select_option(label="it is rolled back")
    gate.get_by_label("Waits at the longest").fill("soon")
    gate.get_by_label("Waits at the longest").press("Tab")
    if not scripts:
        page.get_by_role("button", name="Check").last.click()
    wrong = page.locator("[data-problems-of='gate.0.0.timeout']")
    sync_api.expect(wrong).to_contain_text("soon")
    gate.get_by_label("Waits at the longest").fill("4h")
    page.get_by_role("button", name="YAML", exact=True).click()

    text = page.get_by_label("The document", exact=True)
    sync_api.expect(text).to_have_value(_with("onTimeout: rollback"))
    found = text.input_value()
    assert all(part in found for part in ("count: 2", "timeout: 4h", "sre", "lead", "replace:"))


@SCRIPTS
def test_rows_come_and_go_and_the_text_says_the_same(
    meet: Callable[..., Person], house: Theatre, *, scripts: bool
) -> None:
    page = visitor(meet, house, scripts=scripts)
    page.goto("/a/search/deploy")
    page.get_by_role("button", name="Add a variable").click()
    page.get_by_label("Name of variable 2").fill("MODE")
    page.get_by_label("Value of variable 2").fill("fast")
    page.get_by_role("button", name="Remove variable LOG_LEVEL").click()
    page.get_by_role("button", name="YAML", exact=True).click()

    text = page.get_by_label("The document", exact=True)
    sync_api.expect(text).to_have_value(_with("MODE: fast"))
    assert "LOG_LEVEL" not in text.input_value()
    page.get_by_role("button", name="Form", exact=True).click()
    sync_api.expect(page.get_by_label("Value of variable 1")).to_have_value("fast")


def _with(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))
