"""``deploy`` and ``delete``: asking for a version, and for none at all."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import msgspec
from cyclopts import Parameter

from serinus.app import intents, standing
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.spec import duration
from serinus.core.state.command import Command
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.interfaces.cli import arrivals, options, sight, steer, trouble, typed, watching
from serinus.interfaces.cli.arrivals import Request
from serinus.interfaces.cli.options import (
    App,
    Author,
    Environment,
    Far,
    Output,
    Place,
    parameters,
)
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports import failures
from serinus.ports.store import Store

GONE_S = 120.0
"""How long `delete` waits for the last request to be answered."""

SOON_S = 0.1

ADD = "   or   serinus deploy -f shop.yaml"


def deploy(
    app: Annotated[str | None, Parameter(help="Name of the application.")] = None,
    version: Annotated[str | None, Parameter(help="The version that should serve.")] = None,
    /,
    *,
    file: Annotated[
        Path | None, Parameter(name=["--file", "-f"], help="Add an application from a YAML file.")
    ] = None,
    wait: Annotated[
        bool, Parameter(negative="", help="Follow the release, and exit by its outcome.")
    ] = False,
    timeout: Annotated[str, Parameter(help="How long to wait, such as 30m.")] = "1h",
    set_: Annotated[
        list[str] | None,
        Parameter(name="--set", negative="", help="A parameter of the delivery: bake=1m."),
    ] = None,
    env: Environment = "local",
    author: Author = Author(),
    place: Far = Far(),
    output: Output = Output(),
) -> int:
    """
    Ask for a version: the field `version` of the application's file is changed, nothing else.

    What Git keeps is not touched: you get the patch to commit. With -f a new application's
    file is copied into the directory of specs. With --server it is the document that the dashboard
    keeps that is changed. Exit codes with --wait: 0 succeeded, 4 rolled back, 5 timed out, 6 needs
    an approval, 7 held at 0, 8 superseded.
    """
    settings, screen = place.settings(app), Screen(output)
    _review(timeout)
    if file:
        _unless_elsewhere(settings, file)
    added = _add(settings, file, screen) if file else None
    name = app or added
    if name is None or (version is None and added is None):
        where = "" if settings.server is None else f" --server {settings.server.address}"
        raise Trouble(
            "deploy needs an application and a version, or a file",
            hint=f"serinus deploy shop v2{where}" + ADD * (not where),
            code=Code.USAGE,
        )
    request = Request(place.key(name, env), version or "", author, parameters(set_ or []), timeout)
    work = _deploy if settings.cluster is None else _deploy_there
    if settings.server is not None:
        from serinus.interfaces.cli import orders  # noqa: PLC0415 - few ask a dashboard

        work = partial(orders.deploy, settings.server)
    return anyio.run(partial(work, wait=wait), settings, request, screen)


def delete(
    app: App,
    /,
    *,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"], negative="", help="Do not ask.")] = False,
    env: Environment = "local",
    author: Author = Author(),
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """Stop an application: its file is removed, its route is taken away, its replicas drain."""
    screen = Screen(output)
    if not yes:
        _confirm(app, screen)
    return anyio.run(_delete, place.settings(), Key(app, env), author, screen)


# --- deploy -----------------------------------------------------------------------------------


def _review(timeout: str) -> None:
    """Refuse what is no time before anything is asked for."""
    try:
        duration.seconds(timeout)
    except ValueError as wrong:
        raise Trouble(f"--timeout: {wrong}", hint="--timeout 30m", code=Code.USAGE) from None


def _unless_elsewhere(settings: Settings, file: Path) -> None:
    """Refuse to add a file where applications are no files of this machine."""
    if settings.cluster is not None:
        raise Trouble(
            "an application of a cluster is added with kubectl, not with --file",
            hint=f"kubectl apply -f {file}",
            code=Code.USAGE,
        )
    if settings.server is not None:
        raise Trouble(
            "deploy --file adds a file of this machine to the specs of this machine",
            why=f"the applications of {settings.server.address} are written where it is served",
            hint=f"{settings.server.address}/new   (a page takes the text of {file} as well)",
            code=Code.USAGE,
        )


def _add(settings: Settings, file: Path, screen: Screen) -> str:
    """Copy a new application's file to the specs and return its name."""
    added: str = home.specs(settings).add(file)
    screen.say(f"{added} is added to {settings.specs}.")
    return added


