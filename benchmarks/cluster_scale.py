"""
A controller with many applications in a real cluster, whose pods only pretend (KWOK).

    python -m benchmarks.cluster_scale [--full] [NUMBER …]

It starts the test cluster where none is up (root and Go; see `make cluster`), runs
`serinus controller` as a process of its own in a namespace of its own, and measures, for 500
applications of two replicas each (`--full`: 2,000 as well):

    all at once      seconds until every one is ready, from the first one that was written
    at rest          CPU, memory, and requests to the API server in a minute and a half
    one release      seconds from a changed image until pods are asked for: alone, and among all
    100 releases     seconds until each has pods asked for, and until each has ended
    begun anew       CPU and memory of another controller that finds all of it there

What others do to the machine makes seconds longer, so the CPU of the controller is printed beside
them, and the load of the machine at the end.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx2

from benchmarks import cluster_fleet
from benchmarks.cluster_fleet import Fleet
from benchmarks.results import Result, tell
from cluster import kwok, places, up
from serinus.adapters.kubernetes import crd
from serinus.adapters.kubernetes.client import Client

MANY, MORE = 500, 2000
AT_ONCE = 100
CALM_S = 45.0
REST_S = 90.0
PATIENCE_S = 900.0
LIMIT_READY_S = 60.0
LIMIT_PODS_S = 1.0
LIMITS = {500: (0.2, 120.0), 5000: (1.0, 400.0)}
"""Percent of a core and MiB at rest."""


class Controller:
    """`serinus controller` as a process, and what it costs."""

    def __init__(self, namespace: str, home: Path) -> None:
        self._log = home / "controller.log"
        words = [sys.executable, "-m", "serinus", "controller", "--namespace", namespace]
        words += ["--system-namespace", namespace, "--router", "replicas"]
        words += ["--home", str(home), "--health", "127.0.0.1:0"]
        environ = {**os.environ, "KUBECONFIG": str(places.KUBECONFIG), "PYTHONUNBUFFERED": "1"}
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(words, stdout=out, stderr=out, env=environ)  # noqa: S603 - our own
        self.health = ""

    def wait(self) -> None:
        """Wait until it works."""
        end = time.monotonic() + PATIENCE_S
        while "the controller works" not in self.said():
            if self._process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"the controller does not run:\n{self.said()[-3000:]}")
            time.sleep(0.1)
        at = next(line for line in self.said().splitlines() if "Health is answered" in line)
        self.health = at.split()[-1].removesuffix("/healthz.")

    def said(self) -> str:
        """Return what it told so far."""
        return self._log.read_text()

    def cpu_s(self) -> float:
        """Return its CPU seconds so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, field: str) -> float:
        """Return its memory: `VmRSS` now, `VmHWM` at its highest."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        found = next(line for line in lines if line.startswith(f"{field}:"))
        return int(found.split()[1]) / 1024

    def numbers(self) -> dict[str, float]:
        """Return what its own metrics say, with labels as a part of the names."""
        text = httpx2.get(f"{self.health}/metrics", trust_env=False).text
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    def asked(self) -> tuple[int, int]:
        """Return how many requests it sent to the API server: watches, and all others."""
        found = {n: v for n, v in self.numbers().items() if n.startswith("serinus_api_requests_t")}
        watches = sum(value for name, value in found.items() if '"watch"' in name)
        return round(watches), round(sum(found.values()) - watches)

    def end(self) -> None:
        """Ask it to end, and wait for that."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)


@contextmanager
def controller(namespace: str) -> Iterator[Controller]:
    """Run a controller for the length of a block."""
    with tempfile.TemporaryDirectory(prefix="serinus-bench-") as home:
        made = Controller(namespace, Path(home))
        try:
            made.wait()
            yield made
        finally:
            made.end()


async def measure(number: int) -> list[Result]:
    """Measure with so many applications."""
    async with Client.connect(places.KUBECONFIG) as client:
        for definition in crd.every():
            await client.apply(definition)
        async with cluster_fleet.fleet(client) as fleet:
            with controller(fleet.namespace) as made:
                found = await _measured(fleet, made, number)
            with controller(fleet.namespace) as made:
                return [*found, *await _again(made, number)]


async def _again(made: Controller, number: int) -> list[Result]:
    """Measure one that was begun anew and found everything there."""
    await anyio.sleep(CALM_S)
    share, memory, _, _ = await _rest(made)
    what, limit = f"{number:,} applications, begun anew", LIMITS.get(number, (None, None))
    return [
        Result(f"{what}: CPU at rest", share * 100, "%", limit[0]),
        Result(f"{what}: memory at rest", memory, "MiB", limit[1]),
        Result(f"{what}: memory at its highest", made.memory_mib("VmHWM"), "MiB"),
    ]


