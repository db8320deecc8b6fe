"""What the bench is to show of Serinus, and whether it does."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

import msgspec

from serinus.lab import contenders, exact, measures
from serinus.lab.measures import Overall, Row
from serinus.lab.scenario import Kind

COUNTS = "counts"
"""The set that the ratios are promised for: a01 to a22."""

A = 22
"""How many regressions that set has."""

RUNS, REGRESSION_RUNS = 2_000, 300
"""So many runs of each null show one per cent, and so many of each regression a mean."""

LEAST = 100
"""Fewer runs of a regression than these show no mean."""

FALSE, FALSE_MOST = 0.01, 0.015
HELD, HELD_WITH_POD_FAULTS = 0.02, 0.10
BAD_RATIO, OFF_RATIO = 2.0, 1.3
MISSED, MISSED_WORST = 0.005, 0.05
DELAY_S = 120.0


class State(StrEnum):
    """Whether a target is reached."""

    REACHED = "reached"
    NOT_REACHED = "not reached"
    TOO_FEW = "too few runs"
    NOTHING = "not measured"


class Target(msgspec.Struct, frozen=True):
    """One target: what is wanted, what was found, and whether that will do."""

    name: str
    wanted: str
    found: str
    state: State


def of(rows: Sequence[Row], by: str = contenders.OWN) -> tuple[Target, ...]:
    """Hold what was found for one who decides against all targets."""
    ours = [row for row in rows if row.by == by]
    everything = measures.overall(ours, by)
    counts = measures.overall(ours, by, COUNTS) if any(r.set == COUNTS for r in ours) else None
    among = counts or everything
    several = f"{among.regressions} regression{'' if among.regressions == 1 else 's'}"
    where = "a01–a22" if counts and among.regressions == A else several
    return (
        *_false(ours, everything),
        *_held(ours),
        *[_enough(one, ours) for one in _ratios(among, where)],
        _enough(_at_most("missed, mean", everything.missed, MISSED), ours),
        _enough(_worst("missed, worst", everything.missed_worst, MISSED_WORST), ours),
        _delay(everything),
    )


def _false(rows: Sequence[Row], everything: Overall) -> Iterator[Target]:
    name, wanted = "false rollback, worst null", f"≤ {percent(FALSE)}"
    yield _counted(name, wanted, rows, FALSE, lambda row: row.rolled_back)
    name, wanted = "its 95 % upper bound", f"≤ {percent(FALSE_MOST)}"
    if everything.rolled_back_most is None:
        yield Target(name, wanted, "–", State.NOTHING)
        return
    bound, scenario = everything.rolled_back_most
    nulls = [row for row in rows if row.kind is Kind.NULL]
    if bound <= FALSE_MOST:
        state = State.REACHED
    elif any(_surely(row.rolled_back, row.runs, FALSE_MOST) for row in nulls) or all(
        row.runs >= RUNS for row in nulls
    ):
        state = State.NOT_REACHED
    else:
        state = State.TOO_FEW
    needs = f"; needs {RUNS:,} runs" if state is State.TOO_FEW else ""
    yield Target(name, wanted, f"{percent(bound)} ({scenario}){needs}", state)


def _held(rows: Sequence[Row]) -> Iterator[Target]:
    calm = [row for row in rows if not row.pod_faults]
    faulty = [row for row in rows if row.pod_faults]
    for name, ours, most in (
        ("held, worst null without pod faults", calm, HELD),
        ("held, worst null with pod faults", faulty, HELD_WITH_POD_FAULTS),
    ):
        yield _counted(name, f"≤ {percent(most)}", ours, most, lambda row: row.held)


def _counted(
    name: str, wanted: str, rows: Sequence[Row], most: float, count: Callable[[Row], int]
) -> Target:
    """
    Compare a share of runs of the worst null with what it may be.

    A share is beyond it when even its lower bound is, or when there were enough runs. So few runs
    that none at all would show nothing are too few.
    """
    nulls = [row for row in rows if row.kind is Kind.NULL]
    found = measures.worst(nulls, lambda row: row.share(count(row)))
    if found is None:
        return Target(name, wanted, "–", State.NOTHING)
    share, scenario = found
    over = [row for row in nulls if row.share(count(row)) > most]
    sure = any(row.runs >= RUNS or _surely(count(row), row.runs, most) for row in over)
    if sure:
        state = State.NOT_REACHED
    elif over or exact.upper(0, min(row.runs for row in nulls)) > most:
        state = State.TOO_FEW
    else:
        state = State.REACHED
    needs = f"; needs {RUNS:,} runs" if state is State.TOO_FEW else ""
    where = f" ({scenario})" if share else ""
    return Target(name, wanted, f"{percent(share)}{where}{needs}", state)


def _surely(found: int, runs: int, most: float) -> bool:
    return exact.lower(found, runs) > most


def _enough(target: Target, rows: Sequence[Row]) -> Target:
    """Say of a mean over few runs that they are few."""
    runs = [row.runs for row in rows if row.kind is Kind.REGRESSION]
    if target.state is State.NOTHING or min(runs) >= LEAST:
        return target
    found = f"{target.found}; needs {REGRESSION_RUNS} runs"
    return msgspec.structs.replace(target, found=found, state=State.TOO_FEW)


def _ratios(one: Overall, where: str) -> Iterator[Target]:
    for name, found, most in (
        (f"bad requests ÷ oracle, {where}", one.bad_ratio, BAD_RATIO),
        (f"time to no traffic ÷ oracle, {where}", one.off_ratio, OFF_RATIO),
    ):
        wanted = f"≤ {most}"
        if found is None:
            yield Target(name, wanted, "–", State.NOTHING)
            continue
        state = State.REACHED if found <= most else State.NOT_REACHED
        yield Target(name, wanted, f"{found:.2f}", state)


def _at_most(name: str, found: float | None, most: float) -> Target:
    wanted = f"≤ {percent(most)}"
    if found is None:
        return Target(name, wanted, "–", State.NOTHING)
    return Target(name, wanted, percent(found), _state(found <= most))


def _worst(name: str, found: tuple[float, str] | None, most: float) -> Target:
    wanted = f"≤ {percent(most)}"
    if found is None:
        return Target(name, wanted, "–", State.NOTHING)
    where = f" ({found[1]})" if found[0] else ""
    return Target(name, wanted, f"{percent(found[0])}{where}", _state(found[0] <= most))


def _delay(everything: Overall) -> Target:
    name, wanted = "mean delay, worst null without pod faults", f"< {DELAY_S / 60:.0f} min"
    if everything.delay_s is None:
        return Target(name, wanted, "–", State.NOTHING)
    seconds, scenario = everything.delay_s
    return Target(name, wanted, f"{seconds / 60:.1f} min ({scenario})", _state(seconds < DELAY_S))


def _state(reached: bool) -> State:  # noqa: FBT001  what is asked is yes or no
    return State.REACHED if reached else State.NOT_REACHED


def percent(share: float) -> str:
    """Write a share: ``0.3 %``, ``12 %``; as many digits as tell something."""
    value = share * 100
    digits = 2 if 0 < value < 0.995 else 1 if value < 9.95 else 0  # noqa: PLR2004  three digits at most
    text = f"{value:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"
