"""What somebody asks of a simulation, in the words of people, and as a setting once it is right."""

from collections.abc import Callable, Iterator

import msgspec

from serinus.core.errors import Problem, SpecError
from serinus.core.spec import duration, percent, prose
from serinus.lab import sabotage
from serinus.lab.simulate import HISTORY_S, MOST, Setting
from serinus.lab.subject import Subject
from serinus.lab.world import Traffic

FASTEST, MANY, RUNS = 1_000_000.0, 200, 100_000
"""Requests for each second, replicas and runs: more of them is a slip of the keyboard."""

LEAST_MS, MOST_MS = 1.0, 10_000.0


class Asked(msgspec.Struct, frozen=True):
    """
    What is asked for: numbers and texts as they were written.

    ``replicas`` None: as the application has them. ``runs`` and ``seed``: one simulation for each
    of the seeds from ``seed`` on.
    """

    rate: float = 100.0
    errors: str = "0.1%"
    latency: str = "40ms"
    replicas: int | None = None
    faults: tuple[str, ...] = ()
    history: str = duration.of_seconds(HISTORY_S)
    runs: int = 100
    seed: int = 1


Place = Callable[[str], str]
"""Says where a value was written, by its name; of a fault ``faults`` and its index."""


def setting(asked: Asked, subject: Subject, place: Place) -> Setting:
    """
    Return the setting of a simulation.

    Raises SpecError with all that is wrong with what is asked for.
    """
    traffic, found, history = reading(asked, place)
    if subject.fastest_s > MOST:
        length, most = prose.seconds(subject.fastest_s), prose.seconds(MOST)
        said = f"its plan takes {length}; wanted at most {most}: give it shorter steps"
        raise SpecError((Problem(place("parameters"), said),))
    replicas = subject.replicas if asked.replicas is None else asked.replicas
    traffic = msgspec.structs.replace(traffic, replicas=replicas)
    return Setting(subject, traffic, found, history)


def reading(asked: Asked, place: Place) -> tuple[Traffic, tuple[sabotage.Fault, ...], float]:
    """Return traffic, faults and history: all that needs no subject. Raises SpecError."""
    problems = list(_numbers(asked, place))
    errors, wrong = _share(asked.errors)
    problems += [Problem(place("errors"), said) for said in wrong]
    median, wrong = _time(asked.latency)
    if not wrong and not LEAST_MS <= median * 1000 <= MOST_MS:
        wrong = [f"{asked.latency} is no usual time; wanted 1ms to 10s"]
    problems += [Problem(place("latency"), said) for said in wrong]
    history, wrong = _time(asked.history)
    if history > MOST:
        wrong = [f"{asked.history} is too long; wanted at most {prose.seconds(MOST)}"]
    problems += [Problem(place("history"), said) for said in wrong]
    found: tuple[sabotage.Fault, ...] = ()
    try:
        found = sabotage.parse(asked.faults, lambda index: place(f"faults[{index}]"))
    except SpecError as several:
        problems += several.problems
    if problems:
        raise SpecError(tuple(problems))
    return Traffic(rate=asked.rate, errors=errors, median_ms=median * 1000), found, history


def _numbers(asked: Asked, place: Place) -> Iterator[Problem]:
    if not 0 < asked.rate <= FASTEST:
        said = f"{asked.rate:g} requests for each second; wanted above 0, at most {FASTEST:,.0f}"
        yield Problem(place("rate"), said)
    if asked.replicas is not None and not 1 <= asked.replicas <= MANY:
        yield Problem(place("replicas"), f"{asked.replicas} replicas; wanted 1 to {MANY}")
    if not 1 <= asked.runs <= RUNS:
        yield Problem(place("runs"), f"{asked.runs} runs; wanted 1 to {RUNS:,}")
    if asked.seed < 0:
        yield Problem(place("seed"), f"{asked.seed} is no seed; wanted 0 or more")


def _share(text: str) -> tuple[float, list[str]]:
    try:
        share = float(percent.parse(text))
    except ValueError as problem:
        return 0.0, [str(problem)]
    return share, [] if share < 1 else [f"{text} fail already; wanted less than 100%"]


def _time(text: str) -> tuple[float, list[str]]:
    try:
        return duration.seconds(text), []
    except ValueError as problem:
        return 0.0, [str(problem)]
