"""
Many requests in little time: servers that are Envoys, and callers that do not wait for each answer.

A server answers everything with its name. :func:`ask` sends requests in batches over kept
connections and returns the answers in the order of the requests.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import NamedTuple

import anyio

_TYPES = "type.googleapis.com/envoy."
_BATCH = 64
_CONNECTIONS = 4
_END = b"."


class Answer(NamedTuple):
    """Who answered, and the cookie that came with it (empty: none)."""

    name: str
    cookie: str = ""

    @property
    def user(self) -> str:
        """The value of the cookie."""
        return self.cookie.partition(";")[0].partition("=")[2]


def command(binary: str, name: str) -> tuple[str, ...]:
    """Return the command of a server."""
    answer = {"status": 200, "body": {"inline_string": f"{name}{_END.decode()}"}}
    route = {"match": {"prefix": "/"}, "direct_response": answer}
    http = {
        "@type": f"{_TYPES}extensions.filters.network.http_connection_manager.v3."
        "HttpConnectionManager",
        "stat_prefix": "swift",
        "route_config": {"virtual_hosts": [{"name": "a", "domains": ["*"], "routes": [route]}]},
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": f"{_TYPES}extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    listener = {
        "name": "swift",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": "${port}"}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": http}]}],
    }
    config = json.dumps({"static_resources": {"listeners": [listener]}})
    words = (binary, "--config-yaml", config, "--disable-hot-restart", "--concurrency", "1")
    return (*words, "-l", "error")


async def ask(port: int, host: str, asked: Sequence[Sequence[str]]) -> list[Answer]:
    """Send one request for each list of headers, and return the answers in that order."""
    found: dict[int, list[Answer]] = {}
    size = -(-len(asked) // _CONNECTIONS)
    async with anyio.create_task_group() as tasks:
        for start in range(0, len(asked), size):
            tasks.start_soon(_ask, port, host, asked[start : start + size], start, found)
    return [answer for _, answers in sorted(found.items()) for answer in answers]


async def _ask(
    port: int,
    host: str,
    asked: Sequence[Sequence[str]],
    start: int,
    found: dict[int, list[Answer]],
) -> None:
    answers = found[start] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for first in range(0, len(asked), _BATCH):
            batch = asked[first : first + _BATCH]
            lines = [("GET / HTTP/1.1", f"Host: {host}", *headers, "", "") for headers in batch]
            writer.write("".join("\r\n".join(one) for one in lines).encode())
            answers.extend(await _answers(reader, len(batch)))
    finally:
        writer.close()
        await writer.wait_closed()


async def _answers(reader: asyncio.StreamReader, count: int) -> list[Answer]:
    got = b""
    while not (got.endswith(_END) and got.count(b"\r\n\r\n") == count):
        more = await reader.read(1 << 16)
        if not more:
            raise AssertionError(f"no more answers after {got[-2000:]!r}")
        got += more
    nothing, *heads = got.decode().split("HTTP/1.1 200 OK\r\n")
    if nothing or len(heads) != count:
        raise AssertionError(got[:2000])
    return [_answer(head) for head in heads]


def _answer(told: str) -> Answer:
    head, _, body = told.partition("\r\n\r\n")
    _, found, rest = f"\r\n{head}".partition("\r\nset-cookie: ")
    return Answer(body[: -len(_END)], rest.partition("\r\n")[0] if found else "")
