"""The report of a bench: one Markdown page with its pictures beside it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from serinus.lab import charts, tables
from serinus.lab.findings import Findings
from serinus.lab.tables import Table

PAGE = "index.md"
PICTURES = {
    "false-rollbacks.svg": (
        "False rollbacks",
        "How often each null is rolled back. The lines: 1 %, and 1.5 % for the upper bound.",
    ),
    "bad-requests.svg": (
        "Bad requests",
        "Each regression's cost as a multiple of the oracle's. Dotted: the target of the mean.",
    ),
    "detection.svg": (
        "Detection",
        "The share of releases in which the candidate was without traffic by then.",
    ),
}


def write(found: Findings, folder: Path) -> Path:
    """Write the report into a folder, and return its page."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = charts.draw(found)
    for name, text in pictures.items():
        (folder / name).write_text(text)
    page = folder / PAGE
    page.write_text(markdown(found, tuple(pictures)))
    return page


def markdown(found: Findings, pictures: Sequence[str] = ()) -> str:
    """Write the page; ``pictures`` are those that there are."""
    return "\n".join(_lines(found, pictures)) + "\n"


def _lines(found: Findings, pictures: Sequence[str]) -> Iterator[str]:
    yield "# The decision bench: results"
    yield ""
    yield (
        f"Made by Serinus {found.version} with seed {found.seed}: {found.runs:,} runs of each null "
        f"and {found.regression_runs:,} of each regression. Every machine finds the same numbers."
    )
    yield ""
    yield "```console"
    yield f"$ {found.command}"
    yield "```"
    yield ""
    if found.short:
        yield f"**{found.short}**"
        yield ""
    if found.interrupted:
        yield "**The bench was interrupted.** The numbers are those of the runs that were done."
        yield ""
    if found.failures:
        yield "## Scenarios that failed"
        yield ""
        for one in found.failures:
            said = "; ".join(one.sentence.splitlines())
            yield f"- `{one.scenario}`, run {one.run} (seed {one.seed}): {said}"
        yield ""
    shown = list(tables.every(found))
    for table in shown:
        yield from _table(table)
        if table.title == "Everybody":
            yield from _who(found)
            yield from _pictures(pictures)


def _who(found: Findings) -> Iterator[str]:
    for name, words in found.words.items():
        yield f"- **{name}**: {words}"
    yield ""


def _pictures(pictures: Sequence[str]) -> Iterator[str]:
    for name in pictures:
        title, words = PICTURES[name]
        yield f"## {title}"
        yield ""
        yield words
        yield ""
        yield f"![{title}]({name})"
        yield ""


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.title}"
    yield ""
    yield _row(table.header)
    yield _row([":--", *("--:" for _ in table.header[1:])])
    for row in table.rows:
        yield _row(row)
    yield ""
    if table.note:
        yield table.note
        yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
