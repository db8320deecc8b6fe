"""Charts: drawn by the server, with a cursor that tells what is under it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.chromium import Person
from tests.browser.theatre import Theatre

pytestmark = pytest.mark.browser


def test_a_cursor_tells_the_numbers_of_its_moment_in_every_chart(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    ada = meet(theatre.origin)
    theatre.enter(ada)
    ada.goto("/r/local/shop/3")
    page = ada.page
    page.get_by_role("img", name="errors of both versions over time").hover()
    told = page.locator(".readout")
    expect(told.nth(0)).to_have_text(
        re.compile(r"^\d\d:\d\d:\d\d: candidate .+ of [\d,]+, stable .+ of [\d,]+$")
    )
    times = [text.split(": ")[0] for text in told.all_inner_texts()]
    page.get_by_role("heading", level=1).hover()
    expect(told.nth(0)).to_have_text("")

    assert 1 < len(times)
    assert 1 == len(set(times))


def test_a_page_without_scripts_has_its_charts(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    bob = meet(theatre.origin, scripts=False)
    bob.goto(theatre.link())
    bob.goto("/r/local/shop/3")
    chart = bob.page.get_by_role("img", name="errors of both versions over time")

    expect(chart).to_be_visible()
    expect(chart.locator(".candidate")).to_have_attribute("d", re.compile("^M"))


@pytest.mark.parametrize("scripts", [True, False])
def test_the_time_shown_is_chosen_by_a_link(
    meet: Callable[..., Person],
    theatre: Theatre,
    scripts: bool,  # noqa: FBT001 - a case
) -> None:
    cyd = meet(theatre.origin, scripts=scripts, width=360)
    cyd.goto(theatre.link())
    cyd.goto("/r/local/shop/4")
    page = cyd.page
    choice = page.get_by_role("navigation", name="Time that the charts show")
    choice.get_by_role("link", name="Last 15 min").press("Enter")
    page.wait_for_url("**/r/local/shop/4?range=15m#charts")
    expect(choice.get_by_role("link", name="Last 15 min")).to_have_attribute("aria-current", "true")
    expect(choice).to_be_in_viewport()
    expect(page.locator("#chart-errors figcaption")).to_contain_text("over the last 15 minutes")

    assert not scripts or [] == axe.violations(page)
