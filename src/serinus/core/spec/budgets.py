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
_LONG = Span("1m", "35d")
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
    burns = _burns(slo.burn, over, f"{place}.burn", problems)
    return delivery.AgainstSlo(most, slo.rollback, over, burns, slo.freeze)


def _burns(
    written: str | list[checks.Burn] | None, over: float, place: str, problems: list[Problem]
) -> tuple[delivery.Burn, ...]:
    if written is None:
        return ()
    if isinstance(written, str):
        if written != "default":
            problems.append(Problem(place, checker.unknown(written, ["default"], "choice")))
        # The windows are parts of the budget: of 7 days they are as much shorter as it is.
        part = over / _MONTH_S
        return tuple(
            delivery.Burn(burn.long_s * part, burn.short_s * part, burn.rate)
            for burn in delivery.BURNS
        )
    if not 1 <= len(written) <= _MOST:
        problems.append(Problem(place, f"{len(written)} pairs of windows; wanted 1–{_MOST}"))
    found = []
    for index, burn in enumerate(written):
        here = f"{place}[{index}]"
        problems.extend(bounds.length(burn.long, _LONG, f"{here}.long"))
        problems.extend(bounds.length(burn.short, _LONG, f"{here}.short"))
        long_s, short_s = duration.seconds(burn.long), duration.seconds(burn.short)
        if short_s >= long_s:
            message = f"{burn.short} is not shorter than the long one, {burn.long}"
            problems.append(Problem(f"{here}.short", message))
        if not 0 < burn.rate <= _MOST_RATE:
            message = f"{burn.rate:g} is out of range; wanted more than 0, at most {_MOST_RATE:g}"
            problems.append(Problem(f"{here}.rate", message))
        found.append(delivery.Burn(long_s, short_s, burn.rate))
    return tuple(found)
