"""``calibrate``: a policy's false alarms on stable's own past, in which nothing was released."""

from pathlib import Path
from typing import Annotated

import anyio
from cyclopts import Parameter

from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.errors import SpecError
from serinus.core.spec.delivery import Delivery
from serinus.core.state.counts import Tick
from serinus.core.state.notice import Key
from serinus.interfaces.cli import bars, calibrations
from serinus.interfaces.cli.options import Environment, Output, Place
from serinus.interfaces.cli.replay import Policy, loaded
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.lab import archive, subject
from serinus.lab import calibrate as lab
from serinus.lab import replay as replaying
from serinus.lab.recording import Recording

DAYS = 7.0
MOST_RUNS = 100_000
CANNOT = "this cannot be calibrated"


def calibrate(
    app: Annotated[str | None, Parameter(help="Name of the application.")] = None,
    /,
    *,
    days: Annotated[float, Parameter(help="How far to look back; 7 days are kept.")] = DAYS,
    recording: Annotated[
        Path | None, Parameter(help="The past in a file that replay --save wrote.")
    ] = None,
    policy: Policy = Policy(),
    runs: Annotated[int, Parameter(help="How many A/A releases.")] = lab.RUNS,
    seed: Annotated[int, Parameter(help="Of moments and replicas; the same says the same.")] = 1,
    env: Environment = "local",
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """
    Estimate how often a policy is alarmed when nothing was released, on the service's own past.

    Some of stable's replicas play the candidate, at many moments of the past, through the judge
    that decides. It tells how sure that is, how failures clump, and what a probe has to stand.
    """
    settings, screen = place.settings(), Screen(output)
    if (app is None) is (recording is None):
        raise Trouble(
            "calibrate needs an application or --recording, and not both",
            hint="serinus calibrate shop",
            code=Code.USAGE,
        )
    _review(days, runs)
    if recording is not None:
        found = loaded(recording)
        name, ticks = found.about.application, archive.alone((*found.history, *found.ticks))
    else:
        found, name = None, str(app)
        ticks = anyio.run(_past, settings, Key(name, env), days)
    delivery = _delivery(settings, name, policy, env, found)
    try:
        with bars.bar(screen, runs, "releasing nothing") as step:
            told = lab.calibrate(delivery, ticks, application=name, runs=runs, seed=seed, step=step)
    except SpecError as wrong:
        raise Trouble(CANNOT, why=str(wrong), hint="serinus calibrate --help") from wrong
    if not screen.answered(told, lambda: [f"{told.application}/{env}"]):
        screen.lines(calibrations.lines(told))
    return Code.OK


def _review(days: float, runs: int) -> None:
    wrong = []
    if not 0 < days <= DAYS * 52:
        wrong.append(f"--days: {days:g}; wanted more than 0")
    if not 0 < runs <= MOST_RUNS:
        wrong.append(f"--runs: {runs}; wanted 1 to {MOST_RUNS:,}")
    if wrong:
        raise Trouble(
            CANNOT,
            why="\n".join(wrong),
            hint="serinus calibrate --help",
            code=Code.USAGE,
        )


async def _past(settings: Settings, key: Key, days: float) -> tuple[Tick, ...]:
    async with home.store(settings) as store:
        return await archive.rest(store, key, days=days, now=home.clock().now())


def _delivery(
    settings: Settings, name: str, policy: Policy, env: str, found: Recording | None
) -> Delivery:
    """Return the policy: another one, the recorded one, or that of the application as it is now."""
    if found is not None and not policy.other:
        return replaying.own(found)
    return subject.find(policy.choice(name, env), settings).delivery
