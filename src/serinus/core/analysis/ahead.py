"""
Forecasts: what the judge itself would say if the traffic went on like this.

Nothing is estimated by a formula of its own. The judge is given the ticks that are to be expected,
one block after the other, with whole numbers of requests, and it is looked when it would raise the
alarm, decide the probe, or call the release verified. Bad requests come evenly here; in the world
they come in clumps, so that the same share is found sooner one day and later another.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from serinus.core.analysis import judge as judging
from serinus.core.analysis import memory, weigh
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.strand import Strand
from serinus.core.analysis.stream import Stream
from serinus.core.spec.delivery import FULL, Compared, LatencyCheck, NewLinesCheck
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.sample import Sample
from serinus.core.state.verdict import Outcome, TestKind

AHEAD_S = 3600.0
"""How far anybody looks ahead."""

SOON_S = 60.0
"""Within so many seconds a regression is to be found, whose share is asked for."""

_STEPS = 7
_NAMES = {STABLE: "~stable", CANDIDATE: "~candidate"}


class Traffic(NamedTuple):
    """Requests each second, of all arms together, and the candidate's share of them."""

    rate: float
    share: float


class Ahead(NamedTuple):
    """
    After how many seconds something would be so; None: not as far as anybody looked.

    ``accused``: the check that raises the alarm, or whose objective is violated then.
    """

    alarm_s: float | None = None
    accused: str = ""
    violated_s: float | None = None
    verified_s: float | None = None
    probe_s: float | None = None
    probe: Outcome = Outcome.INCONCLUSIVE


def traffic(judge: Judge, share: int) -> Traffic:
    """Return the traffic of this moment; ``share``: the candidate's, per mille."""
    requests, seconds = judge.rate
    rate = requests / seconds if seconds else 0.0
    return Traffic(rate, share / FULL)


def able(judge: Judge, now: Traffic) -> bool:
    """Tell whether anything would change by itself: there are requests, and counts to judge."""
    return bool(judge.streams) and now.rate > 0.0 and now.share > 0.0


def stays(judge: Judge, now: Traffic, *, ahead_s: float = AHEAD_S) -> Ahead:
    """Say what comes of it if both arms go on as they did in this test."""
    return _look(judge, now, {}, ahead_s, verify=judge.test.kind is not TestKind.PROBE)


class Smallest(NamedTuple):
    """The smallest share of bad requests that is found soon, when that is, and as what."""

    share: float
    seconds: float
    violated: bool


def smallest(judge: Judge, now: Traffic, check: str) -> Smallest | None:
    """
    Return the smallest share of bad requests at which something happens soon, and when.

    If nothing is found as soon as that, a total outage and its time; None: not even that is found.
    """
    _, one = memory.find(judge, check)
    if not one.strands:
        return None
    found = _found(judge, now, check, 1.0, AHEAD_S)
    if found is None or found.seconds > SOON_S:
        return found
    low, high = max(present(_shown(judge, one)), 1e-6), found
    for _ in range(_STEPS):
        middle = (low * high.share) ** 0.5
        when = _found(judge, now, check, middle, SOON_S)
        if when is None:
            low = middle
        else:
            high = when
    return high


def _found(judge: Judge, now: Traffic, check: str, share: float, ahead_s: float) -> Smallest | None:
    ahead = _look(judge, now, {check: share}, ahead_s, verify=False)
    if ahead.alarm_s is not None:
        return Smallest(share, ahead.alarm_s, violated=False)
    if ahead.violated_s is not None:
        return Smallest(share, ahead.violated_s, violated=True)
    return None


def present(one: Strand) -> float:
    """Return the candidate's share of bad requests in this test; stable's while it has none."""
    return one.own_failed / one.own if one.own >= 1.0 else one.theta_p


def _shown(judge: Judge, one: Stream) -> Strand:
    charged = judge.charge.check == one.check and judge.alarmed
    return one.strands[judge.charge.place if charged else one.shown]


# --- the ticks that are to be expected -----------------------------------------------------------


