"""The door serves every rule, and what it remembers goes through JSON by its kind."""

import msgspec
import pytest

from serinus.core.analysis.rules import argo, chosen, flagger, kayenta
from serinus.core.analysis.rules.windows import Window
from serinus.core.spec.rules import Argo, Flagger, Kayenta, Rule
from serinus.core.state.verdict import Outcome
from tests.core.analysis.rules.watched import minutes

RULES: tuple[Rule, ...] = (Argo(), Flagger(), Kayenta())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_every_rule_fails_an_outage_and_says_so_under_its_name(rule: Rule) -> None:
    state = chosen.open(rule)
    for tick in minutes([(100, 100)] * 6, [(900, 1)] * 6):
        state = chosen.advance(rule, state, tick)

    found = chosen.reading(rule, state)
    assert found.check in chosen.NAMES
    assert Outcome.FAIL is found.outcome
    assert chosen.failed(rule, state) == found.sentence
    assert not chosen.halted(rule, state)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_every_memory_is_known_by_its_tag(rule: Rule) -> None:
    state = chosen.open(rule)

    assert state == msgspec.json.decode(msgspec.json.encode(state), type=chosen.State)


def test_another_test_keeps_what_was_counted_and_begins_its_window_anew() -> None:
    rule, state = Flagger(), chosen.open(Flagger())
    for tick in list(minutes([(100, 100)] * 3))[:-1]:
        state = chosen.advance(rule, state, tick)
    again = chosen.again(state)

    assert isinstance(again, flagger.State)
    assert (2, Window()) == (again.failures, again.window)


@pytest.mark.parametrize("state", [argo.State(), kayenta.State()])
def test_the_memory_of_another_rule_is_refused(state: chosen.State) -> None:
    for ask in (chosen.failed, chosen.halted, chosen.reading):
        with pytest.raises(TypeError, match="not that of Flagger"):
            ask(Flagger(), state)
    with pytest.raises(TypeError, match="not that of Flagger"):
        chosen.advance(Flagger(), state, next(iter(minutes([(1, 0)]))))
