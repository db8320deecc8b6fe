"""
The demo: three releases of a small shop behind a real Envoy, told as they happen.

It is what a person would do on this machine: write a file, send traffic, change the file. The
controller, the platform and the store are those of ``serinus up``; the load comes from a process of
its own. It succeeds only if all three releases came out as they should and the platform lost no
request.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import anyio
from rich.console import Console

from serinus.app import shown, views
from serinus.boot import local
from serinus.boot.settings import Settings
from serinus.core.state.notice import Event, Key, Kind
from serinus.core.state.release import Phase, Release
from serinus.interfaces.demo import report, scenes, tally
from serinus.ports import Ports, failures

RATE: Final = 500
BASELINE_S: Final = 12.0
PATIENCE_S: Final = 150.0
PORT: Final = 8080
KEY: Final = Key(scenes.APPLICATION, "local")
TOLD: Final = frozenset({Kind.RELEASE, Kind.STEP, Kind.RETREAT, Kind.RESULT, Kind.VERDICT})
OUTCOMES: Final = {
    Phase.SUCCEEDED: "succeeded",
    Phase.SETTLING: "succeeded",
    Phase.HELD: "held",
}
GOOD: Final = frozenset({Phase.SUCCEEDED, Phase.SETTLING})


class DemoFailed(Exception):
    """The demo could not go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays."""

    settings: Settings
    ports: Ports
    console: Console
    load: Path

    @property
    def spec(self) -> Path:
        """The application's file."""
        return self.settings.specs / f"{scenes.APPLICATION}.yaml"


def main(*, json: Path | None = None, keep: bool = False, console: Console | None = None) -> int:
    """Run the demo; return 0 only if everything came out as it should."""
    console = console or Console(highlight=False)
    home = Path(tempfile.mkdtemp(prefix="serinus-demo-"))
    settings = Settings(home=home, specs=home / "delivery", port=_free_port())
    settings.specs.mkdir()
    try:
        return anyio.run(partial(_play, settings, console, json=json, keep=keep))
    except (DemoFailed, failures.PortFailure) as problem:
        console.print(f"[red]error:[/] {problem}")
        return 1
    finally:
        if keep:
            _farewell(console, settings)
        else:
            anyio.run(local.down, settings)
            shutil.rmtree(home, ignore_errors=True)


async def _play(settings: Settings, console: Console, *, json: Path | None, keep: bool) -> int:
    async with local.controller(settings) as (ports, _):
        stage = Stage(settings, ports, console, settings.home / "load.json")
        _opening(stage)
        stage.spec.write_text(scenes.spec(scenes.FIRST))
        await _until_ended(stage, 1)
        lines: list[report.Line] = []
        async with _traffic(stage):
            console.print(f"\n[bold]traffic[/]  {RATE} requests/s from a process of its own\n")
            await anyio.sleep(BASELINE_S)
            for number, scene in enumerate(scenes.SCENES, start=1):
                lines.append(await _scene(stage, number, scene))
            if keep:
                code = _finale(stage, lines, json)
                await _wait_for_person(console, settings)
                return code
        return _finale(stage, lines, json)


async def _scene(stage: Stage, number: int, scene: scenes.Scene) -> report.Line:
    heading = f"[bold]{number}  {scene.version}[/]: {scene.title}"
    stage.console.print(heading, soft_wrap=True)
    before = _counted(stage).versions.get(scene.version, tally.Version())
    stage.spec.write_text(scenes.spec(scene))
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
        evidence=_evidence(await views.explained(stage.ports.store, KEY, release.number)),
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
    seen = 0
    began: datetime | None = None
    with anyio.move_on_after(PATIENCE_S):
        while True:
            for event in await stage.ports.store.events(after=seen, key=KEY, release=number):
                seen = event.sequence
                began = began or event.at
                if event.kind in TOLD:
                    _tell(stage.console, event, began)
            release = await stage.ports.store.release(KEY, number)
            if release is not None and (
                release.ended_at is not None
                or release.progress.phase in {Phase.SETTLING, Phase.HELD}
            ):
                return release
            problem = (await stage.ports.store.asked(KEY)).problem
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
    stage.console.print(
        "[bold]Serinus demo[/]: three releases of a small shop behind a real Envoy.\n"
        "Each is compared with the version that serves, by real requests, and goes on or back.\n\n"
        f"[bold]platform[/]  Envoy on http://{scenes.HOST}:{stage.settings.port}, "
        f"three replicas; home {stage.settings.home}",
        soft_wrap=True,
    )


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
    command += ["--url", f"http://127.0.0.1:{stage.settings.port}", "--host", scenes.HOST]
    command += ["--rate", str(RATE), "--slow", f"{scenes.SLOW_MS}ms", "--duration", "600s"]
    command += ["--json", str(stage.load)]
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
    return tally.Tally.decode(stage.load.read_bytes())


async def _wait_for_person(console: Console, settings: Settings) -> None:
    console.print(
        f"\nIt goes on serving. In another terminal:\n"
        f"   export SERINUS_HOME={settings.home}\n"
        f"   serinus status\n"
        f"   serinus explain {scenes.APPLICATION}\n"
        f"   $EDITOR {settings.specs / (scenes.APPLICATION + '.yaml')}\n"
        "Ctrl-C ends the traffic and the controller.",
        soft_wrap=True,
    )
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _signal in signals:
            return


def _farewell(console: Console, settings: Settings) -> None:
    console.print(
        "The shop still serves. To stop it and to clean up:\n"
        f"   serinus down --home {settings.home} && rm -r {settings.home}",
        soft_wrap=True,
    )


def _free_port() -> int:
    """Return the usual port, or a free one when it is taken."""
    for port in _candidates():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    message = "no free port on 127.0.0.1"
    raise DemoFailed(message)


def _candidates() -> Iterator[int]:
    yield PORT
    yield 0
