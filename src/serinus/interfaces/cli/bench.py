"""``bench``: how good the decisions are, measured on this machine."""

import importlib.util
import os
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import cyclopts
import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as Grid
from rich.text import Text

from serinus.interfaces import words
from serinus.interfaces.cli import pictures
from serinus.interfaces.cli.options import Output
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble

if TYPE_CHECKING:
    from serinus.lab.findings import Findings
    from serinus.lab.tables import Table

bench = cyclopts.App(name="bench", help="Measure how good the decisions are.", version_flags=[])

MOST_JOBS = 64
RUNS = 300
COLOURS = {
    "reached": pictures.GOOD,
    "not reached": pictures.BAD,
    "too few runs": pictures.WAITING,
    "not measured": "dim",
}


class Heard(Protocol):
    """Is told how many more runs are done."""

    def __call__(self, more: int, /) -> None:
        """Take note."""
        ...


Several = Parameter(consume_multiple=True, negative="")


@bench.command
def decisions(  # noqa: D417 - what Output holds is described there
    *,
    sets: Annotated[list[str] | None, Several, Parameter(name="--set")] = None,
    scenarios: Path | None = None,
    only: Annotated[list[str] | None, Several] = None,
    rules: Annotated[list[str] | None, Several] = None,
    runs: int = RUNS,
    regression_runs: int | None = None,
    seed: int = 1,
    jobs: int | None = None,
    json: Path | None = None,
    report: Path | None = None,
    output: Output = Output(),
) -> int:
    """
    Play releases of healthy and of bad versions, and count who decides rightly about them.

    Rules stand side by side on the same releases: false rollbacks, bad requests, time, and what is
    missed. Ctrl-C ends it with the runs that are done. The full table takes --runs 2000
    --regression-runs 300.

    Args:
        sets: Sets of scenarios: counts (the default), unseen, age, latency, metrics, gauges,
            operations; all, or none.
        scenarios: A folder with scenarios of your own, played beside the sets.
        only: Only these scenarios.
        rules: Only these rules. The oracles are always there.
        runs: Runs of each healthy scenario; 2,000 show one per cent.
        regression_runs: Runs of each bad one. Default: as many.
        seed: Another seed gives other random numbers.
        jobs: Processes. Default: one for each processor.
        json: Write everything that was found into this file.
        report: Write a page in Markdown with pictures into this folder.
    """
    jobs = len(os.sched_getaffinity(0)) if jobs is None else jobs
    asked_for = (runs, runs if regression_runs is None else regression_runs)
    _sensible(runs=asked_for[0], regression_runs=asked_for[1], jobs=jobs, seed=seed)
    _equipped("numpy", *(("matplotlib",) if report else ()))
    _writable(json, report)
    from serinus.lab import bench as benches  # noqa: PLC0415 - numpy comes with it
    from serinus.lab import contenders, findings, selection  # noqa: PLC0415 - the same

    chosen = selection.Selection(tuple(sets or ("counts",)), scenarios, tuple(only or ()))
    asked = benches.Asked(chosen, contenders.chosen(rules or ()), *asked_for, seed, jobs)
    screen = Screen(output)
    wanted = sum(asked.runs_of(one) for _, one in asked.scenarios().values())
    began = time.monotonic()
    with _progress(screen, wanted) as heard:
        found = benches.measure(asked, heard)
    result = findings.of(asked, found, _command(asked, chosen))
    _keep(result, json, report)
    if not screen.answered(result, lambda: _names(result)):
        _show(screen, result)
    done = sum(len(ones) for ones in found.runs.values())
    screen.note(f"{words.count(done, 'run')} in {time.monotonic() - began:,.0f} s")
    if found.interrupted:
        screen.note("interrupted: these are the runs that were done")
        return Code.INTERRUPTED
    return Code.ERROR if found.failures else Code.OK


# --- before --------------------------------------------------------------------------------------


