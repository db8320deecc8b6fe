"""
Playing: a policy and a scenario, one tick after the other, until the release is over.

::

    scenario ──tick──▶ policy ──wish──▶ scenario ──tick──▶ …

A policy that acts on the traffic has a run of its own (:func:`play`). Rules that only say *roll
back* do not act, so that they share one run by the plan (:func:`planned`).
"""

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import msgspec

from serinus.core.errors import Problem, SpecError
from serinus.core.state.counts import CANDIDATE, Tick
from serinus.core.state.sample import Sample
from serinus.lab import counted
from serinus.lab.counted import Truth as Truth
from serinus.lab.scenario import Scenario, Wish

if TYPE_CHECKING:
    from numpy.random import Generator as Random

BEGIN = 1_700_000_000.0
"""When every run begins (epoch seconds)."""

LONGEST = 4.0
"""A release that takes longer than so many times its plan (and an hour) is stopped as open."""


class End(StrEnum):
    """How a release ended."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    HELD = "held"
    OPEN = "open"


class State(NamedTuple):
    """What a policy wants now, and whether it is done."""

    wish: Wish
    end: End | None = None
    verified: bool = False
    unverifiable: bool = False


class Policy(Protocol):
    """What decides about a release. It is made for one scenario and one run."""

    retreats: int

    def history(self, tick: Tick) -> None:
        """Take in a tick from before the release."""

    def begin(self, at: float) -> State:
        """Begin the release at an instant (epoch seconds)."""
        ...

    def tick(self, tick: Tick) -> State:
        """Take in a tick of the release and say what is wanted for the next one."""
        ...

    def idle(self, at: float) -> State:
        """Say what is wanted at an instant of which no counts came (a scrape is missing)."""
        ...


@runtime_checkable
class Looks(Protocol):
    """A policy that is told samples, too: numbers that are no counts (GAUGES of a scenario)."""

    def look(self, samples: tuple[Sample, ...]) -> None:
        """Take in what was sampled at the end of the tick that comes next."""


class Played(msgspec.Struct, frozen=True):
    """
    What became of one release. Times are seconds since the candidate was first given traffic.

    ``off_s``: from when on it had none, for the first time after it had some (None: it was never
    taken away); ``final_s``: when it ended; ``bad``: its failed requests until then, without those
    after the last tick in which it was worse than allowed; ``requests``: all of them. ``delay_s``:
    how much longer than the plan. ``healed``: it was promoted when it was not worse any more, and
    the scenario says that it stays so. ``unverifiable``: it was promoted, and the policy said that
    this service's own bad luck hides what was to be seen.
    ``missed``: promoted while still worse than allowed.
    """

    end: End
    verified: bool
    off_s: float | None
    final_s: float
    bad: int
    requests: int
    retreats: int
    delay_s: float
    healed: bool = False
    unverifiable: bool = False
    missed: bool = False


def worse(scenario: Scenario, truth: Truth | None) -> bool | None:
    """
    Tell whether the candidate is worse than allowed; None where nobody can tell.

    What is true of errors says nothing good about a candidate that other checks judge, too.
    """
    if truth is None or "errors" not in scenario.checks:
        return None
    ratio, plus = scenario.checks["errors"]
    if truth.candidate > ratio * truth.stable + plus + 1e-12:
        return True
    return False if len(scenario.checks) == 1 else None


class _Seen:
    """What is remembered of a run."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.first: float | None = None
        self.off: float | None = None
        self.bad = self.requests = self.harm = 0
        self.worse: bool | None = None

    def tick(self, tick: Tick, truth: Truth | None) -> None:
        arm = tick.arms.get(CANDIDATE)
        n, x = (arm.requests, arm.errors) if arm else (0, 0)
        self.requests, self.bad = self.requests + n, self.bad + x
        now = worse(self.scenario, truth)
        if now is None:
            self.harm = self.bad
        elif n:
            self.worse = now
            self.harm = self.bad if now else self.harm


