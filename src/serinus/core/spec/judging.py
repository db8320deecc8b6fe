"""
The judge that was chosen: reviewed, and resolved to a rule. Paths are relative to the body.

Whoever chooses another tool's rule gets it with one difference that cannot be chosen: where data is
missing, Serinus' own five verdicts hold. No data is no failure, and no pass.
"""

import re
from collections.abc import Iterator

from serinus.core.errors import Problem
from serinus.core.spec import bounds, checker, checklist, duration, formats, judges, rules
from serinus.core.spec.bounds import Span
from serinus.core.spec.limits import Limits
from serinus.core.spec.template import Body

INTERVAL = Span("10s", "1h")
DELAY = Span("0s", "1d")
PERCENTILE = 0.99
"""What Flagger's own metric of durations looks at."""

_CONDITION = re.compile(r"(success-rate|error-rate|p[0-9]{1,2}(?:\.[0-9]+)?) *(>=|<=|>|<) *(\S+)")
_FRACTION = re.compile(r"0|1|0?\.[0-9]+|1\.0+|0\.[0-9]+")
_WANTED = "wanted one such as success-rate >= 99%, error-rate < 1% or p99 <= 500ms"
_BESIDE = ("traffic", "ramp", "mirror")
_COUNTED = ("use", "errors", "latency", "logs", "network")


def resolve(body: Body, limits: Limits, problems: list[Problem]) -> rules.Rule | None:
    """Return the rule, None where Serinus judges; what is wrong is added to the problems."""
    judge = body.judge
    if judge is None:
        return None
    given = [key for key in judges.WHOSE if getattr(judge, key) is not None]
    if len(given) != 1:
        said = f"; found {' and '.join(given)}: set to null what is not wanted" if given else ""
        problems.append(Problem("judge", f"a judge is exactly one of {_all()}{said}"))
        return None
    problems.extend(_fitting(body, given[0]))
    if judge.flagger is not None:
        return _flagger(judge.flagger, body, limits, problems)
    if judge.argo is not None:
        return _argo(judge.argo, body, limits, problems)
    return _kayenta(judge.kayenta or judges.KayentaRule(), body, limits, problems)


def _all() -> str:
    return ", ".join(judges.WHOSE)


def _fitting(body: Body, whose: str) -> Iterator[Problem]:
    """Say where a rule has nothing to judge, or no name of its own."""
    counted = [c for c in body.checks if any(getattr(c, key) is not None for key in _COUNTED)]
    if not counted:
        message = (
            "nothing is counted: wanted a check beside it, whose evidence is shown, such as "
            "checks: [{use: golden-signals}]"
        )
        yield Problem("judge", message)
    for index, check in enumerate(body.checks):
        if check.name == whose:
            message = f"the judge is called {checker.shown(whose)} already; wanted another name"
            yield Problem(f"checks[{index}].name", message)
    beside = any(getattr(step, key) is not None for step in body.plan for key in _BESIDE)
    if whose != "kayenta":
        return
    if body.strategy == "abTest":
        message = "the users of an A/B test are not compared request by request; wanted a limit"
        yield Problem("judge.kayenta", f"{message}, as of flagger or argo")
    elif not beside:
        steps = " or ".join(_BESIDE)
        message = f"both versions are never seen beside each other; wanted a step of {steps}"
        yield Problem("judge.kayenta", message)


def _interval(text: str, span: Span, body: Body, place: str, problems: list[Problem]) -> float:
    told = list(bounds.length(text, span, place))
    found, tick = duration.seconds(text), duration.seconds(body.every)
    if not told and found < tick:
        message = f"{text} is shorter than {body.every}, the time between two scrapes ('every')"
        told.append(Problem(place, message))
    problems.extend(told)
    return found


def _latency(text: str | None, limits: Limits, place: str, problems: list[Problem]) -> int:
    """Return a bound in milliseconds, 0 where none is wanted."""
    if text is None:
        return 0
    found = checklist.latency_bound(text, limits, place, problems)
    return found[0] if found else 0


# --- one rule after the other --------------------------------------------------------------------


def _flagger(
    written: judges.FlaggerRule, body: Body, limits: Limits, problems: list[Problem]
) -> rules.Flagger:
    here = "judge.flagger"
    problems.extend(bounds.number(written.threshold, 1, 1000, f"{here}.threshold"))
    success = formats.fraction(written.success_rate)
    if not 0 < success <= 1:
        message = f"{written.success_rate} is no limit; wanted more than 0% and at most 100%"
        problems.append(Problem(f"{here}.successRate", message))
    return rules.Flagger(
        interval_s=_interval(written.interval, INTERVAL, body, f"{here}.interval", problems),
        threshold=written.threshold,
        min_success=success,
        bound_ms=_latency(written.latency, limits, f"{here}.latency", problems),
        max_slower=round(1 - PERCENTILE, 9),
    )


