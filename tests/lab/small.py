"""Small scenarios: a service of a few minutes whose candidate errs as a test says."""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serinus.core.state.counts import STABLE, Arm, Tick
from serinus.lab.play import BEGIN
from serinus.lab.scenario import Kind, Scenario, Wish

if TYPE_CHECKING:
    from numpy.random import Generator as Random

__all__ = ["BEGIN", "file", "history", "scenario", "service"]

PLAN = ((0.1, 60.0), (0.5, 60.0))
BASE = 0.001

Told = Generator[Mapping[str, Any] | None, Wish, None]


def scenario(kind: Kind = Kind.NULL, share: float = BASE, **changes: Any) -> Scenario:
    """Return a scenario of two minutes whose candidate errs in ``share`` of its requests."""

    def run(random: "Random") -> Told:
        return service(random, share)

    given = {"name": "small", "kind": kind, "run": run, "plan": PLAN, "stable_pods": 2, **changes}
    return Scenario(**given)


def service(random: "Random", share: float, *, rate: float = 100.0, base: float = BASE) -> Told:
    """Serve; stable has two pods."""
    wish = yield {}
    while True:
        tick: dict[str, Any] = {"truth": {"stable": base, "candidate": share}}
        parts = {
            "stable": ([f"s{i}" for i in range(2)], rate * (1 - wish.weight), base),
            "candidate": (list(wish.candidate_pods), rate * wish.weight, share),
        }
        for arm, (pods, requests, bad) in parts.items():
            tick[arm] = {}
            for pod in pods:
                n = int(random.poisson(requests * 5 / len(pods)))
                tick[arm][pod] = (n, int(random.binomial(n, bad)))
        wish = yield tick


def history(ticks: int = 24) -> list[Tick]:
    """Return ticks from before a release, the last of which ends when it begins."""
    return [
        Tick(at=BEGIN - 5.0 * place, seconds=5.0, arms={STABLE: Arm({"s0": (500, place % 2)})})
        for place in reversed(range(ticks))
    ]


def file(folder: Path, name: str, text: str) -> Path:
    """Write a scenario down."""
    path = folder / f"{name}.py"
    path.write_text(text)
    return path
