"""
States that a page comes into while one uses it, or for those who may not do everything.

As :mod:`tests.browser.test_pages` looks at pages as they are first seen, this looks at them with
something open, or closed.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from serinus.interfaces.api import people
from serinus.interfaces.api.people import Right
from tests.browser import axe, seen, stage
from tests.browser.chromium import THEMES, Person, Theme
from tests.browser.stage import Stage
from tests.browser.theatre import Theatre, playing
from tests.interfaces.web.visitor import Known

pytestmark = pytest.mark.browser

PROD: Final = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: prod}
spec: {defaults: {parameters: {bake: 30m}}}
"""
HIGHLIGHT: Final = """() => {
    const one = document.body.appendChild(document.createElement("i"));
    one.style.setProperty("color", "Highlight");
    return getComputedStyle(one).color;
}"""
FORCED: Final = ("/", "/r/local/shop/2", "/templates/canary-careful", "/a/shop/deploy")


async def two_places(play: Stage) -> None:
    """Play a release of one application, in one of two environments."""
    (play.specs_path / "prod.yaml").write_text(PROD)
    await stage.rolling("shop")(play)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with playing(tmp_path_factory.mktemp("states"), two_places) as found:
        yield found


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """The same for somebody who may look and do nothing."""
    viv = people.Person("viv", frozenset({Right.VIEW}), bearer=True)
    with playing(tmp_path_factory.mktemp("shown"), stage.rolling("shop"), Known(viv)) as found:
        yield found


def test_the_palette_is_readable_with_what_it_found(ada: Person) -> None:
    ada.page.keyboard.press("Control+k")
    ada.page.get_by_role("combobox").fill("s")
    expect(ada.page.get_by_role("option", name="Settings")).to_be_visible()

    assert [] == seen.wrong(ada.page, "palette")


def test_the_keys_are_readable(ada: Person) -> None:
    ada.page.keyboard.press("?")
    expect(ada.page.get_by_role("dialog", name="Keys")).to_be_visible()

    assert [] == seen.wrong(ada.page, "keys")


def test_two_environments_beside_each_other_are_readable(ada: Person) -> None:
    ada.goto("/a/shop?tab=config&environment=local&against=prod")
    expect(ada.page.get_by_role("heading", name="What differs between")).to_be_visible()
    ada.page.get_by_text("The document", exact=False).first.click()

    assert [] == seen.wrong(ada.page, "application-beside")


def test_what_a_new_version_of_a_template_would_change_is_readable(ada: Person) -> None:
    ada.goto("/templates/canary-standard")
    ada.page.get_by_text("The text of a version").click()
    text = ada.page.get_by_role("textbox", name="DeliveryTemplate")
    text.fill(text.input_value().replace("1.0.0", "1.1.0").replace("for: ", "for: 1"))
    ada.page.get_by_role("button", name="See what it would change").click()
    ada.page.wait_for_url("**#t-impact")

    assert [] == seen.wrong(ada.page, "template-impact")


def test_what_is_wrong_with_a_template_is_readable(ada: Person) -> None:
    ada.goto("/templates/canary-standard")
    ada.page.get_by_text("The text of a version").click()
    ada.page.get_by_role("textbox", name="DeliveryTemplate").fill("kind: [")
    ada.page.get_by_role("button", name="See what it would change").click()
    ada.page.wait_for_url("**#t-impact")

    assert [] == seen.wrong(ada.page, "template-wrong")


@pytest.mark.parametrize("path", ["/", "/a/shop/deploy", "/r/local/shop/2", "/settings"])
def test_pages_are_readable_for_those_who_may_only_look(
    meet: Callable[..., Person], shown: Theatre, path: str
) -> None:
    visitor = meet(shown.origin)
    visitor.goto(path)
    expect(visitor.page.locator("#banners")).to_contain_text("Read-only")
    name = path.strip("/").replace("/", "-") or "releases"

    assert [] == seen.wrong(visitor.page, f"only-look-{name}")


def test_the_page_for_those_who_may_see_nothing_is_readable(
    meet: Callable[..., Person], tmp_path: Path
) -> None:
    with playing(
        tmp_path, stage.rolling("shop"), Known(people.Person("eve", frozenset()))
    ) as house:
        eve = meet(house.origin)
        answer = eve.goto("/")
        eve.excuse("status of 403")

        assert answer is not None
        assert 403 == answer.status
        assert [] == seen.wrong(eve.page, "forbidden")


@pytest.mark.parametrize("path", FORCED)
@pytest.mark.parametrize("scheme", THEMES)
def test_pages_are_readable_in_the_colours_of_the_system(
    ada: Person, path: str, scheme: Theme
) -> None:
    ada.page.emulate_media(forced_colors="active", color_scheme=scheme)
    ada.goto(path)

    assert [] == axe.violations(ada.page)


@pytest.mark.parametrize(
    ("path", "picture", "drawn"),
    [
        ("/", ".traffic .candidate", "fill"),
        ("/r/local/shop/2", ".plot .candidate", "stroke"),
        ("/templates/canary-careful", ".curve .edge", "stroke"),
    ],
)
def test_pictures_are_drawn_in_the_colours_of_the_system(
    ada: Person, path: str, picture: str, drawn: str
) -> None:
    ada.page.emulate_media(forced_colors="active")
    ada.goto(path)

    expect(ada.page.locator(picture).first).to_have_css(drawn, ada.page.evaluate(HIGHLIGHT))


def test_what_is_chosen_is_seen_without_a_background(ada: Person) -> None:
    ada.page.emulate_media(forced_colors="active")
    ada.goto("/r/local/shop/2")
    chosen = ada.page.get_by_role("link", name="Overview")
    other = ada.page.get_by_role("link", name="What changed")

    expect(chosen).to_have_css("outline-style", "solid")
    expect(other).to_have_css("outline-style", "none")
