"""
Checks that look at a number, or at what is new in the logs: reviewed, and resolved.

Their sisters that count are in :mod:`serinus.core.spec.checklist`. Paths are relative to the body.
"""

import re
from collections.abc import Iterator

from serinus.core.errors import Problem
from serinus.core.spec import bounds, checker, checks, delivery, duration, promql
from serinus.core.spec.bounds import Span
from serinus.core.spec.limits import Limits

USAGES = ("memory", "cpu")
PLUS = {"memory": 16.0 * 2**20, "cpu": 0.0005}
"""
So much may a replica take beyond the ratio, if nothing else is said: bytes, because a small process
doubles over nothing; and seconds of CPU for each request.
"""

_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_WORSE = ("higher", "lower")
_EVERY = Span("1s", "1h")
_WEIGHT = 0.25
_LONGEST = 4000
_LARGEST = 1e15


def resolve(
    check: checks.Check, strikes: int, limits: Limits, place: str, problems: list[Problem]
) -> list[delivery.Look]:
    """Return the looks of one check; what is wrong with them is added to the problems."""
    if check.query is not None:
        return _query(check, check.query, strikes, place, problems)
    if check.new_lines is not None:
        return [_new_lines(check, check.new_lines, limits, place, problems)]
    if check.resources is not None:
        return _resources(check, check.resources, place, problems)
    return []


def _query(
    check: checks.Check,
    query: checks.Query,
    strikes: int,
    place: str,
    problems: list[Problem],
) -> list[delivery.Look]:
    here = f"{place}.query"
    if not query.promql.strip() or len(query.promql) > _LONGEST:
        message = f"it is empty, or longer than {_LONGEST:,} characters; wanted a PromQL expression"
        problems.append(Problem(f"{here}.promql", message))
    else:
        problems.extend(_names(query.promql, f"{here}.promql"))
    if check.name is None:
        message = "a query needs a name, under which people see it: name: checkout-rate"
        problems.append(Problem(place, message))
    problems.extend(bounds.length(query.every, _EVERY, f"{here}.every"))
    against = _against(query, strikes, here, problems)
    if against is None:
        return []
    arms = promql.OF_ARMS & promql.used(query.promql)
    if isinstance(against, delivery.Compared) and not arms:
        message = 'it is the same for both arms; wanted $revision in it: {revision="$revision"}'
        problems.append(Problem(f"{here}.promql", message))
    name, every_s = check.name or "query", duration.seconds(query.every)
    weight = check.weight or _WEIGHT
    return [delivery.QueryCheck(name, against, query.promql, every_s=every_s, weight=weight)]


def _names(text: str, place: str) -> Iterator[Problem]:
    """Say which names after a ``$`` stand for nothing, or stand where they cannot."""
    wrong = promql.wrong(text)
    if wrong:
        yield Problem(place, wrong)
    # A group of a regular expression in label_replace may have any name.
    found = [] if "label_replace" in text else _VARIABLE.findall(text)
    for name in dict.fromkeys(found):
        if name not in promql.NAMES:
            yield Problem(place, checker.unknown(name, promql.NAMES, "name"))


def _against(
    query: checks.Query, strikes: int, place: str, problems: list[Problem]
) -> delivery.Threshold | delivery.Compared | None:
    limited = query.min is not None or query.max is not None
    if limited == (query.stable is not None):
        message = "it is compared with 'min' and 'max', or with 'stable'; wanted one of the two"
        problems.append(Problem(place, message))
        return None
    if query.stable is not None:
        if query.strikes is not None:
            message = "strikes belong to min and max; a comparison has evidence instead"
            problems.append(Problem(f"{place}.strikes", message))
        return _beside(query.stable, f"{place}.stable", problems)
    if query.min is not None and query.max is not None and query.min > query.max:
        problems.append(Problem(f"{place}.min", f"{query.min:g} is above max, {query.max:g}"))
    if query.strikes is not None:
        problems.extend(bounds.number(query.strikes, 1, 100, f"{place}.strikes"))
    return delivery.Threshold(query.min, query.max, query.strikes or strikes)


