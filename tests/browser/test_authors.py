"""Applications are made and changed on their page; nothing that was written by hand is lost."""

import re
from collections.abc import Iterator

import pytest
from playwright import sync_api
from playwright.sync_api import expect

from tests.browser.chromium import Person
from tests.browser.stage import Stage
from tests.browser.theatre import Theatre, playing

pytestmark = pytest.mark.browser

DEPLOY = re.compile("^Deploy")
NAMES = ("tuned", "raced", "yaml")


async def served(play: Stage) -> None:
    for name in NAMES:
        play.write(name, "v1")
    await play.run(30)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with playing(tmp_path_factory.mktemp("deploying"), served) as found:
        yield found


def written(house: Theatre, name: str) -> str:
    return (house.stage.specs_path / f"{name}.yaml").read_text()


def field(page: sync_api.Page, label: str) -> sync_api.Locator:
    return page.get_by_role("textbox", name=label, exact=True)


def test_a_template_is_tuned_for_production(ada: Person, house: Theatre) -> None:
    page = ada.page
    ada.goto("/a/tuned/deploy")
    preview = page.get_by_role("complementary", name="What will happen")
    expect(preview).to_contain_text("1 % → 5 % → 25 % → 50 % → 100 %")
    field(page, "First share").fill("2%")
    field(page, "Time per step").fill("30m")
    expect(preview).to_contain_text("2 % → 5 % → 25 % → 50 % → 100 %")
    expect(preview).to_contain_text("2h")
    expect(preview).to_contain_text("requests by the end of step 1")
    expect(preview).to_contain_text("at today's")
    field(page, "Version").fill("v2")
    page.get_by_role("button", name=DEPLOY).click()
    page.wait_for_url("**/a/tuned")
    text = written(house, "tuned")

    assert "start: 2%" in text
    assert "bake: 30m" in text
    assert 'version: "v2"' in text or "version: v2" in text
    assert "LOG_LEVEL: info  # quiet at night" in text


def test_of_two_who_write_the_second_is_told_that_the_first_was_faster(
    ada: Person, house: Theatre
) -> None:
    page = ada.page
    ada.goto("/a/raced/deploy")
    field(page, "Version").fill("of-ada")
    house.stage.write("raced", "of-bob")
    page.get_by_role("button", name=DEPLOY).click()
    expect(page.get_by_role("alert")).to_contain_text("changed")
    ada.excuse("status of 422")

    assert "of-bob" in written(house, "raced")


def test_form_and_yaml_are_the_same_document(ada: Person, house: Theatre) -> None:
    page = ada.page
    ada.goto("/a/yaml/deploy")
    field(page, "Version").fill("v7")
    page.get_by_role("button", name="YAML", exact=True).click()
    document = field(page, "The document")
    text = document.input_value()
    assert "v7" in text
    assert "# quiet at night" in text
    document.fill(text.replace("replicas: 3", "replicas: [3"))
    expect(page.get_by_role("complementary", name="What will happen")).to_contain_text("line ")
    document.fill(text.replace("replicas: 3", "replicas: 4"))
    page.get_by_role("button", name="Form", exact=True).click()
    expect(field(page, "Replicas")).to_have_value("4")
    expect(field(page, "Version")).to_have_value("v7")
