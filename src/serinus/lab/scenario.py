"""
A scenario: one service and one release of it, as a stream of counts that answers to a policy.

A scenario is one Python file::

    KIND = "null"                          # or "regression"
    TICK_S = 5                             # optional, as all that follows
    HISTORY_S = 3600                       # so long stable serves alone, first of all
    PLAN = [(0.05, 300), (0.5, 900)]       # (weight of the candidate, seconds)
    CHECKS = {"errors": (1.25, 0.0002)}    # what is allowed: ratio × stable's share + plus
    LINES = ("refused",)                   # checks that count in their own way
    GAUGES = ("memory",)                   # checks of numbers that are no counts
    BOUNDS_MS = (5, 10, 25, …)             # of the latency buckets
    STABLE_PODS = 10                       # what a plan of replicas goes by
    POD_FAULTS = True                      # single pods misbehave in it, whatever their version
    HEALS = True                           # the regression passes by itself, for good

    def run(rng):                          # a numpy.random.Generator
        wish = yield {}                    # what the policy wants for the first tick
        while True:
            wish = yield {"stable": {"s0": (950, 1)}, "candidate": {"c0": (50, 0)}}

Each tick is a plain dict: for each arm (``stable``, ``candidate``, ``twin``) its pods, each with
(requests, errors). Beside the arms it may hold

* ``latency``: of the same shape, the counts of each bucket, the one beyond the last bound included;
  an arm may give those of all its pods under one name;
* ``lines``: of the same shape, a dict for each pod: how many requests each check of LINES counted;
* ``samples``: for each check of GAUGES the value of each arm that has one;
* ``seconds``: how long the tick was, where it was no usual one;
* ``truth``: the true share of errors of ``stable`` and ``candidate``; what is measured against an
  oracle needs it.

A first tick that is empty or None asks for the first wish; a later one is a scrape that is missing.
What is sent back is a :class:`Wish`: a name that was not seen before is a fresh pod, a twin is a
fresh pod of the old version. A scenario may end; the release ends with it.
"""

import importlib.util
import itertools
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from serinus.core.errors import Problem, SpecError

if TYPE_CHECKING:
    from numpy.random import Generator as Random

DEFAULT_PLAN = ((0.05, 300.0), (0.1, 300.0), (0.25, 300.0), (0.5, 900.0))
DEFAULT_CHECKS: Mapping[str, tuple[float, float]] = {"errors": (1.25, 0.0002)}
DEFAULT_BOUNDS_MS = (5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000)
COUNTED = ("errors", "latency")
"""The checks of what every tick may count; others are named by LINES and GAUGES."""

PERCENT = 1.0
"""A weight above this is a percentage."""


class Kind(StrEnum):
    """Whether the candidate is worse than allowed."""

    NULL = "null"
    REGRESSION = "regression"


class Wish(NamedTuple):
    """What a policy wants for the next tick: a weight (a fraction), and who serves."""

    weight: float = 0.0
    candidate_pods: tuple[str, ...] = ()
    twin_pods: tuple[str, ...] = ()


Run = Callable[["Random"], Generator[Mapping[str, Any] | None, Wish, None]]


@dataclass(frozen=True)
class Scenario:
    """A scenario as loaded; the docstring of this module says what each part means."""

    name: str
    kind: Kind
    run: Run
    tick_s: float = 5.0
    history_s: float = 0.0
    plan: tuple[tuple[float, float], ...] = DEFAULT_PLAN
    checks: Mapping[str, tuple[float, float]] = field(default_factory=lambda: DEFAULT_CHECKS)
    lines: tuple[str, ...] = ()
    gauges: tuple[str, ...] = ()
    bounds_ms: tuple[int, ...] = DEFAULT_BOUNDS_MS
    stable_pods: int = 10
    pod_faults: bool = False
    heals: bool = False
    title: str = ""

    @property
    def plan_s(self) -> float:
        """Return how long the plan holds in all."""
        return sum(seconds for _, seconds in self.plan)


# --- from a file ---------------------------------------------------------------------------------


def folder(path: Path) -> tuple[Scenario, ...]:
    """
    Load every scenario of a folder, by name.

    Raises SpecError with all that is wrong in all of its files.
    """
    files = sorted(p for p in path.glob("*.py") if not p.name.startswith("_"))
    if not files:
        raise SpecError((Problem(str(path), "no scenario there; wanted Python files"),))
    found: list[Scenario] = []
    problems: list[Problem] = []
    for file in files:
        try:
            found.append(load(file))
        except SpecError as wrong:
            problems += wrong.problems
    if problems:
        raise SpecError(tuple(problems))
    return tuple(found)