def _sensible(**given: int) -> None:
    """Refuse numbers that nobody can have meant, all at once."""
    least = {"runs": 1, "regression_runs": 1, "jobs": 1, "seed": 0}
    wrong = [
        f"--{name.replace('_', '-')} {number}: want {least[name]} or more"
        for name, number in given.items()
        if number < least[name]
    ]
    if given["jobs"] > MOST_JOBS:
        wrong.append(f"--jobs {given['jobs']}: want at most {MOST_JOBS}")
    if wrong:
        raise Trouble("\n".join(dict.fromkeys(wrong)), code=Code.USAGE)


def _equipped(*packages: str) -> None:
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise Trouble(
            f"{' and '.join(missing)} cannot be found",
            why="the bench draws random numbers and pictures; a plain install does without",
            hint="pip install 'serinus[bench]'",
        )


def _writable(json: Path | None, report: Path | None) -> None:
    """Find out before hours have passed whether the answer can be kept."""
    if json is not None and not json.resolve().parent.is_dir():
        raise Trouble(f"--json {json}: its folder does not exist", code=Code.USAGE)
    if report is not None and report.exists() and not report.is_dir():
        raise Trouble(f"--report {report}: it is a file, want a folder", code=Code.USAGE)


def _command(asked: Any, chosen: Any) -> str:
    """Return the command that finds the same again; processes and files make no difference."""
    parts = ["serinus bench decisions", "--set", *chosen.sets]
    if chosen.folder is not None:
        parts += ["--scenarios", shlex.quote(chosen.folder.name)]
    if chosen.only:
        parts += ["--only", *chosen.only]
    from serinus.lab import contenders  # noqa: PLC0415 - as above

    if asked.names != contenders.names():
        parts += ["--rules", *asked.names]
    parts += ["--runs", str(asked.runs)]
    if asked.regression_runs != asked.runs:
        parts += ["--regression-runs", str(asked.regression_runs)]
    return " ".join([*parts, "--seed", str(asked.seed)])


@contextmanager
def _progress(screen: Screen, wanted: int) -> Iterator[Heard]:
    """Draw a bar on a terminal, beside the answer."""
    console = Console(stderr=True)
    if not console.is_terminal or screen.quiet:
        yield lambda _: None
        return
    columns = (BarColumn(40), MofNCompleteColumn(), TextColumn("runs"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=wanted)
        yield lambda more: progress.advance(task, more)


# --- after ---------------------------------------------------------------------------------------


def _keep(result: "Findings", json: Path | None, report: Path | None) -> None:
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    if report is not None:
        from serinus.lab import report as reports  # noqa: PLC0415 - matplotlib comes with it

        reports.write(result, report)


def _names(result: "Findings") -> list[str]:
    return list(dict.fromkeys(row.scenario for row in result.rows))


def _show(screen: Screen, result: "Findings") -> None:
    from serinus.lab import tables  # noqa: PLC0415 - as above

    if result.short:
        screen.write(Text(result.short, pictures.WAITING))
    for table in tables.every(result):
        if screen.terminal:
            screen.console.print()
            screen.console.print(_grid(table))
            if table.note:
                screen.console.print(Text(table.note, "dim"))
        else:
            _plain(screen, table)
    for one in result.failures:
        screen.write(Text(f"{one.scenario}, run {one.run} (seed {one.seed}):", pictures.BAD))
        for line in one.sentence.splitlines():
            screen.write(Text(f"  {line}"))


def _grid(table: "Table") -> Grid:
    grid = Grid(
        title=Text(table.title, "bold"),
        title_justify="left",
        box=None,
        padding=(0, 2, 0, 0),
        collapse_padding=True,
        header_style="dim",
    )
    for place, name in enumerate(table.header):
        if place:
            grid.add_column(name, justify="right")
        else:
            grid.add_column(name, no_wrap=True)
    for row in table.rows:
        grid.add_row(*(Text(cell, COLOURS.get(cell, "")) for cell in row))
    return grid


def _plain(screen: Screen, table: "Table") -> None:
    screen.write(Text(""))
    screen.write(Text(table.title))
    rows = [[Text(cell) for cell in row] for row in table.rows]
    screen.table(table.header, rows, [Text("")] * len(rows), title="")
    if table.note:
        screen.write(Text(table.note))
