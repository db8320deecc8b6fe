"""
What many runs of one scenario amount to for one who decides, and all scenarios together.

=============  =================================================================================
rolled back    of a null: false. The bounds are one-sided, 95 %, and exact
held           ended without traffic, a person decides; counted apart from both
detected       of a regression: rolled back or held
missed         promoted while still worse than allowed
healed         promoted when it was not worse any more, and would stay so
unverifiable   promoted, and said of the service that nobody can tell by it; counted apart
bad            failed requests of the candidate until the end, without those after the last tick
               in which it was worse than allowed
off            seconds until the candidate is without traffic for the first time; where it never
               is, until the end
delay          of a promoted release, what it took longer than its plan
=============  =================================================================================

Ratios are those of means: the mean number of bad requests over that of an oracle on the same runs.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from serinus.lab import contenders, exact
from serinus.lab.contest import Run
from serinus.lab.play import End, Played
from serinus.lab.scenario import Kind, Scenario

CURVE = 60
"""Points in time, evenly over the plan, at which the detections so far are told."""


class Row(msgspec.Struct, frozen=True):
    """
    One scenario and one who decides.

    ``rolled_back_most`` and ``held_most`` are 95 % bounds. What is None was never so, or cannot be
    told. ``curve``: the share of runs in which the candidate was without traffic by then.
    """

    scenario: str
    title: str
    set: str
    kind: Kind
    pod_faults: bool
    plan_s: float
    by: str
    runs: int
    rolled_back: int
    held: int
    open: int
    promoted: int
    healed: int
    missed: int
    unverifiable: int
    falsely_verified: int
    rolled_back_most: float
    held_most: float
    retreats: float
    delay_s: float | None
    delay_p99_s: float | None
    bad: float
    off_s: float
    final_s: float
    bad_ratio: float | None = None
    off_ratio: float | None = None
    final_ratio: float | None = None
    bad_ratio2: float | None = None
    off_ratio2: float | None = None
    curve: tuple[float, ...] = ()

    def share(self, count: int) -> float:
        """Return a count as a share of the runs."""
        return count / self.runs

    @property
    def detected(self) -> float:
        """Return the share of runs that ended without traffic for the candidate."""
        return self.share(self.rolled_back + self.held)


class Overall(msgspec.Struct, frozen=True):
    """
    All scenarios (or those of one set) together, for one who decides.

    ``without_ratio``: regressions that no oracle can be asked about. The worst ones are told with
    the name of their scenario.
    """

    by: str
    set: str
    nulls: int
    regressions: int
    bad_ratio: float | None
    off_ratio: float | None
    final_ratio: float | None
    bad_ratio2: float | None
    off_ratio2: float | None
    without_ratio: int
    rolled_back: tuple[float, str] | None
    rolled_back_most: tuple[float, str] | None
    above_one_percent: int
    held: tuple[float, str] | None
    held_with_pod_faults: tuple[float, str] | None
    delay_s: tuple[float, str] | None
    delay_with_pod_faults_s: tuple[float, str] | None
    missed: float | None
    missed_worst: tuple[float, str] | None
    unverifiable: float | None
    falsely_verified: tuple[float, str] | None


def rows(
    scenarios: Mapping[str, tuple[str, Scenario]], runs: Mapping[str, Sequence[Run]]
) -> tuple[Row, ...]:
    """Return a row for each scenario and each who decided about it."""
    found: list[Row] = []
    for name, ones in runs.items():
        place, scenario = scenarios[name]
        of = {by: row(place, scenario, by, ones) for by in ones[0].played}
        oracle, oracle2 = (of.get(by) for by in contenders.ORACLES)
        found += [_against(one, oracle, oracle2) for one in of.values()]
    return tuple(found)


def row(place: str, scenario: Scenario, by: str, runs: Sequence[Run]) -> Row:
    """Return what the runs of a scenario amount to for one who decided."""
    played = [run.played[by] for run in runs]
    ends = [one.end for one in played]
    delays = sorted(one.delay_s for one in played if one.end is End.PROMOTED)
    back, held = ends.count(End.ROLLED_BACK), ends.count(End.HELD)
    off = [one.final_s if one.off_s is None else one.off_s for one in played]
    return Row(
        scenario=scenario.name,
        title=scenario.title,
        set=place,
        kind=scenario.kind,
        pod_faults=scenario.pod_faults,
        plan_s=scenario.plan_s,
        by=by,
        runs=len(played),
        rolled_back=back,
        held=held,
        open=ends.count(End.OPEN),
        promoted=len(delays),
        healed=sum(one.healed for one in played),
        missed=sum(one.missed for one in played),
        unverifiable=sum(one.unverifiable for one in played),
        falsely_verified=sum(_false(run, run.played[by]) for run in runs),
        rolled_back_most=exact.upper(back, len(played)),
        held_most=exact.upper(held, len(played)),
        retreats=_mean(one.retreats for one in played),
        delay_s=_mean(delays) if delays else None,
        delay_p99_s=delays[math.ceil(0.99 * len(delays)) - 1] if delays else None,
        bad=_mean(one.bad for one in played),
        off_s=_mean(off),
        final_s=_mean(one.final_s for one in played),
        curve=_curve(played, scenario.plan_s),
    )


def _false(run: Run, played: Played) -> bool:
    return run.unsafe and played.verified and played.end is End.PROMOTED


def _curve(played: Sequence[Played], plan_s: float) -> tuple[float, ...]:
    times = sorted(one.off_s for one in played if one.off_s is not None)
    points = [plan_s * (place + 1) / CURVE for place in range(CURVE)]
    return tuple([sum(time <= point for time in times) / len(played) for point in points])


def _against(one: Row, oracle: Row | None, oracle2: Row | None) -> Row:
    if one.kind is not Kind.REGRESSION:
        return one
    found: dict[str, float | None] = {}
    if oracle is not None:
        found["bad_ratio"] = _ratio(one.bad, oracle.bad)
        found["off_ratio"] = _ratio(one.off_s, oracle.off_s)
        found["final_ratio"] = _ratio(one.final_s, oracle.final_s)
    if oracle2 is not None:
        found["bad_ratio2"] = _ratio(one.bad, oracle2.bad)
        found["off_ratio2"] = _ratio(one.off_s, oracle2.off_s)
    return msgspec.structs.replace(one, **found)


def _ratio(found: float, oracle: float) -> float | None:
    return found / oracle if oracle > 0 else None


# --- together ------------------------------------------------------------------------------------


def overall(rows: Sequence[Row], by: str, place: str = "") -> Overall:
    """Sum up all scenarios, or those of one set, for one who decides."""
    ours = [row for row in rows if row.by == by and place in {"", row.set}]
    nulls = [row for row in ours if row.kind is Kind.NULL]
    calm = [row for row in nulls if not row.pod_faults]
    faulty = [row for row in nulls if row.pod_faults]
    bad = [row for row in ours if row.kind is Kind.REGRESSION]
    return Overall(
        by=by,
        set=place,
        nulls=len(nulls),
        regressions=len(bad),
        bad_ratio=geometric(row.bad_ratio for row in bad),
        off_ratio=geometric(row.off_ratio for row in bad),
        final_ratio=geometric(row.final_ratio for row in bad),
        bad_ratio2=geometric(row.bad_ratio2 for row in bad),
        off_ratio2=geometric(row.off_ratio2 for row in bad),
        without_ratio=sum(row.bad_ratio is None for row in bad),
        rolled_back=worst(nulls, lambda row: row.share(row.rolled_back)),
        rolled_back_most=worst(nulls, lambda row: row.rolled_back_most),
        above_one_percent=sum(row.share(row.rolled_back) > 0.01 for row in nulls),  # noqa: PLR2004  as its name says
        held=worst(calm, lambda row: row.share(row.held)),
        held_with_pod_faults=worst(faulty, lambda row: row.share(row.held)),
        delay_s=worst(calm, lambda row: row.delay_s),
        delay_with_pod_faults_s=worst(faulty, lambda row: row.delay_s),
        missed=_mean(row.share(row.missed) for row in bad) if bad else None,
        missed_worst=worst(bad, lambda row: row.share(row.missed)),
        unverifiable=_mean(row.share(row.unverifiable) for row in bad) if bad else None,
        falsely_verified=worst(ours, lambda row: row.share(row.falsely_verified)),
    )


def worst(rows: Iterable[Row], of: Callable[[Row], float | None]) -> tuple[float, str] | None:
    """Return the largest value and the scenario in which it was found."""
    found = [(value, row.scenario) for row in rows if (value := of(row)) is not None]
    return max(found, key=lambda one: one[0], default=None)


def geometric(values: Iterable[float | None]) -> float | None:
    """Return the geometric mean of those that are known; None when there are none."""
    known = [max(value, 1e-9) for value in values if value is not None]
    return math.exp(_mean(math.log(value) for value in known)) if known else None


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