def load(path: Path) -> Scenario:
    """Load one scenario. Raises SpecError with all that is wrong with it."""
    try:
        module = _module(path)
    except Exception as wrong:
        message = f"it cannot be loaded: {type(wrong).__name__}: {wrong}"
        raise SpecError((Problem(str(path), message),)) from wrong
    return of(module, path.stem, str(path))


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"serinus_scenario_{path.stem}", path)
    if spec is None or spec.loader is None:
        message = "it is no Python file"
        raise ImportError(message)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of(module: ModuleType, name: str, place: str = "") -> Scenario:
    """Make a scenario of a module. Raises SpecError with all that is wrong with it."""
    problems: list[Problem] = []
    place = place or name

    def read(key: str, default: object, reading: Callable[[object], Any], wanted: str) -> Any:
        found = getattr(module, key, default)
        value = reading(found)
        if value is None:
            problems.append(Problem(f"{place}: {key}", f"{found!r}; {wanted}"))
        return value

    parts = {key.lower(): read(key, *part) for key, part in PARTS.items()}
    known = (*COUNTED, *(parts["lines"] or ()), *(parts["gauges"] or ()))
    parts["checks"] = read("CHECKS", DEFAULT_CHECKS, lambda found: _checks(found, known), CHECKS)
    run = getattr(module, "run", None)
    if not callable(run):
        wanted = "wanted a generator run(rng) that yields one tick each time"
        problems.append(Problem(f"{place}: run", f"there is none; {wanted}"))
    if problems or not callable(run):
        raise SpecError(tuple(problems))
    return Scenario(
        name=name,
        run=run,
        title=(module.__doc__ or "").strip().partition("\n")[0],
        pod_faults=bool(getattr(module, "POD_FAULTS", False)),
        heals=bool(getattr(module, "HEALS", False)),
        **parts,
    )


# --- its parts -----------------------------------------------------------------------------------


def _kind(found: object) -> Kind | None:
    return Kind(found) if isinstance(found, str) and found in set(Kind) else None


def _number(found: object) -> float | None:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found)


def _above_zero(found: object) -> float | None:
    number = _number(found)
    return number if number is not None and 0 < number < math.inf else None


def _not_below_zero(found: object) -> float | None:
    number = _number(found)
    return number if number is not None and 0 <= number < math.inf else None


def _count(found: object) -> int | None:
    return found if type(found) is int and found > 0 else None


def _plan(found: object) -> tuple[tuple[float, float], ...] | None:
    if not isinstance(found, Sequence) or not found:
        return None
    steps = []
    for step in found:
        if not isinstance(step, Sequence) or len(step) != len(("weight", "seconds")):
            return None
        weight, seconds = _number(step[0]), _number(step[1])
        if weight is None or seconds is None or weight < 0 or seconds <= 0:
            return None
        steps.append((weight, seconds))
    if max(weight for weight, _ in steps) > PERCENT:
        steps = [(weight / 100, seconds) for weight, seconds in steps]
    return tuple(steps) if all(weight <= 1 for weight, _ in steps) else None


def _names(found: object) -> tuple[str, ...] | None:
    if not isinstance(found, list | tuple):
        return None
    names = tuple(name for name in found if isinstance(name, str) and name not in COUNTED)
    return names if len(set(names)) == len(found) and all(names) else None


def _bounds(found: object) -> tuple[int, ...] | None:
    if not isinstance(found, list | tuple) or not found:
        return None
    bounds = tuple(bound for bound in found if type(bound) is int and bound > 0)
    rising = all(a < b for a, b in itertools.pairwise(bounds))
    return bounds if rising and len(bounds) == len(found) else None


def _checks(found: object, known: Sequence[str]) -> Mapping[str, tuple[float, float]] | None:
    """Read margins; one pair, or one mapping of ratio and plus, is that of the errors."""
    pair = _pair(found)
    if pair is not None:
        return {"errors": pair}
    if not isinstance(found, Mapping) or not found:
        return None
    checks = {str(name): _pair(margin) for name, margin in found.items()}
    if not set(checks) <= set(known):
        return None
    read = {name: margin for name, margin in checks.items() if margin is not None}
    return read if len(read) == len(checks) else None


def _pair(found: object) -> tuple[float, float] | None:
    if isinstance(found, Mapping):
        found = (found.get("ratio"), found.get("plus"))
    if not isinstance(found, Sequence) or isinstance(found, str) or len(found) != len("rp"):
        return None
    ratio, plus = _number(found[0]), _number(found[1])
    if ratio is None or plus is None or ratio < 0 or plus < 0:
        return None
    return ratio, plus


PARTS: Mapping[str, tuple[object, Callable[[object], Any], str]] = {
    "KIND": (None, _kind, f"wanted one of {', '.join(repr(str(kind)) for kind in Kind)}"),
    "TICK_S": (5.0, _above_zero, "wanted seconds above 0"),
    "HISTORY_S": (0.0, _not_below_zero, "wanted seconds, 0 or more"),
    "PLAN": (DEFAULT_PLAN, _plan, "wanted a list of (weight, seconds), weights between 0 and 1"),
    "LINES": ((), _names, 'wanted names of checks, such as ("refused",)'),
    "GAUGES": ((), _names, 'wanted names of checks, such as ("memory",)'),
    "BOUNDS_MS": (DEFAULT_BOUNDS_MS, _bounds, "wanted whole milliseconds that rise, above 0"),
    "STABLE_PODS": (10, _count, "wanted a whole number, 1 or more"),
}
"""The parts of a file: what holds where it is left out, how it is read, and what is wanted."""

CHECKS = (
    'wanted such as {"errors": (1.25, 0.0002)}: ratio and plus for errors, latency, and what '
    "LINES and GAUGES name"
)
