"""``test``: the cases of a policy, for people and for continuous integration."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from xml.sax import saxutils

import msgspec
from cyclopts import Parameter
from rich.text import Text

from serinus.core.errors import SpecError
from serinus.interfaces import words
from serinus.interfaces.cli import bars
from serinus.interfaces.cli.options import Output, Place
from serinus.interfaces.cli.pictures import BAD, GOOD
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.lab import cases, policy, simulate
from serinus.lab.cases import Case
from serinus.lab.policy import Result


class Answer(msgspec.Struct, frozen=True):
    """All results for programs."""

    passed: int
    failed: int
    cases: tuple[Result, ...]


def policies(
    policy_: Annotated[
        Path, Parameter(name="POLICY", help="A folder of cases, or the file of one.")
    ],
    /,
    *,
    only: Annotated[str, Parameter(help="Only cases with this in their name.")] = "",
    film: Annotated[
        bool, Parameter(negative="", help="Print the film of a failing run of each failing case.")
    ] = False,
    junit: Annotated[
        Path | None, Parameter(help="Write the results to this file, too, as JUnit's XML.")
    ] = None,
    jobs: Annotated[
        int | None,
        Parameter(name=["--jobs", "-j"], help="Processes. Default: one for each processor."),
    ] = None,
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """
    Test a policy: play its cases and compare what becomes of them with what they expect.

    Each case is a YAML file: a template or an application, faults to simulate or a recording to
    replay, and the outcome that is expected. Exit 0 when all pass, 1 when one fails, 2 when a case
    cannot be read.
    """
    screen = Screen(output)
    if jobs is not None and jobs < 1:
        raise Trouble(f"--jobs: {jobs} processes; wanted 1 or more", code=Code.USAGE)
    found = _cases(policy_, only, place)
    with bars.bar(screen, sum(len(case.seeds) for case in found), "testing") as step:
        results = _played(found, jobs or simulate.cores(), step)
    failed = [result for result in results if not result.passed]
    if junit is not None:
        _write(junit, xml(results))
    answer = Answer(len(results) - len(failed), len(failed), results)
    if not screen.answered(answer, lambda: [one.name for one in failed]):
        for case, result in zip(found, results, strict=True):
            _tell(screen, case, result, film=film)
        screen.write(_total(results))
    return Code.ERROR if failed else Code.OK


def _cases(policy_: Path, only: str, place: Place) -> tuple[Case, ...]:
    try:
        return cases.read(policy_, place.settings(), only)
    except SpecError as wrong:
        raise _unreadable(wrong) from wrong


def _played(found: Sequence[Case], jobs: int, step: bars.Step) -> tuple[Result, ...]:
    try:
        return policy.play(found, jobs, step)
    except SpecError as wrong:
        # A recording that a policy cannot be played on: the asker's mistake, seen late.
        raise _unreadable(wrong) from wrong


def _unreadable(wrong: SpecError) -> Trouble:
    return Trouble(
        "the policy cannot be tested as it is written",
        why=str(wrong),
        hint="mend the cases; the guide on testing a policy tells what they may hold",
        code=Code.USAGE,
    )


def _tell(screen: Screen, case: Case, result: Result, *, film: bool) -> None:
    """Write one case, and all about it if it failed."""
    mark, style = ("✓", GOOD) if result.passed else ("✗", BAD)
    runs = words.count(len(result.runs), "run")
    screen.write(Text.assemble((f"{mark} {result.name}", style), (f"  {runs}", "dim")))
    if result.passed:
        return
    for met in result.expectations:
        if not met.met:
            screen.write(Text(f"  expected  {met.expected}"))
            screen.write(Text(f"  found     {met.found}"))
    screen.write(Text(f"  case      {result.file}", "dim"))
    if not film:
        screen.write(Text(f"  film      serinus test {result.file} --film", "dim"))
        return
    screen.write(Text(f"  film of seed {result.look}:"))
    for line in policy.film(case, result.look):
        screen.write(Text(f"    {line}"))


def _total(results: Sequence[Result]) -> Text:
    failed = sum(not result.passed for result in results)
    said = f"{words.count(len(results), 'case')}: {len(results) - failed} passed, {failed} failed"
    return Text(said, BAD if failed else GOOD)


# --- JUnit ---------------------------------------------------------------------------------------


def xml(results: Sequence[Result]) -> str:
    """Write results in the form of JUnit that CI servers read."""
    failed = sum(not result.passed for result in results)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites tests="{len(results)}" failures="{failed}">',
        f'<testsuite name="serinus" tests="{len(results)}" failures="{failed}" errors="0">',
    ]
    for result in results:
        name = saxutils.quoteattr(result.name)
        file = saxutils.quoteattr(result.file)
        head = f"<testcase classname={file} name={name}"
        if result.passed:
            lines.append(f"{head}/>")
            continue
        missed = [met for met in result.expectations if not met.met]
        told = "\n".join(f"expected {met.expected}, found {met.found}" for met in missed)
        message = saxutils.quoteattr(told.partition("\n")[0])
        body = f"<failure message={message}>{saxutils.escape(told)}</failure>"
        lines += [f"{head}>", body, "</testcase>"]
    return "\n".join([*lines, "</testsuite>", "</testsuites>", ""])


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise Trouble(f"{file} cannot be written", why=problem.strerror or "") from problem
