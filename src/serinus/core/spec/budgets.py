"""
Error budgets of objectives: reviewed, and resolved. Paths are relative to the body.

A budget of 30 days and 0.1 % is spent when one in a thousand of the requests of 30 days was bad.
"""

from serinus.core.errors import Problem
from serinus.core.spec import bounds, checker, checks, delivery, duration
from serinus.core.spec.bounds import Span

OVER = Span("1h", "35d")
"""Sums of requests are kept for 35 days."""

_MONTH_S = 30 * 86_400.0
_LEAST = "1m"
"""Shorter windows hold too few requests to say anything."""

_USUAL = "6d"
"""The shortest budget whose usual windows are not shorter than that."""

_MOST_RATE = 1000.0
_MOST = 6


def resolve(
    slo: checks.Slo, most: float, place: str, problems: list[Problem]
) -> delivery.AgainstSlo:
    """Return the objective with its budget; what is wrong is added to the problems."""
    if slo.over is None:
        for key, given in (("burn", slo.burn is not None), ("freeze", slo.freeze)):
            if given:
                message = f"'{key}' needs a budget; wanted its length beside it, such as over: 30d"
                problems.append(Problem(f"{place}.{key}", message))
        return delivery.AgainstSlo(most, slo.rollback)
    problems.extend(bounds.length(slo.over, OVER, f"{place}.over"))
    over = duration.seconds(slo.over)
    if slo.burn is None:
        burns: tuple[delivery.Burn, ...] = ()
    elif isinstance(slo.burn, str):
        burns = _usual(slo.burn, slo.over, f"{place}.burn", problems)
    else:
        burns = _own(slo.burn, slo.over, most, f"{place}.burn", problems)
    return delivery.AgainstSlo(most, slo.rollback, over, burns, slo.freeze)


def _usual(
    written: str, over: str, place: str, problems: list[Problem]
) -> tuple[delivery.Burn, ...]:
    """Return the usual windows, which are parts of the budget: of 7 days they are shorter."""
    if written != "default":
        message = f"unknown choice {checker.shown(written)}; wanted default, or a list of windows"
        problems.append(Problem(place, message))
        return ()
    if duration.parse(over) < duration.parse(_USUAL):
        message = (
            f"windows of a budget of {over} would be shorter than a minute; "
            f"wanted a budget of {_USUAL} or more, or a list of windows"
        )
        problems.append(Problem(place, message))
    part = duration.seconds(over) / _MONTH_S
    return tuple(
        delivery.Burn(burn.long_s * part, burn.short_s * part, burn.rate) for burn in delivery.BURNS
    )


def _own(
    written: list[checks.Burn], over: str, most: float, place: str, problems: list[Problem]
) -> tuple[delivery.Burn, ...]:
    if not 1 <= len(written) <= _MOST:
        problems.append(Problem(place, f"{len(written)} pairs of windows; wanted 1–{_MOST}"))
    found = []
    for index, burn in enumerate(written[:_MOST]):
        here = f"{place}[{index}]"
        problems.extend(bounds.length(burn.long, Span(_LEAST, over), f"{here}.long"))
        problems.extend(bounds.length(burn.short, Span(_LEAST, over), f"{here}.short"))
        if duration.parse(burn.short) >= duration.parse(burn.long):
            message = f"{burn.short} is not shorter than 'long', which is {burn.long}"
            problems.append(Problem(f"{here}.short", message))
        if not 0 < burn.rate <= _MOST_RATE:
            message = f"{burn.rate:g} is out of range; wanted more than 0, at most {_MOST_RATE:g}"
            problems.append(Problem(f"{here}.rate", message))
        elif burn.rate * most > 1:
            message = (
                f"{burn.rate:g} times {most * 100:g} % is more than all requests; "
                f"wanted at most {1 / most:g}"
            )
            problems.append(Problem(f"{here}.rate", message))
        long_s, short_s = duration.seconds(burn.long), duration.seconds(burn.short)
        found.append(delivery.Burn(long_s, short_s, burn.rate))
    return tuple(found)
