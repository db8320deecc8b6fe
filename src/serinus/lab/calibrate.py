"""
Calibration in the field: how often a policy would have been alarmed when nothing was released.

::

    stable-0 ──────────────┤ window ├────────   some of stable's replicas play the candidate,
    stable-1 ──────────────┤        ├────────   thinned to the shares of the plan; the others
    stable-2 ──────────────┤        ├────────   are stable: no difference, whatever the judge says

These A/A releases begin at many moments and with many replicas, so that they overlap: they say how
often, and the windows that do not overlap say how sure that is.

It knows replicas that have run for long. What fresh replicas do, and faults that come with a
release, are not in stable's past.
"""

import random
from bisect import bisect_left
from collections.abc import Callable, Sequence
from math import floor, log
from typing import NamedTuple

from msgspec.structs import replace

from serinus.app import measure
from serinus.core.analysis import dispersion, judge, weigh
from serinus.core.analysis.eprocess import baseline
from serinus.core.errors import Problem, SpecError
from serinus.core.planner import replicas, words
from serinus.core.spec.delivery import FULL, Delivery, LatencyCheck, TrafficStep
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.verdict import Test, TestKind
from serinus.lab import clumps, course, exact, thinner
from serinus.lab.calibrated import Calibrated, Share

RUNS = 200
LONG_GAP_S = 120.0
"""A longer gap ends a stretch of history."""

KNOWN_S = 600.0
"""So much of the past is wanted before a window, where there is so much."""

SHORTEST_S = 300.0
"""A window that is shorter says nothing about a policy."""

BOTH_SIDES = 0.025
"""The error of each of two bounds that hold together in 95 of 100 cases."""

_COUPLE = 2


class _Run(NamedTuple):
    """One A/A release: whether it was alarmed, and the most evidence there was (a logarithm)."""

    alarmed: bool
    evidence: float


class _Windows(NamedTuple):
    """Where windows may begin (places of ticks), how long they are, and how many are apart."""

    starts: tuple[int, ...]
    length_s: float
    apart: int


