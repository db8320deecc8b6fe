"""
A range of Prometheus history as a recording: raw counters of each pod, made into ticks.

::

    requests  {pod="a"} 100 150 155   3      ─▶  50, 5, 3 (the pod's counter began anew)
    errors    {pod="a"}   1   1   2   0      ─▶   0, 1, 0

Windows never overlap: what a counter grew by between two points belongs to that window alone. So
it has to be the counter itself; what ``rate`` and ``increase`` make of it uses every scrape many
times, is extrapolated, and would be counted as evidence again and again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from serinus.core.errors import Problem, SpecError
from serinus.core.planner import words
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.sample import Series
from serinus.lab.recording import About, Recording
from serinus.ports.metrics import Source

PODS = ("pod", "replica", "kubernetes_pod_name", "instance")
"""Labels that tell pods apart, the first one that is there."""

DERIVED = re.compile(r"\b(rate|irate|increase|delta|idelta|deriv|avg_over_time|sum_over_time)\s*\(")

POINTS = 500
"""Points of each series that are asked for at once."""

MOST_POINTS = 50_000
SHORTEST_S = 1.0
_WHOLE = 1e-6
_RESETS = 0.2
_FEW = 10


class Ask(NamedTuple):
    """
    What to read. ``candidate``, ``stable``: (label, value); no stable: all that is not candidate.

    ``start``, ``end``: epoch seconds. ``pod`` empty: the first of :data:`PODS` that there is.
    """

    requests: str
    errors: str
    start: float
    end: float
    candidate: tuple[str, str]
    stable: tuple[str, str] | None = None
    step_s: float = 15.0
    pod: str = ""
    application: str = "prometheus"


class Found(NamedTuple):
    """A recording, and what was odd about the series, each in one sentence."""

    recording: Recording
    odd: tuple[str, ...]


async def fetch(source: Source, ask: Ask) -> Found:
    """
    Ask a source for both counters, and make them a recording.

    Raises SpecError for what cannot be asked or is no counter, and what the source raises.
    """
    _review(ask)
    requests = await _range(source, ask.requests, ask)
    errors = await _range(source, ask.errors, ask)
    return read(requests, errors, ask)


async def _range(source: Source, query: str, ask: Ask) -> tuple[Series, ...]:
    """Ask for a range in parts, each of which ends where the next begins."""
    found: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    start = ask.start
    while start < ask.end:
        end = min(start + POINTS * ask.step_s, ask.end)
        for one in await source.range(query, start, end, ask.step_s):
            found.setdefault(tuple(sorted(one.labels.items())), []).extend(one.points)
        start += POINTS * ask.step_s
    return tuple(Series(dict(labels), tuple(points)) for labels, points in found.items())


def _review(ask: Ask) -> None:
    problems = []
    for name, query in (("--requests", ask.requests), ("--errors", ask.errors)):
        if not query.strip():
            problems.append(Problem(name, "it is empty; wanted a counter, such as requests_total"))
        elif (derived := DERIVED.search(query)) is not None:
            message = (
                f"{derived.group(1)}(…) counts every scrape many times; wanted the counter itself, "
                'such as http_requests_total{app="shop"}'
            )
            problems.append(Problem(name, message))
    if not ask.start < ask.end:
        problems.append(Problem("--start", "it is not before --end: the range is empty"))
    if ask.step_s < SHORTEST_S:
        problems.append(
            Problem(
                "--step",
                f"{ask.step_s:g} s; wanted 1s or more, and no less than "
                "the interval at which is scraped",
            )
        )
    elif (ask.end - ask.start) / ask.step_s > MOST_POINTS:
        message = f"more than {MOST_POINTS:,} points; wanted a shorter range or a longer --step"
        problems.append(Problem("--step", message))
    elif ask.end - ask.start < 2 * ask.step_s and ask.start < ask.end:
        problems.append(Problem("--end", "the range is shorter than two steps"))
    if problems:
        raise SpecError(problems)


# --- from series to ticks ------------------------------------------------------------------------


def read(requests: Sequence[Series], errors: Sequence[Series], ask: Ask) -> Found:
    """Make a recording of series as they were answered. Raises SpecError with what is wrong."""
    if not requests:
        message = f"{ask.requests} has no series between --start and --end"
        raise SpecError((Problem("--requests", message),))
    odd = _Odd()
    label = ask.pod or _label(requests)
    asked = _increases(requests, label, ask, odd, {})
    counted = (asked, _increases(errors, label, ask, odd, asked.seen))
    odd.review()
    arms = _arms(requests, label, ask)
    ticks, first = [], None
    for place in range(1, round((ask.end - ask.start) / ask.step_s) + 1):
        tick = _tick(place, counted, arms, ask, odd)
        if tick is None:
            continue
        ticks.append(tick)
        if first is None and CANDIDATE in tick.arms and tick.arms[CANDIDATE].requests:
            first = len(ticks) - 1
    pods = [pod for pod, arm in arms.items() if arm == STABLE]
    about = About(
        application=ask.application,
        number=0,
        version="=".join(ask.candidate),
        stable_version="stable" if ask.stable is None else "=".join(ask.stable),
        replicas=max(1, len(pods)),
        source="prometheus",
    )
    border = len(ticks) if first is None else first
    return Found(
        Recording(about, tuple(ticks[border:]), tuple(ticks[:border])), tuple(odd.sentences())
    )


def _label(series: Sequence[Series]) -> str:
    """Return the label that tells pods apart."""
    for label in PODS:
        if any(label in one.labels for one in series):
            return label
    known = ", ".join(sorted({name for one in series for name in one.labels} - {"__name__"}))
    message = (
        f"none of the labels {', '.join(PODS)} is on the series: pods cannot be told apart; "
        f"name one with --pod (there are: {known or 'none'})"
    )
    raise SpecError((Problem("--pod", message),))


def _arms(requests: Sequence[Series], label: str, ask: Ask) -> Mapping[str, str]:
    """Return which pod is in which arm. Raises SpecError when one of both is nobody."""
    arms: dict[str, str] = {}
    for one in requests:
        pod = one.labels.get(label, "")
        name, value = ask.candidate
        if one.labels.get(name) == value:
            arms[pod] = CANDIDATE
        elif ask.stable is None or one.labels.get(ask.stable[0]) == ask.stable[1]:
            arms.setdefault(pod, STABLE)
    problems = []
    for arm, given in ((CANDIDATE, ask.candidate), (STABLE, ask.stable)):
        if arm in arms.values():
            continue
        if given is None:
            problems.append(Problem("--stable", "every series is the candidate's"))
            continue
        name, value = given
        known = sorted({one.labels[name] for one in requests if name in one.labels})
        there = f"its values are {', '.join(known[:10])}" if known else "no series has that label"
        problems.append(Problem(f"--{arm}", f"no series has {name}={value!r}; {there}"))
    if problems:
        raise SpecError(problems)
    return arms


class _Odd:
    """What was odd, counted."""

    def __init__(self) -> None:
        self.points = self.resets = self.broken = self.twice = self.gaps = self.more = 0
        self.fraction: tuple[str, float] | None = None

    def review(self) -> None:
        """Refuse what is no counter."""
        if self.fraction is not None:
            query, value = self.fraction
            message = f"it grew by {value:.3f}: a counter of requests grows by whole numbers"
            raise SpecError((Problem(query, message),))
        if self.resets > max(_FEW, _RESETS * self.points):
            message = (
                f"they went back {self.resets:,} times in {self.points:,} points: "
                "these are no counters"
            )
            raise SpecError((Problem("--requests, --errors", message),))

    def sentences(self) -> Iterator[str]:
        """Say what was odd and what was done about it."""
        several = words.several
        if self.resets:
            what = several(self.resets, "counter went", "counters went")
            yield f"{what} back: begun anew, what it shows after that is counted"
        if self.gaps:
            yield (
                f"{several(self.gaps, 'point')} missing of pods that were there: what they did "
                "meanwhile is left out"
            )
        if self.twice:
            yield f"{several(self.twice, 'point')} twice or out of order: the first one counts"
        if self.broken:
            yield f"{several(self.broken, 'point')} that were no counts (NaN, infinite, negative)"
        if self.more:
            yield f"{several(self.more, 'window')} with more errors than requests: left out whole"


class _Counted(NamedTuple):
    """
    What each pod's counters grew by in each window.

    ``seen``: in which windows a pod had a point; ``unknown``: in which of them a series that it
    had before or after was missing.
    """

    grown: Mapping[str, Mapping[int, int]]
    seen: Mapping[str, set[int]]
    unknown: Mapping[str, set[int]]


def _increases(
    series: Iterable[Series],
    label: str,
    ask: Ask,
    odd: _Odd,
    known: Mapping[str, set[int]],
) -> _Counted:
    """
    Return what counters grew by, by pod and window.

    ``known``: when pods were there. A series that begins while its pod is there already began at
    zero (a counter of errors comes with the first error); that of a pod that is new did not: how
    much of it is older than the window nobody knows.
    """
    seen: dict[str, set[int]] = {}
    rows = [(one.labels.get(label, ""), _points(one, ask, odd)) for one in series]
    for pod, points in rows:
        seen.setdefault(pod, set()).update(points)
    found = _Counted({}, seen, {})
    grown: dict[str, dict[int, int]] = {}
    unknown: dict[str, set[int]] = {}
    query = "--errors" if known else "--requests"
    for pod, points in rows:
        there = (known or seen).get(pod, set())
        mine = grown.setdefault(pod, {})
        for place, rise in _rises(points, there, odd):
            if abs(rise - round(rise)) > _WHOLE * max(1.0, rise) and odd.fraction is None:
                odd.fraction = (query, rise)
            mine[place] = mine.get(place, 0) + round(rise)
        if points:
            first = min(points)
            lacking = {place for place in there if place > first} - points.keys()
            # What a counter grew by while it was missing cannot be told from what it grew by after.
            after = {place + 1 for place in lacking} & points.keys()
            odd.gaps += len(lacking)
            unknown.setdefault(pod, set()).update(lacking, after)
    return found._replace(grown=grown, unknown=unknown)


def _rises(points: Mapping[int, float], there: set[int], odd: _Odd) -> Iterator[tuple[int, float]]:
    """Return what one series grew by, in the windows in which that is known."""
    before: int | None = None
    for place in sorted(points):
        value = points[place]
        odd.points += 1
        if before is None:
            if place - 1 in there:
                yield place, value
        elif before == place - 1:
            back = value < points[before]
            odd.resets += back
            yield place, value if back else value - points[before]
        before = place


def _points(one: Series, ask: Ask, odd: _Odd) -> dict[int, float]:
    """Return the counts of a series by the number of their window."""
    found: dict[int, float] = {}
    last = -1
    for at, value in one.points:
        place = round((at - ask.start) / ask.step_s)
        if not isfinite(value) or value < 0:
            odd.broken += 1
            continue
        if place in found:
            # The parts of a range share the point at which they meet.
            odd.twice += found[place] != value
            continue
        odd.twice += place < last
        last = max(last, place)
        found[place] = value
    return found


def _tick(
    place: int,
    counted: tuple[_Counted, _Counted],
    arms: Mapping[str, str],
    ask: Ask,
    odd: _Odd,
) -> Tick | None:
    """Return the tick of a window, None where nothing, or what cannot be, was counted."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for pod, arm in arms.items():
        requests = counted[0].grown.get(pod, {}).get(place)
        unknown = any(place in one.unknown.get(pod, ()) for one in counted)
        if requests is None or unknown:
            continue
        errors = counted[1].grown.get(pod, {}).get(place, 0)
        if errors > requests:
            odd.more += 1
            return None
        found.setdefault(arm, {})[pod] = (requests, errors)
    if not found:
        return None
    return Tick(
        at=ask.start + place * ask.step_s,
        seconds=ask.step_s,
        arms={arm: Arm(pods) for arm, pods in found.items()},
    )
