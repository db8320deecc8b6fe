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
    # Neither a navigation nor a load proves an answer: a page opened by ?ask= strikes that from its
    # address, and its own load may come late. Only the page to which the answer leads is another.
    page.locator("html").evaluate("page => page.setAttribute('data-asked', '')")
    with page.expect_response(_answered):
        confirm.click()
    sync_api.expect(page.locator("html[data-asked]")).to_have_count(0)
    page.wait_for_load_state()


def _answered(response: sync_api.Response) -> bool:
    before = response.request.redirected_from
    return before is not None and before.method == "POST"
