"""
Checks: reviewed, and resolved to what the judge compares.

Paths are relative to the body (``checks[0].latency.bound``), as in :mod:`serinus.core.spec.plan`.
"""

from collections.abc import Iterator

from serinus.core.errors import Problem
from serinus.core.spec import bounds, budgets, checker, checks, delivery, duration, formats, looks
from serinus.core.spec import place as paths
from serinus.core.spec.limits import Limits
from serinus.core.spec.template import Body

_WITH = ("ratio", "plus", "latencyBound")
_ERRORS, _LATENCY, _REST = 0.5, 0.25, 0.25
_HEAVIEST = 1000


def resolve(
    written: list[checks.Check], strikes: int, limits: Limits, problems: list[Problem]
) -> tuple[tuple[delivery.Check, ...], tuple[delivery.Look, ...]]:
    """Return the checks and the looks; what is wrong with them is added to the problems."""
    counts: list[delivery.Check] = []
    seen: list[delivery.Look] = []
    names: set[str] = set()
    if len(written) > bounds.MOST_CHECKS:
        message = f"{len(written)} checks; wanted at most {bounds.MOST_CHECKS}"
        problems.append(Problem("checks", message))
    for index, check in enumerate(written[: bounds.MOST_CHECKS]):
        place = f"checks[{index}]"
        given = [key for key, name in checks.WHAT.items() if getattr(check, name) is not None]
        if len(given) != 1:
            wanted = ", ".join(checks.WHAT)
            said = f"; found {' and '.join(given)}" if given else ""
            problems.append(Problem(place, f"a check is exactly one of {wanted}{said}"))
            continue
        _beside(check, given[0], place, problems)
        more = _resolved(check, limits, place, problems)
        looked = looks.resolve(check, strikes, limits, place, problems)
        own = [one.name for one in (*more, *looked)]
        problems.extend(_twice(check, name, place) for name in own if name in names)
        names.update(own)
        counts += more
        seen += looked
    return tuple(counts), tuple(seen)


def _twice(check: checks.Check, name: str, place: str) -> Problem:
    """Refuse a name that a check before has: where it stands, or where one is missing."""
    found = f"two checks are called {checker.shown(name)}"
    if check.name is not None:
        return Problem(f"{place}.name", f"{found}; wanted another name")
    which = "the other one" if check.use is not None else "this one"
    return Problem(place, f"{found}; give {which} a name of its own")


def _resolved(
    check: checks.Check, limits: Limits, place: str, problems: list[Problem]
) -> list[delivery.Check]:
    if check.errors is not None:
        against = _against(check.errors.stable, check.errors.slo, f"{place}.errors", problems)
        name, weight = check.name or "errors", check.weight or _ERRORS
        return [delivery.ErrorsCheck(name, against, weight)]
    if check.latency is not None:
        return [_latency(check, check.latency, limits, place, problems)]
    if check.use is not None:
        return _golden(check, check.use, limits, place, problems)
    if check.logs is not None:
        looks.pattern(check.logs.pattern, limits, f"{place}.logs.pattern", problems)
        against = _against(check.logs.stable, check.logs.slo, f"{place}.logs", problems)
        name, weight = check.name or "logs", check.weight or _REST
        if isinstance(against, delivery.AgainstSlo) and against.over_s:
            message = "log lines have no budget: they are listened to while a release is in flight"
            problems.append(Problem(f"{place}.logs.slo.over", message))
        return [delivery.LogCheck(name, against, check.logs.pattern, weight)]
    if check.network is not None:
        against = _against(check.network.stable, check.network.slo, f"{place}.network", problems)
        name, weight = check.name or "network", check.weight or _REST
        return [delivery.NetworkCheck(name, against, weight)]
    return []  # The others look at something; serinus.core.spec.looks resolves them.


def _beside(check: checks.Check, kind: str, place: str, problems: list[Problem]) -> None:
    if kind == "use":
        for key, there in (("name", check.name), ("weight", check.weight)):
            if there is not None:
                message = f"'{key}' means nothing beside 'use': a set has its own"
                problems.append(Problem(f"{place}.{key}", message))
        return
    if check.with_:
        problems.append(Problem(f"{place}.with", f"'with' means nothing beside '{kind}'"))
    if check.name is not None:
        wrong = formats.wrong("name", check.name)
        if wrong:
            problems.append(Problem(f"{place}.name", wrong))
    if check.weight is not None and not 0 < check.weight <= _HEAVIEST:
        message = f"{check.weight:g} weighs nothing; wanted more than 0, at most {_HEAVIEST}"
        problems.append(Problem(f"{place}.weight", message))


