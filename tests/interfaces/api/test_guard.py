import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from serinus.core.state.intent import Verb
from serinus.interfaces.api import fields, guard, people
from serinus.interfaces.api.people import Person, Right
from tests.interfaces import offices

pytestmark = pytest.mark.anyio

SAME = {"sec-fetch-site": "same-origin", "origin": offices.ADDRESS}


async def page(request: Request) -> Response:
    return PlainTextResponse(f"{request.state.person.name} {guard.token(request)}")


async def act(request: Request) -> Response:
    form = await fields.read(request)
    return PlainTextResponse(f"done {form.get('reason')} {len(await request.body())}")


async def promote(request: Request) -> Response:
    person = await guard.allow(request, Verb.PROMOTE)
    return PlainTextResponse(person.name)


def app() -> Starlette:
    return offices.app(
        routes=[
            Route("/", page),
            Route("/done", act, methods=["POST"]),
            Route("/api/v1/promote", promote, methods=["POST"]),
            Route("/static/a.css", page),
        ]
    )


async def token(visitor: httpx2.AsyncClient) -> str:
    return (await visitor.get("/")).text.split()[1]


# --- the address ------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost."])
async def test_another_name_for_this_machine_is_not_answered(host: str) -> None:
    async with offices.program(app()) as visitor:
        found = await visitor.get("/", headers={"host": host})

    assert 421 == found.status_code


@pytest.mark.parametrize("host", ["localhost:7070", "LOCALHOST", "127.0.0.1", "[::1]:7070"])
async def test_the_names_of_this_machine_are_answered(host: str) -> None:
    async with offices.program(app()) as visitor:
        found = await visitor.get("/", headers={"host": host})

    assert 200 == found.status_code


async def test_every_response_has_the_headers_even_a_refusal() -> None:
    async with offices.browser(app()) as visitor:
        found = await visitor.get("/")

    policy = found.headers["content-security-policy"]
    assert 401 == found.status_code
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "nosniff" == found.headers["x-content-type-options"]
    assert "no-store" == found.headers["cache-control"]


# --- who asks ---------------------------------------------------------------------------------


async def test_nobody_is_let_in_and_told_what_to_do() -> None:
    async with offices.browser(app()) as visitor:
        found = await visitor.get("/")

    assert 401 == found.status_code
    assert "serinus dashboard" == found.json()["command"]
    assert "within 60 s" in found.json()["hint"]


async def test_a_link_begins_a_session_once_and_leaves_the_address() -> None:
    served = app()
    link = served.state.doors.mode.link("")
    async with offices.browser(served) as ours, offices.browser(served) as theirs:
        first = await ours.get(link)
        page = await ours.get(first.headers["location"])
        again, second = await ours.get(link), await theirs.get(link)

    assert (303, "/") == (first.status_code, first.headers["location"])
    assert all(word in first.headers["set-cookie"] for word in ("HttpOnly", "SameSite=strict"))
    assert "ada" == page.text.split()[0]
    assert (303, 401) == (again.status_code, second.status_code)
    assert "used already" in second.json()["detail"]
    assert "serinus dashboard" == second.json()["command"]


async def test_what_is_open_needs_nobody() -> None:
    async with offices.browser(app()) as visitor:
        well = await visitor.get("/healthz")

    assert (200, "well\n") == (well.status_code, well.text)


async def test_a_right_that_is_lacking_is_named() -> None:
    class Viewing:
        name, hint, command = "test", "", ""

        async def person(self, _: Request) -> Person:
            return Person("bob", frozenset({Right.VIEW}), bearer=True)

        async def lacks(self, person: Person, right: Right, key: object) -> str:  # noqa: ARG002 - everywhere
            return people.lacks(person, right)

        def givers(self, right: Right, key: object) -> str:  # noqa: ARG002 - everywhere
            return f"ask ada for {right}"

    served = offices.app(
        routes=[Route("/api/v1/promote", promote, methods=["POST"])], mode=Viewing()
    )
    async with offices.browser(served) as visitor:
        found = await visitor.post("/api/v1/promote")

    assert 403 == found.status_code
    assert "bob may not do that: promote needs the role operate" == found.json()["detail"]
    assert "ask ada for operate" == found.json()["hint"]


async def test_whoever_may_not_even_look_sees_nothing() -> None:
    class Nothing:
        name, hint, command = "test", "", ""

        async def person(self, _: Request) -> Person:
            return Person("eve", frozenset({Right.OPERATE}))

        async def lacks(self, person: Person, right: Right, key: object) -> str:  # noqa: ARG002 - everywhere
            return people.lacks(person, right)

        def givers(self, right: Right, key: object) -> str:  # noqa: ARG002 - everywhere
            return f"ask ada for {right}"

    served = offices.app(routes=[Route("/", page)], mode=Nothing())
    async with offices.browser(served) as visitor:
        found = await visitor.get("/")

    assert 403 == found.status_code
    assert "needs the role view" in found.json()["detail"]


# --- who sent it ------------------------------------------------------------------------------


async def test_a_form_of_ours_is_carried_out_and_its_body_is_read() -> None:
    async with offices.entered(app()) as visitor:
        form = {"csrf": await token(visitor), "reason": "at night"}
        found = await visitor.post("/done", data=form, headers=SAME)

    assert found.text.startswith("done at night ")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
async def test_a_page_of_another_site_does_nothing_even_with_a_seal(
    headers: dict[str, str],
) -> None:
    async with offices.entered(app()) as visitor:
        form = {"csrf": await token(visitor)}
        found = await visitor.post("/done", data=form, headers=headers)

    assert 403 == found.status_code


async def test_a_form_without_its_seal_does_nothing() -> None:
    served = app()
    async with offices.entered(served) as ours, offices.entered(served) as theirs:
        foreign = {"csrf": await token(theirs)}
        none = await ours.post("/done", data={"reason": "x"}, headers=SAME)
        other = await ours.post("/done", data=foreign, headers=SAME)

    assert [403, 403] == [none.status_code, other.status_code]
    assert "load the page again" in none.json()["detail"]


async def test_json_with_a_cookie_comes_from_our_origin_or_with_our_header() -> None:
    async with offices.entered(app()) as visitor:
        seal = await token(visitor)
        bare = await visitor.post("/api/v1/promote", json={})
        same = await visitor.post("/api/v1/promote", json={}, headers=SAME)
        named = await visitor.post("/api/v1/promote", json={}, headers={guard.HEADER: seal})

    assert [403, 200, 200] == [bare.status_code, same.status_code, named.status_code]


async def test_a_program_with_a_token_needs_no_seal() -> None:
    async with offices.program(app()) as visitor:
        found = await visitor.post("/api/v1/promote", json={})

    assert (200, "ada") == (found.status_code, found.text)


async def test_more_than_a_document_is_not_taken() -> None:
    async with offices.program(app()) as visitor:
        most = await visitor.post("/done", content=b"x" * guard.BODY)
        more = await visitor.post("/done", content=b"x" * (guard.BODY + 1))

    assert [200, 413] == [most.status_code, more.status_code]
