"""
Argo Rollouts' rule: each measurement stands alone, and plain counters decide.

====================  ==========================================================================
a measurement is      when
====================  ==========================================================================
``failed``            the failure condition is true; or there is only a success condition, and it
                      is not
``inconclusive``      there are both conditions, and neither is true
``error``             nothing was scraped in its interval
``successful``        everything else, even where there is no condition at all
====================  ==========================================================================

More failures than ``failure_limit`` roll back, and more errors in a row than
``consecutive_error_limit``; more inconclusive ones than ``inconclusive_limit`` ask a person. After
``count`` measurements within all limits the rule is content and looks no more.

In Argo Rollouts a value that is no number fails ``>=``, and an error is asked again after ten
seconds. Here an error waits for the next interval; and where a person chose the rule
(:class:`~serinus.core.spec.rules.NoValues`), what is missing is neither a failure nor an error.
"""

import operator
from collections.abc import Callable, Mapping

import msgspec

from serinus.core.analysis import sentences
from serinus.core.analysis.rules import windows
from serinus.core.analysis.rules.windows import Window
from serinus.core.spec import prose
from serinus.core.spec.rules import Argo, Condition, NoValues, What
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import LookReading, Outcome

NAME = "argo"
Settings = Argo

SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
"""The comparisons of a condition."""


class State(msgspec.Struct, frozen=True, tag="argo"):
    """
    What is remembered: how many measurements came out how.

    ``errors``: in a row; ``delayed``: until when nothing is measured (epoch seconds); ``silent``:
    intervals without requests since the last measurement. ``last``: what that one said, ``value``
    its number; ``broken``: what the last one said that was no success.
    """

    window: Window = Window()
    delayed: float = 0.0
    measured: int = 0
    failures: int = 0
    inconclusive: int = 0
    errors: int = 0
    silent: int = 0
    last: str = ""
    value: float | None = None
    broken: str = ""


def advance(settings: Settings, state: State, tick: Tick) -> State:
    """Take in one tick; every interval that it closes is a measurement."""
    if settings.initial_delay_s:
        begun = state.delayed or tick.at - tick.seconds + settings.initial_delay_s
        state = msgspec.structs.replace(state, delayed=begun)
        if tick.at <= begun:
            return state
    idle = settings.no_values is NoValues.THEIRS
    closed, window = windows.take(
        state.window, tick, settings.interval_s, _bound_ms(settings), idle=idle
    )
    for one in closed:
        if not _over(settings, state):
            state = _measure(settings, state, one)
    return msgspec.structs.replace(state, window=window)


def _bound_ms(settings: Settings) -> int:
    found = [one.bound_ms for one in (settings.success, settings.failure) if one is not None]
    return max([0, *found])


def _over(settings: Settings, state: State) -> bool:
    """Tell whether nothing is measured any more: a limit is broken, or the count is reached."""
    if _broken(settings, state) or _doubtful(settings, state):
        return True
    return 0 < settings.count <= state.measured


def _measure(settings: Settings, state: State, window: Window) -> State:
    theirs = settings.no_values is NoValues.THEIRS
    if not window.seconds and theirs:
        broken = "nothing could be measured"
        return msgspec.structs.replace(state, errors=state.errors + 1, broken=broken)
    conditions = [one for one in (settings.success, settings.failure) if one is not None]
    values = [_value(one, window) for one in conditions]
    if any(value is None for value in values):
        if not theirs:
            return msgspec.structs.replace(state, silent=state.silent + 1)
        return _counted(state, Outcome.FAIL, "the result is no number")
    outcome = _outcome(settings, window)
    said = " and ".join(_said(one, window) for one in conditions) or "no condition to meet"
    state = msgspec.structs.replace(state, value=values[0] if values else None)
    count = prose.several(window.own.requests, "request")
    return _counted(state, outcome, f"{said} ({count})")


def _counted(state: State, outcome: Outcome, said: str) -> State:
    return msgspec.structs.replace(
        state,
        measured=state.measured + 1,
        failures=state.failures + (outcome is Outcome.FAIL),
        inconclusive=state.inconclusive + (outcome is Outcome.INCONCLUSIVE),
        errors=0,
        silent=0,
        last=said,
        broken=state.broken if outcome is Outcome.PASS else said,
    )


