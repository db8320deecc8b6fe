"""What a delivery says beside its steps and checks: who judges, who stays where, headers, goals."""

from collections.abc import Iterator
from typing import assert_never

from serinus.core.analysis import sentences
from serinus.core.analysis.rules import argo
from serinus.core.spec import duration, judges, prose, rules
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.requests import Edits, Goal
from serinus.core.spec.rules import Argo, Flagger, Kayenta, Rule

NO_GUARANTEE = (
    "no guarantee how often it is wrong; the evidence of the checks is shown and does not act"
)
_LONGEST = 40


def lines(delivery: Delivery) -> tuple[str, ...]:
    """Say it, a line each; nothing of what was left as it is."""
    return tuple(_lines(delivery))


def _lines(delivery: Delivery) -> Iterator[str]:
    if delivery.rule is not None:
        yield from _rule(delivery.rule)
    if delivery.sticky_s:
        yield f"users stay on their side for {duration.of_seconds(delivery.sticky_s)}, by a cookie"
    yield from _edits(delivery.edits)
    for goal in delivery.goals:
        yield f"goal {goal.name}: {_goal(goal)}"


def _rule(rule: Rule) -> Iterator[str]:
    whose = judges.WHOSE[rules.name(rule)]
    match rule:
        case Flagger():
            yield f"judged by the rule of {whose}: {_flagger(rule)}"
        case Argo():
            yield f"judged by the rule of {whose}: {_argo(rule)}"
        case Kayenta():
            yield f"judged by the rule of {whose}: {_kayenta(rule)}"
        case _:
            assert_never(rule)
    kind = "a repeated rank test" if isinstance(rule, Kayenta) else "a threshold rule"
    yield f"{kind}: {NO_GUARANTEE}"


def _flagger(rule: Flagger) -> str:
    slower = ""
    if rule.bound_ms:
        most = sentences.percent(rule.max_slower)
        slower = f" and at most {most} slower than {rule.bound_ms} ms"
    good = sentences.good(rule.min_success)
    failed = prose.several(rule.threshold, "failed interval")
    length = prose.seconds(rule.interval_s)
    return f"success rate at least {good}{slower} in each {length}; rolled back after {failed}"


def _argo(rule: Argo) -> str:
    asked = [
        f"{word} where {argo.wording(condition)}"
        for word, condition in (("passes", rule.success), ("fails", rule.failure))
        if condition is not None
    ]
    often = f", {prose.several(rule.count, 'time')}" if rule.count else ""
    limit = f"rolled back after {prose.several(rule.failure_limit + 1, 'failure')}"
    if rule.failure_limit < 0:
        limit = "failures are counted and do not roll back"
    return f"each {prose.seconds(rule.interval_s)}{often} {', '.join(asked)}; {limit}"


def _kayenta(rule: Kayenta) -> str:
    what = "errors"
    if rule.bound_ms:
        what = f"errors and requests slower than {rule.bound_ms} ms"
    point, every = prose.seconds(rule.point_s), prose.seconds(rule.interval_s)
    return (
        f"{what} in points of {point} against stable's, every {every}; "
        f"rolled back at a score of {rule.marginal:g} or less"
    )


def _edits(edits: Edits) -> Iterator[str]:
    for name, value in edits.set:
        short = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
        yield f"requests to the candidate get the header {name}: {short}".rstrip()
    for name in edits.remove:
        yield f"requests to the candidate lose the header {name}"


def _goal(goal: Goal) -> str:
    methods = f"{' or '.join(goal.methods)} " if goal.methods else ""
    if goal.path.endswith("*"):
        return f"{methods}{goal.path[:-1]} and what begins so"
    return f"{methods}{goal.path}"
