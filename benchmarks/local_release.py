"""
Releases on this machine, measured with real requests: real processes behind a real Envoy.

    python -m benchmarks.local_release [--full]

Each application gets its traffic from a process of its own that does not wait for answers. A
fault begins at a moment that is fixed beforehand, for fresh replicas as well, and times count from
it: the first bad answer comes a little later. The candidate is without traffic when Envoy is seen
to give it none.

::

    outage   all answers are errors; until rolled back by two failed probes on fresh replicas
    leak     5 % are errors; until the candidate is without traffic, then a person rolls back
    flow     releases one after the other, half of them bad, and not a single request lost
    kills    the same, with a controller that is killed at random moments (--full)
"""

import contextlib
import random
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from math import inf
from pathlib import Path

import anyio
import msgspec

from benchmarks import stage as stages
from benchmarks.results import Result, table
from benchmarks.stage import Stage
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
from serinus.core.state.release import Phase

RATE = 100.0
HISTORY_S = 12.0
ONSET_S = 28.0
"""From the change to its fault: the start, the warm-up of 15 s, and some good seconds at 5 %."""

WATCH_S = 100.0
OUTAGES = 3
LEAKS = 10
SHOPS = 4
FLOW_RATE = 125.0
RELEASE_S = 150.0
ALIVE_S = (0.3, 8.0)
"""A controller that is to be killed lives for so long, drawn with a seed."""

CHECKS = (ErrorsCheck("errors", AgainstStable()), LatencyCheck("latency", AgainstStable()))
LONG = Delivery(
    strategy=Strategy.CANARY, steps=(TrafficStep(share=50, hold=Hold(for_s=600)),), checks=CHECKS
)
SHORT = Delivery(
    strategy=Strategy.CANARY,
    steps=(
        *(TrafficStep(share=share, hold=Hold(for_s=5)) for share in (50, 250, 500)),
        SettleStep(keep_old_s=2),
    ),
    checks=CHECKS,
    warmup_s=4,
    drain_s=5,
    keep_candidate_s=5,
)


class Run(msgspec.Struct):
    """
    One release that goes wrong; all times in seconds from the moment at which the fault begins.

    ``alarm``: it is decided to take the traffic away; ``away``: Envoy gives it none; ``given_up``:
    it is being rolled back by the evidence. ``problem`` says why the run does not count.
    """

    application: str
    bad: int = 0
    alarm: float = inf
    away: float = inf
    given_up: float = inf
    problem: str = ""

    def __str__(self) -> str:
        told = f"alarm {self.alarm:5.1f} s, without traffic {self.away:5.1f} s"
        if self.given_up < inf:
            told = f"{told}, given up {self.given_up:5.1f} s"
        return f"   {self.application:<10} {told}, {self.bad:3} bad   {self.problem}".rstrip()


# --- one application whose candidate goes wrong -----------------------------------------------


async def _told(stage: Stage, application: str, reason: str) -> float:
    """Wait until the release has told this, and return when."""
    while (at := await stage.moment(application, 2, reason)) is None:  # noqa: ASYNC110 - events are read, as from outside
        await anyio.sleep(stages.LOOK_S)
    return at


async def _watch(stage: Stage, run: Run, errors: str, end: str) -> None:
    """Release a version whose errors begin in a while, and look at what becomes of it."""
    application, onset = run.application, time.time() + ONSET_S
    faults = {"SHOP_ERRORS": errors, "OUTAGE_AT": f"{onset:.3f}"}
    asked = stages.wanted(application, "v2", LONG, faults=faults)
    stage.specs.want(application, asked)
    with anyio.move_on_after(ONSET_S + WATCH_S):
        run.alarm = await _told(stage, application, "Alarm") - onset
        while await stage.carries(application, asked.revision.id):  # noqa: ASYNC110 - the same
            await anyio.sleep(stages.LOOK_S)
        run.away = time.time() - onset
        if end == "given up":
            run.given_up = await _told(stage, application, "ProbesFailed") - onset
    began = await stage.moment(application, 2, "StepStarted")
    if began is None or began > onset:
        run.problem = "the candidate had no 5 % yet when the fault began"
    elif run.alarm < 0:
        run.problem = "the alarm came before the fault"
    await stage.roll_back(application, 2)
    await stage.ended(application, 2)
    await anyio.sleep(1.0)
    version = stage.tally(application).versions.get("v2")
    run.bad = version.errors if version else 0


