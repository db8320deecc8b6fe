"""What a server may do that is no Prometheus, or a broken one: each told apart in a sentence."""

import asyncio
import socket
import time

import pytest

from serinus.adapters.metrics import prometheus
from serinus.adapters.metrics.prometheus import Settings, Source
from serinus.ports import failures
from tests.adapters.metrics import server
from tests.adapters.metrics.server import Say

ERROR = '{"status": "error", "errorType": "x", "error": "because\\u001b[31m of\\nthis"}'


async def told(say: Say, limit: str = "5s") -> failures.PortFailure:
    """Ask, and return how the failure is told."""
    async with server.serving(say) as asked:
        source = Source(Settings(asked.url, timeout=limit), lambda _: "")
        with pytest.raises(failures.PortFailure) as raised:
            await source.instant("up", 1.0)
    found = raised.value
    assert str(found).startswith(asked.url)
    return found


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (301, failures.Rejected, "sends elsewhere (301)"),
        (302, failures.Rejected, "redirects are not followed"),
        (400, failures.Rejected, "refused the query: because [31m of this"),
        (401, failures.Rejected, "refused the credentials (401)"),
        (403, failures.Rejected, "refused the credentials (403)"),
        (404, failures.Rejected, "knows no such question (404)"),
        (405, failures.Rejected, "knows no such question (405)"),
        (408, failures.Unavailable, "cannot answer now (408)"),
        (422, failures.Rejected, "refused the query: because"),
        (429, failures.Unavailable, "cannot answer now (429)"),
        (500, failures.Unavailable, "cannot answer now (500)"),
        (503, failures.Unavailable, "cannot answer now (503): because [31m of this"),
    ],
)
async def test_a_status_is_told_with_what_the_api_says(
    status: int, kind: type[failures.PortFailure], said: str
) -> None:
    found = await told(server.answers(ERROR, status))

    assert isinstance(found, kind)
    assert said in str(found)


async def test_a_wish_to_be_left_alone_is_passed_on_within_reason() -> None:
    soon = await told(server.answers("", 503, "text/plain", "retry-after: 7"))
    late = await told(server.answers("", 429, "text/plain", f"retry-after: {'9' * 400}"))
    never = await told(server.answers("", 429, "text/plain", "retry-after: -1"))

    assert isinstance(soon, failures.Unavailable)
    assert isinstance(late, failures.Unavailable)
    assert isinstance(never, failures.Unavailable)
    assert (7.0, prometheus.LONGEST_S, None) == (
        soon.retry_after_s,
        late.retry_after_s,
        never.retry_after_s,
    )


async def test_a_page_for_people_is_no_answer() -> None:
    found = await told(server.answers("<html>Please log in</html>", kind="text/html; charset=x"))

    assert isinstance(found, failures.Unavailable)
    assert "answered with text/html, where JSON is wanted" in str(found)


async def test_an_answer_without_a_type_is_no_answer() -> None:
    found = await told(server.says(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))

    assert "something without a type" in str(found)


async def test_an_error_in_bytes_that_are_no_text_is_told_without_them() -> None:
    found = await told(server.answers(b'{"status": "error", "error": "\xff\xfe"}', 500))

    assert isinstance(found, failures.Unavailable)
    assert str(found).endswith("cannot answer now (500)")


async def test_json_that_is_no_result_is_told() -> None:
    found = await told(server.answers('{"status": "success", "data": [1, 2'))

    assert isinstance(found, failures.Unavailable)
    assert "JSON that is no result" in str(found)


async def test_a_compressed_answer_is_not_unpacked() -> None:
    found = await told(server.answers(b"\x1f\x8b" * 9, 200, "a/json", "content-encoding: gzip"))

    assert isinstance(found, failures.Unavailable)
    assert "compressed" in str(found)


async def test_a_million_series_are_read_no_further_than_the_limit() -> None:
    sent = 0

    async def stream(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        writer.write(b'{"status":"success","data":{"resultType":"vector","result":[')
        series = b'{"metric":{"pod":"%07d"},"value":[1795761894.033,"1"]},' * 1000
        for _ in range(1000):
            writer.write(series % tuple(range(1000)))
            sent += 1000
            await writer.drain()

    found = await told(stream)

    assert isinstance(found, failures.Unavailable)
    assert "more than 8 MiB" in str(found)
    assert sent < 1_000_000


async def test_a_server_that_drips_is_given_the_time_of_one_question() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    began = time.monotonic()
    found = await told(drip, limit="300ms")

    assert isinstance(found, failures.Unavailable)
    assert "did not answer within 300ms" in str(found)
    assert time.monotonic() - began < 5


async def test_a_head_without_an_end_is_cut() -> None:
    async def head(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            writer.write(b"x-%d: y\r\n" % number)
            await writer.drain()

    found = await told(head)

    assert isinstance(found, failures.Unavailable)
    assert "does not speak HTTP" in str(found)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP"),
        (b"", "hung up in the middle"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", "hung up in the middle"),
    ],
)
async def test_what_is_no_http_is_told(content: bytes, said: str) -> None:
    found = await told(server.says(content))

    assert isinstance(found, failures.Unavailable)
    assert said in str(found)


async def test_nobody_listening_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(failures.Unavailable, match=f"{url}: nobody listens there"):
            await Source(Settings(url), lambda _: "").instant("up", 1.0)


async def test_an_unknown_host_is_told() -> None:
    with pytest.raises(failures.Unavailable, match="the name of its host is not known"):
        await Source(Settings("http://prometheus.invalid"), lambda _: "").instant("up", 1.0)


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    result = '{"status": "success", "data": {"resultType": "vector", "result": []}}'

    async with server.serving(server.answers(result)) as asked:
        found = await Source(Settings(asked.url), lambda _: "").instant("up", 1.0)

    assert () == found
