"""``status``, ``explain``, ``history`` and ``diff``: looking changes nothing."""

from typing import Annotated

import anyio
from cyclopts import Parameter
from rich.text import Text

from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.state.command import Command
from serinus.core.state.notice import Key
from serinus.interfaces.cli import pictures, sight, typed
from serinus.interfaces.cli.options import App, Environment, Far, Output
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble


def status(
    app: Annotated[str | None, Parameter(help="One application, with all there is to see.")] = None,
    /,
    *,
    env: Environment = "local",
    place: Far = Far(),
    output: Output = Output(),
) -> int:
    """See what is in flight: what needs you first, then what moves, then what is at rest."""
    settings = place.settings(app)
    if app is None:
        return anyio.run(_list, settings, Screen(output))
    return anyio.run(_one, settings, place.key(app, env), Screen(output))


def explain(
    app: App,
    number: Annotated[int | None, Parameter(help="A release. Default: the last one.")] = None,
    /,
    *,
    env: Environment = "local",
    release: Annotated[int | None, Parameter(help="The same as NUMBER.")] = None,
    check: Annotated[str, Parameter(help="Only this check.")] = "",
    place: Far = Far(),
    output: Output = Output(),
) -> int:
    """
    Tell why a release is where it is: every check with its numbers, and what would change it.

    Evidence so far and what it is measured against, the check and the replica that carry it, what
    would change the verdict and when at this traffic, what was asked, and each decision.
    """
    if None not in {number, release} and number != release:
        raise Trouble(
            f"two releases are named, {number} and {release}",
            next=(Command("explain", app, str(number)),),
            code=Code.USAGE,
        )
    wanted = release if number is None else number
    settings, key = place.settings(app), place.key(app, env)
    return anyio.run(_explain, settings, key, wanted, check, Screen(output))


def history(
    app: Annotated[str | None, Parameter(help="One application; all of them without.")] = None,
    /,
    *,
    env: Environment = "local",
    limit: Annotated[int, Parameter(name=["--limit", "-n"], help="How many.")] = 20,
    place: Far = Far(),
    output: Output = Output(),
) -> int:
    """List past releases, newest first, with what became of them and the deciding sentence."""
    key = place.key(app, env) if app else None
    return anyio.run(_history, place.settings(app), key, limit, Screen(output))


def diff(
    app: App,
    /,
    *,
    env: Environment = "local",
    from_: Annotated[int | None, Parameter(name="--from", help="An older release.")] = None,
    to: Annotated[int | None, Parameter(help="A newer release. Default: the last one.")] = None,
    place: Far = Far(),
    output: Output = Output(),
) -> int:
    """Show what changed: workload, environment and files, of the last release against stable."""
    settings, key = place.settings(app), place.key(app, env)
    return anyio.run(_diff, settings, key, from_, to, Screen(output))


# --- how --------------------------------------------------------------------------------------


async def _list(settings: Settings, screen: Screen) -> int:
    async with sight.of(settings) as seen:
        rows, wake = await seen.rows(), await seen.asleep()
    if screen.answered(rows, lambda: pictures.names(rows)):
        return Code.OK
    if not rows:
        screen.say(
            f"There are no applications in {_where(settings)}.\n"
            f"To see how it works: {_demo(settings)}\n"
            f"To add your own:     {typed.text(typed.ADDED, settings.cluster)}"
        )
        return Code.OK
    now = home.clock().now()
    below = [pictures.sentence(row, settings.there) for row in rows]
    screen.table(pictures.ROW, [pictures.row(row, now) for row in rows], below)
    asleep(wake, screen)
    return Code.OK


def _where(settings: Settings) -> str:
    if settings.server is not None:
        return settings.server.address
    return str(settings.specs) if settings.cluster is None else "this namespace of the cluster"


def _demo(settings: Settings) -> str:
    return "serinus demo" if settings.cluster is None else "serinus demo --platform kubernetes"


def asleep(wake: str, screen: Screen) -> None:
    """Say that nobody decides, when that is so: what is shown is old then."""
    if wake:
        screen.note(f"The controller is not running, so nothing moves. Start it: {wake}")


async def _one(settings: Settings, key: Key, screen: Screen) -> int:
    async with sight.of(settings) as seen:
        key = await seen.known(key)
        view = await seen.release(key)
        rows = await seen.rows(key.application)
        wake = await seen.asleep()
    if view is None:
        if not screen.answered(rows[0], lambda: pictures.names(rows)):
            screen.table(
                pictures.ROW,
                [pictures.row(rows[0], home.clock().now())],
                [pictures.sentence(rows[0], settings.there)],
            )
            asleep(wake, screen)
        return Code.OK
    if not screen.answered(view, lambda: [f"{view.application}/{view.environment}#{view.number}"]):
        screen.lines(pictures.release(view, home.clock().now(), settings.port, settings.there))
        asleep(wake, screen)
    return Code.OK


async def _explain(
    settings: Settings, key: Key, number: int | None, check: str, screen: Screen
) -> int:
    async with sight.of(settings) as seen:
        key = await seen.known(key)
        view = await seen.release(key, number, explained=True)
        wake = await seen.asleep()
    if view is None:
        raise Trouble(
            f"{key.application} has had no release yet",
            next=(
                Command("up", about="starts what the specs ask for")
                if settings.there is None
                else Command("status", key.application),
            ),
        )
    known = [one.name for one in view.checks]
    if check and check not in known:
        raise Trouble(
            f"release {view.number} of {key.application} has no check {check!r}",
            why=f"its checks are: {', '.join(known) or 'none'}",
            next=(Command("explain", key.application),),
        )
    if not screen.answered(view, lambda: known):
        now = home.clock().now()
        screen.lines(pictures.explained(view, now, settings.port, settings.there, check=check))
        asleep(wake, screen)
    return Code.OK


async def _history(settings: Settings, key: Key | None, limit: int, screen: Screen) -> int:
    async with sight.of(settings) as seen:
        if key is not None and not key.environment:
            key = await seen.known(key)
        past = await seen.history(key, limit)
        if key is not None and not past:
            await seen.known(key)
    if screen.answered(
        past, lambda: [f"{one.application}/{one.environment}#{one.number}" for one in past]
    ):
        return Code.OK
    if not past:
        screen.say(f"There have been no releases yet. To see some: {_demo(settings)}")
        return Code.OK
    now = home.clock().now()
    below = [Text(one.sentence) for one in past]
    screen.table(pictures.PAST, [pictures.past(one, now) for one in past], below)
    return Code.OK


async def _diff(
    settings: Settings, key: Key, older: int | None, newer: int | None, screen: Screen
) -> int:
    async with sight.of(settings) as seen:
        change = await seen.diff(await seen.known(key), older, newer)
    if screen.answered(change, lambda: [change.before, change.after]):
        return Code.OK
    if not change.lines:
        screen.say(f"{change.before} and {change.after} are the same.")
    for line in change.lines:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        screen.write(Text(line, style))
    return Code.OK
