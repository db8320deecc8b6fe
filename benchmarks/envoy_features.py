"""
What each thing that a route can ask for costs in Envoy, against the same route without it.

    python -m benchmarks.envoy_features

One Envoy, two servers behind it, and in turns the plain route and the one with the feature, four
pairs for each. Two numbers: the median ratio of the p99 as a caller sees it at a steady rate, and
the median ratio of the time that Envoy's process takes of the machine for some thousand requests
that come as fast as they are answered. The second one is the steadier: most of a caller's time is
not Envoy's.
"""

import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

import anyio
import msgspec
from msgspec.structs import replace

from benchmarks import envoy_overhead
from benchmarks.results import Result, table
from serinus.adapters.local.platform import Platform
from serinus.adapters.routers import envoy
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Mirror, Route, Sticky

PAIRS = 4
SECONDS = 1.0
AT_ONCE = 4000
_NO_RATE = 1e6
COOKIE = "Cookie: who=01234567-89ab-cdef-0123-456789abcdef; beta=1"
HEADERS = ("X-Canary: never", "X-Secret: 1", COOKIE)
"""What every request carries, with the feature and without it."""


class Cost(msgspec.Struct, frozen=True):
    """One pair: how much slower, and how much more of the machine."""

    p99: float
    cpu: float


def features(plain: Route) -> dict[str, Route]:
    """Return the plain route with one feature each."""
    one, two = plain.backends
    canary = Match((Condition(Part.HEADER, "x-canary", "always"),))
    beta = Match((Condition(Part.COOKIE, "beta", "[a-z]+", pattern=True),))
    edits = Edits(set=(("x-environment", "blue"),), remove=("x-secret",))
    mirror = Mirror(two.revision, 100, endpoints=two.endpoints, health_path=two.health_path)
    return {
        "match": replace(plain, matches=(canary, beta), matched=two.revision),
        "sticky": replace(plain, sticky=Sticky("who", 3600.0)),
        "mirror 10 %": replace(plain, mirror=mirror),
        "edits": replace(plain, backends=(replace(one, edits=edits), replace(two, edits=edits))),
        "visits": replace(plain, visits=True),
    }


async def follow(platform: Platform, wanted: Route) -> None:
    """Deliver a route, and wait until Envoy carries it out."""
    router, key = envoy.Router(), envoy_overhead.KEY
    await platform.deliver(key, router.render(key, wanted, {}))
    with anyio.fail_after(envoy_overhead.PATIENCE_S):
        while router.read(key, await platform.applied()) != wanted:  # noqa: ASYNC110  it says nothing else
            await anyio.sleep(0.05)


async def costs(home: Path) -> dict[str, list[Cost]]:
    """Measure every feature; who goes first changes from pair to pair."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    found: dict[str, list[Cost]] = {}
    async with envoy_overhead.platform(home, port) as (platform, _, plain):
        pid = int(msgspec.json.decode((home / "run/envoy/process.json").read_bytes())["pid"])

        async def take(wanted: Route) -> tuple[float, float]:
            await follow(platform, wanted)
            _, p99 = await envoy_overhead.measure(port, SECONDS, HEADERS)
            before = _cpu_s(pid)
            await envoy_overhead.measure(port, AT_ONCE / _NO_RATE, HEADERS, _NO_RATE)
            return p99, _cpu_s(pid) - before

        await take(plain)
        for name, wanted in features(plain).items():
            for number in range(PAIRS):
                first, second = (plain, wanted) if number % 2 else (wanted, plain)
                taken = {id(first): await take(first), id(second): await take(second)}
                (with_p99, with_cpu), (p99, cpu) = taken[id(wanted)], taken[id(plain)]
                found.setdefault(name, []).append(Cost(with_p99 / p99, with_cpu / cpu))
    return found


def _cpu_s(pid: int) -> float:
    """Return the time that a process took of the machine: its own clock, in Linux's numbering."""
    return time.clock_gettime((~pid << 3) | 2)


def run(full: bool) -> list[Result]:  # noqa: FBT001  asked so by python -m benchmarks
    """Return two ratios for each feature."""
    del full
    with tempfile.TemporaryDirectory() as folder:
        found = anyio.run(costs, Path(folder))
    return [
        result
        for name, taken in found.items()
        for result in (
            Result(f"envoy, {name}: p99", statistics.median(c.p99 for c in taken), "×"),
            Result(f"envoy, {name}: processor", statistics.median(c.cpu for c in taken), "×"),
        )
    ]


def main() -> int:
    """Print the ratios."""
    sys.stdout.write(table(run(full=False)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
