"""
What it costs to tell many browsers what changes: 500 of them, on one controller.

    python -m benchmarks.sse_clients

The server is a process of its own, with a store in memory: 10 of 1,000 applications have a release
in flight, which the controller looks at every second, and something is decided every two. The
browsers are another process. Measured is the processor time of the server, and how long after a
decision the last of the browsers has heard of it.
"""

import contextlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread
from anyio.abc import SocketStream

from benchmarks.results import Result, tell
from serinus.adapters.local.clock import Clock
from serinus.adapters.memory.store import Store
from serinus.app.office import Office
from serinus.core.state.notice import Event, Key, Kind
from serinus.interfaces.api import server
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.seals import Seals
from serinus.interfaces.api.sessions import Local
from tests import builders
from tests.interfaces.offices import Papers, Shelf

CLIENTS = 500
APPLICATIONS, FLYING = 1_000, 10
LOOK_S, DECIDE_S = 1.0, 2.0
WARM_S, MEASURED_S = 4.0, 20.0
FIRST, DIGITS = 1_000, 4
"""Decisions are told apart by the number of a release that has so many digits, from 1,000 on."""

LIMIT = 0.5
LATE_S = 1.0
SEALS = Seals(b"benchmark" * 4)


def run(full: bool = False) -> list[Result]:  # noqa: ARG001, FBT001, FBT002 - as every benchmark
    """Measure."""
    return anyio.run(_measure)


async def _measure() -> list[Result]:
    with _served() as (pipe, process):
        address, token = pipe.recv()
        port = int(address.rpartition(":")[2])
        heard: dict[str, list[float]] = {}
        async with anyio.create_task_group() as tasks:
            for _ in range(CLIENTS):
                tasks.start_soon(_browse, port, token, heard)
            await anyio.sleep(WARM_S)
            heard.clear()
            before, began = _cpu_s(process), time.monotonic()
            await anyio.sleep(MEASURED_S)
            spent, passed = _cpu_s(process) - before, time.monotonic() - began
            tasks.cancel_scope.cancel()
        pipe.send("end")
        said: dict[str, float] = pipe.recv()
    late = [times[-1] - said[topic] for topic, times in heard.items() if topic in said]
    missed = [CLIENTS - len(times) for topic, times in heard.items() if topic in said]
    # What was decided in the last second is still on its way to some.
    return [
        Result(f"SSE: processor time for {CLIENTS} browsers", spent / passed, "cores", LIMIT),
        Result("SSE: a decision at the last browser", sorted(late)[len(late) // 2], "s", LATE_S),
        Result("SSE: browsers that missed a decision", sorted(missed)[len(missed) // 2], "", 0.5),
    ]


async def _browse(port: int, token: str, heard: dict[str, list[float]]) -> None:
    """Listen as a browser does, and note when each application's release was told of."""
    stream: SocketStream = await anyio.connect_tcp("127.0.0.1", port)
    async with stream:
        head = f"GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        await stream.send(head.encode())
        left = b""
        with contextlib.suppress(anyio.EndOfStream):
            while True:
                left += await stream.receive()
                now = time.time()
                *lines, left = left.split(b"\n")
                for line in lines:
                    topic = line.split(b'"')[3].decode() if b'"topic"' in line else ""
                    if len(topic.rpartition("/")[2]) >= DIGITS:
                        heard.setdefault(topic, []).append(now)


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def _served() -> Iterator[tuple["Connection[Any, Any]", int]]:
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    assert process.pid is not None  # noqa: S101 - it was started
    try:
        yield ours, process.pid
    finally:
        process.kill()
        process.join()


def _serve(pipe: "Connection[Any, Any]") -> None:
    anyio.run(_serving, pipe)


async def _serving(pipe: "Connection[Any, Any]") -> None:
    store, clock = Store(), Clock()
    keys = [Key(f"app-{number:04d}", "local") for number in range(APPLICATIONS)]
    flying = keys[:FLYING]
    for key in flying:
        await store.record(builders.status(key))
    for key in keys[FLYING:]:
        await store.record(builders.status(key, release=None))
    place = Office(store, Papers(), Shelf(), clock, lambda: True, "a benchmark")
    mode = Local(SEALS, clock, "ada")
    app = server.make(place, Doors(mode, SEALS))
    said: dict[str, float] = {}
    async with server.serve(app, "127.0.0.1", 0) as address:
        pipe.send((address, mode.token()))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_controller, store, flying)
            tasks.start_soon(_decisions, store, flying, said)
            await to_thread.run_sync(pipe.recv)
            pipe.send(said)
            tasks.cancel_scope.cancel()


async def _controller(store: Store, flying: list[Key]) -> None:
    """Look at what is in flight, as the loop does."""
    while True:
        for key in flying:
            await store.put_reading(
                key, builders.reading(), (), builders.route(250), at=datetime.now(UTC)
            )
        await anyio.sleep(LOOK_S)


async def _decisions(store: Store, flying: list[Key], said: dict[str, float]) -> None:
    number = 0
    while True:
        key = flying[number % len(flying)]
        status = await store.status(key)
        assert status is not None  # noqa: S101 - it was recorded
        now, one = datetime.now(UTC), FIRST + number
        event = Event(now, key.application, key.environment, Kind.STEP, "Step", "on", release=one)
        said[f"release/{key.environment}/{key.application}/{one}"] = time.time()
        await store.record(status, events=[event])
        number += 1
        await anyio.sleep(DECIDE_S)


if __name__ == "__main__":
    sys.exit(tell(run()))