async def _measured(fleet: Fleet, made: Controller, number: int) -> list[Result]:
    names = [f"shop-{one:04}" for one in range(number)]
    what = f"{number:,} applications"
    await fleet.want(names[:1], "v1")
    await fleet.until(lambda: fleet.ended(1), 1, PATIENCE_S)
    alone_s = await fleet.pods_requested_s(names[0], "v2")
    await fleet.until(lambda: fleet.ended(2), 1, PATIENCE_S)

    cpu_s, began = made.cpu_s(), time.monotonic()
    await fleet.want(names[1:], "v1")
    wrote_s = time.monotonic() - began
    await fleet.until(fleet.ready, number, PATIENCE_S)
    ready_s, ready_cpu_s = time.monotonic() - began, made.cpu_s() - cpu_s

    await fleet.until(lambda: fleet.ended(1), number, PATIENCE_S)
    await anyio.sleep(CALM_S)
    share, memory, watches, others = await _rest(made)
    among_s = await fleet.pods_requested_s(names[-1], "v2")
    await fleet.until(lambda: fleet.ended(2), 2, PATIENCE_S)

    cpu_s, began, before = made.cpu_s(), time.monotonic(), made.numbers()
    chosen = names[1:-1][:AT_ONCE]
    await fleet.want(chosen, "v2")
    await fleet.until(lambda: fleet.moved(2), len(chosen) + 2, PATIENCE_S)
    moved_s = time.monotonic() - began
    await fleet.until(lambda: fleet.ended(2), len(chosen) + 2, PATIENCE_S)
    ended_s, released_cpu_s = time.monotonic() - began, made.cpu_s() - cpu_s
    limit = LIMITS.get(number, (None, None))
    return [
        Result(
            f"{what}: until all are ready",
            ready_s,
            "s",
            LIMIT_READY_S if number == MANY else None,
        ),
        Result(f"{what}: until all were written", wrote_s, "s"),
        Result(f"{what}: CPU until all are ready", ready_cpu_s, "s"),
        Result(f"{what} at rest: CPU", share * 100, "%", limit[0]),
        Result(f"{what} at rest: memory", memory, "MiB", limit[1]),
        Result(f"{what} at rest: watches begun again", watches, "/min"),
        Result(f"{what} at rest: other requests", others, "/min"),
        Result("one application: until pods are asked for", alone_s, "s", LIMIT_PODS_S),
        Result(f"one of {what}: until pods are asked for", among_s, "s", LIMIT_PODS_S),
        Result(f"{len(chosen)} releases of {what}: all began", moved_s, "s"),
        Result(f"{len(chosen)} releases of {what}: all ended", ended_s, "s"),
        Result(f"{len(chosen)} releases of {what}: CPU", released_cpu_s, "s"),
        Result(f"{len(chosen)} releases of {what}: a turn", _turn_ms(before, made.numbers()), "ms"),
        Result(f"{what}: memory at its highest", made.memory_mib("VmHWM"), "MiB"),
        Result("load of the machine, last minute", os.getloadavg()[0], ""),
    ]


async def _rest(made: Controller) -> tuple[float, float, float, float]:
    """Return the share of a core, the memory, and the watches and other requests in a minute."""
    watches, others = made.asked()
    cpu_s, began = made.cpu_s(), time.monotonic()
    await anyio.sleep(REST_S)
    share = (made.cpu_s() - cpu_s) / (time.monotonic() - began)
    later = made.asked()
    minutes = REST_S / 60
    memory = made.memory_mib("VmRSS")
    return share, memory, (later[0] - watches) / minutes, (later[1] - others) / minutes


def _turn_ms(before: dict[str, float], after: dict[str, float]) -> float:
    """Return how long a turn took on average, waiting for the API server included."""
    turns = sum(
        after[name] - before.get(name, 0.0)
        for name in after
        if name.startswith("serinus_turns_total")
    )
    took = after["serinus_turn_seconds_total"] - before["serinus_turn_seconds_total"]
    return 1000 * took / max(1.0, turns)


def run(full: bool) -> list[Result]:  # noqa: FBT001 - as all benchmarks
    """Measure with 500, in full with 2,000 as well."""
    return _run((MANY, MORE) if full else (MANY,))


def _run(numbers: Sequence[int]) -> list[Result]:
    up.ensure()
    kwok.start()
    return [one for number in numbers for one in anyio.run(measure, number)]


def main() -> int:
    """Print what was measured; 1 when a limit is missed."""
    words = sys.argv[1:]
    numbers = tuple(int(word) for word in words if word.isdecimal())
    return tell(_run(numbers or ((MANY, MORE) if "--full" in words else (MANY,))))


if __name__ == "__main__":
    raise SystemExit(main())
