"""
The ruling: what the rule that a delivery chose makes of the ticks.

It stands in the place of the evidence. That goes on being counted and shown, and neither takes
traffic away nor rolls back; objectives and thresholds that the template asks for act as they
always do.

A rule acts like a threshold: its sentence rolls back at once. It is asked in every test but a
probe. What it remembers goes on through the tests of a release, so that taking traffic away is no
second chance; a takeover (and copies, which are one) is another question, and begins anew.
"""

import msgspec

from serinus.core.analysis.memory import Judge
from serinus.core.analysis.rules import chosen
from serinus.core.spec.rules import Rule
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import Reading, Test, TestKind


def open(rule: Rule | None) -> chosen.State | None:  # noqa: A001  read as ruling.open
    """Begin with the rule of a delivery, None where it chose none."""
    return None if rule is None else chosen.open(rule)


def heard(judge: Judge, tick: Tick) -> Judge:
    """Take in one tick."""
    rule, state = judge.terms.rule, judge.ruled
    if rule is None or state is None or judge.test.kind is TestKind.PROBE:
        return judge
    return msgspec.structs.replace(judge, ruled=chosen.advance(rule, state, tick))


def begin(judge: Judge, test: Test) -> chosen.State | None:
    """Begin another test."""
    if judge.terms.rule is None or judge.ruled is None:
        return None
    if TestKind.TAKEOVER in {test.kind, judge.test.kind}:
        return chosen.open(judge.terms.rule)
    return chosen.again(judge.ruled)


# --- what it says -------------------------------------------------------------------------------


def read(judge: Judge, found: Reading) -> Reading:
    """Put what the rule says in the place of what the evidence would do; nothing without a rule."""
    rule, state = judge.terms.rule, judge.ruled
    if rule is None or state is None:
        return found
    said = chosen.reading(rule, state)
    sentence = said.sentence
    if judge.alarmed:
        sentence += f"; the evidence speaks against it and does not act: {found.sentence}"
    return msgspec.structs.replace(
        found,
        alarm=False,
        regressed="",
        looks=(said, *found.looks),
        struck=chosen.failed(rule, state) or found.struck,
        halted=chosen.halted(rule, state) or found.halted,
        sentence=sentence,
    )