async def _deploy(settings: Settings, request: Request, screen: Screen, *, wait: bool) -> int:
    app, wake = request.key.application, await _asleep(settings)
    if wait and wake:
        raise arrivals.asleep(wake)
    async with home.store(settings) as store:
        before = await standing.find(request.key, store)
    if request.version:
        # The note first: the release may begin as soon as the file is changed.
        author = request.author
        await home.note_change(settings, app, request.version, author.name, author.reason)
        _ask(settings, request)
    async with home.store(settings) as store:
        await intents.known(request.key, store)
        seen = sight.Here(settings, store)
        asked = arrivals.usable(await seen.standing(request.key), "serinus lint")
        if not wait:
            return arrivals.told(settings, asked, wake, screen)
        request = msgspec.structs.replace(request, version=asked.version)
        look = partial(seen.standing, request.key)
        begun = partial(arrivals.begun, settings, before, asked, look)
        return await arrivals.awaited(settings, seen, request, begun, screen)


async def _deploy_there(settings: Settings, request: Request, screen: Screen, *, wait: bool) -> int:
    """Ask for a version in a cluster: the API server checks it, and the controller judges it."""
    from serinus.adapters.kubernetes.changing import Change  # noqa: PLC0415 - few need a cluster
    from serinus.boot import visiting  # noqa: PLC0415 - the same

    cluster, version, author = settings.cluster, request.version, request.author
    if cluster is None:
        message = "no cluster is meant"
        raise AssertionError(message)
    wake = await _asleep(settings)
    if wait and wake:
        raise arrivals.asleep(wake)
    actor = await options.signed(settings, author.actor)
    change = Change(version, request.parameters, actor, author.reason)
    async with visiting.store(cluster) as store:
        key = await intents.known(request.key, store)
        before = await store.status(key) or Status(key=key)
        try:
            generation = await visiting.ask(cluster, key, change)
        except failures.Rejected as refusal:
            raise trouble.refused(refusal) from None
        app = key.application
        if not wait:
            watch = typed.text(Command("watch", app), settings.cluster)
            later = f"To follow its release: {watch}"
            nobody = f"The controller is not running: {wake}"
            screen.say(f"{app}: {version} is asked for. {nobody if wake else later}")
            return Code.OK
        begun = partial(visiting.begun, store, key, version, generation=generation, before=before)
        request = msgspec.structs.replace(request, key=key)
        seen = sight.Here(settings, store)
        return await arrivals.awaited(settings, seen, request, begun, screen)


async def _asleep(settings: Settings) -> str:
    """Return what to type where no controller works, empty where one does."""
    return "" if await home.awake(settings) else home.wake(settings)


def _ask(settings: Settings, request: Request) -> None:
    """Change the version in the spec; a file that must not be touched is a refusal."""
    try:
        home.specs(settings).set_version(
            request.key.application, request.version, request.parameters
        )
    except failures.Rejected as refusal:
        raise trouble.refused(refusal) from refusal


# --- delete -----------------------------------------------------------------------------------


def _confirm(app: str, screen: Screen) -> None:
    if not sys.stdin.isatty():
        raise Trouble(
            f"delete stops {app} for everybody, and there is no terminal to ask you",
            hint=f"serinus delete {app} --yes",
            code=Code.USAGE,
        )
    screen.say(f"This stops {app} for everybody. Its history stays.")
    if input(f"Type {app} to go on: ").strip() != app:
        raise Trouble("nothing was deleted", why="the name was not repeated")


async def _delete(settings: Settings, key: Key, author: Author, screen: Screen) -> int:
    app = key.application
    async with home.store(settings) as store:
        await intents.known(key, store)
        if home.controller(settings) is None:
            raise Trouble(
                "the controller is not running, and only it can drain and stop replicas",
                why="nothing was deleted",
                hint="serinus up",
            )
        status = await store.status(key)
        specs = home.specs(settings)
        if app in specs.applications():
            specs.delete(app)
        if status is None or (status.stable is None and status.release is None):
            screen.say(f"{app} is deleted; nothing of it was running.")
            return Code.OK
        wish = intents.Wish(key=key, verb=Verb.DELETE, actor=author.name, reason=author.reason)
        await steer.leave(settings, wish, screen)
        with anyio.move_on_after(GONE_S):
            while await _stored(store, key):
                await home.clock().sleep(SOON_S)
            screen.say(f"{app} has stopped. Its history stays: serinus history {app}")
            return Code.OK
    raise watching.timeout(app, f"{GONE_S:.0f}s")


async def _stored(store: Store, key: Key) -> bool:
    """Tell whether the controller still knows it: a forgotten one has a status without versions."""
    status = await store.status(key)
    return status is not None and status.version > 0
