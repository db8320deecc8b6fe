"""
Kayenta's rule: a rank test on points of time, whatever number of requests is behind a point.

::

    points      candidate  .1 .4 .2 .3 .2 │ .3 .5 …      one each minute: the share of bad requests
                stable     .1 .1 .2 .1 .1 │ .1 .2 …
    judgement                             ▲ every five minutes, on all points so far

A metric is *high* when the lower end of the interval of the shift
(:mod:`~serinus.core.analysis.rules.ranks`) is above ``tolerance`` times the shift itself, and the
ratio of the means is at least ``increase``. The score is the share of metrics that are not high; a
critical one that is high makes it 0. A score at or below ``marginal`` rolls back; one above it that
is below ``passing`` asks a person.

Only *higher is worse* is tested, as errors and slow requests are. Where stable had no error at all
the ratio of the means counts as 1.
"""

from collections.abc import Sequence
from statistics import fmean

import msgspec

from serinus.core.analysis import sentences
from serinus.core.analysis.rules import ranks, windows
from serinus.core.analysis.rules.windows import Sums, Window
from serinus.core.spec import prose
from serinus.core.spec.rules import Kayenta, NoValues
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import LookReading, Outcome

NAME = "kayenta"
Settings = Kayenta
ERRORS, LATENCY = "errors", "latency"
WHOLE = 100.0

MOST = 240
"""So many points of each arm are kept, the last ones: four hours of minutes."""

_ROUNDING = 1e-6


class Point(msgspec.Struct, frozen=True, array_like=True):
    """What both arms did up to a moment: shares of errors and of slow requests, None: no value."""

    at: float
    own: float | None = None
    stable: float | None = None
    own_slow: float | None = None
    stable_slow: float | None = None


class State(msgspec.Struct, frozen=True, tag="kayenta"):
    """
    What is remembered: the points, and the last judgement.

    ``begun``: when the first point began; ``judged``: how often it was time to judge; ``score``: of
    the last judgement, None as long as nothing could be compared; ``last``: what it said;
    ``silent``: there was nothing new to compare since.
    """

    window: Window = Window()
    points: tuple[Point, ...] = ()
    begun: float = 0.0
    judged: int = 0
    score: float | None = None
    last: str = ""
    silent: bool = False


def advance(settings: Settings, state: State, tick: Tick) -> State:
    """Take in one tick; points are made as they close, and judged when it is time."""
    idle = settings.no_values is NoValues.THEIRS
    closed, window = windows.take(
        state.window, tick, settings.point_s, settings.bound_ms, idle=idle
    )
    for one in closed:
        point = _point(settings, one)
        state = msgspec.structs.replace(
            state,
            points=(*state.points, point)[-MOST:],
            begun=state.begun or one.begun,
        )
        due = state.begun + (state.judged + 1) * settings.interval_s
        if point.at >= due - _ROUNDING:
            state = _judge(settings, state, point.at)
    return msgspec.structs.replace(state, window=window)


def _point(settings: Settings, window: Window) -> Point:
    """Make a point; Kayenta takes a value that is none for a zero, unless it is told otherwise."""
    missing = 0.0 if settings.no_values is NoValues.THEIRS else None

    def value(found: float | None) -> float | None:
        return missing if found is None else found

    own, stable = window.own, window.stable
    tails = _tails(settings, own, stable)
    at = window.begun + settings.point_s
    return Point(at, value(own.share()), value(stable.share()), *(value(one) for one in tails))


def _tails(settings: Settings, own: Sums, stable: Sums) -> tuple[float | None, float | None]:
    return (own.tail(), stable.tail()) if settings.bound_ms else (None, None)


def _judge(settings: Settings, state: State, at: float) -> State:
    fresh = at - settings.interval_s
    silent = not any(_whole(one) for one in state.points if one.at > fresh + _ROUNDING)
    state = msgspec.structs.replace(state, judged=state.judged + 1, silent=silent)
    if silent:
        return state
    since = at - settings.lookback_s if settings.lookback_s else 0.0
    points = [one for one in state.points if one.at > since + _ROUNDING]
    metrics = {ERRORS: _pair([(one.own, one.stable) for one in points])}
    if settings.bound_ms:
        metrics[LATENCY] = _pair([(one.own_slow, one.stable_slow) for one in points])
    found = {name: high(settings, *pair) for name, pair in metrics.items() if all(pair)}
    if not found:
        return msgspec.structs.replace(state, silent=True)
    score = WHOLE * sum([not one for one in found.values()]) / len(found)
    if settings.critical and found.get(ERRORS):
        score = 0.0
    said = "; ".join(
        _said(settings, name, metrics[name], "high" if one else "pass")
        for name, one in found.items()
    )
    return msgspec.structs.replace(state, score=score, last=said)


def _whole(point: Point) -> bool:
    return point.own is not None and point.stable is not None


def _pair(
    points: Sequence[tuple[float | None, float | None]],
) -> tuple[list[float], list[float]]:
    own = [x for x, _ in points if x is not None]
    return own, [y for _, y in points if y is not None]


def high(settings: Settings, own: Sequence[float], stable: Sequence[float]) -> bool:
    """Tell whether a metric of the candidate is classed as high; neither sample is empty."""
    if sorted(own) == sorted(stable):
        return False
    found = ranks.shift(own, stable, settings.confidence)
    if found.low <= settings.tolerance * abs(found.estimate):
        return False
    return _ratio(own, stable) >= settings.increase


def _ratio(own: Sequence[float], stable: Sequence[float]) -> float:
    usual = fmean(stable)
    return fmean(own) / usual if usual else 1.0


def _said(
    settings: Settings, name: str, pair: tuple[list[float], list[float]], classed: str
) -> str:
    own, stable = (sentences.percent(fmean(values)) for values in pair)
    what = name if name == ERRORS else f"slower than {settings.bound_ms} ms"
    points = prose.several(len(pair[0]), "point")
    return f"{what} {own} against {stable} on stable: {classed} ({points})"


# --- what it says -------------------------------------------------------------------------------


def failed(settings: Settings, state: State) -> str:
    """Return the sentence of what rolls back, empty without."""
    if state.score is None or state.score > settings.marginal:
        return ""
    return f"{_score(state)}, rolled back at {settings.marginal:g} or less; {state.last}"


def halted(settings: Settings, state: State) -> str:
    """Return the sentence of what a person should look at, empty without."""
    if state.score is None or state.score >= settings.passing or failed(settings, state):
        return ""
    return f"{_score(state)}, wanted {settings.passing:g}; {state.last}"


def _score(state: State) -> str:
    return f"{NAME}: score {state.score:.0f} of {WHOLE:.0f}"


def reading(settings: Settings, state: State) -> LookReading:
    """Say how it stands."""
    if told := failed(settings, state):
        outcome, text = Outcome.FAIL, told
    elif told := halted(settings, state):
        outcome, text = Outcome.INCONCLUSIVE, told
    elif state.score is None:
        outcome = Outcome.NO_DATA
        text = f"{NAME}: nothing judged yet, {prose.several(len(state.points), 'point')}"
    elif state.silent:
        outcome = Outcome.NO_DATA
        text = f"{_score(state)} before; nothing to compare in the last interval"
    else:
        outcome, text = Outcome.PASS, f"{_score(state)}; {state.last}"
    return LookReading(
        check=NAME, outcome=outcome, sentence=text, value=state.score, limit=settings.passing
    )
