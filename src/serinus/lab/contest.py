"""
One run of a scenario with everybody in it.

Rules watch the release go by its plan, all of them the same one. Each policy plays a release of its
own, which begins from the same random numbers.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from serinus.core.spec.wayback import Margin
from serinus.core.state.counts import CANDIDATE, Tick
from serinus.lab import contenders, play
from serinus.lab.play import BEGIN, End, Planned, Played
from serinus.lab.rules import Rule
from serinus.lab.scenario import Kind, Scenario

if TYPE_CHECKING:
    from numpy.random import Generator as Random


class Run(msgspec.Struct, frozen=True):
    """
    What became of one run, by name of who decided.

    ``unsafe``: at the end of the plan the candidate was not better than the margin at which a
    release counts as verified (it was a regression, where nobody can tell).
    """

    scenario: str
    number: int
    played: Mapping[str, Played]
    unsafe: bool


def seed(base: int, name: str, number: int) -> int:
    """Return the seed of one run: the same on every machine, for any number of processes."""
    digest = hashlib.sha256(f"{base}/{name}/{number}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


def random(seed: int) -> "Random":
    """Return the random numbers of a seed."""
    from numpy.random import SeedSequence, default_rng  # noqa: PLC0415  of the extra `bench`

    return default_rng(SeedSequence(seed))


def run(scenario: Scenario, names: Sequence[str], base: int, number: int) -> Run:
    """Play one run of a scenario for everybody named."""
    own = seed(base, scenario.name, number)
    past, found = play.planned(scenario, random(own))
    watching = [n for n in names if n in contenders.RULES and tells(n, scenario, found)]
    seen = watched(scenario, found, contenders.rules(watching, scenario, past))
    played = {}
    for name in names:
        if name in contenders.POLICIES:
            played[name] = play.play(scenario, contenders.POLICIES[name](scenario), random(own))
        elif name in seen:
            played[name] = seen[name]
    return Run(scenario.name, number, played, _unsafe(scenario, found))


def tells(name: str, scenario: Scenario, found: Sequence[Planned]) -> bool:
    """Tell whether a rule has anything to go by: an oracle needs to be told what is true."""
    if name not in contenders.ORACLES:
        return True
    return "errors" in scenario.checks and any(truth is not None for _, _, truth in found)


# --- rules that watch ----------------------------------------------------------------------------


class _Moment(NamedTuple):
    """What had come of the candidate by the end of one tick."""

    at: float
    requests: int
    bad: int
    harm: int
    worse: bool | None


class _Course(NamedTuple):
    """A release by the plan: when it began, when the candidate first had traffic, how it went."""

    begun: float
    first: float
    moments: Sequence[_Moment]


def _course(scenario: Scenario, found: Sequence[Planned]) -> _Course:
    begun = BEGIN + round(scenario.history_s / scenario.tick_s) * scenario.tick_s
    first: float | None = None
    requests = bad = harm = 0
    worse: bool | None = None
    moments = []
    for _, tick, truth in found:
        n, x = _counts(tick)
        if n and first is None:
            first = tick.at - tick.seconds
        requests, bad = requests + n, bad + x
        now = play.worse(scenario, truth)
        if now is None:
            harm = bad
        elif n:
            worse = now
            harm = bad if now else harm
        moments.append(_Moment(tick.at, requests, bad, harm, worse))
    return _Course(begun, begun if first is None else first, moments)


def _counts(tick: Tick) -> tuple[int, int]:
    arm = tick.arms.get(CANDIDATE)
    return (arm.requests, arm.errors) if arm else (0, 0)


def watched(
    scenario: Scenario, found: Sequence[Planned], rules: Mapping[str, Rule]
) -> Mapping[str, Played]:
    """Let rules watch a release side by side; it ends when one says so, or with its plan."""
    course = _course(scenario, found)
    left = dict(rules)
    ended: dict[str, Played] = {}
    for one, (weight, tick, truth) in zip(course.moments, found, strict=True):
        stopped = [name for name, rule in left.items() if rule.tick(tick, weight, truth)]
        for name in stopped:
            ended[name] = _rolled_back(scenario, course, one)
            del left[name]
    kept = _promoted(scenario, course)
    return {name: ended.get(name, kept) for name in rules}


def _rolled_back(scenario: Scenario, course: _Course, one: _Moment) -> Played:
    return Played(
        end=End.ROLLED_BACK,
        verified=False,
        off_s=one.at - course.first,
        final_s=one.at - course.first,
        bad=one.harm if scenario.kind is Kind.REGRESSION else one.bad,
        requests=one.requests,
        retreats=0,
        delay_s=one.at - course.begun - scenario.plan_s,
    )


def _promoted(scenario: Scenario, course: _Course) -> Played:
    regression = scenario.kind is Kind.REGRESSION
    last = course.moments[-1] if course.moments else _Moment(course.begun, 0, 0, 0, None)
    healed = regression and scenario.heals and last.worse is False
    return Played(
        end=End.PROMOTED,
        verified=False,
        off_s=None,
        final_s=course.begun + scenario.plan_s - course.first,
        bad=last.harm if regression else last.bad,
        requests=last.requests,
        retreats=0,
        delay_s=0.0,
        healed=healed,
        missed=regression and not healed,
    )


def _unsafe(scenario: Scenario, found: Sequence[Planned]) -> bool:
    """Tell whether *verified* would be false."""
    margin = Margin()
    told = [truth for _, _, truth in found if truth is not None]
    if not told or list(scenario.checks) != ["errors"]:
        return scenario.kind is Kind.REGRESSION
    return told[-1].candidate >= margin.ratio * told[-1].stable + margin.plus - 1e-12
