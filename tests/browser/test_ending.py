"""Applications are deleted, in a house of their own: nobody else misses them."""

from collections.abc import Callable, Iterator

import pytest
from playwright import sync_api

from tests.browser import stage
from tests.browser.chromium import Person
from tests.browser.theatre import Theatre, playing

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """A play in which applications end."""
    with playing(tmp_path_factory.mktemp("ending"), stage.usual) as found:
        yield found


@SCRIPTS
def test_an_application_is_deleted_by_whoever_types_its_name(
    meet: Callable[..., Person], house: Theatre, *, scripts: bool
) -> None:
    ada = meet(house.origin, scripts=scripts)
    house.enter(ada)
    ada.excuse("status of 404")  # what is gone may be asked for once more, until the page goes
    page = ada.page
    name = "help" if scripts else "payments"
    page.goto(f"/a/{name}")
    page.get_by_role("button", name="Delete").first.click()
    dialog = page.get_by_role("dialog")
    sync_api.expect(dialog).to_contain_text("nobody is served")
    dialog.get_by_role("textbox").first.fill("another")
    dialog.get_by_role("button", name="Delete").click()
    sync_api.expect(dialog).to_contain_text(f"Nothing was deleted: type {name} to delete it.")
    sync_api.expect(dialog).to_be_visible()
    dialog.get_by_role("textbox").first.fill(name)
    dialog.get_by_role("textbox").last.fill("we sold it")
    dialog.get_by_role("button", name="Delete").click()

    sync_api.expect(page.get_by_text("is deleted:")).to_be_visible()
    page.goto("/activity?q=what:delete")
    sync_api.expect(page.get_by_text("we sold it").first).to_be_visible()
