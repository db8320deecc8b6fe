"""
A sight: what is remembered of one look, whatever it looks at.

=================  ==============================================================================
a look brings      what becomes of it
=================  ==============================================================================
a number           it is compared with stable's or with its threshold, and learnt from
no data            nothing: no number for the arm, one that is not a number (0/0), or an arm that
                   answered no request since the last look. Neither for nor against anybody
an error           nothing either: the source cannot be asked, its answer is damaged (several
                   series), a number is infinite. Again and again, and the look is *unknown*: it
                   can never be judged
=================  ==============================================================================
"""

from collections.abc import Mapping
from math import isfinite, isnan
from typing import NamedTuple

import msgspec

from serinus.core.analysis import gauge, newlines, threshold
from serinus.core.analysis.gauge import Gauge
from serinus.core.analysis.newlines import NewLines
from serinus.core.spec.delivery import Compared, Look, NewLinesCheck, QueryCheck, UsageCheck
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.sample import EVERYBODY, Sample

ERRORS = 3
"""After so many errors in a row a look counts as one that can never be judged."""

SILENT = 5
"""The same after so many looks that never had a number of a candidate that answers requests."""

UNSERVED = "no requests reached the candidate since the last look"


class Sight(msgspec.Struct, frozen=True):
    """
    The memory of one look.

    ``at``: the last look (epoch seconds). ``value``, ``stable_value``: its numbers, None without.
    ``trouble``: why there is none, for people; ``failed``: that is an error. ``errors``: errors in
    a row; ``silent``: looks without a number of a candidate that answered; ``seen``: looks with
    one. ``strikes``: in a row. ``gauge``, ``lines``: what it compares with.
    """

    check: str
    at: float = 0.0
    value: float | None = None
    stable_value: float | None = None
    trouble: str = ""
    failed: bool = False
    errors: int = 0
    silent: int = 0
    seen: int = 0
    strikes: int = 0
    gauge: Gauge | None = None
    lines: NewLines | None = None


class Served(NamedTuple):
    """Which arms answered requests of replicas old enough to be judged since the last look."""

    candidate: bool
    stable: bool


class Pair(NamedTuple):
    """Both numbers of a look, or why there is none; ``failed``: that is an error."""

    own: float | None = None
    stable: float | None = None
    trouble: str = ""
    failed: bool = False


def open(look: Look) -> Sight:  # noqa: A001  read as sight.open, like its siblings
    """Begin to look."""
    if isinstance(look, NewLinesCheck):
        return Sight(look.name, lines=NewLines())
    compared = isinstance(look.against, Compared)
    return Sight(look.name, gauge=Gauge() if compared else None)


def remember(sight: Sight, numbers: list[float]) -> Sight:
    """Learn from stable's past, oldest first."""
    if sight.gauge is None or not numbers:
        return sight
    return msgspec.structs.replace(sight, gauge=gauge.remember(numbers))


def begin(sight: Sight) -> Sight:
    """Begin another test; new kinds of lines are those of the whole release."""
    found = None if sight.gauge is None else gauge.begin(sight.gauge)
    return msgspec.structs.replace(sight, strikes=0, gauge=found)


def set_back(sight: Sight, at: float) -> Sight:
    """Go on after the clock was set back: nothing was seen later than ``at``."""
    found = sight.gauge
    if found is not None:
        found = msgspec.structs.replace(found, begun=min(found.begun, at))
    return msgspec.structs.replace(sight, at=min(sight.at, at), gauge=found)


def read(look: QueryCheck | UsageCheck, sample: Sample, served: Served) -> Pair:
    """Return what a sample says, told apart: a number, no data, an error."""
    if sample.problem:
        return Pair(trouble=sample.problem, failed=True)
    compared = isinstance(look.against, Compared)
    own = sample.values.get(CANDIDATE)
    if own is None and not compared:
        own = sample.values.get(EVERYBODY)
    stable = sample.values.get(STABLE) if compared else None
    usable = stable if stable is not None and served.stable and isfinite(stable) else None
    if not served.candidate:
        return Pair(stable=usable, trouble=UNSERVED)
    trouble = _trouble(own, "the candidate")
    if not trouble and compared:
        trouble = _trouble(stable, "stable")
        if not trouble and not served.stable:
            trouble = "no requests reached stable since the last look"
    if not trouble:
        return Pair(own, usable)
    numbers = [one for one in (own, stable) if one is not None and not isnan(one)]
    return Pair(None, usable, trouble, failed=not all(map(isfinite, numbers)))


def _trouble(value: float | None, whose: str) -> str:
    if value is None:
        return f"no data for {whose}"
    if isnan(value):
        return f"the number of {whose} is not a number (0/0, in most queries)"
    return "" if isfinite(value) else f"the number of {whose} is infinite"


def take(sight: Sight, look: QueryCheck | UsageCheck, at: float, found: Pair) -> Sight:
    """Take in a look: its strikes, its troubles, and what people see; nothing is compared yet."""
    strikes, silent, seen = sight.strikes, sight.silent, sight.seen
    if found.own is not None:
        seen += 1
        if not isinstance(look.against, Compared):
            strikes = threshold.strikes(look.against, strikes, found.own)
    elif not found.failed and found.trouble != UNSERVED:
        silent += 1
    return msgspec.structs.replace(
        sight,
        at=at,
        value=found.own,
        stable_value=found.stable,
        trouble=found.trouble,
        failed=found.failed,
        errors=sight.errors + 1 if found.failed else 0,
        silent=silent,
        seen=seen,
        strikes=strikes,
    )


def learn(sight: Sight, found: Pair) -> Sight:
    """Learn how much the numbers wander, after they were used."""
    if sight.gauge is None or (found.own is None and found.stable is None):
        return sight
    return msgspec.structs.replace(sight, gauge=gauge.learn(sight.gauge, found.own, found.stable))


def unknown(sight: Sight) -> str:
    """Say why a look can never be judged, as it seems; empty if it can."""
    if sight.errors >= ERRORS:
        return sight.trouble
    if not sight.seen and sight.silent >= SILENT:
        return f"{sight.trouble or 'no data for the candidate'} in {sight.silent} looks"
    return ""


def kinds(
    sight: Sight,
    candidate: Mapping[str, int] | None,
    stable: Mapping[str, int] | None,
    requests: tuple[int, int],
) -> Sight:
    """Take in the kinds of lines of a tick."""
    if sight.lines is None or (candidate is None and stable is None):
        return sight
    found = newlines.count(sight.lines, candidate, stable, requests)
    return sight if found == sight.lines else msgspec.structs.replace(sight, lines=found)
