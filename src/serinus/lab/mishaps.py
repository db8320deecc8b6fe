"""
What goes wrong on the way from a service to the judge: wrappers around any run.

They are told in ticks, after whoever reads counters has done what he can: a counter that begins
anew has lost what it had not told, a scrape that came twice or late shows nothing now and more in
the next tick.
"""

from collections.abc import Callable, Mapping
from typing import Any

from numpy.random import Generator as Random

from serinus.lab.scenario import Wish
from serinus.lab.service import Ticks

ARMS = ("stable", "candidate", "twin")
Pods = Mapping[str, tuple[int, int]]


def missing(rng: Random, run: Ticks, share: float) -> Ticks:
    """Lose a share of the scrapes, and what they counted with them."""
    next(run)
    wish = yield {}
    while True:
        tick = run.send(wish)
        wish = yield None if rng.random() < share else tick


def gathered(rng: Random, run: Ticks, share: float, tick_s: float = 5.0) -> Ticks:
    """Lose a share of the scrapes; the counters go on, so that the next tick is a longer one."""
    next(run)
    wish = yield {}
    kept: dict[str, Any] = {}
    ticks = 0
    while True:
        tick = run.send(wish) or {}
        kept = {**tick, **{arm: _sum(kept.get(arm, {}), tick.get(arm, {})) for arm in ARMS}}
        ticks += 1
        if rng.random() < share:
            wish = yield None
            continue
        wish = yield {**kept, "seconds": ticks * tick_s}
        kept, ticks = {}, 0


def resets(rng: Random, run: Ticks, every_s: float, tick_s: float = 5.0) -> Ticks:
    """Let the counters of each pod begin anew once a period: what they had not told is lost."""
    return _each_pod(
        run, lambda n, x: _lose(rng, n, x) if rng.random() < tick_s / every_s else (n, x)
    )


def late(rng: Random, run: Ticks, share: float) -> Ticks:
    """Show some pods' last scrape again instead of a new one: their counts come a tick later."""
    next(run)
    wish = yield {}
    held: dict[str, tuple[int, int]] = {}
    while True:
        tick = dict(run.send(wish) or {})
        for arm in ARMS:
            pods = {}
            for pod, counts in tick.get(arm, {}).items():
                whole = _add(held.pop(pod, (0, 0)), counts)
                if rng.random() < share:
                    held[pod], whole = whole, (0, 0)
                pods[pod] = whole
            tick[arm] = pods
        wish = yield tick


def skewed(rng: Random, run: Ticks, part: float) -> Ticks:
    """Let the clock of the candidate's counts be late by a part of a tick."""
    next(run)
    wish = yield {}
    held: Pods = {}
    while True:
        tick = dict(run.send(wish) or {})
        pods: dict[str, tuple[int, int]] = {}
        behind = {}
        for pod, (n, x) in tick.get("candidate", {}).items():
            after = int(rng.binomial(n, part))
            failed = int(rng.hypergeometric(x, n - x, after)) if after else 0
            behind[pod] = (after, failed)
            pods[pod] = _add(held.get(pod, (0, 0)), (n - after, x - failed))
        held = behind
        wish = yield {**tick, "candidate": pods}


def misrouted(run: Ticks, times: float) -> Ticks:
    """Give the candidate so many times the weight that was asked for, at most all."""
    wish = yield next(run)
    while True:
        wish = yield run.send(Wish(min(1.0, wish.weight * times), *wish[1:]))


def _each_pod(run: Ticks, change: Callable[[int, int], tuple[int, int]]) -> Ticks:
    next(run)
    wish = yield {}
    while True:
        tick = dict(run.send(wish) or {})
        for arm in ARMS:
            tick[arm] = {pod: change(n, x) for pod, (n, x) in tick.get(arm, {}).items()}
        wish = yield tick


def _lose(rng: Random, n: int, x: int) -> tuple[int, int]:
    """Return what is left of a pod's counts from a random instant of the tick on."""
    left = int(rng.binomial(n, rng.random()))
    return left, int(rng.hypergeometric(x, n - x, left)) if left else 0


def _add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _sum(one: Pods, other: Pods) -> Pods:
    """Return the counts of both, of all pods that either has."""
    return {pod: _add(one.get(pod, (0, 0)), other.get(pod, (0, 0))) for pod in {**one, **other}}
