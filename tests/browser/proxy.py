"""
A proxy that has let people in: it says in headers who they are, and which groups they are of.

Who somebody is stands in a cookie here; a real one knows it from a log-in.
"""

import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Final

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

METHODS: Final = ["DELETE", "GET", "HEAD", "POST", "PUT"]
HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})
"""Headers of one connection, which are not passed on."""

ACCESS: Final = """\
mode: proxy
peers: [127.0.0.1]
hosts: [127.0.0.1]
grants:
- {group: guests, rights: [view]}
- {group: sre, rights: [view, operate, deploy, approve]}
"""


@contextlib.contextmanager
def before(origin: str) -> Iterator[str]:
    """Stand before pages that believe a proxy; where they are reached for the length of a block."""
    routes = [Route("/{path:path}", partial(_pass, origin), methods=METHODS)]
    config = uvicorn.Config(Starlette(routes=routes), log_level="warning", ws="none")
    config.timeout_graceful_shutdown = 1  # a stream of events ends with its browser alone
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


async def _pass(origin: str, request: Request) -> Response:
    name, _, groups = request.cookies.get("who", "").partition("|")
    headers = [(word, text) for word, text in request.headers.raw if word.decode() not in HOP]
    headers += [(b"x-forwarded-user", name.encode()), (b"x-forwarded-groups", groups.encode())]
    query = f"?{request.url.query}" if request.url.query else ""
    client = httpx2.AsyncClient(timeout=None, trust_env=False)
    asked = client.build_request(
        request.method,
        f"{origin}{request.scope['raw_path'].decode()}{query}",
        headers=headers,
        content=await request.body(),
    )
    answer = await client.send(asked, stream=True)
    passed = StreamingResponse(
        _body(answer), status_code=answer.status_code, background=BackgroundTask(client.aclose)
    )
    passed.raw_headers = [
        (word.lower(), text)
        for word, text in answer.headers.raw
        if word.lower().decode() not in HOP
    ]
    return passed


async def _body(answer: httpx2.Response) -> AsyncIterator[bytes]:
    with contextlib.suppress(httpx2.TransportError):  # a browser reads how far it came
        async for piece in answer.aiter_raw():
            yield piece
