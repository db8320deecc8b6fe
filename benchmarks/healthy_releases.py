"""
How often a healthy release is taken back: whole releases of the product, simulated.

    python -m benchmarks.healthy_releases [--runs 2000] [--seed 1] [--workers 2]

Each release is played through the same loop, planner and judge that run in production, by the plan
of ``canary-standard`` (1, 5, 25 and 50 %, five minutes each). The new version is exactly as good as
the old one. What differs from one release to the next: the traffic (5 to 200 requests/s), the share
of errors (none, or up to 1 %), of slow requests, the number of replicas, and how unlike they are.

*Rolled back* is the false final verdict, at most 1 %. A *retreat* costs a healthy release minutes,
a *hold* the attention of a person.
"""

import argparse
import math
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from random import Random

import anyio
import msgspec

from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.boot.simulation import Film, ended
from serinus.core.spec.delivery import (
    AgainstStable,
    Delivery,
    ErrorsCheck,
    Hold,
    LatencyCheck,
    SettleStep,
    Strategy,
    TrafficStep,
)
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase
from serinus.lab import exact

LIMIT = 0.01
RUNS = 2000
LONGEST_S = 4 * 3600.0
DELIVERY = Delivery(
    strategy=Strategy.CANARY,
    steps=(
        *(TrafficStep(share, Hold(for_s=300)) for share in (10, 50, 250, 500)),
        SettleStep(keep_old_s=60),
    ),
    checks=(ErrorsCheck("errors", AgainstStable()), LatencyCheck("latency", AgainstStable())),
)


class Outcome(msgspec.Struct, frozen=True):
    """What became of one release. ``delay_s``: how much longer than the plan it took."""

    phase: Phase
    retreats: int
    rate: float
    base: float
    delay_s: float
    sentence: str


class Service(msgspec.Struct, frozen=True):
    """One healthy service, the same for both versions."""

    rate: float
    base: float
    slow: float
    replicas: int
    unlike: float
    seed: int

    def behave(self, seen: Circumstance) -> Behaviour:
        """Answer as this replica does, now and always."""
        luck = Random(self.seed * 1000 + seen.ordinal).gauss(0.0, self.unlike)  # noqa: S311 simulated
        return Behaviour(errors=min(0.5, self.base * math.exp(luck)), slow=self.slow)


def service(seed: int) -> Service:
    """Draw a service."""
    random = Random(seed)  # noqa: S311  a simulation, not a secret
    return Service(
        rate=math.exp(random.uniform(math.log(5), math.log(200))),
        base=random.choice((0.0, random.uniform(0.0, 0.001), random.uniform(0.0, 0.01))),
        slow=random.choice((0.0, 0.01, 0.05)),
        replicas=random.choice((2, 3, 5, 8)),
        unlike=random.uniform(0.0, 0.2),
        seed=seed,
    )


async def released(seed: int) -> Outcome:
    """Play one release, after ten minutes in which the old version serves alone."""
    one = service(seed)
    film = Film(one.behave, DELIVERY, replicas=one.replicas, rate=one.rate, seed=seed)
    film.deploy("v1")
    await film.finish()
    await film.run(600)
    film.deploy("v2")
    await film.turn()
    await film.run(LONGEST_S, until=decided)
    release = (await film.status()).release
    if release is None:
        message = f"release {seed} has vanished"
        raise LookupError(message)
    progress = release.progress
    took = ((release.ended_at or film.clock.now()) - release.created_at).total_seconds()
    return Outcome(
        phase=progress.phase,
        retreats=sum(" Alarm " in line or "TooManyRetreats" in line for line in film.lines),
        rate=one.rate,
        base=one.base,
        delay_s=took - plan_s(one.replicas),
        sentence=progress.sentence,
    )


def decided(status: Status) -> bool:
    """Tell whether the release has ended, or waits for a person."""
    release = status.release
    return ended(status) or (release is not None and release.progress.phase is Phase.HELD)


def plan_s(replicas: int) -> float:
    """Return how long the plan takes: its steps, the settling, and a warm-up for each growth."""
    needs = [math.ceil(share * replicas / 1000) for share in (10, 50, 250, 500, 1000)]
    return 4 * 300.0 + 60.0 + 16.0 * (1 + sum(b > a for a, b in pairwise(needs)))


def play(seed: int) -> Outcome:
    """Play one release in this process."""
    return anyio.run(partial(released, seed))


def told(outcomes: Sequence[Outcome]) -> str:
    """Write the table."""
    runs = len(outcomes)
    by = {phase: sum(o.phase is phase for o in outcomes) for phase in Phase}
    retreated = sum(o.retreats > 0 for o in outcomes)
    delays = sorted(o.delay_s for o in outcomes if o.phase is Phase.SUCCEEDED)
    lines = [f"{'healthy releases':<28} {runs:>8,}"]
    for name, count in (
        ("rolled back", by[Phase.ROLLED_BACK]),
        ("held at 0 for a person", by[Phase.HELD]),
        ("retreated at least once", retreated),
        ("promoted", by[Phase.SUCCEEDED]),
    ):
        bound = f"95 % upper bound {exact.upper(count, runs) * 100:.2f} %"
        lines.append(f"{name:<28} {count:>8,} {count / runs * 100:7.2f} %   {bound}")
    other = runs - by[Phase.ROLLED_BACK] - by[Phase.HELD] - by[Phase.SUCCEEDED]
    lines.append(f"{'still going after 4 h':<28} {other:>8,}")
    if delays:
        mean = sum(delays) / len(delays)
        lines.append(
            f"{'delay, mean / p99':<28} {mean:7.1f} s / {delays[len(delays) * 99 // 100]:.0f} s"
        )
    lines.extend(f"  {o.rate:5.0f}/s, {o.base:.4f}: {o.sentence}" for o in bad(outcomes)[:5])
    return "\n".join(lines) + "\n"


def bad(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the releases that were rolled back."""
    return [o for o in outcomes if o.phase is Phase.ROLLED_BACK]


def main() -> int:
    """Play them all and print the table; 1 when too many were rolled back."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    seeds = range(asked.seed * 1_000_000, asked.seed * 1_000_000 + asked.runs)
    begun = time.monotonic()
    with ProcessPoolExecutor(asked.workers) as pool:
        outcomes = list(pool.map(play, seeds, chunksize=10))
    sys.stdout.write(told(outcomes))
    sys.stdout.write(f"took {time.monotonic() - begun:.0f} s with {asked.workers} processes\n")
    return int(len(bad(outcomes)) > LIMIT * asked.runs)


if __name__ == "__main__":
    raise SystemExit(main())
