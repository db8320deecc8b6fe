"""The demo on this machine: processes behind a real Envoy, in a directory of its own."""

import contextlib
import shutil
import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import anyio
from rich.console import Console

from serinus.boot import home, local, office
from serinus.boot.settings import Settings
from serinus.core.state.notice import Key
from serinus.interfaces import dashboard
from serinus.interfaces.demo import scenes, story
from serinus.ports import failures

PORT: Final = 8080


class Here:
    """This machine; see :class:`serinus.interfaces.demo.story.Place`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.key = Key(scenes.APPLICATION, "local")
        self.url = f"http://127.0.0.1:{settings.port}"
        self.load = settings.home / "load.json"
        self._spec = settings.specs / f"{scenes.APPLICATION}.yaml"

    def opening(self) -> str:
        """Return what is told at the beginning."""
        return (
            "[bold]Serinus demo[/]: three releases of a small shop behind a real Envoy.\n"
            "Each is compared with the version that serves, by real requests, "
            "and goes on or back.\n\n"
            f"[bold]platform[/]  Envoy on http://{scenes.HOST}:{self.settings.port}, "
            f"three replicas; home {self.settings.home}"
        )

    async def ask(self, scene: scenes.Scene) -> None:
        """Write the application's file."""
        self._spec.write_text(scenes.spec(scene))

    async def answers(self) -> None:
        """Return at once: Envoy has heard of the shop when its first release has ended."""

    def staying(self) -> str:
        """Return what one can play with."""
        return (
            f"\nIt goes on serving. In another terminal:\n"
            f"   export SERINUS_HOME={self.settings.home}\n"
            f"   serinus status\n"
            f"   serinus explain {scenes.APPLICATION}\n"
            f"   $EDITOR {self._spec}\n"
            "Ctrl-C ends the traffic and the controller."
        )


def main(*, json: Path | None = None, keep: bool = False, console: Console | None = None) -> int:
    """Run the demo; return 0 only if everything came out as it should."""
    console = console or Console(highlight=False)
    place = Path(tempfile.mkdtemp(prefix="serinus-demo-"))
    settings = Settings(home=place, specs=place / "delivery", port=_free_port())
    settings.specs.mkdir()
    try:
        return anyio.run(partial(_play, settings, console, json=json, keep=keep))
    except (story.DemoFailed, failures.PortFailure) as problem:
        console.print(f"[red]error:[/] {problem}")
        return 1
    finally:
        if keep:
            _farewell(console, settings)
        else:
            anyio.run(local.down, settings)
            shutil.rmtree(place, ignore_errors=True)


async def _play(settings: Settings, console: Console, *, json: Path | None, keep: bool) -> int:
    async with (
        local.controller(settings) as (ports, _),
        dashboard.opened(
            office.local(settings, ports), settings.home, home.owner(), dashboard.Asked()
        ) as served,
    ):
        console.print(served.sentence, soft_wrap=True)
        return await story.play(story.Stage(Here(settings), ports, console), json=json, keep=keep)


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
    raise story.DemoFailed(message)


def _candidates() -> Iterator[int]:
    yield PORT
    yield 0
