import httpx2
import pytest
from starlette.applications import Starlette

from serinus.interfaces.api.people import Grant, Person, Right
from serinus.interfaces.api.sessions import Local
from serinus.interfaces.web import errors, site
from tests.interfaces import offices
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


# --- the way out --------------------------------------------------------------------------------


def app() -> Starlette:
    return offices.app(routes=site.routes(), pages=errors.page)


async def left(visit: httpx2.AsyncClient) -> httpx2.Response:
    page = (await visit.get("/settings")).text
    csrf = page.partition('action="/leave"')[2].partition('value="')[2].partition('"')[0]
    return await visit.post("/leave", data={"csrf": csrf})


async def test_who_signs_out_is_out_in_the_browser_and_on_the_server() -> None:
    served = app()
    async with offices.entered(served) as visit, offices.entered(served) as other:
        kept = dict(visit.cookies)
        answer = await left(visit)
        forgotten = dict(visit.cookies)
        visit.cookies.update(kept)
        again, theirs = await visit.get("/"), await other.get("/")

    assert 200 == answer.status_code
    assert "You have signed out" in answer.text
    assert ">serinus dashboard</pre>" in answer.text
    assert {} == forgotten
    assert (401, 200) == (again.status_code, theirs.status_code)


async def test_a_page_of_another_site_signs_nobody_out() -> None:
    async with offices.entered(app()) as visit:
        answer = await visit.post("/leave", data={"csrf": "guessed"})
        page = await visit.get("/")

    assert (403, 200) == (answer.status_code, page.status_code)


async def test_the_token_of_a_program_can_be_ended_too() -> None:
    async with offices.program(app()) as visit:
        answer, after = await visit.post("/leave"), await visit.get("/api/v1/applications")

    assert (200, 401) == (answer.status_code, after.status_code)


async def test_what_listens_for_a_session_ends_with_it() -> None:
    served = app()
    mode, broadcaster = served.state.doors.mode, served.state.broadcaster
    assert isinstance(mode, Local)
    async with offices.entered(served) as visit:
        session = mode._good("session", visit.cookies[mode.cookie])
        assert session is not None
        theirs, others = broadcaster.listen(session=session.identity), broadcaster.listen()
        await left(visit)

    assert (True, False) == (theirs.closed, others.closed)


async def test_behind_a_proxy_it_is_said_who_holds_the_session() -> None:
    async with visitor.visit() as visit:
        page, answer = await visit.get("/settings"), await visit.post("/leave")

    assert 'action="/leave"' not in page.text
    assert "The proxy of 127.0.0.1 let you in, and holds your session" in page.text
    assert 422 == answer.status_code
    assert "sign out at the proxy of 127.0.0.1" in answer.text


async def test_people_see_what_they_may_do_and_where() -> None:
    grant = Grant(frozenset({Right.DEPLOY, Right.OPERATE}), ("dev", "staging-*"))
    bob = Person("bob", frozenset({Right.VIEW}), bearer=True, grants=(grant,))
    async with visitor.visit(who=bob) as visit:
        page = (await visit.get("/settings")).text

    assert "You are <strong>bob</strong>" in page
    assert "<strong>view</strong> in every environment" in page
    assert "<strong>operate, deploy</strong> in dev, staging-*" in page