def _beside(written: checks.Beside, place: str, problems: list[Problem]) -> delivery.Compared:
    if not 1 <= written.ratio <= bounds.MOST_RATIO:
        message = (
            f"{written.ratio:g} is out of range; "
            f"wanted 1 (as good as stable) to {bounds.MOST_RATIO:g}"
        )
        problems.append(Problem(f"{place}.ratio", message))
    if written.plus is not None and not 0 <= written.plus <= _LARGEST:
        message = f"{written.plus:g} is out of range; wanted 0 or more, in the unit of the number"
        problems.append(Problem(f"{place}.plus", message))
    if written.worse not in _WORSE:
        message = checker.unknown(written.worse, _WORSE, "choice")
        problems.append(Problem(f"{place}.worse", message))
    return delivery.Compared(written.ratio, written.plus or 0.0, written.worse != "lower")


def _new_lines(
    check: checks.Check,
    written: checks.NewLines,
    limits: Limits,
    place: str,
    problems: list[Problem],
) -> delivery.NewLinesCheck:
    if check.weight is not None:
        message = "'weight' means nothing beside 'newLines': it holds, and judges nothing"
        problems.append(Problem(f"{place}.weight", message))
    pattern(written.pattern, limits, f"{place}.newLines.pattern", problems)
    problems.extend(bounds.number(written.times, 1, 1000, f"{place}.newLines.times"))
    return delivery.NewLinesCheck(check.name or "new-lines", written.pattern, written.times)


def _resources(
    check: checks.Check, written: checks.Resources, place: str, problems: list[Problem]
) -> list[delivery.Look]:
    here = f"{place}.resources"
    wanted = list(USAGES) if written.only is None else written.only
    if not wanted or len(set(wanted)) < len(wanted):
        said = "nothing is left" if not wanted else "the same is there twice"
        problems.append(Problem(f"{here}.only", f"{said}; wanted some of {', '.join(USAGES)}"))
    for index, what in enumerate(wanted[: bounds.MOST_CHECKS]):
        if what not in USAGES:
            message = checker.unknown(what, USAGES, "resource")
            problems.append(Problem(f"{here}.only[{index}]", message))
    known = [what for what in USAGES if what in wanted]
    if check.name is not None and len(known) > 1:
        message = f"'name' is for one of them; two checks are called {' and '.join(known)}"
        problems.append(Problem(f"{place}.name", message))
    stable = written.stable or checks.Beside()
    if stable.worse == "lower":
        problems.append(Problem(f"{here}.stable.worse", "to take more is worse; leave it away"))
    if stable.plus is not None and len(known) > 1:
        message = (
            "it is bytes of memory and seconds of CPU at once; wanted two checks, "
            "one with only: [memory] and one with only: [cpu]"
        )
        problems.append(Problem(f"{here}.stable.plus", message))
    against = _beside(stable, f"{here}.stable", problems)
    return [
        delivery.UsageCheck(
            name=check.name if check.name and len(known) == 1 else what,
            against=against if stable.plus is not None else _more(against, PLUS[what]),
            what=what,
            weight=check.weight or _WEIGHT,
        )
        for what in known
    ]


def _more(against: delivery.Compared, plus: float) -> delivery.Compared:
    return delivery.Compared(against.ratio, plus, against.higher)


def pattern(text: str, limits: Limits, place: str, problems: list[Problem]) -> None:
    """Review a regular expression for log lines."""
    wrong = "the pattern is empty" if not text else limits.pattern(text)
    if len(text) > _LONGEST:
        wrong = f"{len(text)} characters are too many; wanted at most {_LONGEST}"
    if wrong:
        problems.append(Problem(place, wrong))
