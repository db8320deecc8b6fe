"""
The demo: three releases of a small shop, told as they happen.

It is what a person would do: write down an application, send traffic, change what is written. Where
it plays is a :class:`Place`: this machine (:mod:`serinus.interfaces.demo.here`), or a cluster. The
controller, the platform and the store are the real ones; the load comes from a process of its own.
It succeeds only if all three releases came out as they should and the platform lost no request.
"""

import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import anyio
from rich.console import Console

from serinus.app import shown, views
from serinus.core.state.notice import Event, Key, Kind
from serinus.core.state.release import Phase, Release
from serinus.interfaces.demo import report, scenes, tally
from serinus.ports import Ports

RATE: Final = 500
BASELINE_S: Final = 12.0
PATIENCE_S: Final = 300.0
TOLD: Final = frozenset({Kind.RELEASE, Kind.STEP, Kind.RETREAT, Kind.RESULT, Kind.VERDICT})
OUTCOMES: Final = {
    Phase.SUCCEEDED: "succeeded",
    Phase.SETTLING: "succeeded",
    Phase.HELD: "held",
}
GOOD: Final = frozenset({Phase.SUCCEEDED, Phase.SETTLING})


class DemoFailed(Exception):
    """The demo could not go on; the message says why."""


class Place(Protocol):
    """
    Where the demo plays.

    ``url``: where the traffic goes, for the host :data:`serinus.interfaces.demo.scenes.HOST`;
    ``load``: the file in which its tally is kept.
    """

    key: Key
    url: str
    load: Path

    def opening(self) -> str:
        """Return what is told at the beginning."""
        ...

    async def ask(self, scene: scenes.Scene) -> None:
        """Ask for a version, as a person would: by changing what is written down."""
        ...

    async def answers(self) -> None:
        """Wait until requests are answered at the place."""
        ...

    def staying(self) -> str:
        """Return what is told when it all goes on for somebody to play with."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """A place, with the controller that works there."""

    place: Place
    ports: Ports
    console: Console


async def play(stage: Stage, *, json: Path | None, keep: bool) -> int:
    """Play all scenes; return 0 only if everything came out as it should."""
    _opening(stage)
    await stage.place.ask(scenes.FIRST)
    await _until_ended(stage, 1)
    await stage.place.answers()
    lines: list[report.Line] = []
    async with _traffic(stage):
        told = f"{RATE} requests/s from a process of its own"
        stage.console.print(f"\n[bold]traffic[/]  {told}\n")
        await anyio.sleep(BASELINE_S)
        for number, scene in enumerate(scenes.SCENES, start=1):
            lines.append(await _scene(stage, number, scene))
        if keep:
            code = _finale(stage, lines, json)
            await _wait_for_person(stage)
            return code
    return _finale(stage, lines, json)


async def _scene(stage: Stage, number: int, scene: scenes.Scene) -> report.Line:
    heading = f"[bold]{number}  {scene.version}[/]: {scene.title}"
    stage.console.print(heading, soft_wrap=True)
    before = _counted(stage).versions.get(scene.version, tally.Version())
    await stage.place.ask(scene)
    release = await _until_ended(stage, number + 1)
    await anyio.sleep(1.0)
    after = _counted(stage).versions.get(scene.version, tally.Version())
    outcome = OUTCOMES.get(release.progress.phase, "rolled back")
    ended = release.ended_at or release.progress.since
    stage.console.print()
    return report.Line(
        version=scene.version,
        outcome=outcome,
        seconds=round((ended - release.created_at).total_seconds(), 1),
        max_share=release.progress.max_share / 1000,
        exposed=after.requests - before.requests,
        bad=after.bad - before.bad,
        sentence=release.progress.sentence,
        evidence=_evidence(
            await views.explained(stage.ports.store, stage.place.key, release.number)
        ),
    )


def _evidence(view: shown.View | None) -> report.Evidence | None:
    """
    Return what a release was decided by: for good by the evidence of all its tests, or as safe.

    A release is as safe as the check that says least of it.
    """
    why = None if view is None else view.why
    if view is None or why is None:
        return None
    good = view.state in GOOD
    by = next(
        (one for one in why.decisions if one.reason == ("Promoting" if good else "Alarm")), None
    )
    if by is None:
        return None
    sizes = (by.requests, by.stable_requests)
    if not good and why.ledger is not None:
        return report.Evidence(why.ledger.evidence, why.ledger.needed, "worse", *sizes)
    if by.safety is None or by.safety_needed is None:
        return None
    return report.Evidence(by.safety, by.safety_needed, "safe", *sizes)


async def _until_ended(stage: Stage, number: int) -> Release:
    """Tell what happens to a release until it has come to its end."""
    key, seen = stage.place.key, 0
    began: datetime | None = None
    with anyio.move_on_after(PATIENCE_S):
        while True:
            for event in await stage.ports.store.events(after=seen, key=key, release=number):
                seen = event.sequence
                began = began or event.at
                if event.kind in TOLD:
                    _tell(stage.console, event, began)
            release = await stage.ports.store.release(key, number)
            if release is not None and (
                release.ended_at is not None
                or release.progress.phase in {Phase.SETTLING, Phase.HELD}
            ):
                return release
            problem = (await stage.ports.store.asked(key)).problem
            if problem:
                raise DemoFailed(problem)
            await anyio.sleep(0.1)
    message = f"release {number} has not ended after {PATIENCE_S:.0f} s"
    raise DemoFailed(message)


def _tell(console: Console, event: Event, began: datetime) -> None:
    at = round((event.at - began).total_seconds())
    style = {Kind.RETREAT: "yellow", Kind.RESULT: "bold"}.get(event.kind, "")
    report.say(console, f"   {at // 60}:{at % 60:02d}  ", event.sentence, style)


def _opening(stage: Stage) -> None:
    stage.console.print(stage.place.opening(), soft_wrap=True)


def _finale(stage: Stage, lines: list[report.Line], json: Path | None) -> int:
    counted = _counted(stage)
    load = report.Load(counted.sent, counted.ok, counted.errors, counted.lost)
    report.table(stage.console, lines, load)
    if json is not None:
        report.write(json, lines, load)
    wrong = [
        f"{line.version} was to be {scene.expected}, but was {line.outcome}"
        for scene, line in zip(scenes.SCENES, lines, strict=True)
        if scene.expected != line.outcome
    ]
    if load.lost:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(counted.lost_by.items()))
        wrong.append(f"{load.lost} requests were lost ({kinds})")
    for problem in wrong:
        stage.console.print(f"[red]error:[/] {problem}")
    return 1 if wrong else 0


@contextlib.asynccontextmanager
async def _traffic(stage: Stage) -> AsyncIterator[None]:
    """Send steady traffic for the length of a block, and wait for the last answers."""
    command = [sys.executable, "-m", "serinus.interfaces.demo.load"]
    command += ["--url", stage.place.url, "--host", scenes.HOST]
    command += ["--rate", str(RATE), "--slow", f"{scenes.SLOW_MS}ms", "--duration", "600s"]
    command += ["--json", str(stage.place.load)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(  # noqa: ASYNC220, S603 - our own module
        command, stdout=quiet, start_new_session=True
    ) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(process.wait)


def _counted(stage: Stage) -> tally.Tally:
    return tally.Tally.decode(stage.place.load.read_bytes())


async def _wait_for_person(stage: Stage) -> None:
    stage.console.print(stage.place.staying(), soft_wrap=True)
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _signal in signals:
            return
