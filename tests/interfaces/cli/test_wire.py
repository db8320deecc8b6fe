import json
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from serinus.boot.settings import Server
from serinus.core.errors import SpecError
from serinus.core.state.command import Command
from serinus.interfaces.cli.wire import Wire
from serinus.ports import failures

pytestmark = pytest.mark.anyio

HERE = Server("http://127.0.0.1:7070", "s3cret")


def wire(answer: Callable[[httpx2.Request], httpx2.Response]) -> Wire:
    return Wire(HERE, httpx2.MockTransport(answer))


async def test_a_text_is_sent_as_it_is_and_a_value_as_json() -> None:
    sent: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.content)
        assert "Bearer s3cret" == request.headers["authorization"]
        return httpx2.Response(200, json=[])

    async with wire(answer) as far:
        await far.send("PUT", "/documents/shop", "kind: Application\n")
        await far.send("POST", "/x", {"a": 1})

    assert b"kind: Application\n" == sent[0]
    assert {"a": 1} == json.loads(sent[1])


async def test_without_a_token_none_is_shown() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert "authorization" not in request.headers
        return httpx2.Response(401, json={"detail": "Nobody knows who you are."})

    async with Wire(Server(HERE.address, ""), httpx2.MockTransport(answer)) as far:
        with pytest.raises(failures.Rejected, match="does not know who asks"):
            await far.get("/about", dict)


async def test_a_token_is_not_taken_along_to_another_address() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(302, headers={"location": "http://evil.example/"})

    async with wire(answer) as far:
        with pytest.raises(failures.Rejected, match="answers 302"):
            await far.get("/about", dict)

    assert 1 == len(asked)


async def test_no_proxy_is_told_the_token_on_the_way_to_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async with Wire(Server("http://127.0.0.1:1", "s3cret")) as far:
        with pytest.raises(failures.Unavailable, match=r"127\.0\.0\.1:1 does not answer"):
            await far.get("/about", dict)
        assert not any(mount for mount in far._client._mounts.values())


async def test_what_to_type_next_is_written_anew_and_a_sentence_is_kept() -> None:
    body = {"detail": "no", "hint": "serinus status", "next": [{"verb": "status"}]}
    async with wire(lambda _: httpx2.Response(404, json=body)) as far:
        with pytest.raises(failures.Missing) as missing:
            await far.get("/about", dict)
    del body["next"]
    async with wire(lambda _: httpx2.Response(412, json=body)) as far:
        with pytest.raises(failures.Conflict) as moved:
            await far.get("/about", dict)

    assert ("", (Command("status"),)) == (missing.value.hint, missing.value.next)
    assert "serinus status" == moved.value.hint


async def test_a_stream_that_is_refused_says_why() -> None:
    body = {"detail": "ada may not do that: this needs the role view", "status": 403}
    async with wire(lambda _: httpx2.Response(403, json=body)) as far:
        with pytest.raises(failures.Rejected, match="needs the role view"):
            async with far.stream("/events"):
                pass


async def test_a_stream_that_breaks_off_is_unavailable_and_one_that_ends_is_not() -> None:
    class Broken(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"id: 1\ndata: a\n\n"
            raise httpx2.ReadError("connection reset")

    found: list[str] = []

    async def read(response: httpx2.Response) -> None:
        async with wire(lambda _: response) as far, far.stream("/events", "0") as pieces:
            async for piece in pieces:
                found.append(piece.data)  # noqa: PERF401 - what came before it broke counts

    with pytest.raises(failures.Unavailable) as away:
        await read(httpx2.Response(200, stream=Broken()))
    await read(httpx2.Response(200, content=b"data: b\n\n"))

    assert "connection reset" == away.value.why
    assert ["a", "b"] == found


async def test_problems_of_a_document_come_out_of_a_stream_too() -> None:
    async with wire(lambda _: httpx2.Response(200)) as far:
        wrong = far.problem(b'{"status":422,"problems":[{"path":"spec","message":"no"}]}')
        gone = far.problem(b'{"status":404,"detail":"gone"}')

    assert isinstance(wrong, SpecError)
    assert isinstance(gone, failures.Missing)
