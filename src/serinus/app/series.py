"""
The course of each check over time, from a release's own ticks: no metric source is needed.

::

    ticks (5 s, later thinned) ──▶ bins of one width ──▶ bad of all, by arm ──▶ a line each

A bin without requests is a gap and not a zero. The interval around the candidate's share is what
such counts can tell (Wilson, 95 %, for each bin by itself): for eyes, and no part of any verdict.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from math import ceil, sqrt

import msgspec

from serinus.core.spec.delivery import Check, ErrorsCheck, LatencyCheck, LogCheck, NetworkCheck
from serinus.core.state.counts import CANDIDATE, NETWORK, STABLE, Arm, Tick
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading

MOST = 60
"""So many bins at most: with more, each has too few requests to tell anything."""

WIDTHS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
Z = 1.959964
"""Of the normal distribution: 95 % lie within so many deviations."""

Count = Callable[[Tick, Arm], tuple[float, float]]
"""Requests, and how many of them were bad, of one arm in one tick."""


class Point(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One bin: it begins ``at`` (epoch seconds); rates are fractions, None where nobody came.

    ``low`` and ``high``: between them the candidate's share lies, as far as this bin tells.
    """

    at: float
    stable: float | None = None
    candidate: float | None = None
    low: float | None = None
    high: float | None = None
    requests: int = 0
    stable_requests: int = 0
    bad: int = 0
    stable_bad: int = 0


