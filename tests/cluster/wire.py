"""A wire between a client and the real API server that can be cut, and frozen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from anyio.abc import SocketAttribute, SocketStream
from ruamel.yaml import YAML

from cluster import places


@dataclass
class Wire:
    """``frozen``: bytes come in and go nowhere, and nobody hangs up. ``cut``: nobody listens."""

    port: int
    cut: bool = False
    streams: list[SocketStream] = field(default_factory=list)

    async def freeze(self) -> None:
        """Lose what is sent on the connections that there are; new ones are well."""
        self.streams.clear()

    async def hang_up(self) -> None:
        """End every connection, and let nobody in."""
        self.cut = True
        for stream in tuple(self.streams):
            await stream.aclose()

    def kubeconfig(self, folder: Path, **user: str) -> Path:
        """Write a kubeconfig that leads along this wire; without ``user`` as the admin."""
        data = YAML(typ="safe").load(places.KUBECONFIG.read_text())
        cluster = data["clusters"][0]["cluster"]
        cluster["tls-server-name"] = places.GATEWAY
        cluster["server"] = f"https://127.0.0.1:{self.port}"
        if user:
            data["users"][0]["user"] = user
        path = folder / "kubeconfig"
        with path.open("w") as file:
            YAML().dump(data, file)
        return path


@asynccontextmanager
async def laid() -> AsyncIterator[Wire]:
    """Lay a wire to the API server for the length of a block."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    wire = Wire(int(listener.extra(SocketAttribute.local_port)))  # noqa: S610 - anyio's word

    async def carry(source: SocketStream, target: SocketStream) -> None:
        try:
            async for part in source:
                if source in wire.streams:
                    await target.send(part)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        if source in wire.streams or wire.cut:
            await target.aclose()

    async def serve(ours: SocketStream) -> None:
        async with ours:
            if wire.cut:
                return
            async with await anyio.connect_tcp(places.GATEWAY, places.API_PORT) as theirs:
                wire.streams += [ours, theirs]
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(carry, ours, theirs)
                    tasks.start_soon(carry, theirs, ours)

    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        yield wire
        tasks.cancel_scope.cancel()
