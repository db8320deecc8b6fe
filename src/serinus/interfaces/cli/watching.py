"""
``watch``, and following a release for ``deploy --wait``.

In a terminal the picture is drawn again at most five times a second, and keys steer; in a pipe each
change is one line. Both end with the release if that is asked for.
"""

import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import anyio
from cyclopts import Parameter
from rich.console import Group
from rich.live import Live
from rich.text import Text

from serinus.app import intents, shown, views
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.state.command import Command
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.interfaces.cli import look, options, pictures, sight, trouble
from serinus.interfaces.cli.options import App, Environment, Far, Format, Output
from serinus.interfaces.cli.screen import Screen, grid
from serinus.interfaces.cli.sight import Sight
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports import failures

KEYS: dict[str, tuple[Verb, str]] = {
    "p": (Verb.PAUSE, "Pause: stay at this step."),
    "r": (Verb.RESUME, "Resume: go on from here."),
    "n": (Verb.NEXT, "Next step: skip the current wait."),
    "x": (Verb.ROLLBACK, "Roll back: all traffic returns to stable."),
}

LEGEND = "q quit · p pause · r resume · n next · x roll back"


def watch(
    app: App,
    /,
    *,
    env: Environment = "local",
    until_end: Annotated[
        bool, Parameter(negative="", help="End with the release, and with its exit code.")
    ] = False,
    place: Far = Far(),
    output: Output = Output(),
) -> int:
    """
    Follow a release as it happens.

    In a terminal: q quits, p pauses, r resumes, n skips the wait, x rolls back; Enter confirms.
    """
    return anyio.run(
        partial(_watch, until_end=until_end),
        place.settings(app),
        place.key(app, env),
        Screen(output),
    )


async def _watch(settings: Settings, key: Key, screen: Screen, *, until_end: bool) -> int:
    async with sight.of(settings) as seen:
        key = await seen.known(key)
        stop = ended if until_end else _never
        if screen.live:
            look.asleep(await seen.asleep(), screen)
            view = await live(settings, seen, key, screen, stop=stop)
        else:
            view = await until(seen, key, screen, stop=stop)
    return outcome(view) if until_end and view is not None else Code.OK


def _never(view: shown.View) -> bool:
    del view
    return False


# --- in a pipe, and for deploy --wait ---------------------------------------------------------


async def until(
    seen: Sight,
    key: Key,
    screen: Screen,
    *,
    stop: Callable[[shown.View], bool],
    number: int | None = None,
) -> shown.View:
    """
    Print each change as one line until a release is where it should stop, and return it.

    Args:
        seen: Where to look.
        key: The application.
        screen: Where the lines go.
        stop: Whether that is where it should stop.
        number: The release; None: the application, with whatever release is the last one.
    """
    stale = ""
    async with seen.followed(key, number, news=True) as followed:
        while True:
            found = await followed.look()
            for event in found.events:
                _print(screen, key, event.release, views.decision(event))
            if found.view is not None and stop(found.view):
                return found.view
            if found.stale != stale:
                screen.note(found.stale or "It answers again.")
            stale = found.stale
            await followed.rest()


def _print(screen: Screen, key: Key, number: int | None, decision: shown.Decision) -> None:
    if screen.format is Format.TEXT:
        screen.write(pictures.event(key.application, number, decision))
    else:
        screen.line(decision, str(decision.sequence))
    sys.stdout.flush()


def ended(view: shown.View) -> bool:
    """Tell whether nothing more is to be waited for: settling and being held count as the end."""
    return not view.in_flight or view.state in {Phase.SETTLING, Phase.HELD}


def outcome(view: shown.View) -> int:
    """Return the exit code for a release."""
    return trouble.OUTCOMES.get(view.state, Code.ERROR)


# --- in a terminal ----------------------------------------------------------------------------


async def live(
    settings: Settings,
    seen: Sight,
    key: Key,
    screen: Screen,
    *,
    stop: Callable[[shown.View], bool],
    number: int | None = None,
) -> shown.View | None:
    """Draw a release until it is where it should stop, and return it; None when a person leaves."""
    asking = ""
    said = Text(LEGEND, "dim")
    with (
        keyboard() as pressed,
        Live(console=screen.console, auto_refresh=False, transient=False) as picture,
    ):
        async with seen.followed(key, number) as followed:
            while True:
                found = await followed.look()
                view = found.view
                old = (Text(found.stale, "yellow"),) if found.stale else ()
                picture.update(Group(_picture(view, key, settings), *old, said), refresh=True)
                if view is not None and stop(view):
                    return view
                for letter in pressed():
                    if letter in {"q", "\x03", "\x04"}:
                        return None
                    if letter in {"\r", "\n"} and asking:
                        verb, asking = KEYS[asking][0], ""
                        said = Text(await _carry_out(settings, seen, key, verb, view))
                    elif letter in KEYS:
                        asking = letter
                        said = Text(
                            f"{KEYS[letter][1]} Enter: do it. Any other key: do not.", "yellow"
                        )
                    else:
                        asking, said = "", Text(LEGEND, "dim")
                await followed.rest()


def _picture(view: shown.View | None, key: Key, settings: Settings) -> Text | Group:
    if view is None:
        return Text(f"{key.application} has had no release yet.")
    now = home.clock().now()
    return grid(pictures.release(view, now, settings.port, settings.there, decisions=8))


async def _carry_out(
    settings: Settings, seen: Sight, key: Key, verb: Verb, view: shown.View | None
) -> str:
    """Leave a wish about exactly what is on the screen, and return what became of it."""
    wish = intents.Wish(
        key=key,
        verb=verb,
        actor="" if settings.server else await options.signed(settings, None),
        expect_release=view.number if view else None,
        expect_step=view.step if view and verb is Verb.NEXT else None,
    )
    try:
        answer = await seen.ask(wish)
    except failures.PortFailure as failure:
        return trouble.text(trouble.of(failure, settings.there))
    return f"{'Done' if answer.done else 'Refused'}: {answer.sentence}"


@contextmanager
def keyboard() -> Iterator[Callable[[], str]]:
    """Read single keys without waiting, and give the terminal back as it was."""
    if not sys.stdin.isatty():
        yield lambda: ""
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield lambda: _keys(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _keys(descriptor: int) -> str:
    import os  # noqa: PLC0415 - only with a keyboard
    import select  # noqa: PLC0415 - the same

    ready, _, _ = select.select([descriptor], [], [], 0)
    return os.read(descriptor, 64).decode(errors="replace") if ready else ""


def timeout(app: str, length: str) -> Trouble:
    """Say that the time is over, and that the release is not."""
    return Trouble(
        f"{app} has not come to an end within {length}; the release goes on",
        next=(Command("watch", app, "--until-end"),),
        code=Code.TIMED_OUT,
    )
