"""
How soon a bad candidate is without traffic, and given up: the policy in simulated releases.

    python -m benchmarks.judge_nulls

The whole loop runs on a manual clock: 100 requests/s, the candidate at 5 %, counters read every
second, a warm-up of 15 s. The candidate is well until a moment that falls anywhere within a block;
from then on it fails, fresh replicas from their first request on. It is the counterpart of
``benchmarks.local_release``, which does the same with real processes behind a real Envoy.
"""

import statistics
import sys
from functools import partial

import anyio
import msgspec

from benchmarks.results import Result, tell
from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.boot.simulation import Film
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
from serinus.core.state.release import Phase, Release

RUNS = 40
RUNS_FULL = 400
SHARE = 50
HISTORY_S = 600.0
ONSET_S = 700.0
LONGEST_S = 3600.0
WELL = Behaviour(errors=0.001, slow=0.01)
DELIVERY = Delivery(
    strategy=Strategy.CANARY,
    steps=(TrafficStep(SHARE, Hold(for_s=1800)), SettleStep(keep_old_s=60)),
    checks=(ErrorsCheck("errors", AgainstStable()), LatencyCheck("latency", AgainstStable())),
)


class Course(msgspec.Struct, frozen=True):
    """One release from the fault on: seconds until without traffic and given up, bad requests."""

    away_s: float
    given_up_s: float
    bad: int
    phase: Phase


async def played(errors: float, seed: int) -> Course:
    """Play one release whose candidate fails so many requests from the onset on."""
    onset = ONSET_S + 0.7 * seed

    def behave(seen: Circumstance) -> Behaviour:
        failing = seen.version == "v2" and seen.at > onset
        return WELL._replace(errors=errors) if failing else WELL

    film = Film(behave, DELIVERY, seed=seed, tick_s=1.0)
    film.deploy("v1")
    await film.finish()
    await film.run(HISTORY_S)
    film.deploy("v2")
    await film.turn()
    await film.run(onset - _at(film) - film.tick_s)
    before = await _release(film)
    if before.progress.phase is not Phase.ROLLING or before.progress.share != SHARE:
        message = f"seed {seed}: not at 5 % when the fault begins: {before.progress.sentence}"
        raise RuntimeError(message)
    bad = _bad(film)
    await film.run(LONGEST_S, until=_away)
    away = _at(film) - onset
    await film.run(LONGEST_S, until=_over)
    release = await _release(film)
    progress = release.progress
    return Course(away, _at(film) - onset, progress.bad - bad, progress.phase)


def _bad(film: Film) -> int:
    """Return how many requests of the candidate were bad so far."""
    watch = film.desk.watches[film.key]
    return watch.judge.bad if watch.judge else 0


def _at(film: Film) -> float:
    return (film.clock.now() - film.began).total_seconds()


async def _release(film: Film) -> Release:
    release = (await film.status()).release
    if release is None:
        message = "the release has vanished"
        raise LookupError(message)
    return release


def _away(status: Status) -> bool:
    return status.release is not None and status.release.progress.share == 0


def _over(status: Status) -> bool:
    return status.release is not None and (
        status.release.ended_at is not None or status.release.progress.phase is Phase.HELD
    )


def courses(errors: float, runs: int) -> list[Course]:
    """Play several releases that differ in their luck and in the moment of the fault."""
    return [anyio.run(partial(played, errors, seed)) for seed in range(1, runs + 1)]


def run(full: bool) -> list[Result]:  # noqa: FBT001  as of every benchmark
    """Measure everything."""
    runs = RUNS_FULL if full else RUNS
    outage, rise = courses(1.0, runs), courses(0.05, runs)
    kept = sum(c.phase is not Phase.ROLLED_BACK for c in outage + rise)
    away, late = [c.away_s for c in outage], [c.away_s for c in rise]
    over = f"simulated, 5 % of 100/s, {runs} runs:"
    return [
        Result(f"{over} outage, without traffic, worst", max(away), "s", 8.0),
        Result(f"{over} outage, without traffic, mean", statistics.mean(away), "s"),
        Result(f"{over} outage, given up, worst", max(c.given_up_s for c in outage), "s", 60.0),
        Result(f"{over} outage, bad requests, worst", max(c.bad for c in outage), "", 60.0),
        Result(f"{over} 5 % errors, without traffic, mean", statistics.mean(late), "s", 25.0),
        Result(f"{over} 5 % errors, without traffic, worst", max(late), "s"),
        Result(
            f"{over} 5 % errors, given up, mean",
            statistics.mean(c.given_up_s for c in rise),
            "s",
        ),
        Result(f"{over} 5 % errors, bad requests, mean", statistics.mean(c.bad for c in rise), ""),
        Result(f"{over} not rolled back", kept, "", 0.5),
    ]


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    return tell(run("--full" in sys.argv[1:]))


if __name__ == "__main__":
    raise SystemExit(main())
