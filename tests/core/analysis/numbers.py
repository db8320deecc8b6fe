"""Seeded numbers for gauges: noise around a level that remembers itself or does not."""

from collections.abc import Iterator, Mapping
from math import sqrt
from random import Random
from typing import Any

from serinus.core.analysis import judge
from serinus.core.analysis.memory import Judge
from serinus.core.spec.delivery import Compared, QueryCheck, Threshold, UsageCheck
from serinus.core.state.sample import Sample
from tests.core.analysis import arrivals

QUEUE = QueryCheck("queue", Compared(ratio=1.0, plus=0.0), "queue_length", every_s=5.0)
MEMORY = UsageCheck("memory", Compared(), "memory")
LIMITED = QueryCheck("depth", Threshold(max=10.0), "max(depth)", every_s=5.0)
HOUR = 720


def noise(random: Random, phi: float = 0.0, level: float = 100.0) -> Iterator[float]:
    found, own = random.gauss(0, 1), sqrt(1 - phi * phi)
    while True:
        found = phi * found + own * random.gauss(0, 1)
        yield level + found


def past(random: Random, check: str = "queue", count: int = HOUR, **given: Any) -> list[Sample]:
    """Stable's numbers, ending at 1,000."""
    found = noise(random, **given)
    return [
        Sample(check, 1000.0 - 5 * (count - 1 - i), {"stable": next(found)}) for i in range(count)
    ]


def watched(
    found: Judge, random: Random, samples: Iterator[Mapping[str, float]], looks: int, **given: Any
) -> Judge:
    """Go on with a tick and a look at ``queue`` every five seconds, until an alarm."""
    check = given.pop("check", "queue")
    for _ in range(looks):
        at = max(found.at, 1000.0) + 5
        found = judge.advance(found, arrivals.tick(random, at, **given))
        found = judge.look(found, [Sample(check, at, next(samples))])
        if found.alarmed:
            break
    return found


def both(random: Random, shift: float = 0.0, phi: float = 0.0) -> Iterator[Mapping[str, float]]:
    """Both arms, the candidate's higher by so many standard deviations."""
    for own, stable in zip(noise(random, phi), noise(random, phi), strict=False):
        yield {"candidate": own + shift, "stable": stable}