def play(scenario: Scenario, policy: Policy, random: "Random") -> Played:
    """Play one release by a policy that acts on the traffic."""
    run = scenario.run(random)
    source = ticks(scenario, run)
    seen = _Seen(scenario)
    at = BEGIN
    for _ in range(round(scenario.history_s / scenario.tick_s)):
        at += scenario.tick_s
        tick, _ = source.send(Wish(), at)
        if tick is not None:
            _look(policy, source)
            policy.history(tick)
    begun = at
    state = policy.begin(at)
    limit = begun + LONGEST * scenario.plan_s + 3600.0
    while state.end is None and at < limit and not source.over:
        if seen.first is None and state.wish.weight > 0:
            seen.first = at
        at += scenario.tick_s
        tick, truth = source.send(state.wish, at)
        if tick is None:
            state = policy.idle(at)
            continue
        seen.tick(tick, truth)
        _look(policy, source)
        before, state = state, policy.tick(tick)
        gone = before.wish.weight > 0 and state.wish.weight == 0
        if seen.off is None and gone and state.end is not End.PROMOTED:
            seen.off = at
    return _played(seen, policy, state, at, begun)


def _look(policy: Policy, source: "Source") -> None:
    if source.samples and isinstance(policy, Looks):
        policy.look(source.samples)


def _played(seen: _Seen, policy: Policy, state: State, at: float, begun: float) -> Played:
    end = state.end or End.OPEN
    regression = seen.scenario.kind == "regression"
    promoted = end is End.PROMOTED
    healed = promoted and regression and seen.scenario.heals and seen.worse is False
    hidden = promoted and regression and not healed and state.unverifiable
    first = begun if seen.first is None else seen.first
    return Played(
        end=end,
        verified=state.verified,
        off_s=None if seen.off is None else seen.off - first,
        final_s=at - first,
        bad=seen.harm if regression else seen.bad,
        requests=seen.requests,
        retreats=policy.retreats,
        delay_s=at - first - seen.scenario.plan_s,
        healed=healed,
        unverifiable=hidden,
        missed=promoted and regression and not healed and not hidden,
    )


class Planned(NamedTuple):
    """One tick of a run by the plan: the weight that the candidate had, and what was true."""

    weight: float
    tick: Tick
    truth: Truth | None


def planned(scenario: Scenario, random: "Random") -> tuple[list[Tick], list[Planned]]:
    """Play the plan without anybody who decides; return the history, and the release."""
    source = ticks(scenario, scenario.run(random))
    past: list[Tick] = []
    found: list[Planned] = []
    at = BEGIN
    for _ in range(round(scenario.history_s / scenario.tick_s)):
        at += scenario.tick_s
        tick, _ = source.send(Wish(), at)
        if tick is not None:
            past.append(tick)
    for weight in weights(scenario):
        at += scenario.tick_s
        number = max(1, math.ceil(weight * scenario.stable_pods - 1e-9))
        wish = Wish(weight, tuple(f"c{i}" for i in range(number)))
        tick, truth = source.send(wish, at)
        if tick is not None:
            found.append(Planned(weight, tick, truth))
    return past, found


def weights(scenario: Scenario) -> Iterator[float]:
    """Return the weight of each tick of the plan."""
    for weight, seconds in scenario.plan:
        for _ in range(round(seconds / scenario.tick_s)):
            yield weight


class Source:
    """The ticks of a scenario, in the words of the judge."""

    def __init__(self, scenario: Scenario, run: Any) -> None:
        if not hasattr(run, "send"):
            wanted = "wanted a generator: a function that yields one tick each time"
            found = f"it returned {type(run).__name__}"
            raise SpecError((Problem(f"{scenario.name}: run", f"{found}; {wanted}"),))
        self.scenario, self._run = scenario, run
        self._number = 0
        self.over = False
        self.samples: tuple[Sample, ...] = ()

    def send(self, wish: Wish, at: float) -> tuple[Tick | None, Truth | None]:
        """Ask for the tick that ends ``at``; None where its scrape is missing."""
        self._number += 1
        self.samples = ()
        try:
            if self._number == 1:
                found = next(self._run)
                if not found:
                    found = self._run.send(wish)
            else:
                found = self._run.send(wish)
        except StopIteration:
            self.over = True
            return None, None
        if not found:
            return None, None
        tick = counted.tick(found, at, self.scenario, self._number)
        self.samples = counted.samples(found, at, self.scenario)
        return tick, counted.truth(found, self.scenario, self._number)


def ticks(scenario: Scenario, run: Any) -> Source:
    """Return the ticks of a run."""
    return Source(scenario, run)
