"""``up``, ``down`` and ``demo``: running it."""

import enum
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
from cyclopts import Parameter

from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.errors import SpecError
from serinus.core.state.notice import Event
from serinus.interfaces import dashboard as dashboards
from serinus.interfaces.cli import trouble
from serinus.interfaces.cli.options import Actor, Output, Pages, Place
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports import failures

if TYPE_CHECKING:
    from serinus.ports import Ports


class Where(enum.StrEnum):
    """Where the demo plays."""

    LOCAL = "local"
    KUBERNETES = "kubernetes"


@Parameter(name="*")
@dataclass(frozen=True)
class There:
    """The cluster that the demo plays in; what it is told by default fits `make cluster`."""

    kubeconfig: Annotated[Path | None, Parameter(help="Default: $KUBECONFIG, ~/.kube/config.")] = (
        None
    )
    context: Annotated[str | None, Parameter(help="Of the kubeconfig.")] = None
    image: Annotated[str, Parameter(help="An image of Serinus: the shop is in it.")] = "serinus:dev"
    router: Annotated[str, Parameter(help="Which router splits the traffic.")] = "traefik"
    url: Annotated[str, Parameter(help="Where the router takes requests.")] = (
        "http://127.0.0.1:18000"
    )
    counts: Annotated[str, Parameter(help="Where the router's counters are read.")] = (
        "http://127.0.0.1:18003/metrics"
    )


STOP_S = 15.0
"""How long `down` waits for a controller to end."""


def up(
    *,
    listen: Annotated[
        str | None, Parameter(help="Address for requests. Default: 127.0.0.1")
    ] = None,
    port: Annotated[int | None, Parameter(help="Port for requests. Default: 8080")] = None,
    recover: Annotated[
        bool, Parameter(negative="", help="Set a damaged database aside and begin a new one.")
    ] = False,
    pages: Pages = Pages(),
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """
    Run the controller, Envoy and the dashboard here, in the foreground.

    The link to the dashboard is good once, within a minute: `serinus dashboard` prints another.
    Ctrl-C ends the controller alone: everything goes on serving, and the next `up` goes on where
    this one was. `serinus down` stops what serves.
    """
    settings = Settings.load(home=place.home, specs=place.specs, listen=listen, port=port)
    screen = Screen(output)
    wanted = pages.wanted()
    if recover:
        _recover(settings, screen)
    settings.specs.mkdir(parents=True, exist_ok=True)
    _run(settings, screen, wanted)
    screen.say("The controller has ended; what served goes on serving. To stop it: serinus down")
    return Code.OK


def down(
    *,
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """Drain and stop everything that serves, Envoy too. `serinus up` starts it again."""
    from serinus.boot import local  # noqa: PLC0415 - it brings the whole controller

    settings, screen = place.settings(), Screen(output)
    if not settings.home.exists():
        screen.say(f"Nothing was ever started in {settings.home}.")
        return Code.OK
    controller = home.controller(settings)
    if controller is not None:
        screen.say("Asking the controller to end…")
        _end(settings, controller)
    screen.say("Draining and stopping what serves…")
    anyio.run(local.down, settings)
    screen.say("Everything has stopped. What is stored stays; to begin again: serinus up")
    return Code.OK


def demo(
    *,
    platform: Annotated[
        Where, Parameter(help="Where it plays; in a cluster with a kubeconfig.")
    ] = Where.LOCAL,
    there: There = There(),
    json: Annotated[Path | None, Parameter(help="Write the result to this file, too.")] = None,
    keep: Annotated[
        bool, Parameter(negative="", help="Leave it running to play with, until Ctrl-C.")
    ] = False,
) -> int:
    """See one good and two bad releases of a small shop, with real requests."""
    if platform is Where.LOCAL:
        from serinus.interfaces.demo import here  # noqa: PLC0415 - it brings the whole controller

        return here.main(json=json, keep=keep)
    from serinus.interfaces.demo import there as cluster  # noqa: PLC0415 - the same

    wanted = cluster.Wanted(
        kubeconfig=there.kubeconfig,
        context=there.context,
        image=there.image,
        router=there.router,
        url=there.url,
        counts=there.counts,
    )
    return cluster.main(wanted, json=json, keep=keep)


def _recover(settings: Settings, screen: Screen) -> None:
    aside = home.recover(settings)
    if aside is None:
        screen.say(f"{settings.database} is not damaged; nothing was set aside.")
    else:
        screen.say(f"The damaged database is kept as {aside}.")


def link(
    *,
    token: Annotated[
        bool, Parameter(negative="", help="Print a token for programs instead: seven days.")
    ] = False,
    actor: Actor = None,
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """Print a link to the dashboard that is served here: good once, within a minute."""
    settings, screen = place.settings(), Screen(output)
    made = (dashboards.token if token else dashboards.link)(
        settings.home, actor or home.owner(), home.clock()
    )
    if not screen.answered({"token" if token else "link": made}, lambda: [made]):
        screen.say(made, whole=True)
    return Code.OK


def _run(settings: Settings, screen: Screen, pages: dashboards.Asked | None) -> None:
    from serinus.boot import local, office  # noqa: PLC0415 - they bring the whole controller

    @asynccontextmanager
    async def beside(ports: "Ports") -> AsyncIterator[None]:
        if pages is None:
            yield
            return
        place = office.local(settings, ports)
        async with dashboards.opened(place, settings.home, home.owner(), pages) as served:
            screen.say(served.sentence, whole=True)
            yield

    def ready() -> None:
        screen.say(
            f"Serinus is up: http://APP.localhost:{settings.port}, applications from "
            f"{settings.specs}, memory in {settings.home}.\n"
            "Ctrl-C ends the controller and leaves everything serving; serinus down stops it."
        )

    def told(event: Event) -> None:
        number = f"#{event.release}" if event.release is not None else ""
        at = event.at.astimezone().strftime("%H:%M:%S")
        screen.say(f"{at}  {event.application}{number}  {event.sentence}")

    try:
        anyio.run(partial(local.run, settings, ready=ready, told=told, beside=beside))
    except BaseExceptionGroup as group:
        # One failure among tasks that were cancelled for it: that one is worth telling.
        expected, others = group.split((failures.PortFailure, SpecError))
        if expected is None or others is not None:
            raise
        raise trouble.of(_first(expected)) from None


def _first(group: BaseExceptionGroup[BaseException]) -> failures.PortFailure | SpecError:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, failures.PortFailure | SpecError)  # noqa: S101 - split() made it so
    return found


def _end(settings: Settings, controller: int) -> None:
    """Ask the controller to end, and wait until its lock is free."""
    if not controller:
        raise Trouble(
            "a controller is starting at this moment", hint="serinus down   (again in a moment)"
        )
    os.kill(controller, signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    while home.controller(settings) == controller:
        if time.monotonic() > deadline:
            raise Trouble(
                f"the controller (process {controller}) has not ended within {STOP_S:.0f} s",
                why="nothing else was stopped",
                hint=f"kill -9 {controller}   and   serinus down   (what serves is not harmed)",
            )
        time.sleep(0.05)
