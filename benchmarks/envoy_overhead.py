"""
What our configuration costs: Envoy as Serinus sets it up, against the same Envoy with one route.

    python -m benchmarks.envoy_overhead

Both stand before the same two servers and get the same load in turns, nine pairs of them. The load
comes from a process of its own and does not wait for answers: latency counts from the moment at
which a request was due. The number is the median of the nine ratios of the p99, at most 1.2.
"""

import gc
import json
import os
import selectors
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import msgspec

from serinus.adapters.local import endings, portnumbers, spawn
from serinus.adapters.local.envoy import Envoy, Settings
from serinus.adapters.local.places import Places
from serinus.adapters.local.platform import Platform
from serinus.adapters.local.records import OWNER
from serinus.adapters.routers import envoy
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.workload import (
    Group,
    HealthProbe,
    Replica,
    ReplicaState,
    Revision,
    Workload,
)

PAIRS = 9
RATE = 800
SECONDS = 3.0
LIMIT = 1.2
HOST = "shop.localhost"
KEY = Key("shop", "local")
CONNECTIONS = 64
PATIENCE_S = 20.0
_TYPES = "type.googleapis.com/envoy."


class Pair(msgspec.Struct, frozen=True):
    """One pair: p50 and p99 in milliseconds, with our configuration and with one route."""

    ours: tuple[float, float]
    plain: tuple[float, float]

    @property
    def ratio(self) -> float:
        """Return how much slower our p99 is."""
        return self.ours[1] / self.plain[1]

    def __str__(self) -> str:
        numbers = "{:6.3f} {:6.3f} | {:6.3f} {:6.3f}".format(*self.ours, *self.plain)
        return f"   {numbers}   {self.ratio:5.2f} ×"


def server(binary: str, name: str) -> Revision:
    """Return a revision whose replicas are Envoys that answer by themselves, and fast."""
    answer = {"status": 200, "body": {"inline_string": f"{name}\n"}}
    table = {
        "virtual_hosts": [
            {
                "name": "all",
                "domains": ["*"],
                "routes": [{"match": {"prefix": "/"}, "direct_response": answer}],
            }
        ]
    }
    config = json.dumps(_static("${port}", {"route_config": table}, []))
    words = (binary, "--config-yaml", config, "--disable-hot-restart", "--concurrency", "1")
    workload = Workload(
        command=(*words, "-l", "error"), workdir="/", health=HealthProbe(every_s=0.2)
    )
    return Revision(sha256(name.encode()).hexdigest(), name, workload)


def plain(port: int, addresses: list[str]) -> dict[str, Any]:
    """Return the smallest configuration that sends everything to the servers."""
    route = {"match": {"prefix": "/"}, "route": {"cluster": "all"}}
    table = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]}
    endpoints = [
        {
            "endpoint": {
                "address": {
                    "socket_address": {
                        "address": address.partition(":")[0],
                        "port_value": int(address.partition(":")[2]),
                    }
                }
            }
        }
        for address in addresses
    ]
    cluster = {
        "name": "all",
        "type": "STATIC",
        "load_assignment": {"cluster_name": "all", "endpoints": [{"lb_endpoints": endpoints}]},
    }
    return _static(port, {"route_config": table}, [cluster])


def _static(port: int | str, routes: dict[str, Any], clusters: list[Any]) -> dict[str, Any]:
    router = {"@type": f"{_TYPES}extensions.filters.http.router.v3.Router"}
    http = {
        "@type": f"{_TYPES}extensions.filters.network.http_connection_manager.v3."
        "HttpConnectionManager",
        "stat_prefix": "plain",
        "http_filters": [{"name": "router", "typed_config": router}],
        **routes,
    }
    listener = {
        "name": "plain",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": http}]}],
    }
    return {"static_resources": {"listeners": [listener], "clusters": clusters}}


# --- the load, in a process of its own --------------------------------------------------------


def load(
    port: int, rate: float, seconds: float, headers: Sequence[str] = ()
) -> tuple[float, float]:
    """Send requests when they are due and return p50 and p99 of their latency, in milliseconds."""
    request = "\r\n".join(("GET / HTTP/1.1", f"Host: {HOST}", *headers, "", "")).encode()
    chooser, idle = selectors.DefaultSelector(), deque[socket.socket]()
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(connection, selectors.EVENT_READ)
        idle.append(connection)
    gc.disable()
    due_of: dict[socket.socket, float] = {}
    waiting, taken = deque[float](), list[float]()
    begin = time.perf_counter()
    total, sent = int(rate * seconds), 0
    while len(taken) < total:
        now = time.perf_counter()
        while sent < total and begin + sent / rate <= now:
            waiting.append(begin + sent / rate)
            sent += 1
        while waiting and idle:
            connection = idle.popleft()
            due_of[connection] = waiting.popleft()
            connection.sendall(request)
        soon = begin + sent / rate - time.perf_counter() if sent < total else 1.0
        for key, _ in chooser.select(max(0.0, soon)):
            connection = key.fileobj  # type: ignore[assignment]  # a socket, as registered
            if b"200 OK" not in connection.recv(4096):
                raise SystemExit("a request was not answered with 200")
            taken.append((time.perf_counter() - due_of.pop(connection)) * 1000)
            idle.append(connection)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


