"""A router of tests: pages of metrics, sent as a server sends them."""

from collections.abc import AsyncIterator

import httpx2


def page(content: bytes, status: int = 200) -> httpx2.Response:
    """Return an answer whose body comes in parts."""

    async def parts() -> AsyncIterator[bytes]:
        for begin in range(0, len(content), 1000):
            yield content[begin : begin + 1000]

    return httpx2.Response(status, content=parts())
