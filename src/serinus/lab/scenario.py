"""
A scenario: one service and one release of it, as a stream of counts that answers to a policy.

A scenario is one Python file::

    KIND = "null"                          # or "regression"
    TICK_S = 5                             # optional, as all that follows
    HISTORY_S = 3600                       # so long stable serves alone, first of all
    PLAN = [(0.05, 300), (0.5, 900)]       # (weight of the candidate, seconds)
    CHECKS = {"errors": (1.25, 0.0002)}    # what is allowed: ratio × stable's share + plus
    BOUNDS_MS = (5, 10, 25, …)             # of the latency buckets
    STABLE_PODS = 10                       # what a plan of replicas goes by
    POD_FAULTS = True                      # single pods misbehave in it, whatever their version

    def run(rng):                          # a numpy.random.Generator
        wish = yield {}                    # what the policy wants for the first tick
        while True:
            wish = yield {"stable": {"s0": (950, 1)}, "candidate": {"c0": (50, 0)}}

Each tick is a plain dict: for each arm (``stable``, ``candidate``, ``twin``) its pods, each with
(requests, errors). ``latency``, of the same shape, holds the counts of each bucket, the one beyond
the last bound included. ``truth`` may give the true share of errors of each arm (``stable``,
``candidate``): what is measured against an oracle needs it. A first tick that is empty or None asks
for the first wish. What is sent back is a :class:`Wish`: a name that was not seen before is a fresh
pod, a twin is a fresh pod of the old version. A scenario may end; the release ends with it.
"""

import importlib.util
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
    bounds_ms: tuple[int, ...] = DEFAULT_BOUNDS_MS
    stable_pods: int = 10
    pod_faults: bool = False
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

    def wrong(key: str, message: str) -> None:
        problems.append(Problem(f"{place}: {key}", message))

    kind = getattr(module, "KIND", None)
    if kind not in set(Kind):
        wrong("KIND", f"{kind!r}; wanted one of {', '.join(repr(str(k)) for k in Kind)}")
        kind = Kind.NULL
    run = getattr(module, "run", None)
    if not callable(run):
        wrong("run", "there is none; wanted a generator run(rng) that yields one tick each time")
        run = _nothing
    tick_s = _number(getattr(module, "TICK_S", 5.0))
    if tick_s is None or not tick_s > 0:
        wrong("TICK_S", f"{getattr(module, 'TICK_S', None)!r}; wanted seconds above 0")
    history_s = _number(getattr(module, "HISTORY_S", 0.0))
    if history_s is None or history_s < 0:
        wrong("HISTORY_S", f"{getattr(module, 'HISTORY_S', None)!r}; wanted seconds, 0 or more")
    plan = _plan(getattr(module, "PLAN", DEFAULT_PLAN))
    if plan is None:
        message = "wanted a list of (weight, seconds), weights between 0 and 1"
        wrong("PLAN", f"{getattr(module, 'PLAN', None)!r}; {message}")
    checks = _checks(getattr(module, "CHECKS", DEFAULT_CHECKS))
    if checks is None:
        message = 'wanted such as {"errors": (1.25, 0.0002)}: ratio and plus for errors and latency'
        wrong("CHECKS", f"{getattr(module, 'CHECKS', None)!r}; {message}")
    pods = getattr(module, "STABLE_PODS", 10)
    if not isinstance(pods, int) or pods < 1:
        wrong("STABLE_PODS", f"{pods!r}; wanted a whole number, 1 or more")
    if problems:
        raise SpecError(tuple(problems))
    return Scenario(
        name=name,
        kind=Kind(kind),
        run=run,
        tick_s=tick_s or 5.0,
        history_s=history_s or 0.0,
        plan=plan or DEFAULT_PLAN,
        checks=checks or DEFAULT_CHECKS,
        bounds_ms=tuple(getattr(module, "BOUNDS_MS", DEFAULT_BOUNDS_MS)),
        stable_pods=pods,
        pod_faults=bool(getattr(module, "POD_FAULTS", False)),
        title=(module.__doc__ or "").strip().partition("\n")[0],
    )


def _nothing(_: "Random") -> Generator[Mapping[str, Any] | None, Wish, None]:
    yield None


def _number(found: object) -> float | None:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found)


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


def _checks(found: object) -> Mapping[str, tuple[float, float]] | None:
    """Read margins; one pair, or one mapping of ratio and plus, is that of the errors."""
    pair = _pair(found)
    if pair is not None:
        return {"errors": pair}
    if not isinstance(found, Mapping) or not found:
        return None
    checks = {str(name): _pair(margin) for name, margin in found.items()}
    if not set(checks) <= {"errors", "latency"}:
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