async def faults(place: Path) -> tuple[list[Run], list[Run], str]:
    """Measure outages and leaks, all at the same time."""
    port = stages.free_port()
    outages = [Run(f"outage-{n}") for n in range(OUTAGES)]
    leaks = [Run(f"leak-{n}") for n in range(LEAKS)]
    names = [run.application for run in (*outages, *leaks)]
    async with stages.torn_down(place, port), stages.controller(place, port) as (stage, _):

        async def first(name: str) -> None:
            stage.specs.want(name, stages.wanted(name, "v1", LONG))
            await stage.ended(name, 1)

        await stages.each(first, names, 60)
        async with stages.traffic(stage, dict.fromkeys(names, RATE)):
            await anyio.sleep(HISTORY_S)
            with anyio.fail_after(ONSET_S + WATCH_S + 60):
                async with anyio.create_task_group() as tasks:
                    for run in outages:
                        tasks.start_soon(_watch, stage, run, "100%", "given up")
                    for run in leaks:
                        tasks.start_soon(_watch, stage, run, "5%", "away")
        said = stages.lateness([stage.tally(name) for name in names])
    return outages, leaks, said


# --- many releases, and nothing lost ----------------------------------------------------------


class Flow(msgspec.Struct):
    """What became of many releases: ``wrong`` names those that did not end as they should."""

    releases: int = 0
    taken_back: int = 0
    lost: int = 0
    sent: int = 0
    kills: int = 0
    wrong: list[str] = []
    slow: float = 0.0


BAD = ({"SHOP_ERRORS": "50%"}, {"SHOP_TAIL": "60%:300ms"})
"""Faults of the releases that must be taken back, in turns."""

ENDS = {True: Phase.SUCCEEDED, False: Phase.ROLLED_BACK}


def is_good(application: int, number: int) -> bool:
    """Tell whether a release is to be promoted: every other one, and every other application."""
    return (application + number) % 2 == 0


