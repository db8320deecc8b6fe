"""The rule that was chosen: the door to those of others."""

from typing import assert_never

import msgspec

from serinus.core.analysis.rules import argo, flagger, kayenta
from serinus.core.analysis.rules.windows import Window
from serinus.core.spec.rules import Argo, Flagger, Kayenta, Rule
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import LookReading

State = argo.State | flagger.State | kayenta.State
NAMES = (argo.NAME, flagger.NAME, kayenta.NAME)


def open(rule: Rule) -> State:  # noqa: A001  read as chosen.open, like its siblings
    """Begin with a rule."""
    match rule:
        case Argo():
            return argo.State()
        case Flagger():
            return flagger.State()
        case Kayenta():
            return kayenta.State()
        case _:
            assert_never(rule)


def again(state: State) -> State:
    """Go on in another test: what is remembered stays, the open window begins anew."""
    return msgspec.structs.replace(state, window=Window())


def advance(rule: Rule, state: State, tick: Tick) -> State:
    """Take in one tick."""
    match rule, state:
        case Argo(), argo.State():
            return argo.advance(rule, state, tick)
        case Flagger(), flagger.State():
            return flagger.advance(rule, state, tick)
        case Kayenta(), kayenta.State():
            return kayenta.advance(rule, state, tick)
        case _:
            raise _other(rule, state)


def failed(rule: Rule, state: State) -> str:
    """Return the sentence of what rolls back, empty without."""
    match rule, state:
        case Argo(), argo.State():
            return argo.failed(rule, state)
        case Flagger(), flagger.State():
            return flagger.failed(rule, state)
        case Kayenta(), kayenta.State():
            return kayenta.failed(rule, state)
        case _:
            raise _other(rule, state)


def halted(rule: Rule, state: State) -> str:
    """Return the sentence of what a person should look at, empty without."""
    match rule, state:
        case Argo(), argo.State():
            return argo.halted(rule, state)
        case Flagger(), flagger.State():
            return flagger.halted(rule, state)
        case Kayenta(), kayenta.State():
            return kayenta.halted(rule, state)
        case _:
            raise _other(rule, state)


def reading(rule: Rule, state: State) -> LookReading:
    """Say how it stands, for people."""
    match rule, state:
        case Argo(), argo.State():
            return argo.reading(rule, state)
        case Flagger(), flagger.State():
            return flagger.reading(rule, state)
        case Kayenta(), kayenta.State():
            return kayenta.reading(rule, state)
        case _:
            raise _other(rule, state)


def _other(rule: Rule, state: State) -> TypeError:
    return TypeError(f"the state of {type(state).__module__} is not that of {type(rule).__name__}")
