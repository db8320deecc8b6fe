"""
Flagger's rule: static limits for the candidate, and a count of the intervals that broke them.

::

    interval      1     2     3     4     5     6
    success rate  99.8  97.1  99.4  96.0  98.2  …
    failed              1           2     3     ≥ threshold (3): rolled back here, not before

The count is over the whole release and never goes down; it is looked at when the *next* interval
begins, so that a threshold of 5 at one minute takes six. Stable is not looked at, nor is it asked
how many requests there were.
"""

import msgspec

from serinus.core.analysis import sentences
from serinus.core.analysis.rules import windows
from serinus.core.analysis.rules.windows import Window
from serinus.core.spec import prose
from serinus.core.spec.rules import Flagger, NoValues
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import LookReading, Outcome

NAME = "flagger"
Settings = Flagger


class State(msgspec.Struct, frozen=True, tag="flagger"):
    """
    What is remembered: intervals that were looked at, and those that failed.

    ``silent``: intervals without requests since the last one with some. ``last``: what that one
    said, ``share``: its share of good requests; ``broken``: what the last failed one said;
    ``struck``: another interval has begun since the last failure that was allowed.
    """

    window: Window = Window()
    looked: int = 0
    failures: int = 0
    silent: int = 0
    last: str = ""
    share: float | None = None
    broken: str = ""
    struck: bool = False


def advance(settings: Settings, state: State, tick: Tick) -> State:
    """Take in one tick; every interval that it closes is judged."""
    idle = settings.no_values is NoValues.THEIRS
    closed, window = windows.take(
        state.window, tick, settings.interval_s, settings.bound_ms, idle=idle
    )
    for one in closed:
        state = _judge(settings, state, one)
    return msgspec.structs.replace(state, window=window)


def _judge(settings: Settings, state: State, window: Window) -> State:
    if state.failures >= settings.threshold:
        return msgspec.structs.replace(state, struck=True)
    share = window.own.share()
    if share is None:
        return _silent(settings, state)
    wrong = _wrong(settings, window)
    said = wrong or f"success rate {sentences.good(1 - share)}, wanted at least {_wanted(settings)}"
    said = f"{said} ({prose.several(window.own.requests, 'request')})"
    return msgspec.structs.replace(
        state,
        looked=state.looked + 1,
        failures=state.failures + bool(wrong),
        silent=0,
        last=said,
        share=1 - share,
        broken=said if wrong else state.broken,
    )


def _silent(settings: Settings, state: State) -> State:
    """An interval without requests: Flagger finds no value, and counts it as failed."""
    fails = settings.no_values is NoValues.THEIRS
    return msgspec.structs.replace(
        state,
        silent=state.silent + 1,
        failures=state.failures + fails,
        broken="no values found" if fails else state.broken,
    )


def _wrong(settings: Settings, window: Window) -> str:
    """Say what broke its limit in an interval, empty if nothing did; the first one is enough."""
    share = window.own.share() or 0.0
    if 1 - share < settings.min_success:
        return f"success rate {sentences.good(1 - share)}, wanted at least {_wanted(settings)}"
    if not settings.bound_ms:
        return ""
    tail = window.own.tail()
    if tail is None:
        return "no times found" if settings.no_values is NoValues.THEIRS else ""
    if tail <= settings.max_slower:
        return ""
    allowed = sentences.percent(settings.max_slower)
    return f"{sentences.percent(tail)} slower than {settings.bound_ms} ms, allowed {allowed}"


def _wanted(settings: Settings) -> str:
    return sentences.good(settings.min_success)


# --- what it says -------------------------------------------------------------------------------


def failed(settings: Settings, state: State) -> str:
    """Return the sentence of what rolls back, empty without."""
    if not state.struck:
        return ""
    failures = prose.several(state.failures, "failed interval")
    length = prose.seconds(settings.interval_s)
    return f"{NAME}: {failures} of {length}, the threshold is {settings.threshold}; {state.broken}"


def halted(_: Settings, __: State) -> str:
    """Return nothing: Flagger asks nobody."""
    return ""


def reading(settings: Settings, state: State) -> LookReading:
    """Say how it stands."""
    told = failed(settings, state)
    if told:
        outcome, text = Outcome.FAIL, told
    elif not state.looked or state.silent:
        outcome = Outcome.NO_DATA
        text = f"{NAME}: no interval with requests yet"
        if state.looked:
            text = f"{NAME}: no requests in the last interval; {_count(settings, state)}"
    else:
        outcome = Outcome.INCONCLUSIVE if state.failures else Outcome.PASS
        text = f"{NAME}: {state.last}; {_count(settings, state)}"
    return LookReading(
        check=NAME,
        outcome=outcome,
        sentence=text,
        value=state.share,
        limit=settings.min_success,
        strikes=state.failures,
    )


def _count(settings: Settings, state: State) -> str:
    return f"failed intervals: {state.failures}, rolled back at {settings.threshold}"