async def _releases(stage: Stage, index: int, count: int, flow: Flow) -> None:
    """Make releases of one application one after the other."""
    application = f"shop-{index}"
    for number in range(2, count + 2):
        good = is_good(index, number)
        faults = {} if good else BAD[(number // 2) % len(BAD)]
        version = f"v{number}"
        began = time.monotonic()
        stage.specs.want(
            application, stages.wanted(application, version, SHORT, faults=faults, replicas=3)
        )
        release = await stage.ended(application, number)
        flow.slow = max(flow.slow, time.monotonic() - began)
        flow.releases += 1
        flow.taken_back += not good
        if release.progress.phase is not ENDS[good] or release.version != version:
            flow.wrong.append(f"{release.name} {version}: {release.progress.sentence}")


async def _flow(stage: Stage, each: int, flow: Flow) -> str:
    """Make so many releases of each application, all applications at the same time."""
    names = [f"shop-{n}" for n in range(SHOPS)]

    async def first(name: str) -> None:
        stage.specs.want(name, stages.wanted(name, "v1", SHORT, replicas=3))
        await stage.ended(name, 1)

    await stages.each(first, names, 60)
    async with stages.traffic(stage, dict.fromkeys(names, FLOW_RATE)):
        await anyio.sleep(HISTORY_S)
        with anyio.move_on_after(each * RELEASE_S) as scope:
            async with anyio.create_task_group() as tasks:
                for index in range(SHOPS):
                    tasks.start_soon(_releases, stage, index, each, flow)
        if scope.cancelled_caught:
            flow.wrong.append(f"{SHOPS * each - flow.releases} releases have not ended in time")
    tallies = [stage.tally(name) for name in names]
    flow.sent, flow.lost = sum(t.sent for t in tallies), sum(t.lost for t in tallies)
    for name, tally in zip(names, tallies, strict=True):
        flow.wrong += [f"{name}: {e.at:%H:%M:%S} {e.kind}: {e.text[:200]}" for e in tally.examples]
    return stages.lateness(tallies)


async def flow(place: Path, each: int) -> tuple[Flow, str]:
    """Make releases with a controller that lives."""
    port, found = stages.free_port(), Flow()
    async with stages.torn_down(place, port), stages.controller(place, port) as (stage, _):
        said = await _flow(stage, each, found)
    return found, said


@contextlib.asynccontextmanager
async def _mortal(place: Path, port: int, seed: int, flow: Flow) -> AsyncIterator[Stage]:
    """Run controllers, one after the other; each but the last is killed at a random moment."""
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    words = [sys.executable, "-m", "benchmarks.controller", str(place), str(port)]

    async def live() -> None:
        while True:
            with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:  # noqa: ASYNC220, S603 - it only starts
                try:
                    await anyio.sleep(dice.uniform(*ALIVE_S))
                    if process.poll() is not None:
                        flow.wrong.append(f"a controller ended with {process.returncode}")
                finally:
                    process.kill()
            flow.kills += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(live)
        async with stages.onlooker(place, port) as stage:
            yield stage
        tasks.cancel_scope.cancel()


async def kills(place: Path, each: int, seed: int) -> tuple[Flow, str]:
    """Make releases with a controller that is killed again and again."""
    port, found = stages.free_port(), Flow()
    async with stages.torn_down(place, port), _mortal(place, port, seed, found) as stage:
        said = await _flow(stage, each, found)
    return found, said


# --- all of it --------------------------------------------------------------------------------


def _faults() -> list[Result]:
    with stages.home() as place:
        outages, leaks, said = anyio.run(faults, place)
    _say(*(str(run) for run in (*outages, *leaks)), said)
    problems = [run for run in (*outages, *leaks) if run.problem]
    number = f"(worst of {len(outages)})"
    away = statistics.mean(run.away for run in leaks)
    return [
        Result(f"outage: without traffic {number}", max(r.away for r in outages), "s", 8.0),
        Result(f"outage: given up {number}", max(r.given_up for r in outages), "s", 60.0),
        Result(f"outage: bad answers {number}", max(r.bad for r in outages), "", 60.0),
        Result(f"5 % errors: without traffic (mean of {len(leaks)})", away, "s", 25.0),
        Result("faults: runs that do not count", len(problems), "", 0.0),
    ]


def _flows(name: str, found: Flow, said: str) -> list[Result]:
    _say(
        f"   {name}: {found.releases} releases, {found.taken_back} of them to be taken back, "
        f"{found.sent:,} requests, the longest {found.slow:.0f} s",
        *(f"   {problem}" for problem in found.wrong),
        said,
    )
    return [
        Result(f"{name}: requests lost in {found.releases} releases", found.lost, "", 0.0),
        Result(f"{name}: releases without their proper end", len(found.wrong), "", 0.0),
    ]


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def run(full: bool) -> list[Result]:  # noqa: FBT001 - as all benchmarks
    """Measure the faults and the flow; in full more releases, and controllers that are killed."""
    found = _faults()
    each = 5 if full else 2
    with stages.home() as place:
        found += _flows("flow", *anyio.run(flow, place, each))
    if full:
        with stages.home() as place:
            killed, said = anyio.run(kills, place, each, 1)
        found += _flows("kills", killed, said)
        found.append(Result("kills: controllers killed", killed.kills, ""))
    return found


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    found = run("--full" in sys.argv[1:])
    _say(table(found).rstrip())
    return int(not all(one.ok for one in found))


if __name__ == "__main__":
    raise SystemExit(main())
