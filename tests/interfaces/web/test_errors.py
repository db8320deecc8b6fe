import httpx2
import pytest
from starlette.requests import Request
from starlette.routing import Route

from serinus.interfaces.api import problems, server
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.people import Forbidden
from serinus.interfaces.api.seals import Seals
from serinus.interfaces.web import errors, site
from serinus.ports import failures
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio


async def shown(failure: Exception) -> httpx2.Response:
    async def fail(_: Request) -> None:
        raise failure

    doors = Doors(visitor.Known(), Seals(b"k" * 32))
    routes = [Route("/fail", fail), *site.routes()]
    app = server.make(visitor.office(), doors, routes, errors.page)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    address = "http://127.0.0.1:7070"
    async with httpx2.AsyncClient(transport=transport, base_url=address) as visit:
        return await visit.get("/fail", headers={"Accept": "text/html"})


async def test_an_unknown_page_has_a_page_with_ways_out() -> None:
    async with visitor.visit() as visit:
        page = await visit.get("/nowhere")

    assert (404, True) == (page.status_code, 'href="/apps"' in page.text)


async def test_a_failure_says_what_happened_what_was_found_and_what_to_do() -> None:
    page = await shown(failures.Missing("no release 9", why="there are 3", hint="serinus history"))

    assert 404 == page.status_code
    assert all(text in page.text for text in ("no release 9", "there are 3", "serinus history"))


async def test_whoever_may_not_do_something_reads_who_can_give_them_the_right() -> None:
    page = await shown(Forbidden("bob may not do that: it needs the role x", hint="Ask <ada>."))

    assert 403 == page.status_code
    assert "<p>Ask &lt;ada&gt;.</p>" in page.text


async def test_a_bug_shows_its_number_and_not_itself() -> None:
    page = await shown(ZeroDivisionError("secret detail"))

    assert (500, False) == (page.status_code, "secret detail" in page.text)
    assert "Number in the log" in page.text


async def test_what_does_not_work_now_can_be_looked_at_again() -> None:
    page = await shown(failures.Unavailable("the disk is full"))

    assert (503, True) == (page.status_code, "Look again" in page.text)


def test_who_is_not_known_sees_no_frame() -> None:
    request = Request({"type": "http", "state": {}})
    page = errors.page(request, problems.problem(403, "no"))

    assert 403 == page.status_code
    assert b'class="rail"' not in page.body
