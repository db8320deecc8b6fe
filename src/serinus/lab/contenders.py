"""
Who decides at the bench, by name: rules that watch, and policies that act on the traffic.

``serinus`` is what runs in production. The others are there to be compared with.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from serinus.core.errors import Problem, SpecError
from serinus.core.state.counts import Tick
from serinus.lab import engine, oracles, own, rivals
from serinus.lab.play import Policy
from serinus.lab.rules import Make, Rule
from serinus.lab.scenario import Scenario

OWN = "serinus"
"""Whose numbers the targets are about."""

ORACLE, ORACLE2 = oracles.RULES
ORACLES = (ORACLE, ORACLE2)

Act = Callable[[Scenario], Policy]
"""Makes a policy for one run of a scenario."""

POLICIES: Mapping[str, Act] = {OWN: own.Own}
RULES: Mapping[str, Make] = {**oracles.RULES, **engine.RULES, **rivals.RULES}

WORDS: Mapping[str, str] = {
    OWN: "retreat, probe on fresh replicas, then roll back, promote or hold",
    ORACLE: "knows both true shares in every tick; cannot be built",
    ORACLE2: "knows what to bet on, learns what stable does; cannot be built",
    "E": "the evidence alone, errors taken for independent; roll back at 100",
    "v1": "the evidence alone with both guards; roll back at 100",
    **rivals.WORDS,
}
"""What each is, in a few words."""


def names() -> tuple[str, ...]:
    """Return all names: policies first."""
    return (*POLICIES, *RULES)


def chosen(wanted: Iterable[str]) -> tuple[str, ...]:
    """
    Return these, or all when none is wanted, in the order of tables.

    The oracles are always among them: everybody is measured by them. Raises SpecError for names
    that nobody has.
    """
    asked = set(wanted) or set(names())
    unknown = sorted(asked - set(names()))
    if unknown:
        known = ", ".join(names())
        raise SpecError([Problem("rules", f"{name!r}; wanted any of {known}") for name in unknown])
    return tuple([name for name in names() if name in asked or name in ORACLES])


def rules(wanted: Iterable[str], scenario: Scenario, history: Sequence[Tick]) -> Mapping[str, Rule]:
    """Make rules for one run; they are to be shown every tick side by side."""
    asked = tuple(wanted)
    made: dict[str, Rule] = {}
    if set(engine.RULES) <= set(asked):
        made |= engine.both(scenario, history)
    return {name: made.get(name) or RULES[name](scenario, history) for name in asked}
