"""
The report of an A/B test: for each goal both shares, and what their difference can be.

While the test runs people look when they like, so that its intervals hold at any time. At the
planned end they are those of one look, which are narrower. Where the sides were not drawn at random
(a cohort by header, cookie or query) each side has its own interval, and their difference none: it
may be the difference of the users and not of the versions.
"""

from collections.abc import Sequence
from math import ceil, log10

from serinus.core.analysis import intervals
from serinus.core.analysis.intervals import Counts
from serinus.core.spec.delivery import FULL
from serinus.core.spec.prose import several
from serinus.core.spec.requests import Goal
from serinus.core.state.cohort import Cohort, Side
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.verdict import GoalReading, Report

ENOUGH = 20
"""Users of each side without whom there is no interval of a difference."""

SUSPICIOUS = 0.001
"""The p-value of the sides' sizes below which the numbers are not to be trusted."""

_NOT_DRAWN = "the sides are no random sample, so that a difference may be that of who came"
_NO_USERS = "no user could be told from another, so that there is no interval of the difference"
_MINUS = "\N{MINUS SIGN}"
_DIGITS = 4


def report(cohort: Cohort, goals: Sequence[Goal], share: int, *, final: bool = False) -> Report:
    """
    Say what the test says so far.

    ``share``: the part of the users (per mille) that was drawn for the candidate, 0 when the side
    of a user was not drawn. ``final``: its time is over, and this is the look that was planned.
    """
    own, stable = cohort.sides.get(CANDIDATE, Side()), cohort.sides.get(STABLE, Side())
    readings = tuple(_reading(goal.name, own, stable, share, final=final) for goal in goals)
    return Report(
        users=own.users,
        stable_users=stable.users,
        goals=readings,
        final=final,
        warning=_warning(cohort, own, stable, share),
        sentence=_headline(cohort, own, stable, share, readings, final=final),
    )


# --- one goal -----------------------------------------------------------------------------------


def _reading(goal: str, own: Side, stable: Side, share: int, *, final: bool) -> GoalReading:
    unit = "user" if own.users + stable.users else "request"
    one, other = _counts(goal, own, unit), _counts(goal, stable, unit)
    p, q = _share(one), _share(other)
    difference = None if p is None or q is None else p - q
    if share and unit == "user" and min(one[1], other[1]) >= ENOUGH:
        low, high = intervals.fixed(one, other) if final else intervals.anytime(one, other)
        sentence = _compared(goal, one, other, low, high)
        return GoalReading(goal, p, q, difference, low, high, sentence)
    if share and unit == "user":
        sentence = _few(goal, one, other)
    else:
        sentence = _apart(goal, one, other, unit, _NOT_DRAWN if not share else _NO_USERS)
    return GoalReading(goal, p, q, difference, None, None, sentence)


def _counts(goal: str, side: Side, unit: str) -> Counts:
    """Return how many reached the goal, of how many: users where they are known, else requests."""
    if unit == "user":
        return side.reached.get(goal, 0), side.users
    return side.hits.get(goal, 0), side.requests


def _share(counts: Counts) -> float | None:
    return counts[0] / counts[1] if counts[1] else None


def _compared(goal: str, one: Counts, other: Counts, low: float, high: float) -> str:
    digits = _digits(high - low)
    p, q = one[0] / one[1], other[0] / other[1]
    says = "no difference shown"
    if low > 0:
        says = "higher than on stable"
    elif high < 0:
        says = "lower than on stable"
    interval = f"{_points(low, digits)} to {_points(high, digits)} pp"
    return (
        f"{goal}: {100 * p:.{digits}f} % of {several(one[1], 'user')} against"
        f" {100 * q:.{digits}f} % of {other[1]:,} on stable,"
        f" {_points(p - q, digits)} pp (95 % interval {interval}): {says}"
    )


def _few(goal: str, one: Counts, other: Counts) -> str:
    return (
        f"{goal}: {one[0]:,} of {several(one[1], 'user')} against {other[0]:,} of {other[1]:,} on"
        f" stable: too few to compare, {ENOUGH} a side are needed"
    )


def _apart(goal: str, one: Counts, other: Counts, unit: str, why: str) -> str:
    return f"{goal}: {_alone(one, unit)} against {_alone(other, unit)} on stable; {why}"


def _alone(counts: Counts, unit: str) -> str:
    """Write one side with its own interval."""
    if not counts[1]:
        return f"no {unit}s"
    low, high = intervals.wilson(counts)
    digits = _digits(high - low)
    share = f"{100 * counts[0] / counts[1]:.{digits}f} %"
    interval = f"95 % interval {100 * low:.{digits}f} to {100 * high:.{digits}f} %"
    return f"{share} of {several(counts[1], unit)} ({interval})"


def _digits(width: float) -> int:
    """Return after how many digits a percentage is not known anyway, by the interval's width."""
    points = width * 100
    return 1 if points >= 1 else min(_DIGITS, 1 + ceil(-log10(points))) if points > 0 else 1


def _points(difference: float, digits: int) -> str:
    """Write a difference in percentage points, with its sign."""
    text = f"{abs(difference) * 100:.{digits}f}"
    sign = "" if not float(text) else "+" if difference > 0 else _MINUS
    return f"{sign}{text}"


# --- all of it ----------------------------------------------------------------------------------


def _warning(cohort: Cohort, own: Side, stable: Side, share: int) -> str:
    """Say why the numbers should not be trusted, if anything speaks against them."""
    said = []
    users = own.users + stable.users
    if _suspicious(own, stable, share):
        said.append(
            f"{100 * own.users / users:.1f} % of {several(users, 'user')} are the candidate's, but"
            f" {share / 10:g} % were to be: chance alone does that in less than 1 of 1,000 tests."
            " Something kept users from a side (the candidate had no traffic for a while, cookies"
            " were lost, redirects differ, a client fails), and the differences may come from that"
        )
    if cohort.full:
        said.append(f"only the first {several(users, 'user')} are counted: no more are remembered")
    return "; ".join(said)


def _suspicious(own: Side, stable: Side, share: int) -> bool:
    """Tell whether the sides have not the size that they were drawn to have."""
    if not share or not own.users + stable.users:
        return False
    return intervals.mismatch(own.users, stable.users, share / FULL) < SUSPICIOUS


def _headline(
    cohort: Cohort,
    own: Side,
    stable: Side,
    share: int,
    goals: Sequence[GoalReading],
    *,
    final: bool,
) -> str:
    here, there = several(own.users, "user"), stable.users
    if not own.users + stable.users:
        here, there = several(own.requests, "request"), stable.requests
    crossed = ""
    if cohort.crossed:
        crossed = f" ({several(cohort.crossed, 'user')} saw both, and count where they came first)"
    verdict = _verdict(goals, share)
    if _suspicious(own, stable, share):
        verdict = "the sides have not the size that was drawn, so that nothing is to be trusted"
    so_far = "" if final else "so far "
    return f"{so_far}{here} on the candidate, {there:,} on stable{crossed}; {verdict}"


def _verdict(goals: Sequence[GoalReading], share: int) -> str:
    """Say in which goals a difference was shown."""
    if not goals:
        return "no goal is named, so that only the checks compare the sides"
    if not share:
        return "the sides are no random sample, so that no difference tells of the versions"
    higher = [one.goal for one in goals if one.low is not None and one.low > 0]
    lower = [one.goal for one in goals if one.high is not None and one.high < 0]
    words = ((higher, "higher"), (lower, "lower"))
    found = [f"{', '.join(names)} is {word}" for names, word in words if names]
    return f"{'; '.join(found)} on the candidate" if found else "no difference is shown"
