"""
How often a number alone takes traffic from a healthy release, and how soon from a worse one.

    python -m benchmarks.gauges
    python -m benchmarks.gauges --full

A gauge every five seconds for half an hour, against stable at the same moment, exactly at its limit
(no margin at all, which is the hardest healthy case). Its noise remembers itself (AR .9, AR .97:
for about a minute, for some minutes), has spikes of 15 standard deviations, or has heavy tails
(t with 3 degrees of freedom); the candidate may be three times as noisy as stable. It alarms at
10:1 as the only check; with others beside it, it needs more. Shifts are in standard deviations of
one number. The method is approximate: these are its measured errors, and the bound on them is what
is promised where an hour of stable's past is known.
"""

import statistics
import sys
from collections.abc import Iterator
from math import log, sqrt
from random import Random

import msgspec

from benchmarks.results import Result, tell
from serinus.core.analysis import gauge
from serinus.core.spec.delivery import Compared

RUNS = 200
RUNS_FULL = 600
SHIFTED = 20
SHIFTED_FULL = 40
HOUR = 720
LENGTH = 360
EVERY_S = 5.0
LEVEL = log(10)
AGAINST = Compared(ratio=1.0, plus=0.0)
SHIFTS = (1.0, 2.0, 4.0)
MEAN = 100.0
MOST_FALSE = 0.01
PIECE = 0.4 / LENGTH
DEGREES = 3


class Kind(msgspec.Struct, frozen=True):
    """One kind of noise; ``times``: how much noisier the candidate is."""

    name: str
    phi: float = 0.0
    spikes: float = 0.0
    heavy: bool = False
    times: float = 1.0


KINDS = (
    Kind("AR(0)"),
    Kind("AR(.9)", 0.9),
    Kind("AR(.97)", 0.97),
    Kind("AR(.9), 2 % spikes", 0.9, spikes=0.02),
    Kind("heavy tails", heavy=True),
    Kind("AR(.9), heavy tails", 0.9, heavy=True),
    Kind("AR(0), candidate 3 × as noisy", times=3.0),
    Kind("AR(.9), candidate 3 × as noisy", 0.9, times=3.0),
)


def numbers(random: Random, kind: Kind) -> Iterator[float]:
    """Make numbers around 0 with a standard deviation of about 1."""
    level, own = random.gauss(0, 1), sqrt(1 - kind.phi**2)
    while True:
        step = random.gauss(0, 1)
        if kind.heavy:
            step /= sqrt(sum(random.gauss(0, 1) ** 2 for _ in range(DEGREES)) / DEGREES)
        level = kind.phi * level + own * step
        yield level + (15.0 if random.random() < kind.spikes else 0.0)


def alarmed(random: Random, kind: Kind, past: int, shift: float) -> float | None:
    """Judge half an hour; return the seconds until the alarm, None without one."""
    stable, candidate = numbers(random, kind), numbers(random, kind)
    found = gauge.remember([MEAN + next(stable) for _ in range(past)])
    for i in range(LENGTH):
        pair = (MEAN + next(candidate) * kind.times + shift, MEAN + next(stable))
        found = gauge.run(found, AGAINST, pair, PIECE)
        if found.evidence >= LEVEL:
            return (i + 1) * EVERY_S
        found = gauge.learn(found, *pair)
    return None


def rows(kind: Kind, past: int, nulls: int, shifted: int) -> list[Result]:
    """Measure one kind of noise."""
    random = Random(1)  # noqa: S311  noise, not secrets
    told = f"{kind.name}, {'an hour of' if past else 'no'} history"
    false = sum(alarmed(random, kind, past, 0.0) is not None for _ in range(nulls)) / nulls
    limit = MOST_FALSE if past else None
    found = [Result(f"gauge: {told}: false alarms of {nulls}", false, "", limit)]
    for shift in SHIFTS:
        seen = [alarmed(random, kind, past, shift) for _ in range(shifted)]
        seconds = [one for one in seen if one is not None]
        name = f"gauge: {told}: {shift:g} sd, found in half an hour"
        found.append(Result(name, len(seconds) / shifted, ""))
        if seconds:
            found.append(Result(f"{name}, mean", statistics.fmean(seconds), "s"))
    return found


def run(full: bool) -> list[Result]:  # noqa: FBT001  as of every benchmark
    """Measure everything."""
    sizes = (RUNS_FULL, SHIFTED_FULL) if full else (RUNS, SHIFTED)
    return [one for past in (HOUR, 0) for kind in KINDS for one in rows(kind, past, *sizes)]


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    return tell(run("--full" in sys.argv[1:]))


if __name__ == "__main__":
    raise SystemExit(main())
