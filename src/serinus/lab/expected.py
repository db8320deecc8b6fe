"""
What a case of a policy test expects, and whether runs are so.

::

    expect:
      outcome: rolled back          # one of them, or a list
      within: 12m                   # until it ended, or served everybody
      takenAway: 11m                # traffic was first taken away by then; or never
      verified: true                # it was promoted, and shown to be safe
      exposure: {bad: "< 50"}       # the candidate's requests, bad and slow ones
      in: 95% of runs               # all of them without it
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import checker, duration, percent, prose
from serinus.core.spec.formats import Duration
from serinus.lab.replayed import Outcome
from serinus.lab.simulate import Ending

NEVER = "never"

SIMULATED = tuple(ending.value for ending in Ending)
REPLAYED = tuple(outcome.value for outcome in Outcome)
"""The outcomes of simulated and of replayed releases."""

_BOUND = re.compile(r"(<=|>=|<|>)? ?(\d{1,12})")
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?%)(?: of runs)?")


class Exposure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of what the candidate answered: ``< 50``, ``>= 1000``; a number alone is *at most*."""

    requests: str | int | None = None
    bad: str | int | None = None
    slow: str | int | None = None


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One expectation, as it is written."""

    outcome: str | list[str] | None = None
    within: Duration | None = None
    taken_away: str | None = None
    verified: bool | None = None
    exposure: Exposure | None = None
    in_: str = msgspec.field(default="100% of runs", name="in")


class Seen(msgspec.Struct, frozen=True, rename="camel"):
    """What became of one run, simulated or replayed. Times are seconds; ``off_s`` None: never."""

    seed: int
    outcome: str
    end_s: float
    off_s: float | None
    requests: int
    bad: int
    slow: int
    verified: bool
    sentence: str


class Met(msgspec.Struct, frozen=True, rename="camel"):
    """
    Whether an expectation was met.

    ``expected`` and ``found`` are sentences; ``failed``: the seeds of the runs that were otherwise.
    """

    met: bool
    runs: int
    expected: str
    found: str
    failed: tuple[int, ...] = ()


def review(expect: Expect, path: str, known: Sequence[str]) -> Iterator[Problem]:
    """Say what is wrong with an expectation; ``known``: the outcomes that there can be."""
    for outcome in _outcomes(expect):
        if outcome not in known:
            yield Problem(f"{path}.outcome", checker.unknown(outcome, known, "outcome"))
    if expect.taken_away is not None and expect.taken_away != NEVER:
        try:
            duration.parse(expect.taken_away)
        except ValueError as problem:
            yield Problem(f"{path}.takenAway", f"{problem}, or {NEVER}")
    for name, bound in _bounds(expect):
        if not _BOUND.fullmatch(str(bound)):
            said = f"{checker.shown(bound)} is no bound; wanted a number, or one such as '< 50'"
            yield Problem(f"{path}.exposure.{name}", said)
    share = _SHARE.fullmatch(expect.in_)
    if share is None or not 0 < percent.parse(share.group(1)) <= 1:
        said = f"{checker.shown(expect.in_)} is no part of the runs; wanted one such as 95% of runs"
        yield Problem(f"{path}.in", said)
    given = (expect.within, expect.taken_away, expect.verified)
    if not _outcomes(expect) and not _bounds(expect) and all(one is None for one in given):
        yield Problem(path, "nothing is expected; wanted an outcome, within, takenAway or exposure")


def judge(expect: Expect, runs: Sequence[Seen]) -> Met:
    """Tell whether enough of the runs are as expected, and what the others were."""
    others = [(one, why) for one in runs if (why := _why_not(expect, one))]
    good = len(runs) - len(others)
    match = _SHARE.fullmatch(expect.in_)
    wanted = percent.parse(match.group(1)) if match else 1
    part = "every run" if wanted == 1 else f"{float(wanted) * 100:g} % of the runs"
    found = f"in {good:,} of {prose.several(len(runs), 'run')}"
    if others:
        counted = Counter(why for _, why in others)
        listed = [f"{number} × {why}" for why, number in counted.most_common(_MOST)]
        left = len(counted) - len(listed)
        listed += [f"and {left} other ways" if left > 1 else "and another way"] if left else []
        found += f"; the others: {', '.join(listed)}"
    return Met(
        met=good >= wanted * len(runs),
        runs=len(runs),
        expected=f"{', '.join(_wishes(expect))} in {part}",
        found=found,
        failed=tuple(one.seed for one, _ in others),
    )


_MOST = 4
"""So many ways in which runs were otherwise are told."""


def _wishes(expect: Expect) -> list[str]:
    """Return what is expected of each run, in words."""
    outcomes = _outcomes(expect)
    found = [" or ".join(outcomes)] if outcomes else []
    if expect.within is not None:
        found.append(f"ended within {expect.within}")
    if expect.taken_away is not None:
        never = expect.taken_away == NEVER
        found.append(f"traffic {'never taken away' if never else _by(expect.taken_away)}")
    if expect.verified is not None:
        found.append("verified" if expect.verified else "not verified")
    return found + [f"{bound} {_WORDS[name]}" for name, bound in _signed(expect)]


def _by(length: str) -> str:
    return f"taken away within {length}"


_WORDS = {"requests": "requests", "bad": "bad requests", "slow": "slow requests"}


def _why_not(expect: Expect, one: Seen) -> str:
    """Return in words why a run is not as expected, nothing if it is."""
    outcomes = _outcomes(expect)
    if outcomes and one.outcome not in outcomes:
        return one.outcome
    if expect.within is not None and one.end_s > duration.seconds(expect.within):
        return f"{one.outcome} after {prose.seconds(one.end_s)}"
    if expect.taken_away is not None and (late := _late(expect.taken_away, one.off_s)):
        return late
    if expect.verified is not None and one.verified is not expect.verified:
        return "verified" if one.verified else "not verified"
    for name, bound in _signed(expect):
        sign, _, number = bound.partition(" ")
        found = getattr(one, name)
        if not _HOLDS[sign](found, int(number)):
            return f"{found:,} {_WORDS[name]}"
    return ""


_HOLDS = {
    "<": lambda found, number: found < number,
    "<=": lambda found, number: found <= number,
    ">": lambda found, number: found > number,
    ">=": lambda found, number: found >= number,
}


def _late(wanted: str, off_s: float | None) -> str:
    if wanted == NEVER:
        return "" if off_s is None else f"traffic taken away after {prose.seconds(off_s)}"
    if off_s is None:
        return "traffic never taken away"
    late = off_s > duration.seconds(wanted)
    return f"traffic taken away after {prose.seconds(off_s)}" if late else ""


def _outcomes(expect: Expect) -> list[str]:
    if expect.outcome is None:
        return []
    return [expect.outcome] if isinstance(expect.outcome, str) else expect.outcome


def _bounds(expect: Expect) -> list[tuple[str, str | int]]:
    if expect.exposure is None:
        return []
    pairs = [(name, getattr(expect.exposure, name)) for name in ("requests", "bad", "slow")]
    return [(name, bound) for name, bound in pairs if bound is not None]


def _signed(expect: Expect) -> list[tuple[str, str]]:
    """Return the bounds, each with its sign: ``< 50``."""
    found = []
    for name, bound in _bounds(expect):
        match = _BOUND.fullmatch(str(bound))
        if match is not None:
            found.append((name, f"{match.group(1) or '<='} {match.group(2)}"))
    return found
