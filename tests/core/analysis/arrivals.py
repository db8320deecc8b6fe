"""Seeded traffic for the judge: ticks of two arms with given shares of bad requests."""

from collections.abc import Mapping, Sequence
from math import exp
from random import Random
from typing import Any

import msgspec

from serinus.core.analysis import judge
from serinus.core.analysis.memory import Judge
from serinus.core.spec.delivery import (
    AgainstSlo,
    AgainstStable,
    Check,
    Delivery,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
    Strategy,
)
from serinus.core.state.counts import Arm, Tick
from serinus.core.state.verdict import Test, TestKind

RUN = Test(number=1, kind=TestKind.RUN)
ERRORS = ErrorsCheck("errors", AgainstStable())
LATENCY = LatencyCheck("latency", AgainstStable())
LOGS = LogCheck("log-errors", AgainstStable(), "ERROR")
OBJECTIVE = ErrorsCheck("objective", AgainstSlo(0.01), weight=0.25)
BOUNDS_MS = (50, 100, 250, 500, 1000)
TAILS = (0.5, 0.1, 0.02, 0.002, 0.0005)
STABLE = tuple(f"s{i}" for i in range(10))


def poisson(random: Random, mean: float) -> int:
    if mean > 60:
        return max(0, round(random.gauss(mean, mean**0.5)))
    floor, count, product = exp(-mean), 0, random.random()
    while product > floor:
        count += 1
        product *= random.random()
    return count


def arm(  # noqa: PLR0917  the columns of a table
    random: Random,
    names: Sequence[str],
    mean: float,
    bad: float,
    tails: Sequence[float] = (),
    written: float | None = None,
) -> Arm:
    replicas, lines = {}, {}
    for name in names:
        n = poisson(random, mean / len(names))
        replicas[name] = (n, min(n, poisson(random, n * bad)))
        if written is not None:
            lines[name] = {LOGS.name: poisson(random, n * written)}
    timed = sum(n for n, _ in replicas.values()) if tails else 0
    slower = tuple(min(timed, poisson(random, timed * tail)) for tail in tails)
    return Arm(replicas, timed, slower, lines)


def tick(random: Random, at: float, **given: Any) -> Tick:
    """A tick of 100 requests/s with the candidate at 5 %, unless said otherwise."""
    world: dict[str, Any] = {
        "seconds": 5.0,
        "rate": 100.0,
        "weight": 0.05,
        "stable": 0.001,
        "candidate": 0.001,
        "tails": (),
        "candidate_tails": None,
        "names": ("c0",),
        "written": None,
        "candidate_written": None,
        "masked": (),
        **given,
    }
    mean = world["rate"] * world["seconds"]
    tails = world["tails"]
    late = tails if world["candidate_tails"] is None else world["candidate_tails"]
    arms: dict[str, Arm] = {}
    if world["weight"] < 1:
        rest = mean * (1 - world["weight"])
        arms["stable"] = arm(random, STABLE, rest, world["stable"], tails, world["written"])
    lines = world["written"] if world["candidate_written"] is None else world["candidate_written"]
    if world["weight"] > 0:
        arms["candidate"] = arm(
            random, world["names"], mean * world["weight"], world["candidate"], late, lines
        )
    return Tick(
        at=at,
        seconds=world["seconds"],
        arms=arms,
        bounds_ms=BOUNDS_MS if tails else (),
        masked=tuple(world["masked"]),
    )


def history(random: Random, ticks: int = 120, **given: Any) -> list[Tick]:
    """Ten minutes of stable alone, ending at 1,000."""
    return [
        tick(random, 1000 - 5.0 * (ticks - 1 - i), **{"weight": 0.0, **given}) for i in range(ticks)
    ]


def delivery(*checks: Check, **given: Any) -> Delivery:
    return Delivery(strategy=Strategy.CANARY, steps=(), checks=checks or (ERRORS,), **given)


def opened(past: Sequence[Tick] = (), *checks: Check, **given: Any) -> Judge:
    return judge.open(delivery(*checks, **given), past, plan_seconds=1800, test=RUN)


def until_alarm(
    found: Judge, random: Random, ticks: int, at: float = 1000.0, **given: Any
) -> tuple[Judge, float | None]:
    """Go on until the alarm; return the seconds that it took, None without one."""
    seconds = float(given.get("seconds", 5.0))
    for i in range(1, ticks + 1):
        found = judge.advance(found, tick(random, at + i * seconds, **given))
        if found.alarmed:
            return found, i * seconds
    return found, None


def reordered(given: Tick) -> Tick:
    """The same tick with its mappings in another order."""
    arms: Mapping[str, Arm] = {
        name: msgspec.structs.replace(
            one,
            replicas=dict(reversed(list(one.replicas.items()))),
            lines=dict(reversed(list(one.lines.items()))),
        )
        for name, one in reversed(list(given.arms.items()))
    }
    return msgspec.structs.replace(given, arms=arms)
