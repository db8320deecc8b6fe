"""What a person chooses for themselves: it works by script, and without one."""

from collections.abc import Callable

import pytest
from playwright import sync_api

from tests.browser.chromium import Person
from tests.browser.theatre import Theatre

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@SCRIPTS
def test_a_theme_that_was_chosen_stays(
    meet: Callable[..., Person], theatre: Theatre, *, scripts: bool
) -> None:
    ada = meet(theatre.origin, scripts=scripts)
    theatre.enter(ada)
    ada.goto("/settings")
    ada.page.get_by_role("button", name="Change to the dark theme").click()
    root = ada.page.locator("html")
    sync_api.expect(root).to_have_attribute("data-theme", "dark")
    ada.page.reload()
    sync_api.expect(root).to_have_attribute("data-theme", "dark")
    ada.excuse("status of 404")


@SCRIPTS
def test_shortcuts_can_be_turned_off(
    meet: Callable[..., Person], theatre: Theatre, *, scripts: bool
) -> None:
    ada = meet(theatre.origin, scripts=scripts)
    theatre.enter(ada)
    ada.goto("/settings")
    keys = ada.page.get_by_role("group", name="Shortcuts by single keys")
    keys.get_by_text("Off").click()
    ada.page.get_by_role("button", name="Save").click()
    sync_api.expect(ada.page.locator("html")).to_have_attribute("data-keys", "off")
    ada.excuse("status of 404")
