"""Requests to an entrance: one, many over kept connections, or a steady stream that is counted."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 when nothing did."""

    status: int
    body: str = ""
    headers: tuple[str, ...] = ()
    seconds: float = 0.0


class Caller:
    """One kept connection."""

    def __init__(self, port: int, host: str) -> None:
        self._port, self._host = port, host
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(
        self, path: str = "/", headers: Sequence[str] = (), method: str = "GET"
    ) -> Answer:
        began = time.monotonic()
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", *headers, "", ""]
            writer.write("\r\n".join(lines).encode("latin-1"))
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            told = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:])}
            body = (await reader.readexactly(int(told.get("content-length", 0)))).decode()
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return Answer(0, seconds=time.monotonic() - began)
        if told.get("connection") == "close":
            self.close()
        return Answer(int(head[0].split()[1]), body, tuple(head[1:]), time.monotonic() - began)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def get(
    port: int, host: str, path: str = "/", headers: Sequence[str] = (), method: str = "GET"
) -> Answer:
    """Send one request over a connection of its own."""
    caller = Caller(port, host)
    try:
        return await caller.get(path, headers, method)
    finally:
        caller.close()


async def send(
    port: int, host: str, paths: Iterable[str], callers: int = 8, headers: Sequence[str] = ()
) -> list[Answer]:
    """Send requests as fast as they are answered, each path once."""
    left, answers = iter(paths), list[Answer]()

    async def call() -> None:
        caller = Caller(port, host)
        try:
            for path in left:
                answers.append(await caller.get(path, headers))
        finally:
            caller.close()

    async with anyio.create_task_group() as tasks:
        for _ in range(callers):
            tasks.start_soon(call)
    return answers


@dataclass
class Stream:
    """What became of a steady stream so far."""

    answers: list[Answer] = field(default_factory=list)

    @property
    def statuses(self) -> dict[int, int]:
        return dict(Counter(answer.status for answer in self.answers))

    @property
    def bodies(self) -> dict[str, int]:
        return dict(Counter(answer.body for answer in self.answers))


@asynccontextmanager
async def steady(
    port: int, host: str, per_second: float = 200.0, path: str = "/?ms=5"
) -> AsyncIterator[Stream]:
    """Send requests at a rate that does not wait for answers; at the end all have ended."""
    stream, idle, flying = Stream(), list[Caller](), set[asyncio.Task[None]]()

    async def one() -> None:
        caller = idle.pop() if idle else Caller(port, host)
        stream.answers.append(await caller.get(path))
        idle.append(caller)

    async def keep_sending() -> None:
        due = time.monotonic()
        while True:
            due += 1 / per_second
            task = asyncio.create_task(one())
            flying.add(task)
            task.add_done_callback(flying.discard)
            await anyio.sleep(max(0.0, due - time.monotonic()))

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(keep_sending)
            yield stream
            tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            if flying:
                await asyncio.wait(set(flying), timeout=10)
            for caller in idle:
                caller.close()
