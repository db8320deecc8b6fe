"""Recordings for tests: drawn by chance from a seed, or from a film of a real release."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from serinus.boot.simulation import Film
from serinus.core.spec.delivery import (
    AgainstStable,
    Delivery,
    ErrorsCheck,
    Hold,
    SettleStep,
    Strategy,
    TrafficStep,
)
from serinus.core.state.counts import Arm, Tick
from serinus.lab import recording, thinner
from serinus.lab.recording import About, Recording
from tests.films import scenes

BEGUN = 1_770_000_000.0
STABLE = "a" * 64
CANDIDATE = "c" * 64
REPLICAS = 4

Errors = Callable[[float], float]
"""The candidate's share of errors so many seconds after it has traffic."""


def canary(*shares: int, hold_s: float = 60.0, **given: Any) -> Delivery:
    """Shares in per mille, errors against stable."""
    steps = tuple(TrafficStep(share, Hold(hold_s)) for share in shares or (50, 250, 500))
    checks = (ErrorsCheck("errors", AgainstStable()),)
    known = {"steps": (*steps, SettleStep(60)), "checks": checks, "template": "canary-test"}
    return Delivery(**{"strategy": Strategy.CANARY, **known, **given})


def drawn(
    plan: Sequence[tuple[float, float]] = ((0.05, 300.0), (0.25, 300.0)),
    *,
    errors: Errors | float = 0.05,
    base: float = 0.001,
    rate: float = 100.0,
    history_s: float = 600.0,
    seed: int = 1,
    **about: Any,
) -> Recording:
    """A recording of (share, seconds) steps; each tick is five seconds."""
    chance = random.Random(seed)
    bad = errors if callable(errors) else lambda _: errors
    at, history, ticks = BEGUN, [], []
    while at < BEGUN + history_s:
        at += 5.0
        history.append(Tick(at, 5.0, {"stable": _arm("a", REPLICAS, rate * 5, base, chance)}))
    begun = at
    for share, seconds in plan:
        for _ in range(round(seconds / 5)):
            at += 5.0
            share_of = {
                "stable": _arm("a", REPLICAS, rate * 5 * (1 - share), base, chance),
                "candidate": _arm("c", 1, rate * 5 * share, bad(at - begun), chance),
            }
            ticks.append(
                Tick(at, 5.0, {name: arm for name, arm in share_of.items() if arm.requests})
            )
    known = {"application": "shop", "stable": STABLE, "candidate": CANDIDATE, "replicas": REPLICAS}
    told = {"version": "v2", "stable_version": "v1", "delivery": canary(50, 250)}
    return Recording(About(**{**known, **told, **about}), tuple(ticks), tuple(history))


def _arm(name: str, replicas: int, requests: float, share: float, chance: random.Random) -> Arm:
    found = {}
    for ordinal in range(replicas):
        number = round(requests / replicas)
        found[f"{name * 10}-{ordinal}"] = (number, thinner.binomial(number, share, chance))
    return Arm(found)


async def filmed(errors: float, delivery: Delivery, **film: Any) -> Recording:
    """Record a release of a film, as the store of a controller has it."""
    played = Film(scenes.failing(errors), delivery, **film)
    await scenes.served(played)
    played.deploy("v2")
    await played.finish()
    release = (await played.status()).release
    assert release is not None
    return recording.of_release(
        release,
        await played.store.ticks(played.key, release.number),
        await played.store.ticks(played.key, None),
        await played.store.events(key=played.key, release=release.number),
    )
