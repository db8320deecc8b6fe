"""
What it costs to start the command line: CPU of a whole process, against an empty one.

    python -m benchmarks.cli_start

The limit is 0.3 s for ``serinus --help``; the others show what a person waits for.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence

import msgspec

ROUNDS = 9
LIMIT_S = 0.3

SERINUS = (sys.executable, "-m", "serinus")
COMMANDS: tuple[tuple[str, tuple[str, ...], float | None], ...] = (
    ("python -c pass", (sys.executable, "-c", "pass"), None),
    ("serinus --help", (*SERINUS, "--help"), LIMIT_S),
    ("serinus pause --help", (*SERINUS, "pause", "--help"), None),
    ("serinus status, nothing there", (*SERINUS, "status"), None),
)


class Row(msgspec.Struct, frozen=True):
    """One number: what it is, its CPU in seconds, the ratio to an empty process, and its limit."""

    name: str
    value: float
    ratio: float
    limit: float | None = None

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"   (at most {self.limit:g} s)"
        return f"{self.name:<52} {self.value:9.3f} s   {self.ratio:8.2f} ×{limit}"


def cpu(command: Sequence[str], folder: str) -> float:
    """Return the CPU seconds of one process, user and system together."""
    before = os.times()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def rows() -> list[Row]:
    """Measure everything, in turns, so that a busy moment meets all of them."""
    found: dict[str, list[float]] = {name: [] for name, _, _ in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name, command, _limit in COMMANDS:
                found[name].append(cpu(command, folder))
    empty = max(statistics.median(found[COMMANDS[0][0]]), 0.001)
    return [
        Row(name, statistics.median(found[name]), statistics.median(found[name]) / empty, limit)
        for name, _, limit in COMMANDS
    ]


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    found = rows()
    sys.stdout.write("".join(f"{row}\n" for row in found))
    return int(any(row.limit is not None and row.value > row.limit for row in found))


if __name__ == "__main__":
    raise SystemExit(main())
