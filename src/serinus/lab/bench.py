"""
The bench: every scenario, many runs, on all processors, and what became of each run.

The runs of a scenario come in small portions, and the portions of all scenarios take turns, so that
a bench which is interrupted has about as many runs of each. A run knows its seed from its name and
number alone: any number of processes finds the same.

What goes wrong in a scenario is told as its problem and ends that scenario alone.
"""

import contextlib
import multiprocessing
import signal
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import msgspec

from serinus.core.errors import SpecError
from serinus.lab import contest
from serinus.lab.contest import Run
from serinus.lab.scenario import Kind, Scenario

PORTION = 5
"""Runs that a process plays before it is heard of again."""

Sets = Mapping[str, tuple[Scenario, ...]]
"""Scenarios by the name of their set."""

Load = Callable[[], Sets]
"""Finds the scenarios; every process finds them for itself, as no generator can be sent."""


@dataclass(frozen=True)
class Asked:
    """What a bench is asked to do. ``only``: names of scenarios, all of them when empty."""

    load: Load
    names: tuple[str, ...]
    runs: int
    regression_runs: int
    seed: int = 1
    jobs: int = 1
    only: tuple[str, ...] = ()

    def scenarios(self) -> dict[str, tuple[str, Scenario]]:
        """Return (set, scenario) by name of the scenario."""
        return {
            one.name: (name, one)
            for name, ones in self.load().items()
            for one in ones
            if not self.only or one.name in self.only
        }

    def runs_of(self, one: Scenario) -> int:
        """Return how many runs a scenario gets."""
        return self.regression_runs if one.kind is Kind.REGRESSION else self.runs


class Failure(msgspec.Struct, frozen=True):
    """What went wrong in a scenario, in the first run in which it did."""

    scenario: str
    run: int
    seed: int
    sentence: str


class Found(msgspec.Struct, frozen=True):
    """What a bench found. ``runs``: by scenario, by number; broken scenarios have none."""

    runs: Mapping[str, Sequence[Run]]
    failures: tuple[Failure, ...] = ()
    interrupted: bool = False


class Portion(msgspec.Struct, frozen=True):
    """Some runs of one scenario, as asked for and as found."""

    scenario: str
    first: int
    last: int
    runs: tuple[Run, ...] = ()
    failure: Failure | None = None


def measure(asked: Asked, heard: Callable[[int], None] = lambda _: None) -> Found:
    """Play all runs; ``heard`` is told how many more are done. Ctrl-C ends with what is there."""
    portions = list(_portions(asked))
    runs: dict[str, list[Run]] = {name: [] for name in asked.scenarios()}
    failures: dict[str, Failure] = {}
    interrupted = False
    played = _here(asked, portions, failures) if asked.jobs == 1 else _there(asked, portions)
    try:
        with contextlib.closing(played):
            for portion in played:
                runs[portion.scenario] += portion.runs
                if portion.failure is not None:
                    before = failures.get(portion.scenario, portion.failure)
                    first = min(before, portion.failure, key=lambda one: one.run)
                    failures[portion.scenario] = first
                heard(portion.last - portion.first)
    except KeyboardInterrupt:
        interrupted = True
    whole = {
        name: sorted(found, key=lambda run: run.number)
        for name, found in runs.items()
        if found and name not in failures
    }
    return Found(whole, tuple(failures[name] for name in sorted(failures)), interrupted)


def _portions(asked: Asked) -> Iterator[Portion]:
    """Yield what is to be done: the first portion of every scenario, then the second ones."""
    wanted = [(name, asked.runs_of(one)) for name, (_, one) in asked.scenarios().items()]
    for first in range(0, max([runs for _, runs in wanted], default=0), PORTION):
        for name, runs in wanted:
            if first < runs:
                yield Portion(name, first, min(first + PORTION, runs))


def _here(
    asked: Asked, portions: Iterable[Portion], failures: Mapping[str, Failure]
) -> Generator[Portion]:
    """Play in this process."""
    ones = asked.scenarios()
    for portion in portions:
        if portion.scenario in failures:
            yield portion
        else:
            yield _played(portion, ones[portion.scenario][1], asked.names, asked.seed)


def _there(asked: Asked, portions: Sequence[Portion]) -> Generator[Portion]:
    """Play in processes of our own."""
    context = multiprocessing.get_context("forkserver")
    pool = ProcessPoolExecutor(asked.jobs, context, initializer=_begin, initargs=(asked,))
    waiting: dict[Future[Portion], Portion] = {}
    try:
        waiting = {pool.submit(_one, portion): portion for portion in portions}
        for future in as_completed(waiting):
            yield future.result()
    except BrokenProcessPool as broken:
        message = "a process of the bench was ended from outside, for want of memory perhaps"
        raise ChildProcessError(message) from broken
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_asked: Asked | None = None
_ones: dict[str, tuple[str, Scenario]] = {}
_broken: set[str] = set()


def _begin(asked: Asked) -> None:
    """Prepare a process: Ctrl-C is for the one that gives out the work."""
    global _asked, _ones
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _asked, _ones = asked, asked.scenarios()


def _one(portion: Portion) -> Portion:
    if _asked is None:
        message = "a process was given work before it was told what for"
        raise RuntimeError(message)
    if portion.scenario in _broken:
        return portion
    found = _played(portion, _ones[portion.scenario][1], _asked.names, _asked.seed)
    if found.failure is not None:
        _broken.add(portion.scenario)
    return found


def _played(portion: Portion, one: Scenario, names: Sequence[str], base: int) -> Portion:
    runs: list[Run] = []
    failure = None
    for number in range(portion.first, portion.last):
        try:
            runs.append(contest.run(one, names, base, number))
        except Exception as wrong:  # noqa: BLE001  a scenario is anybody's code
            own = contest.seed(base, one.name, number)
            failure = Failure(one.name, number, own, _sentence(wrong))
            break
    return Portion(portion.scenario, portion.first, portion.last, tuple(runs), failure)


def _sentence(wrong: Exception) -> str:
    """Tell what went wrong; of a bug also where."""
    if isinstance(wrong, SpecError):
        return str(wrong)
    frames = traceback.extract_tb(wrong.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(wrong).__name__}: {wrong}{place}"
