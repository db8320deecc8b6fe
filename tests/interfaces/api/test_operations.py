import msgspec
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from serinus.interfaces.api import operations

pytestmark = pytest.mark.anyio


class Body(msgspec.Struct, forbid_unknown_fields=True):
    name: str


def request(query: str = "", *, known: str = "", body: bytes = b"") -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"if-none-match", known.encode())] if known else []
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    return Request({**scope, "query_string": query.encode()}, receive)


def test_who_has_a_value_gets_no_body_again() -> None:
    first = operations.answer(request(), {"a": 1})
    again = operations.answer(request(known=f'"other", {first.headers["etag"]}'), {"a": 1})
    changed = operations.answer(request(known=first.headers["etag"]), {"a": 2})

    assert (200, b'{"a":1}') == (first.status_code, first.body)
    assert (304, b"") == (again.status_code, again.body)
    assert (200, b'{"a":2}') == (changed.status_code, changed.body)


def test_a_number_is_within_its_bounds_or_refused_with_them() -> None:
    assert 7 == operations.number(request("limit=7"), "limit", 50, 500)
    assert 50 == operations.number(request(""), "limit", 50, 500)
    for wrong in ("0", "501", "-1", "x", "1e9", "99999999999999999999"):
        with pytest.raises(HTTPException, match="from 1 to 500"):
            operations.number(request(f"limit={wrong}"), "limit", 50, 500)


async def test_a_body_is_read_as_what_is_wanted_or_refused_with_its_place() -> None:
    assert Body("shop") == await operations.sent(request(body=b'{"name":"shop"}'), Body)
    for wrong in (b"", b"{", b'{"name":1}', b'{"nome":"x"}'):
        with pytest.raises(HTTPException, match="the body cannot be read"):
            await operations.sent(request(body=wrong), Body)
