"""What becomes of a version that was asked for: told at once, or followed to its end."""

from collections.abc import Awaitable, Callable

import anyio
import msgspec

from serinus.app import shown, standing
from serinus.app.standing import Fate, Standing
from serinus.boot.settings import Settings
from serinus.core.spec import duration
from serinus.core.state.command import Command
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.interfaces.cli import typed, watching
from serinus.interfaces.cli.options import Author
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.sight import Sight
from serinus.interfaces.cli.trouble import Code, Trouble

SOON_S = 0.1


class Request(msgspec.Struct, frozen=True):
    """What `deploy` was asked to do."""

    key: Key
    version: str
    author: Author
    parameters: dict[str, str]
    timeout: str


def asleep(wake: str) -> Trouble:
    """Say that nobody would begin a release that is to be waited for."""
    return Trouble(
        "the controller is not running, so there is nothing to wait for; nothing was changed",
        hint=wake,
    )


def usable(asked: Standing, hint: str) -> Standing:
    """Return what is asked for now, or say why it cannot be done."""
    if not asked.change:
        raise Trouble(
            f"the spec of {asked.application} cannot be used",
            why=asked.problem or "there is none",
            hint=hint,
        )
    return asked


def told(settings: Settings, asked: Standing, wake: str, screen: Screen) -> int:
    """Say what will happen now, without waiting for it; ``wake``: to be typed before it does."""
    app, version = asked.application, asked.version
    if wake:
        screen.say(f"{app}: {version} is asked for; it is released once you type: {wake}")
        return Code.OK
    match standing.fate(asked):
        case Fate.QUARANTINED:
            raise _quarantined(app, version)
        case Fate.CONCLUDED:
            raise _concluded(settings, app, version)
        case Fate.SERVES:
            screen.say(f"{app} serves {version} already.")
        case Fate.COMES:
            watch = typed.text(Command("watch", app), settings.there)
            screen.say(f"{app}: {version} is asked for. To follow its release: {watch}")
    return Code.OK


async def awaited(
    settings: Settings,
    seen: Sight,
    request: Request,
    begun: Callable[[], Awaitable[int | None]],
    screen: Screen,
) -> int:
    """Follow a release to its end, and return its exit code; ``begun`` waits for its number."""
    key = request.key
    try:
        with anyio.fail_after(duration.seconds(request.timeout)):
            number = await begun()
            if number is None:
                screen.say(f"{key.application} serves {request.version} already.")
                return Code.OK
            return await _followed(settings, seen, key, screen, number)
    except TimeoutError:
        raise watching.timeout(key.application, request.timeout) from None


async def begun(
    settings: Settings,
    before: Standing,
    asked: Standing,
    look: Callable[[], Awaitable[Standing]],
    *,
    every_s: float = SOON_S,
) -> int | None:
    """Wait for the release of what is wanted and return its number, None when it serves already."""
    while True:
        found = standing.begun(before, asked, await look())
        match found:
            case int():
                return found
            case Fate.SERVES:
                return None
            case Fate.CONCLUDED:
                raise _concluded(settings, asked.application, asked.version)
            case Fate.QUARANTINED:
                raise _quarantined(asked.application, asked.version)
            case Fate.COMES:
                await anyio.sleep(every_s)


def _quarantined(app: str, version: str) -> Trouble:
    return Trouble(
        f"{version} of {app} failed before and is not tried again by itself",
        why="exactly this change was taken back",
        next=(Command("retry", app), Command("explain", app)),
        code=Code.REFUSED,
    )


def _concluded(settings: Settings, app: str, version: str) -> Trouble:
    report = typed.text(Command("explain", app), settings.there)
    return Trouble(
        f"the test of {version} is over, and the same one is not begun again",
        why="delivery, version and content are what they were",
        hint=f"change delivery.template to release it, or see its report: {report}",
        code=Code.REFUSED,
    )


# --- its end ------------------------------------------------------------------------------------


async def _followed(settings: Settings, seen: Sight, key: Key, screen: Screen, number: int) -> int:
    view: shown.View | None
    if screen.live:
        view = await watching.live(settings, seen, key, screen, number=number, stop=_stops)
    else:
        view = await watching.until(seen, key, screen, number=number, stop=_stops)
    if view is None:
        watch = typed.text(Command("watch", key.application), settings.there)
        screen.say(f"The release goes on. To see it again: {watch}")
        return Code.OK
    if screen.answered(view, lambda: [f"{view.application}/{view.environment}#{view.number}"]):
        return watching.outcome(view)
    code = watching.outcome(view)
    if code is Code.OK:
        serves = (
            "" if view.state == Phase.CONCLUDED else f"{key.application} serves {view.version}. "
        )
        screen.say(f"{serves}{view.sentence}")
        return code
    raise Trouble(
        f"{view.version} of {key.application}: {view.state.lower()}",
        why=view.sentence,
        next=view.next or (Command("explain", key.application),),
        code=Code(code),
    )


def _stops(view: shown.View) -> bool:
    return watching.ended(view) or (view.state == Phase.WAITING and _needs_a_person(view))


def _needs_a_person(view: shown.View) -> bool:
    """Tell whether a gate is one that only a person opens; the others are waited for."""
    asked = view.gate in {"window", "webhook"}
    return not asked or view.wait is None or (view.gate == "webhook" and view.wait.until is None)
