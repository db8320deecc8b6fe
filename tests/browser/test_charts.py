"""Charts: drawn by the server, with a cursor that tells what is under it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

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