def _look(
    judge: Judge, now: Traffic, shares: Mapping[str, float], ahead_s: float, *, verify: bool
) -> Ahead:
    """Give the judge block after block until something is decided, or nobody looks any further."""
    length = judge.terms.block_s
    begun = judge.pending[-1].at if judge.pending else judge.at
    judge = msgspec.structs.replace(judge, pending=())
    expected = _Expected(judge, now, shares)
    found, before = Ahead(), judge.violated
    passed = 0.0
    while passed < ahead_s:
        passed += length
        judge = judging.advance(judge, expected.tick(begun + passed))
        samples = expected.samples(begun + passed)
        if samples:
            judge = judging.look(judge, samples)
        if judge.alarmed:
            return found._replace(alarm_s=passed, accused=judge.charge.check)
        if judge.violated != before:
            return found._replace(violated_s=passed, accused=judge.violated)
        if judge.probe is not Outcome.INCONCLUSIVE:
            return found._replace(probe_s=passed, probe=judge.probe)
        if verify and found.verified_s is None and weigh.verified(judge):
            found = found._replace(verified_s=passed)
    return found


class _Expected:
    """
    The counts that are to be expected, in whole numbers: what is left over comes with the next one.

    ``shares``: of bad requests of the candidate, by check; without, what it did in this test.
    """

    def __init__(self, judge: Judge, now: Traffic, shares: Mapping[str, float]) -> None:
        self._judge = judge
        self._seconds = judge.terms.block_s
        requests = now.rate * self._seconds
        self._requests = {CANDIDATE: requests * now.share, STABLE: requests * (1 - now.share)}
        self._shares = shares
        self._left: dict[tuple[str, str], float] = {}
        found = [
            (one.bound_ms, check.name, one)
            for check, stream in zip(judge.terms.checks, judge.streams, strict=True)
            if isinstance(check, LatencyCheck)
            for one in stream.strands
        ]
        self._tails = {bound: (name, one) for bound, name, one in found}
        self._bounds = tuple(sorted(self._tails))

    def tick(self, at: float) -> Tick:
        arms = {name: self._arm(name) for name, n in self._requests.items() if n > 0.0}
        return Tick(at=at, seconds=self._seconds, arms=arms, bounds_ms=self._bounds)

    def _arm(self, arm: str) -> Arm:
        n = self._whole(arm, "", self._requests[arm])
        errors, lines = 0, {}
        for check, stream in zip(self._judge.terms.checks, self._judge.streams, strict=True):
            if isinstance(check, LatencyCheck) or not stream.strands:
                continue
            share = self._share(arm, check.name, stream.strands[0])
            bad = min(self._whole(arm, stream.heard or check.name, n * share), n)
            if stream.logs:
                lines[stream.heard or check.name] = bad
            else:
                errors = max(errors, bad)
        slower = [self._slower(arm, bound, n) for bound in self._bounds]
        # Who is slower than a long bound is slower than each shorter one.
        for place in range(len(slower) - 2, -1, -1):
            slower[place] = max(slower[place], slower[place + 1])
        replica = _NAMES[arm]
        return Arm(
            replicas={replica: (n, errors)},
            timed=n if self._bounds else 0,
            slower=tuple(slower),
            lines={replica: lines} if lines else {},
        )

    def _slower(self, arm: str, bound: int, n: int) -> int:
        name, one = self._tails[bound]
        return min(self._whole(arm, str(bound), n * self._share(arm, name, one)), n)

    def _share(self, arm: str, check: str, one: Strand) -> float:
        if arm == STABLE:
            return one.theta_p
        wanted = self._shares.get(check)
        if wanted is None:
            return present(one)
        shown = _shown(self._judge, memory.find(self._judge, check)[1])
        return max(present(one), wanted) if one.bound_ms <= shown.bound_ms else present(one)

    def _whole(self, arm: str, what: str, amount: float) -> int:
        total = self._left.get((arm, what), 0.5) + amount
        self._left[arm, what] = total - int(total)
        return int(total)

    def samples(self, at: float) -> list[Sample]:
        """Return the numbers of looks that compare, as they were the last time."""
        found = []
        for look, one in zip(self._judge.terms.looks, self._judge.looks, strict=True):
            if isinstance(look, NewLinesCheck) or not isinstance(look.against, Compared):
                continue
            if one.value is not None and one.stable_value is not None:
                values = {CANDIDATE: one.value, STABLE: one.stable_value}
                found.append(Sample(look.name, at, values))
        return found
