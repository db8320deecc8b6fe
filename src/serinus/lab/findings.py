"""What a bench found, whole: the value behind its table, its JSON and its report."""

import importlib.metadata
from collections.abc import Mapping, Sequence

import msgspec

from serinus.lab import contenders, exact, measures, targets
from serinus.lab.bench import Asked, Failure, Found
from serinus.lab.measures import Overall, Row
from serinus.lab.targets import Target


class Findings(msgspec.Struct, frozen=True):
    """
    All that is told of a bench; nothing in it depends on the machine.

    ``subject`` is whom the targets are about. ``short``: the sentence that says what so few runs
    cannot show, empty where there were enough. ``overall``: all scenarios together, then each set.
    """

    version: str
    command: str
    seed: int
    runs: int
    regression_runs: int
    subject: str
    names: tuple[str, ...]
    words: Mapping[str, str]
    short: str
    interrupted: bool
    failures: tuple[Failure, ...]
    targets: tuple[Target, ...]
    overall: tuple[Overall, ...]
    rows: tuple[Row, ...]

    def of(self, by: str, place: str = "") -> Overall:
        """Return all scenarios (or those of one set) together, for one who decides."""
        return next(one for one in self.overall if one.by == by and one.set == place)

    @property
    def sets(self) -> tuple[str, ...]:
        """Return the names of the sets that were played."""
        return tuple(dict.fromkeys(row.set for row in self.rows))


def of(asked: Asked, found: Found, command: str) -> Findings:
    """Sum up what a bench found; ``command`` is how to do it again."""
    rows = measures.rows(asked.scenarios(), found.runs)
    names = asked.names
    subject = contenders.OWN if contenders.OWN in names else others(names)[0]
    sets = tuple(dict.fromkeys(row.set for row in rows))
    places = ("", *sets) if len(sets) > 1 else ("",)
    return Findings(
        version=importlib.metadata.version("serinus"),
        command=command,
        seed=asked.seed,
        runs=asked.runs,
        regression_runs=asked.regression_runs,
        subject=subject,
        names=names,
        words={name: contenders.WORDS[name] for name in names},
        short=short(min([asked.runs, *(row.runs for row in rows if row.kind == "null")])),
        interrupted=found.interrupted,
        failures=found.failures,
        targets=targets.of(rows, subject),
        overall=tuple(measures.overall(rows, by, place) for place in places for by in names),
        rows=rows,
    )


def others(names: Sequence[str]) -> Sequence[str]:
    """Return those who are no oracles; all of them, where there is nobody else."""
    return [name for name in names if name not in contenders.ORACLES] or names


def short(runs: int) -> str:
    """Say what so few runs of a null cannot show; nothing where there are enough."""
    if runs >= targets.RUNS:
        return ""
    least = targets.percent(exact.upper(0, runs))
    return (
        f"This is a short bench. {runs:,} runs of each null are too few to show 1 %: a null in "
        f"which nothing at all goes wrong has a 95 % upper bound of {least}. "
        f"The full bench has {targets.RUNS:,}."
    )