def _outcome(settings: Settings, window: Window) -> Outcome:
    fails = settings.failure is not None and _true(settings.failure, window)
    succeeds = settings.success is not None and _true(settings.success, window)
    if fails:
        return Outcome.FAIL
    if settings.success is None or succeeds:
        return Outcome.PASS
    return Outcome.FAIL if settings.failure is None else Outcome.INCONCLUSIVE


def _true(condition: Condition, window: Window) -> bool:
    value = _value(condition, window)
    return value is not None and SIGNS[condition.sign](value, condition.limit)


def _value(condition: Condition, window: Window) -> float | None:
    if condition.what is What.SLOWER:
        return window.own.tail()
    share = window.own.share()
    if share is None:
        return None
    return 1 - share if condition.what is What.SUCCESS else share


def _said(condition: Condition, window: Window) -> str:
    value = _value(condition, window) or 0.0
    slower = condition.what is What.SLOWER
    name = f"slower than {condition.bound_ms} ms" if slower else condition.what.replace("-", " ")
    say = sentences.good if condition.what is What.SUCCESS else sentences.percent
    return f"{name} {say(value)} ({wording(condition)})"


def wording(condition: Condition) -> str:
    """Write a condition as it is written: ``success-rate >= 99 %``."""
    name = condition.what.value
    if condition.what is What.SLOWER:
        name = f"slower than {condition.bound_ms} ms"
    return f"{name} {condition.sign} {condition.limit * 100:g} %"


# --- what it says -------------------------------------------------------------------------------


def _broken(settings: Settings, state: State) -> str:
    """Say which limit is broken, empty if none is."""
    if 0 <= settings.failure_limit < state.failures:
        failures = prose.several(state.failures, "failed measurement")
        return f"{failures}, the limit is {settings.failure_limit}"
    if 0 <= settings.consecutive_error_limit < state.errors:
        errors = prose.several(state.errors, "error")
        return f"{errors} in a row, the limit is {settings.consecutive_error_limit}"
    return ""


def _doubtful(settings: Settings, state: State) -> str:
    if 0 <= settings.inconclusive_limit < state.inconclusive:
        found = prose.several(state.inconclusive, "inconclusive measurement")
        return f"{found}, the limit is {settings.inconclusive_limit}"
    return ""


def failed(settings: Settings, state: State) -> str:
    """Return the sentence of what rolls back, empty without."""
    told = _broken(settings, state)
    return f"{NAME}: {told}; {state.broken}" if told else ""


def halted(settings: Settings, state: State) -> str:
    """Return the sentence of what a person should look at, empty without."""
    told = _doubtful(settings, state)
    return f"{NAME}: {told}; {state.broken}" if told and not _broken(settings, state) else ""


def reading(settings: Settings, state: State) -> LookReading:
    """Say how it stands."""
    told = failed(settings, state)
    if told:
        outcome, text = Outcome.FAIL, told
    elif told := halted(settings, state):
        outcome, text = Outcome.INCONCLUSIVE, told
    elif not state.measured or state.silent:
        outcome = Outcome.NO_DATA
        text = f"{NAME}: no measurement with requests yet"
        if state.measured:
            text = f"{NAME}: no requests in the last interval; {_count(settings, state)}"
    else:
        clear = not state.failures and not state.inconclusive
        outcome = Outcome.PASS if clear else Outcome.INCONCLUSIVE
        text = f"{NAME}: {state.last}; {_count(settings, state)}"
    first = settings.success or settings.failure
    return LookReading(
        check=NAME,
        outcome=outcome,
        sentence=text,
        value=state.value,
        limit=None if first is None else first.limit,
        strikes=state.failures,
    )


def _count(settings: Settings, state: State) -> str:
    of = f" of {settings.count}" if settings.count else ""
    measured = f"measurements: {state.measured}{of}"
    return f"{measured}, failed: {state.failures}, rolled back beyond {settings.failure_limit}"
