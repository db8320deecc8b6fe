"""
Question and answer with an API server: one request at a time, or a stream of lines.

What is not an answer becomes a failure here: nobody listening, silence, a connection that breaks,
JSON that is none.
"""

import collections
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import nullcontext
from typing import Any, TypeVar

import anyio
import httpx2
import msgspec

from serinus.adapters.kubernetes import answers, connection
from serinus.adapters.kubernetes.connection import Connection
from serinus.adapters.kubernetes.kinds import Kind
from serinus.ports.failures import PortFailure, Rejected, Unavailable

AT_ONCE = 16
"""Requests under way at the same time. Streams do not count, and a Lease does not wait its turn."""

_URGENT = frozenset({"Lease"})

SILENCE_S = 100.0
"""A stream on which nothing came for so long is half open: a watch has a bookmark every minute."""

LARGEST = 1 << 30
"""Bytes of one answer: a page of the largest objects that there may be."""

LONGEST_LINE = 8 << 20
"""Bytes of one line; an object has at most 1.5 MiB. What is longer is cut."""

_T = TypeVar("_T")


class Exchange:
    """Send requests over one connection. ``requests`` counts them by verb and kind."""

    def __init__(self, way: Connection) -> None:
        self._http = way.http
        self._server = way.server
        self._extensions = dict(way.extensions)
        self._turns = anyio.Semaphore(AT_ONCE)
        self.requests: collections.Counter[tuple[str, str]] = collections.Counter()

    async def close(self) -> None:
        """End all connections."""
        await self._http.aclose()

    async def ask(
        self,
        verb: str,
        kind: Kind | None,
        asked: str,
        path: str,
        *,
        method: str = "GET",
        body: Any = None,
        params: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        most: int = LARGEST,
    ) -> bytes:
        """
        Return the body of the answer; ``asked`` opens the message of every failure.

        ``body`` is written as JSON, which every type of patch understands. An answer of more than
        ``most`` bytes is ``Rejected``.
        """
        self.requests[verb, kind.name if kind else ""] += 1
        headers = {"content-type": content_type} if body is not None else {}
        content = msgspec.json.encode(body) if body is not None else None
        request = self._http.build_request(
            method, path, params=params, content=content, headers=headers
        )
        request.extensions |= self._extensions
        free = kind is not None and kind.name in _URGENT
        async with nullcontext() if free else self._turns:
            try:
                with anyio.fail_after(connection.WHOLE_S):
                    status, answered, content = await self._whole(request, asked, most)
            except TimeoutError as exc:
                said = f"{asked}: {self._server} did not answer within {connection.WHOLE_S:g} s"
                raise Unavailable(said) from exc
            except (httpx2.HTTPError, OSError) as exc:
                raise _unanswered(asked, self._server, exc) from exc
        if not httpx2.codes.is_success(status):
            raise answers.failure(asked, status, content, answered)
        return content

    async def _whole(
        self, request: httpx2.Request, asked: str, most: int
    ) -> tuple[int, httpx2.Headers, bytes]:
        """Return status, headers and the body, unless that is larger than it may be."""
        answer = await self._http.send(request, stream=True)
        try:
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > most:
                    raise Rejected(f"{asked}: the answer is larger than {most >> 20} MiB")
            return answer.status_code, answer.headers, bytes(content)
        finally:
            await answer.aclose()

    async def lines(
        self, verb: str, kind: Kind, asked: str, path: str, params: Mapping[str, str]
    ) -> AsyncGenerator[bytes]:
        """
        Return the lines of a stream, without their ends; to be closed by whoever stops early.

        When nothing comes for :data:`SILENCE_S` it ends, as if the server had ended it.
        """
        self.requests[verb, kind.name] += 1
        timeout = httpx2.Timeout(SILENCE_S, connect=connection.CONNECT_S)
        try:
            async with self._http.stream(
                "GET", path, params=params, timeout=timeout, extensions=self._extensions
            ) as answer:
                if not answer.is_success:
                    content = await answer.aread()
                    raise answers.failure(asked, answer.status_code, content, answer.headers)
                async for line in _cut(answer):
                    yield line
        except httpx2.ReadTimeout:
            return
        except (httpx2.HTTPError, OSError) as exc:
            raise _unanswered(asked, self._server, exc) from exc


def read(content: bytes, kind: type[_T], asked: str) -> _T:
    """Read JSON that the API server sent; what is none is Unavailable: it was cut, or a proxy's."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError) as exc:
        raise Unavailable(f"{asked}: the answer could not be read: {exc}") from exc


async def _cut(answer: httpx2.Response) -> AsyncIterator[bytes]:
    rest = bytearray()
    async for part in answer.aiter_bytes():
        first, *others = part.split(b"\n")
        for other in others:
            rest += first
            if rest:
                yield bytes(rest[:LONGEST_LINE])
            rest.clear()
            first = other
        if len(rest) < LONGEST_LINE:
            rest += first
    if rest:
        yield bytes(rest)


def _unanswered(asked: str, server: str, problem: BaseException) -> PortFailure:
    """Tell apart why there was no answer: what httpx2 raises holds the reason in its causes."""
    found: BaseException | None = problem
    while found is not None:
        match found:
            case ssl.SSLCertVerificationError():
                return Rejected(
                    f"{asked}: the certificate of {server} is not trusted: {found.verify_message}",
                    hint="certificate-authority in the kubeconfig names who vouches for it",
                )
            case socket.gaierror():
                return Unavailable(f"{asked}: the name of the host of {server} is not known")
            case ConnectionRefusedError():
                return Unavailable(f"{asked}: nobody listens at {server}")
        found = found.__cause__ or found.__context__
    if isinstance(problem, httpx2.ConnectTimeout):
        return Unavailable(f"{asked}: {server} cannot be reached within {connection.CONNECT_S:g} s")
    if isinstance(problem, httpx2.TimeoutException):
        return Unavailable(f"{asked}: {server} did not answer within {connection.REQUEST_S:g} s")
    return Unavailable(f"{asked}: {server} hung up: {problem!r}")
