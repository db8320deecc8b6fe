"""
All benchmarks in one table.

    python -m benchmarks            at most 15 minutes
    python -m benchmarks --full     the longer ones too
    python -m benchmarks NAME …     only these

A benchmark is a module of this folder whose docstring says ``python -m benchmarks.NAME`` at the
beginning of a line, with nothing behind it that must be given. With ``run(full) -> list[Result]``
its numbers stand in the table; one that has only a ``main`` runs in a process of its own: its
output is passed on, and its exit code is its result. They run one after the other, because they
would disturb each other.
"""

import argparse
import ast
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from benchmarks.results import Result, table

BUDGET_S = 14.5 * 60
BUDGET_FULL_S = 4 * 3600.0
FAREWELL_S = 15.0
ORDER = ("judge_speed", "decide", "cli_start", "judge_nulls", "envoy_overhead", "local_release")
"""These first; then the others by name, the longest one last."""

LAST = ("healthy_releases",)
FULL = ("cluster_away", "cluster_kills", "cluster_scale")
"""Those that run with `--full` alone, or when they are named: they need a test cluster."""


def names(*, full: bool = True) -> list[str]:
    """Return the benchmarks of this folder in the order in which they run."""
    files = (path for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    found = {path.stem for path in files if _says_so(path)}
    rest = sorted(found - {*ORDER, *LAST})
    left = set() if full else {*FULL}
    return [name for name in (*ORDER, *rest, *LAST) if name in found - left]


def _says_so(path: Path) -> bool:
    """Tell whether a module says how to run it, with nothing that must be given."""
    lines = (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()
    usage = f"python -m benchmarks.{path.stem}"
    return any(line.strip() == usage or line.strip().startswith(f"{usage} [") for line in lines)


def measure(name: str, *, full: bool, left_s: float) -> list[Result]:
    """Run one benchmark, in this process if it can be."""
    module = importlib.import_module(f"benchmarks.{name}")
    if hasattr(module, "run"):
        found: list[Result] = module.run(full)
        return found
    return apart(name, ("--full",) if full and _takes_full(module) else (), left_s)


def _takes_full(module: ModuleType) -> bool:
    return "--full" in (module.__doc__ or "")


def apart(name: str, given: Sequence[str], left_s: float) -> list[Result]:
    """Run one in a process of its own, and end it with all that it started when time is over."""
    begun = time.monotonic()
    words = [sys.executable, "-m", f"benchmarks.{name}", *given]
    process = subprocess.Popen(words, start_new_session=True)  # noqa: S603 - our own
    try:
        code = process.wait(timeout=left_s)
    except subprocess.TimeoutExpired:
        sys.stdout.write(f"{name}: stopped after {left_s:.0f} s, there is no time left\n")
        code = 1
    finally:
        stop(process)
    took = time.monotonic() - begun
    return [Result(f"{name}: took (its numbers are above)", took, "s", failed=code != 0)]


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process and its children to end as by Ctrl-C, then end them."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(timeout=FAREWELL_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main() -> int:
    """Run them, print the table, and return 1 when a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="All benchmarks.")
    parser.add_argument("--full", action="store_true", help="the longer ones too")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names())}")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(names()))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    end = time.monotonic() + (BUDGET_FULL_S if asked.full else BUDGET_S)
    results: list[Result] = []
    for name in asked.names or names(full=asked.full):
        sys.stdout.write(f"— {name}\n")
        sys.stdout.flush()
        results += measure(name, full=asked.full, left_s=max(1.0, end - time.monotonic()))
    sys.stdout.write(f"\n{table(results)}")
    missed = [one.name for one in results if not one.ok]
    sys.stdout.write(f"missed: {'; '.join(missed)}\n" if missed else "every bound is kept\n")
    return int(bool(missed))


if __name__ == "__main__":
    raise SystemExit(main())