def _argo(
    written: judges.ArgoRule, body: Body, limits: Limits, problems: list[Problem]
) -> rules.Argo:
    here = "judge.argo"
    problems.extend(bounds.length(written.initial_delay, DELAY, f"{here}.initialDelay"))
    if written.count is not None:
        problems.extend(bounds.number(written.count, 1, 10_000, f"{here}.count"))
    problems.extend(bounds.number(written.failure_limit, -1, 1000, f"{here}.failureLimit"))
    limit = written.inconclusive_limit
    problems.extend(bounds.number(limit, -1, 1000, f"{here}.inconclusiveLimit"))
    both = (written.success_condition, written.failure_condition)
    if both == (None, None):
        message = "without a condition everything passes; wanted successCondition, failureCondition"
        problems.append(Problem(here, f"{message} or both"))
    found = [
        None if text is None else _condition(text, limits, f"{here}.{key}", problems)
        for text, key in zip(both, ("successCondition", "failureCondition"), strict=True)
    ]
    bound = {one.bound_ms for one in found if one is not None and one.bound_ms}
    if len(bound) > 1:
        message = "both conditions ask for times; wanted the same bound in both"
        problems.append(Problem(f"{here}.failureCondition", message))
    return rules.Argo(
        interval_s=_interval(written.interval, INTERVAL, body, f"{here}.interval", problems),
        initial_delay_s=duration.seconds(written.initial_delay),
        count=written.count or 0,
        success=found[0],
        failure=found[1],
        failure_limit=written.failure_limit,
        inconclusive_limit=limit,
    )


def _condition(
    text: str, limits: Limits, place: str, problems: list[Problem]
) -> rules.Condition | None:
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        problems.append(Problem(place, f"{checker.shown(text)} is not a condition; {_WANTED}"))
        return None
    what, sign, value = found.groups()
    if what.startswith("p"):
        return _percentile(what, sign, value, limits, place, problems)
    wrong = "" if _FRACTION.fullmatch(value) else formats.wrong("percent", value)
    if wrong:
        problems.append(Problem(place, wrong))
        return None
    limit = float(value) if _FRACTION.fullmatch(value) else formats.fraction(value)
    if not 0 <= limit <= 1:
        problems.append(Problem(place, f"{value} is no share; wanted 0% to 100%"))
    return rules.Condition(rules.What(what), sign, limit)


def _percentile(  # noqa: PLR0917  the parts of one condition, and where to tell
    what: str, sign: str, value: str, limits: Limits, place: str, problems: list[Problem]
) -> rules.Condition | None:
    """A percentile is within a bound where not too many requests are slower than it."""
    share = float(what[1:]) / 100
    found = checklist.latency_bound(value, limits, place, problems)
    if not 0 < share < 1:
        problems.append(Problem(place, f"{what} is no percentile; wanted one such as p95 or p99"))
    if not found:
        return None
    slow = ">" if sign.startswith(">") else "<="
    return rules.Condition(rules.What.SLOWER, slow, round(1 - share, 9), found[0])


def _kayenta(
    written: judges.KayentaRule, body: Body, limits: Limits, problems: list[Problem]
) -> rules.Kayenta:
    here = "judge.kayenta"
    point_s = _interval(written.point, INTERVAL, body, f"{here}.point", problems)
    day = Span("10s", "1d")
    interval_s = _interval(written.interval, day, body, f"{here}.interval", problems)
    if interval_s < point_s:
        message = f"{written.interval} is shorter than one point, {written.point}"
        problems.append(Problem(f"{here}.interval", message))
    lookback_s = 0.0
    if written.lookback is not None:
        lookback_s = _interval(written.lookback, day, body, f"{here}.lookback", problems)
    problems.extend(_scores(written, here))
    return rules.Kayenta(
        interval_s=interval_s,
        point_s=point_s,
        lookback_s=lookback_s,
        confidence=formats.fraction(written.confidence),
        tolerance=written.tolerance,
        increase=written.increase,
        critical=written.critical,
        passing=written.pass_,
        marginal=written.marginal,
        bound_ms=_latency(written.latency, limits, f"{here}.latency", problems),
    )


def _scores(written: judges.KayentaRule, here: str) -> Iterator[Problem]:
    if not formats.fraction("50%") <= formats.fraction(written.confidence) < 1:
        message = f"{written.confidence} is out of range; wanted 50% to less than 100%"
        yield Problem(f"{here}.confidence", message)
    if not 0 <= written.tolerance < 1:
        message = f"{written.tolerance:g} is out of range; wanted 0 to less than 1"
        yield Problem(f"{here}.tolerance", message)
    if not 1 <= written.increase <= bounds.MOST_RATIO:
        message = f"{written.increase:g} is out of range; wanted 1 to {bounds.MOST_RATIO:g}"
        yield Problem(f"{here}.increase", message)
    if not 0 <= written.marginal <= written.pass_ <= 100:  # noqa: PLR2004  scores are of 100
        message = f"marginal {written.marginal:g} and pass {written.pass_:g} do not fit; wanted"
        yield Problem(here, f"{message} 0 <= marginal <= pass <= 100")