async def measure(
    port: int, seconds: float = SECONDS, headers: Sequence[str] = (), rate: float = RATE
) -> tuple[float, float]:
    """Let another process send the load."""
    given = (str(port), str(rate), str(seconds), *headers)
    words = [sys.executable, "-m", "benchmarks.envoy_overhead", "--load", *given]
    done = await anyio.run_process(words, stderr=None)
    p50, p99 = json.loads(done.stdout)
    return p50, p99


# --- both set-ups -----------------------------------------------------------------------------


@asynccontextmanager
async def ours(home: Path, port: int) -> AsyncIterator[tuple[Replica, ...]]:
    """Start the platform with two revisions behind it, 95 % and 5 %."""
    async with platform(home, port) as (_, replicas, _):
        yield replicas


@asynccontextmanager
async def platform(
    home: Path, port: int
) -> AsyncIterator[tuple[Platform, tuple[Replica, ...], Route]]:
    """Start a platform that routes to two revisions, and give its replicas and its route."""
    found = Platform(home, Settings(port=port))
    binary = str(Envoy(Places(home), Settings()).binary())
    one, two = server(binary, "one"), server(binary, "two")
    await found.start()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(found.run, lambda _: None)
        try:
            groups = [Group(one.id, (0,)), Group(two.id, (0,))]
            await found.ensure(KEY, [one, two], groups, 0.0)
            replicas = await _ready(found)
            backends = tuple(
                Backend(r.id, weight, tuple(_endpoints(replicas, r)), "/")
                for r, weight in ((one, 950), (two, 50))
            )
            route = Route(KEY.application, KEY.environment, HOST, backends)
            await found.deliver(KEY, envoy.Router().render(KEY, route, {}))
            yield found, replicas, route
        finally:
            with anyio.CancelScope(shield=True):
                await found.down(0.0)
            tasks.cancel_scope.cancel()
    await found.close()


def _endpoints(replicas: tuple[Replica, ...], revision: Revision) -> list[Endpoint]:
    return [Endpoint(r.name, r.address) for r in replicas if r.revision == revision.id]


async def _ready(platform: Platform) -> tuple[Replica, ...]:
    with anyio.fail_after(PATIENCE_S):
        while True:
            replicas = await platform.replicas(KEY)
            if all(r.state is ReplicaState.READY for r in replicas):
                return replicas
            await anyio.sleep(0.05)


@asynccontextmanager
async def beside(home: Path, port: int, addresses: list[str]) -> AsyncIterator[None]:
    """Start the same Envoy with one static route."""
    binary = str(Envoy(Places(home), Settings()).binary())
    config = json.dumps(plain(port, addresses))
    workers = str(min(2, os.cpu_count() or 1))
    words = (binary, "--config-yaml", config, "--disable-hot-restart", "--concurrency", workers)
    asked = spawn.Command((*words, "-l", "error"), home, {"PATH": "/bin", OWNER: str(home)})
    process = spawn.start(asked, home / "plain.log", "the plain Envoy")
    try:
        with anyio.fail_after(PATIENCE_S):
            while portnumbers.is_free("127.0.0.1", port):  # noqa: ASYNC110  it says nothing else
                await anyio.sleep(0.05)
        await anyio.sleep(0.5)
        yield
    finally:
        endings.signal_group(process, signal.SIGKILL)
        with anyio.CancelScope(shield=True):
            await endings.wait(process)
        endings.bury(process, str(home))


async def pairs(home: Path) -> list[Pair]:
    """Measure nine pairs; who goes first changes from pair to pair."""
    with socket.create_server(("127.0.0.1", 0)) as a, socket.create_server(("127.0.0.1", 0)) as b:
        mine, theirs = a.getsockname()[1], b.getsockname()[1]
    found = []
    async with (
        ours(home, mine) as replicas,
        beside(home, theirs, [r.address for r in replicas]),
    ):
        await measure(mine)
        await measure(theirs)
        for number in range(PAIRS):
            first, second = (mine, theirs) if number % 2 else (theirs, mine)
            taken = {first: await measure(first), second: await measure(second)}
            found.append(Pair(taken[mine], taken[theirs]))
    return found


def main() -> int:
    """Print the pairs and the median ratio; 1 when it is over the limit."""
    if sys.argv[1:2] == ["--load"]:
        port, rate, seconds = int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
        found = load(port, rate, seconds, sys.argv[5:])
        sys.stdout.write(json.dumps(found))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        taken = anyio.run(pairs, Path(folder))
    ratio = statistics.median(pair.ratio for pair in taken)
    sys.stdout.write(
        f"Envoy, {RATE} requests/s, p50 and p99 in ms (ours | one static route)\n"
        + "".join(f"{pair}\n" for pair in taken)
        + f"median ratio of the p99 over {PAIRS} pairs: {ratio:.2f} × (at most {LIMIT})\n"
    )
    return int(ratio > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
