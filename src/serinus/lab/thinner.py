"""
Thinner traffic: a part of what was recorded, drawn by chance, as another split would have had it.

A request that goes elsewhere is drawn without a look at its answer, so that the rates stay what
they were and the evidence stays honest. More than was recorded is never made up.
"""

import math
import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from serinus.core.spec.delivery import FULL
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick

LOOK_S = 30.0
"""The recorded share is told from the ticks so many seconds before, or after, whichever is less."""

SLACK = 0.9
"""A share this near to the recorded one is the same: requests are routed by chance."""

PLAIN = 0.6
"""Less than this part of what a policy would have given is less beyond doubt, ..."""

EXPECTED = 20
"""... where so many requests would have come within a look."""

_SMALL = 30


class Thinned(NamedTuple):
    """
    A tick as the policy would have had it.

    ``short``: the policy would have given clearly more; ``same``: it would have given the same.
    """

    tick: Tick
    short: bool
    same: bool = False


class Thinner:
    """The ticks of a recording, thinned as a policy's shares say."""

    def __init__(self, ticks: Sequence[Tick], chance: random.Random) -> None:
        self.ticks = ticks
        self._chance = chance
        self.shares, self._most, self._around = recorded(ticks)

    def tick(self, place: int, share: float) -> Thinned:
        """Return the tick at a place with the candidate's part at a share (a fraction)."""
        tick, had = self.ticks[place], self.shares[place]
        arm = tick.arms.get(CANDIDATE)
        if tick.wanted is not None and share != tick.wanted / FULL:
            tick = replace(tick, wanted=None)  # it was wanted by somebody else
        if arm is None:
            return Thinned(tick, short=self._short(place, share))
        if share <= 0:
            arms = {name: one for name, one in tick.arms.items() if name != CANDIDATE}
            return Thinned(replace(tick, arms=arms), short=False)
        keep = 1.0 if share >= SLACK * had else share / had
        kept = arm if keep >= 1 else thin(arm, keep, self._chance)
        arms = {**tick.arms, CANDIDATE: kept}
        same = keep >= 1 and share * SLACK <= self._most[place]
        return Thinned(replace(tick, arms=arms), short=self._short(place, share), same=same)

    def _short(self, place: int, share: float) -> bool:
        """Tell whether a policy would have given clearly more than there was."""
        return self._most[place] < PLAIN * share and self._around[place] * share >= EXPECTED


def recorded(ticks: Sequence[Tick]) -> tuple[list[float], list[float], list[int]]:
    """
    Return the share that the candidate had in each tick, at least and at most, and of how many.

    What the router was told is known of releases of Serinus; elsewhere the share is told from
    counts. It changes at once and is counted with chance in it: what is less of the half minute
    before and the half minute after is near the truth on both sides of a step up or down.
    """
    mine = [_requests(tick, CANDIDATE) for tick in ticks]
    whole = [n + _requests(tick, STABLE) for n, tick in zip(mine, ticks, strict=True)]
    sums = [(0, 0)]
    for n, total in zip(mine, whole, strict=True):
        sums.append((sums[-1][0] + n, sums[-1][1] + total))
    least, most, around, first, last = [], [], [], 0, 0
    for place, tick in enumerate(ticks):
        while ticks[first].at <= tick.at - LOOK_S:
            first += 1
        while last < len(ticks) and ticks[last].at < tick.at + LOOK_S:
            last += 1
        both = (_share(sums[first], sums[place + 1]), _share(sums[place], sums[last]))
        told = [one.wanted / FULL for one in _near(ticks, place) if one.wanted]
        if told:
            both = (min(told), max(told))
        least.append(min(both))
        most.append(max(both))
        around.append(sums[last][1] - sums[place][1])
    return least, most, around


def _near(ticks: Sequence[Tick], place: int) -> Sequence[Tick]:
    """Return the tick, or both beside it where it is not known what its share was to be."""
    if ticks[place].wanted is not None:
        return ticks[place : place + 1]
    return (*ticks[max(0, place - 1) : place], *ticks[place + 1 : place + 2])


def _requests(tick: Tick, name: str) -> int:
    arm = tick.arms.get(name)
    return 0 if arm is None else arm.requests


def _share(first: tuple[int, int], last: tuple[int, int]) -> float:
    total = last[1] - first[1]
    return (last[0] - first[0]) / total if total else 0.0


def thin(arm: Arm, keep: float, chance: random.Random) -> Arm:
    """Return a part of an arm's requests, each kept with the same chance."""
    replicas = {
        name: _pair(requests, errors, keep, chance)
        for name, (requests, errors) in arm.replicas.items()
    }
    timed, slower = _histogram(arm, keep, chance)
    return replace(
        arm,
        replicas=replicas,
        timed=timed,
        slower=slower,
        lines={name: _counts(found, keep, chance) for name, found in arm.lines.items()},
        kinds={name: _counts(found, keep, chance) for name, found in arm.kinds.items()},
    )


def _pair(requests: int, errors: int, keep: float, chance: random.Random) -> tuple[int, int]:
    bad = binomial(errors, keep, chance)
    return bad + binomial(requests - errors, keep, chance), bad


def _histogram(arm: Arm, keep: float, chance: random.Random) -> tuple[int, tuple[int, ...]]:
    """Thin the buckets, and add them up again from the slowest on."""
    if not arm.slower:
        return binomial(arm.timed, keep, chance), ()
    beyond, slower = 0, []
    for place in reversed(range(len(arm.slower))):
        after = arm.slower[place + 1] if place + 1 < len(arm.slower) else 0
        beyond += binomial(arm.slower[place] - after, keep, chance)
        slower.append(beyond)
    fast = binomial(arm.timed - arm.slower[0], keep, chance)
    return fast + beyond, tuple(reversed(slower))


def _counts(found: Mapping[str, int], keep: float, chance: random.Random) -> dict[str, int]:
    return {name: binomial(number, keep, chance) for name, number in found.items()}


def binomial(trials: int, share: float, chance: random.Random) -> int:
    """Draw how many of so many; where they are many, from the normal that is near enough."""
    if trials <= 0 or share <= 0:
        return 0
    if share >= 1:
        return trials
    mean = trials * share
    if min(mean, trials - mean) > _SMALL:
        spread = math.sqrt(mean * (1 - share))
        return min(trials, max(0, round(chance.gauss(mean, spread))))
    if trials <= _SMALL:
        return sum(chance.random() < share for _ in range(trials))
    return _rare(trials, share, chance)


def _rare(trials: int, share: float, chance: random.Random) -> int:
    """Draw by the gaps between successes; of the rarer of the two outcomes."""
    if share > 0.5:  # noqa: PLR2004 - a half
        return trials - _rare(trials, 1 - share, chance)
    found, place, log_q = 0, 0, math.log1p(-share)
    while True:
        gap = math.log(1.0 - chance.random()) / log_q
        if gap >= trials - place:
            return found
        place += 1 + int(gap)
        found += 1
