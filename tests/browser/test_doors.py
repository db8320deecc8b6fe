"""Who comes in, and what every answer of the server says to a browser."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright import sync_api

from tests.browser.chromium import Person
from tests.browser.theatre import Theatre

pytestmark = pytest.mark.browser

SAID: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}

HTML: Final[dict[str, Any]] = {"content_type": "text/html"}
FIELDS: Final = '<input name="theme" value="dark"><button>You have won</button>'


def test_a_link_lets_one_browser_in_and_leaves_no_trace_in_the_address(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    link = theatre.link()
    ada = meet(theatre.origin)
    ada.goto(link)
    late = meet(theatre.origin)
    answer = late.goto(link)
    late.excuse("status of 401")

    assert f"{theatre.origin}/" == ada.page.url
    assert answer is not None
    assert 401 == answer.status


def test_scripts_of_a_page_cannot_read_the_session(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    ada = meet(theatre.origin)
    theatre.enter(ada)
    (cookie,) = (one for one in ada.context.cookies() if one["name"].startswith("serinus_"))

    assert cookie["httpOnly"]
    assert "Strict" == cookie["sameSite"]
    assert cookie["name"] not in ada.page.evaluate("() => document.cookie")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_who_signs_out_is_out_and_learns_how_to_come_back(
    meet: Callable[..., Person], theatre: Theatre, *, scripts: bool
) -> None:
    ada = meet(theatre.origin, scripts=scripts)
    theatre.enter(ada)
    ada.page.get_by_role("link", name="ada", exact=True).click()
    ada.page.get_by_role("button", name="Sign out").click()
    sync_api.expect(ada.page.get_by_role("heading", level=1)).to_have_text("You have signed out")
    sync_api.expect(ada.page.get_by_text("serinus dashboard")).to_be_visible()
    answer = ada.goto("/")
    ada.excuse("status of 401")

    assert answer is not None
    assert 401 == answer.status


def test_other_tabs_of_a_session_show_nothing_once_it_is_over(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    ada = meet(theatre.origin)
    ada.goto(theatre.link())  # with a watch that goes: patience is measured by it
    other = ada.context.new_page()
    other.goto("/apps")
    sync_api.expect(other.get_by_text("Live", exact=True)).to_be_visible()
    ada.goto("/settings")
    ada.page.get_by_role("button", name="Sign out").click()
    out = other.get_by_role("heading", name="You are not signed in")
    sync_api.expect(out).to_be_visible(timeout=60_000)
    ada.excuse("status of 401", "ERR_INCOMPLETE_CHUNKED")


def test_every_answer_to_a_page_has_the_policy(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    ada = meet(theatre.origin)
    seen: dict[str, dict[str, str]] = {}
    ada.context.on("response", lambda answer: seen.update({answer.url: answer.headers}))
    theatre.enter(ada)
    ada.goto("/settings")
    ada.goto("/nothing")
    ada.excuse("status of 404")

    assert seen
    for url, headers in seen.items():
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, url
        assert "require-trusted-types-for 'script'" in policy, url
        assert "unsafe" not in policy, url
        assert SAID.items() <= headers.items(), url


def test_a_form_of_another_site_changes_nothing(
    meet: Callable[..., Person], theatre: Theatre
) -> None:
    ada = meet(theatre.origin)
    theatre.enter(ada)
    form = f'<form method="post" action="{theatre.origin}/settings">{FIELDS}</form>'
    ada.page.route("http://evil.example/", lambda route: route.fulfill(body=form, **HTML))
    ada.goto("http://evil.example/")
    with ada.page.expect_response("**/settings") as answer:
        ada.page.get_by_role("button").click()
    ada.excuse("asked elsewhere: GET http://evil.example/", "status of 401", "status of 403")
    ada.goto("/settings")

    assert answer.value.status in {401, 403}
    assert "dark" != ada.page.locator("html").get_attribute("data-theme")


def test_no_page_shows_in_a_frame_of_another(meet: Callable[..., Person], theatre: Theatre) -> None:
    ada = meet(theatre.origin)
    theatre.enter(ada)
    frame = f'<iframe src="{theatre.origin}/settings"></iframe>'
    ada.page.route("http://evil.example/", lambda route: route.fulfill(body=frame, **HTML))
    ada.goto("http://evil.example/")
    ada.excuse("asked elsewhere: GET http://evil.example/", "status of 401", "frame-ancestors")
    (inner,) = ada.page.main_frame.child_frames

    assert 0 == inner.get_by_role("heading", name="Settings").count()