# --- sets ---------------------------------------------------------------------------------------


def _golden(
    check: checks.Check, name: str, limits: Limits, place: str, problems: list[Problem]
) -> list[delivery.Check]:
    if name not in checks.SETS:
        message = checker.unknown(name, checks.SETS, "set of checks")
        problems.append(Problem(f"{place}.use", message))
        return []
    for key in check.with_:
        if key not in _WITH:
            message = checker.unknown(key, _WITH, "value")
            problems.append(Problem(f"{place}.{paths.text(('with', key))}", message))
    ratio, plus = check.with_.get("ratio", 1.25), check.with_.get("plus", "0.02%")
    against = _stable(ratio, str(plus), f"{place}.with", problems)
    bound = str(check.with_.get("latencyBound", "auto"))
    path = f"{place}.with.latencyBound"
    found = () if bound == "auto" else latency_bound(bound, limits, path, problems)
    return [
        delivery.ErrorsCheck("errors", against, _ERRORS),
        delivery.LatencyCheck("latency", against, found, _LATENCY),
    ]


# --- what it is compared with -------------------------------------------------------------------


def _against(
    stable: checks.Stable | None, slo: checks.Slo | None, place: str, problems: list[Problem]
) -> delivery.AgainstStable | delivery.AgainstSlo:
    if stable is not None and slo is not None:
        problems.append(Problem(place, "a check compares with stable or with an slo, not both"))
    if slo is None:
        stable = stable or checks.Stable()
        return _stable(stable.ratio, stable.plus, f"{place}.stable", problems)
    most = formats.fraction(slo.max)
    if not 0 < most < 1:
        message = f"{slo.max} is no objective; wanted more than 0% and less than 100%"
        problems.append(Problem(f"{place}.slo.max", message))
    return budgets.resolve(slo, most, f"{place}.slo", problems)


def fitting(body: Body) -> Iterator[Problem]:
    """
    Say which checks compare what cannot be compared.

    The users of an A/B test come again and again, so that its requests are no sample of anything;
    and a cohort that is chosen by what it says is another kind of user to begin with.
    """
    if body.strategy != "abTest":
        return
    for index, check in enumerate(body.checks):
        counted = check.errors or check.latency or check.logs or check.network
        if check.use is not None or (counted is not None and counted.slo is None):
            message = (
                "an A/B test is not compared request by request with stable, because the same "
                "users come again; wanted an objective (slo: {max: 2%, rollback: true}) or goals"
            )
            yield Problem(f"checks[{index}]", message)


def _stable(
    ratio: str | float, plus: str, place: str, problems: list[Problem]
) -> delivery.AgainstStable:
    """Read a tolerance; a ratio may come as text, from a parameter of that type."""
    try:
        number = float(ratio)
    except ValueError:
        message = f"{checker.shown(ratio)} is not a number"
        problems.append(Problem(f"{place}.ratio", message))
        number = 1.0
    wrong = formats.wrong("percent", plus)
    if wrong:
        problems.append(Problem(f"{place}.plus", wrong))
        plus = "0%"
    problems.extend(bounds.tolerance(number, plus, place))
    return delivery.AgainstStable(number, formats.fraction(plus))


def _latency(
    check: checks.Check,
    latency: checks.Latency,
    limits: Limits,
    place: str,
    problems: list[Problem],
) -> delivery.LatencyCheck:
    against = _against(latency.stable, latency.slo, f"{place}.latency", problems)
    where = f"{place}.latency.bound"
    if latency.bound is None and latency.slo is not None:
        problems.append(Problem(where, "an objective for latency needs a bound, such as 300ms"))
    found = () if latency.bound is None else latency_bound(latency.bound, limits, where, problems)
    return delivery.LatencyCheck(check.name or "latency", against, found, check.weight or _LATENCY)


def latency_bound(
    text: str, limits: Limits, place: str, problems: list[Problem]
) -> tuple[int, ...]:
    """Return the bound; one at which the platform does not count is refused with its neighbours."""
    wrong = formats.wrong("duration", text)
    if wrong:
        problems.append(Problem(place, wrong))
        return ()
    bound = round(duration.seconds(text) * 1000)
    known = limits.bounds_ms
    if not bound:
        problems.append(Problem(place, f"{text}: every request is slower; wanted 1ms or more"))
    elif known and bound not in known:
        below = [b for b in known if b < bound][-1:]
        above = [b for b in known if b > bound][:1]
        near = " or ".join(f"{b}ms" for b in (*below, *above))
        problems.append(Problem(place, f"{text}: this platform counts at {near}; choose one"))
    return (bound,)
