"""
The screen: the same words for a terminal, a pipe and other programs.

A terminal gets colours and wrapped lines; a pipe gets one line for each fact, never cut and never
wrapped, so that ``grep`` and ``cut`` work; ``-o json|yaml|name`` is for programs.
"""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from rich.cells import cell_len
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from serinus.interfaces.cli.options import Format, Output

LABEL = 10
"""Width of the column of labels."""

Lines = Sequence[tuple[str, Text]]
"""Labelled lines: the label stands left, and only where it changes."""


class Screen:
    """Where a command writes its answer."""

    def __init__(self, output: Output, *, terminal: bool | None = None) -> None:
        self.format = output.output
        self.quiet = output.quiet
        self.terminal = sys.stdout.isatty() if terminal is None else terminal
        colour = self.terminal and not output.no_color and not os.environ.get("NO_COLOR")
        self.console = Console(
            no_color=not colour,
            force_terminal=self.terminal,
            highlight=False,
            soft_wrap=not self.terminal,
        )

    @property
    def live(self) -> bool:
        """Tell whether a picture can be drawn again and again."""
        return self.terminal and self.format is Format.TEXT and not self.quiet

    # --- for programs ---------------------------------------------------------------------------

    def answered(self, value: Any, name: Callable[[], Iterable[str]]) -> bool:
        """Write the value for a program, if that is what was asked for."""
        match self.format:
            case Format.TEXT:
                return False
            case Format.JSON:
                print(msgspec.json.format(msgspec.json.encode(value)).decode())
            case Format.YAML:
                _yaml(msgspec.to_builtins(value))
            case Format.NAME:
                for line in name():
                    print(line)
        return True

    def line(self, value: Any, name: str) -> None:
        """Write one value of a stream, on one line (a document of its own in YAML)."""
        match self.format:
            case Format.JSON:
                print(msgspec.json.encode(value).decode())
            case Format.YAML:
                print("---")
                _yaml(msgspec.to_builtins(value))
            case Format.NAME | Format.TEXT:
                print(name)

    # --- for people -----------------------------------------------------------------------------

    def say(self, sentence: str, *, whole: bool = False) -> None:
        """
        Write one sentence, unless nothing was wanted but the answer.

        ``whole``: it has a link in it, which can be copied only where it is not broken into lines.
        """
        if not self.quiet and self.format is Format.TEXT:
            self.write(Text(sentence), whole=whole)

    def note(self, sentence: str) -> None:
        """Write one sentence beside the answer, where it does not get into a pipe."""
        if not self.quiet and self.format is Format.TEXT:
            print(sentence, file=sys.stderr)

    def write(self, text: Text, *, whole: bool = False) -> None:
        """Write one line, wrapped on a terminal unless it is to stay ``whole``."""
        if self.terminal:
            self.console.print(text, soft_wrap=whole)
        else:
            print(text.plain)

    def lines(self, lines: Lines) -> None:
        """Write labelled lines."""
        if self.terminal:
            self.console.print(grid(lines))
            return
        for label, text in lines:
            print(f"{label:<{LABEL if label else 0}}{text.plain}".rstrip())

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[Text]],
        below: Sequence[Text],
        *,
        title: str = "SENTENCE",
    ) -> None:
        """
        Write a table. ``below`` holds a sentence for each row, ``title`` says what these are.

        On a terminal the sentence stands below its row, where it has room at any width; in a pipe
        it is the last column.
        """
        if not self.terminal:
            sentences = [[*row, text] for row, text in zip(rows, below, strict=True)]
            self._plain([*header, title], sentences)
            return
        widths = _widths(header, rows)
        self.console.print(_row([Text(word, "dim") for word in header], widths), crop=False)
        for index, row in enumerate(rows):
            self.console.print(_row(row, widths), no_wrap=True, overflow="ellipsis")
            if below[index].plain:
                self.console.print(Padding(below[index], (0, 0, 0, 2)))

    def _plain(self, header: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
        widths = _widths(header, rows)
        for row in ([Text(word) for word in header], *rows):
            print(_row(row, widths).plain.rstrip())


def grid(lines: Lines) -> Group:
    """
    Return labelled lines for a terminal: labels in their column, texts wrapped beside them.

    A line with an empty label is a title: it stands above them and takes the whole width.
    """
    titles = [text for label, text in lines if not label]
    table = Table.grid(padding=(0, 0))
    table.add_column(width=LABEL, no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for label, text in lines:
        if label:
            table.add_row(Text(label, "dim"), text)
    return Group(*titles, table)


def _widths(header: Sequence[str], rows: Sequence[Sequence[Text]]) -> list[int]:
    columns = zip(header, *rows, strict=True)
    return [max(cell_len(str(cell)) for cell in column) for column in columns]


def _row(cells: Sequence[Text], widths: Sequence[int]) -> Text:
    line = Text()
    for cell, width in zip(cells, widths, strict=True):
        line.append_text(cell)
        line.append(" " * (width - cell.cell_len + 2))
    line.rstrip()
    return line


def _yaml(value: Any) -> None:
    from ruamel.yaml import YAML  # noqa: PLC0415 - it takes a while to import, and few ask for it

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # ruamel declares None
    yaml.dump(value, sys.stdout)
