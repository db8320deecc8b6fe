"""
How good the decisions are, beside those of other rules: a short `serinus bench decisions`.

    python -m benchmarks.decisions [--full]

The short one plays 100 runs of the nulls in which rules go wrong most easily, and fewer of every
regression: too few to show one per cent, and it says so. ``--full`` plays all 44 count scenarios,
2,000 and 300 runs, which takes hours. Both leave their report, named as what it is, in
``build/decision-bench``.
"""

import os
import sys
from pathlib import Path

from benchmarks.results import Result, tell
from serinus.lab import bench, contenders, exact, findings, report, selection, shelf
from serinus.lab.bench import Asked
from serinus.lab.findings import Findings
from serinus.lab.scenario import Kind
from serinus.lab.targets import (
    BAD_RATIO,
    DELAY_S,
    FALSE,
    FALSE_MOST,
    HELD,
    MISSED,
    MISSED_WORST,
    OFF_RATIO,
    REGRESSION_RUNS,
    RUNS,
)

SHORT, SHORT_REGRESSIONS = 100, 12
HARD = ("n01", "n10", "n11", "n15", "n18", "n22")
"""The nulls of the short bench: a plain one, clumps of errors, unlike pods, the very margin."""

REPORT = Path("build/decision-bench")


def asked(*, full: bool) -> Asked:
    """Return what is played."""
    jobs = len(os.sched_getaffinity(0))
    names = contenders.names()
    if full:
        counts = selection.Selection()
        return Asked(counts, names, RUNS, REGRESSION_RUNS, jobs=jobs)
    only = tuple(
        one.name
        for one in shelf.sets()["counts"]
        if one.kind is Kind.REGRESSION or one.name.startswith(HARD)
    )
    few = selection.Selection(only=only)
    return Asked(few, names, SHORT, SHORT_REGRESSIONS, jobs=jobs)


def command(what: Asked) -> str:
    """Return how to play it again."""
    full = " --full" if what.runs == RUNS else ""
    return f"python -m benchmarks.decisions{full}"


def run(full: bool) -> list[Result]:  # noqa: FBT001  as of every benchmark
    """Play them all, leave the report, and return what is promised."""
    what = asked(full=full)
    found = findings.of(what, bench.measure(what), command(what))
    page = report.write(found, REPORT)
    sys.stdout.write(f"{found.short}\n" if found.short else "")
    sys.stdout.write(f"the report is {page}\n")
    return [*results(found), *failed(found)]


def results(found: Findings) -> list[Result]:
    """
    Return the numbers with their bounds.

    Few runs cannot show that a share is small enough. They can show that it is too large: that is
    what the lower bound is for.
    """
    short = bool(found.short)
    name = f"decisions, {found.runs:,} and {found.regression_runs:,} runs:"
    one = found.of(found.subject)
    nulls = [row for row in found.rows if row.by == found.subject and row.kind is Kind.NULL]
    wrong = max(exact.lower(row.rolled_back, row.runs) for row in nulls)
    held = max(exact.lower(row.held, row.runs) for row in nulls if not row.pod_faults)
    upper, worst_missed = (_worst(pair) for pair in (one.rolled_back_most, one.missed_worst))
    bounded = None if short else FALSE_MOST * 100
    return [
        Result(f"{name} false rollbacks, lower bound, worst", wrong * 100, "%", FALSE * 100),
        Result(f"{name} false rollbacks, upper bound, worst", upper * 100, "%", bounded),
        Result(f"{name} held, lower bound, worst without pod faults", held * 100, "%", HELD * 100),
        Result(f"{name} bad requests ÷ oracle", one.bad_ratio or 0.0, "", BAD_RATIO),
        Result(f"{name} bad requests ÷ two-sample oracle", one.bad_ratio2 or 0.0, ""),
        Result(f"{name} time to no traffic ÷ oracle", one.off_ratio or 0.0, "", OFF_RATIO),
        Result(
            f"{name} missed, mean",
            (one.missed or 0.0) * 100,
            "%",
            None if short else MISSED * 100,
        ),
        Result(
            f"{name} missed, worst", worst_missed * 100, "%", None if short else MISSED_WORST * 100
        ),
        Result(f"{name} delay, worst mean without pod faults", _worst(one.delay_s), "s", DELAY_S),
    ]


def _worst(pair: tuple[float, str] | None) -> float:
    return 0.0 if pair is None else pair[0]


def failed(found: Findings) -> list[Result]:
    """Return a result for each scenario that failed."""
    return [
        Result(
            f"{one.scenario}, run {one.run} (seed {one.seed}): {one.sentence}", 1, "", failed=True
        )
        for one in found.failures
    ]


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    return tell(run("--full" in sys.argv[1:]))


if __name__ == "__main__":
    raise SystemExit(main())
