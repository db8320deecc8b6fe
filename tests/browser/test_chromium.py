"""The equipment itself: it sees what a page does wrong, on pages that do it on purpose."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.browser import axe
from tests.browser.chromium import Person

pytestmark = pytest.mark.browser

POLICY = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'"
PAGE = '<!doctype html><html lang="en"><title>t</title><main><h1>Hello</h1>{}</main></html>'
SCRIPTS = {
    "sink": "document.querySelector('h1').innerHTML = '<b>x</b>'",
    "thrown": "throw new Error('no such luck')",
    "elsewhere": "new Image().src = 'http://example.org/pixel.png'",
    "quiet": "document.querySelector('h1').textContent = 'Bye'",
}


async def _page(request: Request) -> Response:
    body = {
        "inline": '<p style="color: red">red</p>',
        "unlabelled": '<form action="/"><input name="x"></form>',
    }
    name = request.path_params["name"]
    body |= {name: f'<script src="/{name}.js"></script>' for name in SCRIPTS}
    policy = {} if name == "elsewhere" else {"content-security-policy": POLICY}
    return HTMLResponse(PAGE.format(body[name]), headers=policy)


async def _script(request: Request) -> Response:
    text = SCRIPTS[request.path_params["name"]]
    return PlainTextResponse(text, media_type="text/javascript")


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    icon = Route("/favicon.ico", lambda _: Response(status_code=204))
    app = Starlette(routes=[icon, Route("/{name}.js", _script), Route("/{name}", _page)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("inline", "policy broken: style-src-attr by inline"),
        ("sink", "policy broken: require-trusted-types-for by trusted-types-sink"),
        ("thrown", "error: no such luck"),
        ("elsewhere", "asked elsewhere: GET http://example.org/pixel.png"),
    ],
)
def test_what_a_page_does_wrong_is_complained_about(
    meet: Callable[..., Person], origin: str, name: str, complaint: str
) -> None:
    ada = meet(origin)
    ada.goto(f"/{name}")

    assert complaint in "\n".join(ada.heard())


def test_a_page_that_does_nothing_wrong_is_not_complained_about(
    meet: Callable[..., Person], origin: str
) -> None:
    ada = meet(origin)
    ada.goto("/quiet")

    assert ada.page.get_by_role("heading", name="Bye").count() == 1
    assert [] == axe.violations(ada.page)


def test_a_field_without_a_label_is_a_violation(meet: Callable[..., Person], origin: str) -> None:
    ada = meet(origin)
    ada.goto("/unlabelled")

    assert ["label"] == [said.split(":")[0] for said in axe.violations(ada.page)]
