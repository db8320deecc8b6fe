"""
A wire between a browser and a server, which can go dead: as when somebody leaves a network.

What is sent on a dead wire is neither delivered nor refused, and nobody is told. What still hung
in it arrives when it is mended.
"""

import contextlib
import urllib.parse
from collections.abc import Iterator

import anyio
from anyio import from_thread
from anyio.abc import SocketAttribute, SocketStream, TaskStatus


class Wire:
    """One wire. ``origin``: where a browser finds the server by it."""

    def __init__(self, there: str, portal: from_thread.BlockingPortal) -> None:
        self.origin = ""
        self._there = urllib.parse.urlsplit(there)
        self._portal = portal
        self._whole = anyio.Event()

    def cut(self) -> None:
        """Let it go dead."""
        self._portal.call(self._cut)

    def mend(self) -> None:
        """Let everything through again."""
        self._portal.call(self._mend)

    async def _cut(self) -> None:
        self._whole = anyio.Event()

    async def _mend(self) -> None:
        self._whole.set()

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Carry what comes, until cancelled."""
        await self._mend()
        async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
            port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - a socket, no query
            self.origin = f"http://127.0.0.1:{port}"
            task_status.started()
            await listener.serve(self._carry)

    async def _carry(self, near: SocketStream) -> None:
        async with near:
            await self._whole.wait()
            assert self._there.hostname is not None
            assert self._there.port is not None
            far = await anyio.connect_tcp(self._there.hostname, self._there.port)
            async with far, anyio.create_task_group() as tasks:
                tasks.start_soon(self._pass, near, far, tasks.cancel_scope)
                tasks.start_soon(self._pass, far, near, tasks.cancel_scope)

    async def _pass(
        self, here: SocketStream, there: SocketStream, scope: anyio.CancelScope
    ) -> None:
        with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            while True:
                piece = await here.receive()
                await self._whole.wait()
                await there.send(piece)
        scope.cancel()


@contextlib.contextmanager
def before(there: str) -> Iterator[Wire]:
    """Lay a wire before a server for the length of a block."""
    with from_thread.start_blocking_portal() as portal:
        wire = Wire(there, portal)
        task, _ = portal.start_task(wire.run)
        try:
            yield wire
        finally:
            task.cancel()
