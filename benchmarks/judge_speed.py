"""
How long the judge takes: for one tick of one count stream, and for two hours with three checks.

    python -m benchmarks.judge_speed

A yardstick is measured in the same run: a plain loop of a thousand multiplications and additions.
The ratios to it say more than the microseconds when the machine is a different one, or busy.
"""

import sys
from collections.abc import Callable, Sequence
from random import Random
from time import perf_counter

import msgspec

from benchmarks.results import Result
from serinus.core.analysis import judge
from serinus.core.analysis.memory import Judge
from serinus.core.spec.delivery import (
    AgainstSlo,
    AgainstStable,
    Check,
    Delivery,
    ErrorsCheck,
    LatencyCheck,
    Strategy,
)
from serinus.core.state.counts import Arm, Tick
from serinus.core.state.verdict import Test, TestKind

ERRORS = ErrorsCheck("errors", AgainstStable())
THREE = (
    ERRORS,
    LatencyCheck("latency", AgainstStable()),
    ErrorsCheck("objective", AgainstSlo(0.01), weight=0.25),
)
BOUNDS_MS = (25, 50, 100, 250, 500, 1000, 2500, 5000)
TAILS = (0.9, 0.5, 0.1, 0.02, 0.002, 0.0005, 0.0, 0.0)
LIMIT_TICK_US = 100.0
LIMIT_FILM_S = 1.0


class Row(msgspec.Struct, frozen=True):
    """One number: what it is, its value and unit, the ratio to the yardstick, and its limit."""

    name: str
    value: float
    unit: str
    yardsticks: float
    limit: float | None = None

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"   (at most {self.limit:g} {self.unit})"
        return f"{self.name:<52} {self.value:9.3f} {self.unit:<3} {self.yardsticks:8.2f} ×{limit}"


def yardstick() -> None:
    """Do a thousand multiplications and additions."""
    value = 0.0
    for i in range(1000):
        value = value * 0.5 + i


def traffic(ticks: int, seconds: float, *, latency: bool) -> list[Tick]:
    """Make healthy traffic: 100 requests/s, the candidate at 5 %, ten replicas of stable."""
    random = Random(1)  # noqa: S311  traffic, not secrets
    return [
        Tick(
            at=seconds * (i + 1),
            seconds=seconds,
            arms={
                "stable": _arm(random, 10, 95 * seconds, latency=latency),
                "candidate": _arm(random, 1, 5 * seconds, latency=latency),
            },
            bounds_ms=BOUNDS_MS if latency else (),
        )
        for i in range(ticks)
    ]


def _arm(random: Random, replicas: int, mean: float, *, latency: bool) -> Arm:
    counts = {}
    for i in range(replicas):
        n = max(0, round(random.gauss(mean / replicas, (mean / replicas) ** 0.5)))
        counts[f"r{i}"] = (n, int(random.random() < n * 0.001))
    timed = sum(n for n, _ in counts.values()) if latency else 0
    return Arm(counts, timed, tuple(round(timed * t) for t in TAILS) if latency else ())


def opened(checks: Sequence[Check], history: Sequence[Tick]) -> Judge:
    """Begin with ten minutes of history."""
    delivery = Delivery(strategy=Strategy.CANARY, steps=(), checks=tuple(checks))
    test = Test(number=1, kind=TestKind.RUN)
    return judge.open(delivery, history, plan_seconds=1800, test=test)


def timed(work: Callable[[], object], times: int) -> float:
    """Return the seconds of the fastest of five rounds, for one piece of work."""
    best = float("inf")
    for _ in range(5):
        begun = perf_counter()
        for _ in range(times):
            work()
        best = min(best, (perf_counter() - begun) / times)
    return best


def film(found: Judge, ticks: Sequence[Tick], *, read: bool) -> Judge:
    """Judge all ticks, with a reading after each if wanted."""
    for tick in ticks:
        found = judge.advance(found, tick)
        if read:
            judge.reading(found)
    return found


def rows() -> list[Row]:
    """Measure everything."""
    unit = timed(yardstick, 200)
    blocks, seconds = traffic(1440, 5.0, latency=True), traffic(7200, 1.0, latency=True)
    plain = traffic(400, 5.0, latency=False)
    single, three = opened((ERRORS,), plain[:120]), opened(THREE, blocks[:120])
    one = timed(lambda: film(single, plain, read=False), 1) / len(plain)
    last = film(three, blocks[:200], read=False)
    reading = timed(lambda: judge.reading(last), 200)
    coarse = timed(lambda: film(three, blocks, read=True), 1)
    fine = timed(lambda: film(three, seconds, read=True), 1)
    return [
        Row("yardstick: 1,000 multiplications and additions", unit * 1e6, "µs", 1.0),
        Row("one tick of one count stream", one * 1e6, "µs", one / unit, LIMIT_TICK_US),
        Row("one reading, three checks", reading * 1e6, "µs", reading / unit),
        Row(
            "two hours, 5-s ticks, three checks, read each",
            coarse,
            "s",
            coarse / unit,
            LIMIT_FILM_S,
        ),
        Row("two hours, 1-s ticks, three checks, read each", fine, "s", fine / unit, LIMIT_FILM_S),
    ]


def run(full: bool) -> list[Result]:  # noqa: FBT001  as of every benchmark
    """Measure everything, for the table of all benchmarks."""
    del full
    return [Result(f"judge: {row.name}", row.value, row.unit, row.limit) for row in rows()]


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    found = rows()
    sys.stdout.write("".join(f"{row}\n" for row in found))
    return int(any(row.limit is not None and row.value > row.limit for row in found))


if __name__ == "__main__":
    raise SystemExit(main())
