from starlette.requests import Request
from starlette.responses import Response

from serinus.interfaces.api import said
from serinus.interfaces.api.said import Said
from serinus.interfaces.api.seals import Seals
from tests.interfaces.offices import SEALS


def shown(header: str) -> Request:
    cookie = header.partition(";")[0].encode()
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"cookie", cookie)]})


def test_a_sentence_is_shown_on_the_next_page() -> None:
    response = Response()
    said.put(response, SEALS, Said(done=True, sentence="paused at 25 % <b>"))
    request = shown(response.headers["set-cookie"])

    assert Said(done=True, sentence="paused at 25 % <b>") == said.take(request, SEALS)
    assert said.take(request, Seals(b"other")) is None
    assert said.take(shown(said.forget(SEALS)), SEALS) is None
    assert "HttpOnly" in response.headers["set-cookie"]


def test_a_sentence_without_end_still_fits_into_a_cookie() -> None:
    response = Response()
    said.put(response, SEALS, Said(done=False, sentence="x" * 100_000))

    assert len(response.headers["set-cookie"]) < 4096