class Line(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One check over time, ``seconds`` a bin.

    ``kind``: errors, latency, logs, network; ``bound_ms``: of a latency, what counts as slow.
    ``limit``: what the candidate's share may be now, None where that is not known.
    """

    check: str
    kind: str
    seconds: int
    points: tuple[Point, ...]
    bound_ms: int | None = None
    limit: float | None = None


class Load(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Requests each second of both arms, by bins; the last one is left out while it is filled."""

    seconds: int
    at: tuple[float, ...]
    stable: tuple[float, ...]
    candidate: tuple[float, ...]


def of(
    release: Release,
    ticks: Sequence[Tick],
    reading: Reading | None,
    since: datetime | None = None,
) -> tuple[Line, ...]:
    """
    Return the course of every check that counts, in the order of the plan.

    ``since``: only what was counted from then on, in narrower bins where there is room for them.
    Where that is nothing, lines have no points; where nothing was ever counted, there are none.
    """
    if not ticks:
        return ()
    first = 0.0 if since is None else since.timestamp()
    shown = [tick for tick in ticks if tick.at - tick.seconds / 2 >= first]
    width = _width(shown) if shown else WIDTHS_S[0]
    bins = _bins(shown, width) if shown else []
    return tuple(_line(check, bins, width, ticks, reading) for check in release.delivery.checks)


def load(ticks: Sequence[Tick]) -> Load | None:
    """Return how many requests came; None where nothing was counted."""
    if not ticks:
        return None
    width = _width(ticks)
    bins = _bins(ticks, width)
    return Load(
        seconds=width,
        at=tuple(at for at, _ in bins),
        stable=tuple(_rate(found, STABLE) for _, found in bins),
        candidate=tuple(_rate(found, CANDIDATE) for _, found in bins),
    )


def interval(bad: float, requests: float) -> tuple[float, float]:
    """Return between what the share of bad requests lies (Wilson, 95 %)."""
    share, square = bad / requests, Z * Z
    middle = (share + square / (2 * requests)) / (1 + square / requests)
    spread = Z * sqrt(share * (1 - share) / requests + square / (4 * requests * requests))
    reach = spread / (1 + square / requests)
    return max(0.0, middle - reach), min(1.0, middle + reach)


# --- bins ----------------------------------------------------------------------------------------


def _width(ticks: Sequence[Tick]) -> int:
    length = ticks[-1].at - ticks[0].at + ticks[0].seconds
    wanted = max(ceil(length / MOST), ceil(ticks[0].seconds))
    return next((width for width in WIDTHS_S if width >= wanted), WIDTHS_S[-1])


def _bins(ticks: Sequence[Tick], width: int) -> list[tuple[float, list[Tick]]]:
    """Put each tick into the bin that its middle lies in; empty bins are there as well."""
    found: dict[int, list[Tick]] = {}
    for tick in ticks:
        found.setdefault(int((tick.at - tick.seconds / 2) // width), []).append(tick)
    first, last = min(found), max(found)
    return [(float(slot * width), found.get(slot, [])) for slot in range(first, last + 1)]


def _rate(ticks: Sequence[Tick], arm: str) -> float:
    seconds = sum(tick.seconds for tick in ticks)
    requests = sum(tick.arms[arm].requests for tick in ticks if arm in tick.arms)
    return requests / seconds if seconds else 0.0


# --- lines ---------------------------------------------------------------------------------------


def _line(
    check: Check,
    bins: Sequence[tuple[float, Sequence[Tick]]],
    width: int,
    ticks: Sequence[Tick],
    reading: Reading | None,
) -> Line:
    streams = reading.streams if reading is not None else ()
    read = next((stream for stream in streams if stream.check == check.name), None)
    bound = None
    if isinstance(check, LatencyCheck):
        bound = next(iter((*check.bounds_ms, *(read.bounds_ms if read else ()))), None)
        bound = _middle(ticks) if bound is None else bound
    count = _counting(check, bound)
    return Line(
        check=check.name,
        kind=_kind(check),
        seconds=width,
        points=tuple(_point(at, found, count) for at, found in bins),
        bound_ms=bound,
        limit=read.limit if read is not None else None,
    )


def _kind(check: Check) -> str:
    kinds = {ErrorsCheck: "errors", LatencyCheck: "latency", LogCheck: "logs"}
    return kinds.get(type(check), "network")


def _middle(ticks: Sequence[Tick]) -> int | None:
    """Return a bound where none was chosen yet: the middle one of those that are counted."""
    bounds = next((tick.bounds_ms for tick in reversed(ticks) if tick.bounds_ms), ())
    return bounds[len(bounds) // 2] if bounds else None


def _counting(check: Check, bound: int | None) -> Count:
    def errors(_: Tick, arm: Arm) -> tuple[float, float]:
        return arm.requests, arm.errors

    def slow(tick: Tick, arm: Arm) -> tuple[float, float]:
        if bound not in tick.bounds_ms or not arm.slower:
            return 0, 0
        return arm.timed, arm.slower[tick.bounds_ms.index(bound)]

    def lines(_: Tick, arm: Arm) -> tuple[float, float]:
        return arm.requests, sum(found.get(name, 0) for found in arm.lines.values())

    name = NETWORK if isinstance(check, NetworkCheck) else check.name
    if isinstance(check, ErrorsCheck):
        return errors
    return slow if isinstance(check, LatencyCheck) else lines


def _point(at: float, ticks: Sequence[Tick], count: Count) -> Point:
    requests, bad = _sum(ticks, CANDIDATE, count)
    stable_requests, stable_bad = _sum(ticks, STABLE, count)
    within = requests and 0 <= bad <= requests
    low, high = interval(bad, requests) if within else (None, None)
    return Point(
        at=at,
        stable=stable_bad / stable_requests if stable_requests else None,
        candidate=bad / requests if requests else None,
        low=low,
        high=high,
        requests=round(requests),
        stable_requests=round(stable_requests),
        bad=round(bad),
        stable_bad=round(stable_bad),
    )


def _sum(ticks: Sequence[Tick], arm: str, count: Count) -> tuple[float, float]:
    counted = list(_counted(ticks, arm, count))
    return sum(one for one, _ in counted), sum(bad for _, bad in counted)


def _counted(ticks: Sequence[Tick], arm: str, count: Count) -> Iterator[tuple[float, float]]:
    for tick in ticks:
        if arm in tick.arms:
            yield count(tick, tick.arms[arm])
