"""Shops for tests: in this process or in one of their own, and words with them."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping

from serinus.interfaces.demo import shop

SHOP = "serinus.interfaces.demo.shop"


@contextlib.asynccontextmanager
async def serving(settings: shop.Settings) -> AsyncIterator[int]:
    """Serve in this process, and tell the port."""
    stop = asyncio.Event()
    port = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(shop.serve(settings, stop, port.set_result))
    try:
        async with asyncio.timeout(5):
            yield await port
    finally:
        stop.set()
        await task


@contextlib.contextmanager
def process(**settings: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Serve in a process of its own, and tell it and its port."""
    started = subprocess.Popen(
        [sys.executable, "-m", SHOP],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with started:
        try:
            assert started.stdout is not None
            yield started, int(started.stdout.readline().rpartition(":")[2])
        finally:
            started.kill()


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PORT": "0", **settings}


def get(path: str = "/", fields: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: shop\r\n{fields}\r\n".encode()


async def talk(port: int, *words: bytes, finish: bool = False) -> bytes:
    """Say all words on one connection, and hear until the shop closes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(5):
        try:
            for word in words:
                writer.write(word)
                await writer.drain()
                await asyncio.sleep(0)
            if finish:
                writer.write_eof()
            return await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()
