"""What people do in the dialog of a verb."""

import re

from playwright import sync_api


def fill(page: sync_api.Page, verb: str, reason: str = "") -> sync_api.Locator:
    """Open the dialog of a verb and give the reason; return what confirms it."""
    page.get_by_role("main").get_by_role("button", name=verb, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^Why")).fill(reason)
    return dialog.get_by_role("button", name=verb, exact=True)


def ask(page: sync_api.Page, verb: str, reason: str = "") -> None:
    """Ask for a verb, and wait for the page with the answer: this one shows it already before."""
    confirm = fill(page, verb, reason)
    page.wait_for_load_state()
    # A navigation is no proof of an answer: a page opened by ?ask= strikes that from its address.
    with page.expect_event("load"):
        confirm.click()
