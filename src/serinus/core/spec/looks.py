"""
Checks that look at a number, or at what is new in the logs: reviewed, and resolved.

Their sisters that count are in :mod:`serinus.core.spec.checklist`. Paths are relative to the body.
"""

from serinus.core.errors import Problem
from serinus.core.spec import bounds, checker, checks, delivery, duration
from serinus.core.spec.bounds import Span
from serinus.core.spec.limits import Limits

USAGES = ("memory", "cpu")
MEMORY_PLUS = 16.0 * 2**20
"""So many bytes may a replica take beyond the ratio: a small process doubles over nothing."""

CPU_PLUS = 0.0005
"""So many seconds of CPU may a request take beyond the ratio."""

_WORSE = ("higher", "lower")
_EVERY = Span("1s", "1h")
_WEIGHT = 0.25
_LONGEST = 4000


def resolve(
    written: list[checks.Check], strikes: int, limits: Limits, problems: list[Problem]
) -> tuple[delivery.Look, ...]:
    """Return the looks; what is wrong with them is added to the problems."""
    found: list[delivery.Look] = []
    for index, check in enumerate(written):
        place = f"checks[{index}]"
        if check.query is not None:
            query = _query(check, check.query, strikes, place, problems)
            found += [query] if query else []
        elif check.new_lines is not None:
            found.append(_new_lines(check, check.new_lines, limits, place, problems))
        elif check.resources is not None:
            found += _resources(check, check.resources, place, problems)
    return tuple(found)


def _query(
    check: checks.Check,
    query: checks.Query,
    strikes: int,
    place: str,
    problems: list[Problem],
) -> delivery.QueryCheck | None:
    here = f"{place}.query"
    if not query.promql.strip() or len(query.promql) > _LONGEST:
        message = f"it is empty, or longer than {_LONGEST} characters; wanted a PromQL expression"
        problems.append(Problem(f"{here}.promql", message))
    if check.name is None:
        message = "a query needs a name, under which people see it: name: checkout-rate"
        problems.append(Problem(place, message))
    problems.extend(bounds.length(query.every, _EVERY, f"{here}.every"))
    against = _against(query, strikes, here, problems)
    if against is None:
        return None
    arms = "$revision" in query.promql or "$version" in query.promql
    if isinstance(against, delivery.Compared) and not arms:
        message = 'it is the same for both arms; wanted $revision in it: {revision="$revision"}'
        problems.append(Problem(f"{here}.promql", message))
    return delivery.QueryCheck(
        name=check.name or "query",
        against=against,
        query=query.promql,
        every_s=duration.seconds(query.every),
        weight=check.weight or _WEIGHT,
    )


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


def _beside(
    written: checks.Beside, place: str, problems: list[Problem], plus: float = 0.0
) -> delivery.Compared:
    if not 1 <= written.ratio <= bounds.MOST_RATIO:
        message = f"{written.ratio:g} is out of range; wanted 1 to {bounds.MOST_RATIO:g}"
        problems.append(Problem(f"{place}.ratio", message))
    if written.plus < 0:
        problems.append(Problem(f"{place}.plus", f"{written.plus:g} is below 0"))
    if written.worse not in _WORSE:
        message = checker.unknown(written.worse, _WORSE, "choice")
        problems.append(Problem(f"{place}.worse", message))
    return delivery.Compared(written.ratio, written.plus or plus, written.worse != "lower")


def _new_lines(
    check: checks.Check,
    written: checks.NewLines,
    limits: Limits,
    place: str,
    problems: list[Problem],
) -> delivery.NewLinesCheck:
    pattern(written.pattern, limits, f"{place}.newLines.pattern", problems)
    problems.extend(bounds.number(written.times, 1, 1000, f"{place}.newLines.times"))
    return delivery.NewLinesCheck(check.name or "new-lines", written.pattern, written.times)


def _resources(
    check: checks.Check, written: checks.Resources, place: str, problems: list[Problem]
) -> list[delivery.UsageCheck]:
    here = f"{place}.resources"
    wanted = list(USAGES) if written.only is None else written.only
    if not wanted:
        problems.append(Problem(f"{here}.only", f"nothing is left; wanted {', '.join(USAGES)}"))
    for index, what in enumerate(wanted):
        if what not in USAGES:
            message = checker.unknown(what, USAGES, "resource")
            problems.append(Problem(f"{here}.only[{index}]", message))
    if check.name is not None and len(wanted) > 1:
        message = "'name' means nothing here: the checks are called memory and cpu"
        problems.append(Problem(f"{place}.name", message))
    stable = written.stable or checks.Beside()
    if stable.worse != "higher":
        problems.append(Problem(f"{here}.stable.worse", "to take more is worse; leave it away"))
    told: list[Problem] = []
    found = []
    for what in wanted:
        told.clear()
        plus = MEMORY_PLUS if what == "memory" else CPU_PLUS
        against = _beside(stable, f"{here}.stable", told, plus)
        name = check.name if check.name and len(wanted) == 1 else what
        found.append(delivery.UsageCheck(name, against, what, check.weight or _WEIGHT))
    problems.extend(told)
    return found


def pattern(text: str, limits: Limits, place: str, problems: list[Problem]) -> None:
    """Review a regular expression for log lines."""
    wrong = "the pattern is empty" if not text else limits.pattern(text)
    if len(text) > _LONGEST:
        wrong = f"{len(text)} characters are too many; wanted at most {_LONGEST}"
    if wrong:
        problems.append(Problem(place, wrong))