def calibrate(
    delivery: Delivery,
    ticks: Sequence[Tick],
    *,
    application: str = "",
    runs: int = RUNS,
    seed: int = 1,
    step: Callable[[], None] = lambda: None,
) -> Calibrated:
    """
    Run A/A releases of a policy on stable's past; ``ticks``: of stable alone, oldest first.

    ``step`` is called after each of them, for a bar of progress.

    Raises SpecError for a policy that cannot be calibrated, and for a past without a tick.
    """
    policy = _policy(delivery, ticks)
    plan_s = measure.plan_seconds(policy)
    crew = max(len(_served(tick)) for tick in ticks)
    windows = _windows(ticks, plan_s)
    problem = _problem(ticks, windows, plan_s, crew)
    chance = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    found: list[_Run] = []
    if not problem:
        for _ in range(runs):
            found.append(_run(policy, ticks, windows, chance))
            step()
    phis = tuple(clumps.spread(ticks, length) for length in clumps.LENGTHS_S)
    known = [one.phi for one in phis if one.phi is not None]
    judged = min(known[0], dispersion.MOST) if known else 1.0
    guard = max([*known, judged])
    requests = sum(tick.arms[STABLE].requests for tick in ticks)
    bad = sum(tick.arms[STABLE].errors for tick in ticks)
    seconds = sum(tick.seconds for tick in ticks)
    give_up = log(policy.retreat.give_up)
    answer = Calibrated(
        application=application,
        policy=course.named(delivery),
        seed=seed,
        span_s=ticks[-1].at - ticks[0].at + ticks[0].seconds,
        known_s=seconds,
        raw_s=sum(tick.seconds for tick in clumps.raw(ticks, policy)),
        tick_s=sorted(tick.seconds for tick in ticks)[len(ticks) // 2],
        replicas=crew,
        requests=requests,
        bad=bad,
        rate=requests / seconds,
        window_s=windows.length_s,
        windows=windows.apart,
        runs=len(found),
        alarms=_share([run.alarmed for run in found], windows.apart),
        ledgers=_share([run.evidence >= give_up for run in found], windows.apart),
        sees=None if problem else 1 - exact.ERROR ** (1 / min(windows.apart, runs)),
        promised=1 / policy.retreat.alarm,
        dispersion=phis,
        judged_phi=judged,
        guard=guard,
        luck=tuple(clumps.luck(policy, ticks)) if crew >= _COUPLE else (),
        detection=tuple(
            clumps.detection(policy, requests / seconds, baseline(requests, bad), (judged, guard))
        ),
        sentence="",
        problem=problem,
        doubts=tuple(_doubts(policy, ticks, windows, plan_s)),
    )
    return replace(answer, sentence=_sentence(answer))


# --- what can be done ----------------------------------------------------------------------------


def _policy(delivery: Delivery, ticks: Sequence[Tick]) -> Delivery:
    """Return what of a policy can be tried on counts alone, each replica by itself."""
    problems = []
    if not any(isinstance(step, TrafficStep) for step in delivery.steps):
        message = (
            f"{course.named(delivery)} ({delivery.strategy.value}) gives no shares of traffic; "
            "wanted a canary, such as canary-standard"
        )
        problems.append(Problem("policy", message))
    if not any(not isinstance(check, LatencyCheck) for check in delivery.checks):
        message = (
            "it has no check that counts for each replica; latency is counted for the version as "
            "a whole, so that no replica can play the candidate"
        )
        problems.append(Problem("policy", message))
    if not ticks:
        message = "nothing is known of stable in this time; it is counted while serinus up runs"
        problems.append(Problem("history", message))
    if problems:
        raise SpecError(problems)
    steps = tuple(step for step in delivery.steps if isinstance(step, TrafficStep))
    return replace(delivery, steps=steps, looks=())


def _served(tick: Tick) -> list[str]:
    return sorted(name for name, (n, _) in tick.arms[STABLE].replicas.items() if n)


def _stretches(ticks: Sequence[Tick]) -> list[tuple[int, int]]:
    """Return (first, behind the last) of all stretches without a gap, two replicas at least."""
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for place, tick in enumerate(ticks):
        alone = len(_served(tick)) < _COUPLE
        gap = place > 0 and tick.at - tick.seconds - ticks[place - 1].at > LONG_GAP_S
        if begin is not None and (alone or gap):
            found.append((begin, place))
            begin = None
        if begin is None and not alone:
            begin = place
    if begin is not None:
        found.append((begin, len(ticks)))
    return found


def _windows(ticks: Sequence[Tick], plan_s: float) -> _Windows:
    """Find where windows of the plan's length fit; of what there is, where none does."""
    stretches = [(ticks[a].at - ticks[a].seconds, ticks[b - 1].at) for a, b in _stretches(ticks)]
    longest = max((end - begin for begin, end in stretches), default=0.0)
    length = min(plan_s, longest)
    if length < min(SHORTEST_S, plan_s):
        return _Windows((), length, 0)
    starts: list[int] = []
    apart = 0
    ends = [tick.at for tick in ticks]
    for begin, end in stretches:
        apart += floor((end - begin) / length + 1e-6)
        first = bisect_left(ends, begin + 1e-6)
        last = bisect_left(ends, end - length + 1e-6)
        starts += range(first, max(last, first) + 1) if end - begin >= length - 1e-6 else []
    known = [s for s in starts if ticks[s].at - ticks[0].at >= KNOWN_S]
    return _Windows(tuple(known or starts), length, apart)


def _problem(ticks: Sequence[Tick], windows: _Windows, plan_s: float, crew: int) -> str:
    """Say why no A/A release can be run, empty when some can."""
    if crew < _COUPLE:
        return (
            "stable has a single replica: nothing can play the candidate beside it, and whether "
            "errors come with a replica or with the version cannot be told apart"
        )
    if not windows.starts:
        return (
            f"the longest stretch with two replicas or more lasts {words.seconds(windows.length_s)}"
            f", and the plan {words.seconds(plan_s)}: too little for one A/A release"
        )
    if not sum(tick.arms[STABLE].requests for tick in ticks):
        return "nobody sent a request"
    return ""


def _doubts(policy: Delivery, ticks: Sequence[Tick], windows: _Windows, plan_s: float) -> list[str]:
    found = [
        "replicas that have run for long play the candidate: what fresh ones do is not in this"
    ]
    latency = [check.name for check in policy.checks if isinstance(check, LatencyCheck)]
    if latency:
        found.append(
            f"{', '.join(latency)}: counted for the version and not for each replica, so that "
            "false alarms of it are not in this"
        )
    if windows.starts and windows.length_s < plan_s:
        found.append(
            f"the plan lasts {words.seconds(plan_s)} and the longest stretch of history "
            f"{words.seconds(windows.length_s)}: what would come after that is not in this"
        )
    coarse = sum(t.seconds for t in ticks) - sum(t.seconds for t in clumps.raw(ticks, policy))
    if coarse > 0:
        found.append(
            f"{words.seconds(coarse)} of it are kept as one tick a minute: there an alarm comes at "
            "the end of a minute, and clumps within it are not seen"
        )
    return found


# --- one A/A release -----------------------------------------------------------------------------


def _run(policy: Delivery, ticks: Sequence[Tick], windows: _Windows, chance: random.Random) -> _Run:
    """Release nothing, at a moment and with replicas that are drawn by chance."""
    start = chance.choice(windows.starts)
    begun = ticks[start].at - ticks[start].seconds
    border = begun - measure.HISTORY.total_seconds()
    ends = [tick.at for tick in ticks]
    history = ticks[bisect_left(ends, border) : start]
    judged = judge.open(
        policy,
        history,
        plan_seconds=measure.plan_seconds(policy),
        test=Test(number=1, kind=TestKind.RUN),
    )
    order: list[str] = []
    most, alarmed = 0.0, False
    for tick in ticks[start:]:
        passed = tick.at - tick.seconds - begun
        if passed >= windows.length_s - 1e-6:
            break
        here = _served(tick)
        fresh = [name for name in here if name not in order]
        chance.shuffle(fresh)
        order += fresh
        share = _planned(policy, passed)
        judged = judge.advance(judged, _divided(tick, share, order, chance))
        alarmed = alarmed or judged.alarmed
        most = max(most, weigh.combined(judged, weigh.parts(judged)))
    return _Run(alarmed, most)


def _planned(policy: Delivery, passed: float) -> int:
    """Return the share (per mille) that the plan gives after so many seconds."""
    steps = [step for step in policy.steps if isinstance(step, TrafficStep)]
    for step in steps:
        passed -= step.hold.for_s
        if passed < 0:
            return step.share
    return steps[-1].share


def _divided(tick: Tick, share: int, order: Sequence[str], chance: random.Random) -> Tick:
    """Return a tick in which the first replicas of an order play the candidate at a share."""
    arm = tick.arms[STABLE]
    here = [name for name in order if name in arm.replicas]
    number = min(replicas.needed(share, len(here)), len(here) - 1)
    playing = set(here[:number])
    mine, others = _part(arm, playing), _part(arm, arm.replicas.keys() - playing)
    wanted = share / FULL * arm.requests
    keep = min(1.0, wanted / mine.requests) if mine.requests else 1.0
    return replace(
        tick,
        masked=(),
        bounds_ms=(),
        wanted=None,
        arms={
            STABLE: others,
            CANDIDATE: mine if keep >= 1 else thinner.thin(mine, keep, chance),
        },
    )


def _part(arm: Arm, names: set[str]) -> Arm:
    return Arm(
        replicas={name: pair for name, pair in arm.replicas.items() if name in names},
        lines={name: found for name, found in arm.lines.items() if name in names},
    )


def _share(found: Sequence[bool], apart: int) -> Share | None:
    """Return how often, with bounds as wide as if nothing but windows that are apart was seen."""
    if not found:
        return None
    share = sum(found) / len(found)
    number = min(apart, len(found))
    seen = share * number
    low, part = floor(seen + 1e-9), max(seen - floor(seen + 1e-9), 0.0)
    high = min(low + 1, number)

    def between(bound: Callable[[int, int, float], float]) -> float:
        first, last = bound(low, number, BOTH_SIDES), bound(high, number, BOTH_SIDES)
        return first + part * (last - first)

    return Share(sum(found), share, between(exact.lower), between(exact.upper))


# --- in words ------------------------------------------------------------------------------------


def _sentence(found: Calibrated) -> str:
    if found.problem or found.alarms is None or found.sees is None:
        return f"Not known: {found.problem}."
    often, window = found.alarms, words.seconds(found.window_s)
    said = f"{found.alarms.found} of {words.several(found.runs, 'A/A release')} had an alarm"
    apart = words.several(found.windows, f"window of {window}", f"windows of {window}")
    return (
        f"{said} ({percent(often.share)}, at most {percent(often.high)} with 95 %). {apart} "
        f"that {'does' if found.windows == 1 else 'do'} not overlap: enough to see a false-alarm "
        f"rate above {percent(found.sees)}, and no smaller one."
    )


def percent(fraction: float) -> str:
    """Write a share as people read it: ``2 %``, ``22 %``, ``0.4 %``."""
    return f"{fraction * 100:.2g} %" if fraction < 1 else "100 %"
