"""A bar of progress: on a terminal, for people, and nowhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from serinus.interfaces.cli.screen import Screen

Step = Callable[[], None]
"""Called when one more is done."""


@contextmanager
def bar(screen: Screen, total: int, what: str) -> Iterator[Step]:
    """Show how many of so many are done; what is yielded is called for each of them."""
    if not (screen.live and sys.stderr.isatty()):
        yield lambda: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    # Beside the answer: what is on standard output stays when the bar is gone.
    console = Console(stderr=True, no_color=screen.console.no_color)
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(what, total=total)
        yield lambda: shown.advance(task)
