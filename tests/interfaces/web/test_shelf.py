import hashlib

import pytest

from serinus.interfaces.web import shelf
from tests.house import repository
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio
VENDOR = repository.PACKAGE / "interfaces/web/static/vendor"


async def test_a_file_is_kept_for_good_under_the_hash_of_what_it_says() -> None:
    async with visitor.visit() as visit:
        answer = await visit.get(shelf.url("css/tokens.css"))

    assert (200, "text/css; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert shelf.FOR_GOOD == answer.headers["cache-control"]
    assert "nosniff" == answer.headers["x-content-type-options"]


@pytest.mark.parametrize(("accepted", "expected"), [("gzip, br", "gzip"), ("identity", None)])
async def test_a_file_travels_packed_to_who_can_unpack_it(
    accepted: str, expected: str | None
) -> None:
    async with visitor.visit() as visit:
        url = shelf.url("css/tokens.css")
        answer = await visit.get(url, headers={"Accept-Encoding": accepted})

    assert expected == answer.headers.get("content-encoding")
    assert shelf.files()["css/tokens.css"] == answer.content


async def test_a_page_from_before_an_update_gets_what_there_is_and_keeps_it_not() -> None:
    async with visitor.visit() as visit:
        answer = await visit.get("/static/0123456789ab/css/tokens.css")

    assert (200, shelf.UNSURE) == (answer.status_code, answer.headers["cache-control"])


@pytest.mark.parametrize("path", ["..%2fshelf.py", "css/..%2f..%2fx", "vendor/README.md", "x"])
async def test_nothing_but_what_is_meant_to_be_served_is_served(path: str) -> None:
    async with visitor.visit() as visit:
        answer = await visit.get(f"/static/{shelf.version()}/{path}")

    assert 404 == answer.status_code


def test_a_file_that_does_not_exist_has_no_address() -> None:
    with pytest.raises(KeyError, match=r"no static file 'css/none\.css'"):
        shelf.url("css/none.css")


def test_what_others_made_is_as_they_published_it() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    expected = {name: digest for digest, name in (line.split("  ") for line in lines)}

    found = [path for path in VENDOR.glob("*/*") if path.is_file()]
    assert expected == {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
    }


def test_the_whole_client_is_small() -> None:
    kib = 1024

    assert 60 * kib >= sum(len(body) for body in shelf.packed().values())
    assert 300 * kib >= sum(len(body) for body in shelf.files().values())
