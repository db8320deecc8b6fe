import pytest

from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio


async def test_a_choice_is_kept_and_the_next_page_has_it() -> None:
    async with visitor.visit() as visit:
        answer = await visit.post("/settings", data={"theme": "dark", "back": "/apps"})
        page = await visit.get("/settings")

    assert (303, "/apps") == (answer.status_code, answer.headers["location"])
    assert 'data-theme="dark"' in page.text


async def test_nobody_is_sent_to_another_site() -> None:
    async with visitor.visit() as visit:
        answer = await visit.post("/settings", data={"theme": "dark", "back": "//elsewhere"})

    assert "/" == answer.headers["location"]
