"""
Error budgets: how much of them is spent, and how fast they burn.

An objective of at most 0.1 % bad requests over 30 days allows a number of bad requests: 0.1 % of
all that came in these days. That is the budget, and it moves with the window: what is older than it
is forgiven. It *burns* at rate 1 when the share of bad requests is that of the objective, and would
then be spent by the end of the window.

A pair of windows says that it burns too fast: the long one that enough of it burnt, the short one
that it still does, so that the alarm ends soon after its cause (Google, *The Site Reliability
Workbook*, chapter 5, *Alerting on SLOs*, number 6). A service with little traffic would be alarmed
by every error that way: one of fifty requests is 20 times 0.1 %. So nothing follows from fewer than
:data:`ENOUGH` bad requests, neither a hold nor a freeze.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import assert_never

from serinus.core.analysis import sentences
from serinus.core.spec import duration
from serinus.core.spec.delivery import (
    AgainstSlo,
    Burn,
    Check,
    Delivery,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
    NetworkCheck,
)
from serinus.core.spec.prose import several
from serinus.core.state.counts import NETWORK, Arm, Tick
from serinus.core.state.rollup import MINUTE_S, Rollup, Sum, slot
from serinus.core.state.verdict import BudgetReading

ENOUGH = 10
"""
Bad requests without which nothing follows. A service that keeps its objective to the point has so
many in a window that would hold a release (at 14.4 times the rate, 0.7 are expected) less than once
in a hundred million windows.
"""

DAY_S = 86_400


def budgeted(delivery: Delivery) -> tuple[Check, ...]:
    """Return the checks of a delivery that have a budget."""
    return tuple([check for check in delivery.checks if _objective(check).over_s])


def roll(tick: Tick, checks: Sequence[Check], arms: Collection[str]) -> tuple[Rollup, ...]:
    """Return what a tick adds to the roll-ups that these checks are counted by."""
    at = slot(tick.at, MINUTE_S)
    counted = [arm for name, arm in tick.arms.items() if name in arms]
    found = {series(check): _counts(check, tick, counted) for check in checks}
    return tuple(Rollup(name, at, *counts) for name, counts in found.items() if counts[0])


def series(check: Check) -> str:
    """Name what a check counts: checks of the same name count the same requests."""
    match check:
        case ErrorsCheck():
            return "errors"
        case LatencyCheck():
            return f"slower than {min(check.bounds_ms, default=0)} ms"
        case LogCheck():
            return f"lines of {check.pattern}"
        case NetworkCheck():
            return "broken connections"
        case _:  # pragma: no cover - mypy proves that there is no other
            assert_never(check)


def windows(check: Check) -> tuple[float, ...]:
    """Return the windows (seconds) whose sums :func:`reading` needs, each once."""
    against = _objective(check)
    pairs = (length for burn in against.burns for length in (burn.long_s, burn.short_s))
    return tuple(dict.fromkeys((against.over_s, *pairs)))


def reading(check: Check, sums: Mapping[float, Sum]) -> BudgetReading:
    """Read one budget; ``sums`` has those of :func:`windows`."""
    against = _objective(check)
    whole = sums[against.over_s]
    allowed = against.max * whole.requests
    spent = whole.bad / allowed if allowed else float(whole.bad > 0)
    burning = next(_burning(check.name, against, sums), "")
    return BudgetReading(
        check=check.name,
        spent=spent,
        requests=whole.requests,
        bad=whole.bad,
        burning=burning,
        freeze=against.freeze and spent >= 1 and whole.bad >= ENOUGH,
        sentence=_sentence(check.name, against, whole, spent, burning),
    )


def _objective(check: Check) -> AgainstSlo:
    """Return the objective of a check, one without a budget for a check that has none."""
    return check.against if isinstance(check.against, AgainstSlo) else _NONE


_NONE = AgainstSlo(max=1.0)


def _counts(check: Check, tick: Tick, arms: Sequence[Arm]) -> tuple[int, int]:
    """Return how many requests a tick has that the check could be asked about, and bad ones."""
    match check:
        case ErrorsCheck():
            return sum([arm.requests for arm in arms]), sum([arm.errors for arm in arms])
        case LatencyCheck():
            return _slower(min(check.bounds_ms, default=0), tick, arms)
        case LogCheck() | NetworkCheck():
            name = check.name if isinstance(check, LogCheck) else NETWORK
            lines = [of.get(name, 0) for arm in arms for of in arm.lines.values()]
            return sum([arm.requests for arm in arms]), sum(lines)
        case _:  # pragma: no cover - mypy proves that there is no other
            assert_never(check)


def _slower(bound_ms: int, tick: Tick, arms: Sequence[Arm]) -> tuple[int, int]:
    if bound_ms not in tick.bounds_ms:
        return 0, 0
    place = tick.bounds_ms.index(bound_ms)
    timed = [arm for arm in arms if len(arm.slower) == len(tick.bounds_ms)]
    return sum([arm.timed for arm in timed]), sum([arm.slower[place] for arm in timed])


def _burning(name: str, against: AgainstSlo, sums: Mapping[float, Sum]) -> Iterator[str]:
    """Yield a sentence for each pair of windows in which it burns too fast."""
    for burn in against.burns:
        rates = [_rate(sums[length], against.max) for length in (burn.long_s, burn.short_s)]
        if min(rates) > burn.rate and sums[burn.long_s].bad >= ENOUGH:
            yield f"{name} burns {min(rates):,.3g} times too fast over {_pair(burn)}"


def _rate(counted: Sum, most: float) -> float:
    return counted.bad / counted.requests / most if counted.requests and most else 0.0


def _pair(burn: Burn) -> str:
    return f"{duration.of_seconds(burn.long_s)} and {duration.of_seconds(burn.short_s)}"


def _sentence(name: str, against: AgainstSlo, whole: Sum, spent: float, burning: str) -> str:
    length, limit = _length(against.over_s), sentences.percent(against.max)
    budget = f"the {length} budget of {limit}"
    if not whole.requests:
        return f"{name}: {budget} is whole, no requests were counted yet"
    allowed = against.max * whole.requests
    counts = f"{whole.bad:,} of {allowed:,.{0 if allowed >= ENOUGH else 1}f} bad requests"
    said = (
        f"{name}: {_percent(spent)} of {budget} is spent ({counts}, of {whole.requests:,} in all)"
    )
    if burning:
        return f"{said}; {burning.removeprefix(name).strip()}"
    if spent >= 1 and whole.bad < ENOUGH:
        return f"{said}; nothing follows from fewer than {several(ENOUGH, 'bad request')}"
    return said


def _percent(spent: float) -> str:
    """Write a part of a budget: whole per cents, and more digits only below one."""
    return f"{spent * 100:,.0f} %" if spent >= 0.01 else sentences.percent(spent)  # noqa: PLR2004 - one per cent


def _length(seconds: float) -> str:
    days = seconds / DAY_S
    return f"{days:.0f}-day" if days == int(days) else duration.of_seconds(seconds)
