"""Pages over HTTP: bounded in time and size, one failure with one sentence."""

import httpx2
import pytest

from serinus.adapters.kubernetes import pages
from serinus.ports import failures
from tests.adapters.kubernetes import router

pytestmark = pytest.mark.anyio


def answering(status: int, content: bytes = b"") -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda _: router.page(content, status))


async def test_a_page_is_returned_as_it_is() -> None:
    asked = pages.Pages(answering(200, b"hits 1\n"))

    assert {"a": b"hits 1\n"} == await asked.all({"a": "http://router.test/metrics"})
    await asked.aclose()


async def test_what_is_no_page_is_said() -> None:
    with pytest.raises(failures.Unavailable, match="answered with 404"):
        await pages.Pages(answering(404)).all({"a": "http://router.test/metrics"})


async def test_a_page_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LARGEST", 10)

    with pytest.raises(failures.Unavailable, match="more than"):
        await pages.Pages(answering(200, b"x" * 11)).all({"a": "http://router.test/metrics"})


async def test_a_redirect_is_not_followed() -> None:
    with pytest.raises(failures.Unavailable, match="answered with 302"):
        await pages.Pages(answering(302)).all({"a": "http://router.test/metrics"})


async def test_one_that_does_not_answer_does_not_keep_the_others() -> None:
    def say(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "b.test":
            raise httpx2.ConnectError("no") from ConnectionRefusedError()
        return router.page(b"hits 1\n")

    asked = pages.Pages(httpx2.MockTransport(say))
    found = await asked.all({"a": "http://a.test/", "b": "http://b.test/"})

    assert ["a"] == list(found)


async def test_nobody_who_listens_is_told_so() -> None:
    with pytest.raises(failures.Unavailable, match="nobody listens there"):
        await pages.Pages().all({"a": "http://127.0.0.1:1/metrics"})


async def test_too_slow_is_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(_: httpx2.Request) -> httpx2.Response:
        raise TimeoutError

    with pytest.raises(failures.Unavailable, match="within 5 s"):
        await pages.Pages(httpx2.MockTransport(slow)).all({"a": "http://router.test/"})


async def test_no_address_is_no_problem() -> None:
    assert {} == await pages.Pages().all({})


async def test_the_addresses_behind_a_host_are_found() -> None:
    assert ("127.0.0.1",) == await pages.addresses(httpx2.URL("http://127.0.0.1:80/metrics"))
    assert ("no.such.invalid",) == await pages.addresses(httpx2.URL("http://no.such.invalid/"))
