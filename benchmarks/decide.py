"""
How long a decision takes, and a whole release of two hours with three checks on a manual clock.

    python -m benchmarks.decide

Every observation of the film is decided upon again, several times; the fastest of them is its time.
The yardstick of :mod:`benchmarks.judge_speed` is measured in the same run.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, process_time

import anyio

from benchmarks.judge_speed import THREE, Row, timed, yardstick
from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.app import reconcile
from serinus.boot.simulation import Film
from serinus.core.planner import decide
from serinus.core.planner.plan import Plan
from serinus.core.spec.delivery import Delivery, Hold, SettleStep, Strategy, TrafficStep
from serinus.core.state.observed import Observed

LIMIT_DECIDE_US = 200.0
LIMIT_FILM_S = 1.0
ROUNDS = 5
STEP_S = 1800.0
DELIVERY = Delivery(
    strategy=Strategy.CANARY,
    steps=(
        *(TrafficStep(share, Hold(for_s=STEP_S)) for share in (10, 50, 250, 500)),
        SettleStep(keep_old_s=60),
    ),
    checks=THREE,
)


def healthy(_: Circumstance) -> Behaviour:
    """Answer well, with one failure in a thousand requests."""
    return Behaviour(errors=0.001, slow=0.01)


async def released() -> float:
    """Play a first release, and then two hours of a second one; return their CPU in seconds."""
    film = Film(healthy, DELIVERY)
    film.deploy("v1")
    await film.finish()
    await film.run(60)
    film.deploy("v2")
    begun = process_time()
    await film.finish(4 * STEP_S + 600)
    return process_time() - begun


class Recorder:
    """Stands where the loop looks for ``decide``, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[Observed] = []

    def decide(self, observed: Observed) -> Plan:
        """Decide, and remember."""
        self.seen.append(observed)
        return decide.decide(observed)


@contextmanager
def recorded() -> Iterator[list[Observed]]:
    """Collect every observation that is decided upon."""
    recorder = Recorder()
    setattr(reconcile, "decide", recorder)  # noqa: B010  a module is not typed to be changed
    try:
        yield recorder.seen
    finally:
        setattr(reconcile, "decide", decide)  # noqa: B010  the same


def fastest(observed: Observed) -> float:
    """Return the seconds of the fastest of several decisions upon the same observation."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = perf_counter()
        decide.decide(observed)
        best = min(best, perf_counter() - begun)
    return best


def rows() -> list[Row]:
    """Measure everything."""
    unit = timed(yardstick, 200)
    with recorded() as seen:
        anyio.run(released)
    film = min(anyio.run(released) for _ in range(3))
    times = sorted(fastest(observed) for observed in seen)
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    over = f"decide, {len(seen):,} observations"
    return [
        Row("yardstick: 1,000 multiplications and additions", unit * 1e6, "µs", 1.0),
        Row(f"{over}: p50", p50 * 1e6, "µs", p50 / unit),
        Row(f"{over}: p99", p99 * 1e6, "µs", p99 / unit, LIMIT_DECIDE_US),
        Row("two-hour film, three checks, CPU", film, "s", film / unit, LIMIT_FILM_S),
    ]


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    found = rows()
    sys.stdout.write("".join(f"{row}\n" for row in found))
    for row in found:
        if row.limit is not None:
            sys.stdout.write(f"{row.name}: {row.value / row.limit:.2f} of its limit\n")
    return int(any(row.limit is not None and row.value > row.limit for row in found))


if __name__ == "__main__":
    raise SystemExit(main())
