"""What the demo tells at its end: a table for people, and the same numbers as JSON."""

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from serinus.core.analysis import sentences


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    What a release was decided by, as it was when it was decided.

    ``odds`` of what ``of`` says (safe, worse), and ``needed`` of them decide it. So many
    ``requests`` of the candidate were compared with those of the version that served beside it.
    """

    odds: float
    needed: float
    of: str
    requests: int
    compared: int


@dataclass(frozen=True, slots=True)
class Line:
    """One release as it came out. ``max_share`` from 0 to 1; ``bad``: errors, and slow answers."""

    version: str
    outcome: str
    seconds: float
    max_share: float
    exposed: int
    bad: int
    sentence: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What became of all requests."""

    sent: int
    ok: int
    errors: int
    lost: int


def table(console: Console, lines: Sequence[Line], load: Load) -> None:
    """Print the table, the deciding sentences below it, and what became of all requests."""
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    shown.add_column("release")
    shown.add_column("outcome")
    for name in ("after", "share", "exposed", "bad", "evidence", "compared"):
        shown.add_column(name, justify="right")
    for line in lines:
        good = line.outcome == "succeeded"
        shown.add_row(
            line.version,
            f"[{'green' if good else 'yellow'}]{'✓' if good else '↩'} {line.outcome}[/]",
            f"{line.seconds:.0f} s",
            f"{line.max_share * 100:g} %",
            f"{line.exposed:,}",
            f"{line.bad:,}",
            *_evidence(line.evidence),
        )
    console.print(shown)
    for line in lines:
        say(console, f"{line.version}  ", line.sentence)
    needed = {line.evidence.of: line.evidence.needed for line in lines if line.evidence}
    if needed:
        of = " · ".join(f"{name} {sentences.odds(odds)}" for name, odds in sorted(needed.items()))
        told = "at the decision, by the candidate's requests with those beside it"
        console.print()
        say(console, "evidence  ", f"{told}; needed: {of}")
    console.print(
        f"\nrequests  {load.sent:,} sent · {load.ok:,} answered well · "
        f"{load.errors:,} answered with an error · {load.lost:,} lost",
        highlight=False,
        soft_wrap=True,
    )


def _evidence(found: Evidence | None) -> tuple[str, str]:
    """Write the odds at the decision, and how many requests were compared with how many."""
    if found is None:
        return "–", "–"
    return (
        f"{found.of} {sentences.odds(found.odds)}",
        f"{found.requests:,} with {found.compared:,}",
    )


def say(console: Console, head: str, sentence: str, style: str = "") -> None:
    """Print a sentence behind its head; in a terminal its further lines stand below the first."""
    lines = [sentence]
    if console.is_terminal:
        lines = textwrap.wrap(sentence, max(20, console.width - len(head))) or [""]
    for index, line in enumerate(lines):
        start = head if index == 0 else " " * len(head)
        console.print(Text(f"{start}{line}", style), soft_wrap=True)


def write(path: Path, lines: Sequence[Line], load: Load) -> None:
    """Write the numbers as JSON, as a whole or not at all."""
    body = {"releases": [asdict(line) for line in lines], "load": asdict(load)}
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n")
    draft.replace(path)
