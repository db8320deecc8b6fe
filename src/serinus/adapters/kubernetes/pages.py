"""
Pages of metrics: asked for over HTTP, one request for each address and look.

What comes back is trusted in nothing: its size and its time are bounded, no redirect is followed,
and no proxy of the environment is asked.
"""

import socket
from collections.abc import Mapping, Sequence

import anyio
import httpx2

from serinus.ports import failures

LARGEST = 64 << 20
"""Bytes of one page: 5,000 Services of a router take 20 MB."""

LONGEST_S = 5.0
"""How long one page may take."""

AT_ONCE = 16
"""Pages that are asked for at the same time."""

_TEXT = "text/plain;version=0.0.4;q=1,*/*;q=0.1"


class Pages:
    """Ask for pages; connections are kept, because each is asked again within seconds."""

    def __init__(self, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._client = httpx2.AsyncClient(
            headers={"accept": _TEXT, "accept-encoding": "identity"},
            timeout=None,
            trust_env=False,
            follow_redirects=False,
            transport=transport,
        )
        self._limit = anyio.CapacityLimiter(AT_ONCE)

    async def aclose(self) -> None:
        """Let go of all connections."""
        await self._client.aclose()

    async def all(self, urls: Mapping[str, str]) -> dict[str, bytes]:
        """
        Return the pages that could be had, by the names of their addresses.

        ``Unavailable`` when there is an address and none of them answered: why the first did not.
        """
        found: dict[str, bytes] = {}
        problems: list[failures.Unavailable] = []

        async def ask(name: str, url: str) -> None:
            async with self._limit:
                try:
                    found[name] = await self.one(url)
                except failures.Unavailable as problem:
                    problems.append(problem)

        async with anyio.create_task_group() as tasks:
            for name, url in urls.items():
                tasks.start_soon(ask, name, url)
        if urls and not found:
            raise problems[0]
        return {name: found[name] for name in urls if name in found}

    async def one(self, url: str) -> bytes:
        """Return one page. ``Unavailable`` when it is not to be had, or is too long."""
        try:
            with anyio.fail_after(LONGEST_S):
                return await self._page(url)
        except TimeoutError as exc:
            said = f"{url} did not answer within {LONGEST_S:g} s"
            raise failures.Unavailable(said) from exc
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as exc:
            raise failures.Unavailable(f"{url} cannot be read: {_why(exc)}") from exc

    async def _page(self, url: str) -> bytes:
        async with self._client.stream("GET", url) as answer:
            if answer.status_code != httpx2.codes.OK:
                raise failures.Unavailable(
                    f"{url} answered with {answer.status_code}, where a page of metrics is wanted"
                )
            content = bytearray()
            async for part in answer.aiter_raw():
                content += part
                if len(content) > LARGEST:
                    raise failures.Unavailable(f"{url} answered with more than {LARGEST >> 20} MiB")
            return bytes(content)


async def addresses(url: httpx2.URL) -> Sequence[str]:
    """
    Return the addresses behind a host: all instances of a router, by a headless Service's name.

    The host itself when it cannot be looked up; whoever asks it then says why.
    """
    try:
        found = await anyio.getaddrinfo(url.host, url.port or 80, type=socket.SOCK_STREAM)
    except OSError:
        return (url.host,)
    old = [place for place in found if place[0] is socket.AF_INET]
    return tuple(sorted({str(place[4][0]) for place in old or found})) or (url.host,)


def _why(problem: BaseException) -> str:
    found: BaseException | None = problem
    while found is not None:
        match found:
            case socket.gaierror():
                return "the name of its host is not known"
            case ConnectionRefusedError():
                return "nobody listens there"
        found = found.__cause__ or found.__context__
    return str(problem) or type(problem).__name__
