"""``simulate``: a delivery against pretended faults, through the loop that decides for real."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serinus.core.errors import SpecError
from serinus.interfaces.cli import bars, outcomes
from serinus.interfaces.cli.options import Environment, Output, Place, parameters
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.lab import asked, subject
from serinus.lab import simulate as lab
from serinus.lab.asked import Asked
from serinus.lab.simulate import Run, Setting
from serinus.lab.subject import Choice, Subject

OPTIONS = {
    "errors": "--base-errors",
    "latency": "--base-latency",
    "parameters": "--set",
}


@Parameter(name="*")
@dataclass(frozen=True)
class Usual:
    """What is usual, when nothing goes wrong."""

    rate: float = 100.0
    """Requests for each second."""
    base_errors: str = "0.1%"
    """Share of requests that fail in either version."""
    base_latency: str = "40ms"
    """Median time of a request in either version."""
    replicas: int | None = None
    """Replicas of the stable version. Default: the application's own, or 3."""
    history: str = "1h"
    """For how long stable has served alone."""


@Parameter(name="*")
@dataclass(frozen=True)
class Often:
    """How often, and how."""

    runs: int = 100
    """How many releases are simulated, each with its own seed."""
    seed: int = 1
    """The first seed; the same seed is the same release."""
    jobs: Annotated[int | None, Parameter(name=["--jobs", "-j"])] = None
    """Processes. Default: one for each processor."""


def simulate(
    app: Annotated[str | None, Parameter(help="Name of the application.")] = None,
    /,
    *,
    template: Annotated[
        str | None, Parameter(help="A template by itself: its name, or its file.")
    ] = None,
    file: Annotated[
        Path | None, Parameter(name=["--file", "-f"], help="A file that is not in use yet.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        Parameter(name="--set", negative="", help="A parameter of the delivery: bake=1m."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        Parameter(negative="", help="What goes wrong, as often as you like: errors=5%@20%."),
    ] = None,
    film: Annotated[
        bool, Parameter(negative="", help="Print the whole film of the typical run.")
    ] = False,
    usual: Usual = Usual(),
    often: Often = Often(),
    env: Environment = "local",
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """
    Try a delivery out against faults that you think up, through the loop that decides for real.

    Without a fault it is a healthy release: how often would this delivery take it back? The kinds
    of faults are errors, hang, latency, leak, one-bad-pod, outage, crash, unhealthy, warmup, burst
    and hiccup; each is written KIND=VALUE@START+LENGTH/EVERY (see the guide on simulating).
    """
    screen = Screen(output)
    if template is not None and (app is not None or file is not None):
        raise Trouble(
            "simulate needs an application or a template, not both",
            hint="serinus simulate --template canary-standard",
            code=Code.USAGE,
        )
    wanted = Asked(
        rate=usual.rate,
        errors=usual.base_errors,
        latency=usual.base_latency,
        replicas=usual.replicas,
        faults=tuple(fault or ()),
        history=usual.history,
        runs=often.runs,
        seed=often.seed,
    )
    choice = Choice(
        application=app or "",
        template=template or "",
        file=file,
        parameters=parameters(set_ or []),
        environment=env,
    )
    setting = _setting(wanted, lambda: subject.find(choice, place.settings()))
    seeds = range(often.seed, often.seed + often.runs)
    runs = _runs(setting, seeds, often.jobs, screen)
    found = outcomes.Answer.of(setting, runs)
    if not screen.answered(found, lambda: [share.ending for share in found.summary.endings]):
        screen.lines(outcomes.lines(found))
        outcomes.film(screen, found, whole=film)
    return Code.OK


def _setting(wanted: Asked, found: Callable[[], Subject]) -> Setting:
    """Return what to simulate; whatever is wrong is told at once."""
    try:
        asked.reading(wanted, _option)
        return asked.setting(wanted, found(), _option)
    except SpecError as wrong:
        raise Trouble(
            "this cannot be simulated",
            why=str(wrong),
            hint="serinus simulate --help   (serinus lint shows problems of specs)",
            code=Code.USAGE,
        ) from wrong


def _option(name: str) -> str:
    """Return the option of a value."""
    kind = name.partition("[")[0]
    return "--fault" if kind == "faults" else OPTIONS.get(name, f"--{name}")


def _runs(setting: Setting, seeds: Sequence[int], jobs: int | None, screen: Screen) -> list[Run]:
    if jobs is not None and jobs < 1:
        raise Trouble(f"--jobs: {jobs} processes; wanted 1 or more", code=Code.USAGE)
    found: list[Run] = []
    with bars.bar(screen, len(seeds), "simulating") as step:
        for run in lab.each(setting, seeds, jobs or lab.cores()):
            found.append(run)
            step()
    return found
