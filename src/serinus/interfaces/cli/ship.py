"""``deploy`` and ``delete``: asking for a version, and for none at all."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import msgspec
from cyclopts import Parameter

from serinus.app import intents, shown
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.spec import duration
from serinus.core.state.command import Command
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status, Wanted
from serinus.core.state.release import Phase
from serinus.interfaces.cli import options, sight, steer, trouble, typed, watching
from serinus.interfaces.cli.options import (
    App,
    Author,
    Environment,
    Output,
    Place,
    Reach,
    parameters,
)
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports import failures
from serinus.ports.store import Store

GONE_S = 120.0
"""How long `delete` waits for the last request to be answered."""

SOON_S = 0.1


class Request(msgspec.Struct, frozen=True):
    """What `deploy` was asked to do."""

    key: Key
    version: str
    author: Author
    parameters: dict[str, str]
    timeout: str


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
    place: Reach = Reach(),
    output: Output = Output(),
) -> int:
    """
    Ask for a version: the field `version` of the application's file is changed, nothing else.

    What Git keeps is not touched: you get the patch to commit. With -f a new application's
    file is copied into the directory of specs. Exit codes with --wait: 0 succeeded, 4 rolled back,
    5 timed out, 6 needs an approval, 7 held at 0, 8 superseded.
    """
    settings, screen = place.settings(app), Screen(output)
    if file and settings.cluster is not None:
        raise Trouble(
            "an application of a cluster is added with kubectl, not with --file",
            hint=f"kubectl apply -f {file}",
            code=Code.USAGE,
        )
    added = _add(settings, file, screen) if file else None
    name = app or added
    if name is None or (version is None and added is None):
        raise Trouble(
            "deploy needs an application and a version, or a file",
            hint="serinus deploy shop v2   or   serinus deploy -f shop.yaml",
            code=Code.USAGE,
        )
    request = Request(place.key(name, env), version or "", author, parameters(set_ or []), timeout)
    work = _deploy if settings.cluster is None else _deploy_there
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


def _add(settings: Settings, file: Path, screen: Screen) -> str:
    """Copy a new application's file to the specs and return its name."""
    added: str = home.specs(settings).add(file)
    screen.say(f"{added} is added to {settings.specs}.")
    return added


async def _deploy(settings: Settings, request: Request, screen: Screen, *, wait: bool) -> int:
    app = request.key.application
    if wait and home.controller(settings) is None:
        raise Trouble(
            "the controller is not running, so there is nothing to wait for; nothing was changed",
            hint="serinus up",
        )
    async with home.store(settings) as store:
        before = await store.status(request.key) or Status(key=request.key)
    if request.version:
        # The note first: the release may begin as soon as the file is changed.
        author = request.author
        await home.note_change(settings, app, request.version, author.name, author.reason)
        _ask(settings, request)
    async with home.store(settings) as store:
        wanted = await _wanted(store, request.key)
        if not wait:
            return _told(settings, request, wanted, before, screen)
        try:
            with anyio.fail_after(duration.seconds(request.timeout)):
                number = await _begun(store, request.key, wanted, before)
                if number is None:
                    screen.say(f"{app} serves {wanted.revision.version} already.")
                    return Code.OK
                return await _waited(settings, store, request.key, screen, number)
        except TimeoutError:
            raise watching.timeout(app, request.timeout) from None


async def _deploy_there(settings: Settings, request: Request, screen: Screen, *, wait: bool) -> int:
    """Ask for a version in a cluster: the API server checks it, and the controller judges it."""
    from serinus.adapters.kubernetes.changing import Change  # noqa: PLC0415 - few need a cluster
    from serinus.boot import visiting  # noqa: PLC0415 - the same

    cluster, version, author = settings.cluster, request.version, request.author
    if cluster is None:
        message = "no cluster is meant"
        raise AssertionError(message)
    awake = await home.awake(settings)
    if wait and not awake:
        raise Trouble(
            "the controller is not running, so there is nothing to wait for; nothing was changed",
            hint=home.wake(settings),
        )
    actor = await options.signed(settings, author.actor)
    change = Change(version, request.parameters, actor, author.reason)
    async with visiting.store(cluster) as store:
        key = await intents.known(request.key, store)
        before = await store.status(key) or Status(key=key)
        try:
            generation = await visiting.ask(cluster, key, change)
        except failures.Rejected as refusal:
            found = trouble.of(refusal)
            raise Trouble(
                str(found), why=found.why, hint=found.hint, next=found.next, code=Code.REFUSED
            ) from None
        app = key.application
        if not wait:
            watch = typed.text(Command("watch", app), settings.cluster)
            later = f"To follow its release: {watch}"
            screen.say(f"{app}: {version} is asked for. {later if awake else _nobody(settings)}")
            return Code.OK
        try:
            with anyio.fail_after(duration.seconds(request.timeout)):
                number = await visiting.begun(
                    store, key, version, generation=generation, before=before
                )
                if number is None:
                    screen.say(f"{app} serves {version} already.")
                    return Code.OK
                return await _waited(settings, store, key, screen, number)
        except TimeoutError:
            raise watching.timeout(app, request.timeout) from None


def _nobody(settings: Settings) -> str:
    return f"The controller is not running: {home.wake(settings)}"


def _ask(settings: Settings, request: Request) -> None:
    """Change the version in the spec; a file that must not be touched is a refusal."""
    try:
        home.specs(settings).set_version(
            request.key.application, request.version, request.parameters
        )
    except failures.Rejected as refusal:
        found = trouble.of(refusal)
        raise Trouble(
            str(found), why=found.why, hint=found.hint, next=found.next, code=Code.REFUSED
        ) from refusal


async def _wanted(store: Store, key: Key) -> Wanted:
    """Return what the specs ask for now, or say why it cannot be done."""
    await intents.known(key, store)
    asked = await store.asked(key)
    if asked.wanted is None:
        raise Trouble(
            f"the spec of {key.application} cannot be used",
            why=asked.problem or "there is none",
            hint="serinus lint",
        )
    return asked.wanted


def _told(
    settings: Settings, request: Request, wanted: Wanted, before: Status, screen: Screen
) -> int:
    """Say what will happen now, without waiting for it."""
    app, version = request.key.application, wanted.revision.version
    if home.controller(settings) is None:
        screen.say(f"{app}: {version} is asked for; it is released once you type: serinus up")
    elif wanted.revision.id in before.quarantine:
        raise _quarantined(app, version)
    elif (wanted.revision.id, wanted.delivery_hash) == before.concluded:
        raise _concluded(app, version)
    elif wanted.revision.id == before.stable:
        screen.say(f"{app} serves {version} already.")
    else:
        screen.say(f"{app}: {version} is asked for. To follow its release: serinus watch {app}")
    return Code.OK


def _quarantined(app: str, version: str) -> Trouble:
    return Trouble(
        f"{version} of {app} failed before and is not tried again by itself",
        why="exactly this change was taken back",
        next=(Command("retry", app), Command("explain", app)),
        code=Code.REFUSED,
    )


def _concluded(app: str, version: str) -> Trouble:
    return Trouble(
        f"the test of {version} is over, and the same one is not begun again",
        why="delivery, version and content are what they were",
        hint=f"change delivery.template to release it, or see its report: serinus explain {app}",
        code=Code.REFUSED,
    )


async def _begun(store: Store, key: Key, wanted: Wanted, before: Status) -> int | None:
    """Wait for the release of what is wanted and return its number, None when it serves already."""
    change, last = wanted.revision.id, before.release
    # One that was in flight may end before we look again: its end is what is waited for.
    known = before.releases - (last is not None and last.ended_at is None)
    while True:
        status = await store.status(key) or before
        release = status.release
        if (
            release is not None
            and release.candidate == change
            and (release.ended_at is None or release.number > known)
        ):
            return release.number
        if status.stable == change and (release is None or release.ended_at is not None):
            return None
        if (change, wanted.delivery_hash) == before.concluded == status.concluded:
            raise _concluded(key.application, wanted.revision.version)
        if change in before.quarantine and change in status.quarantine:
            raise _quarantined(key.application, wanted.revision.version)
        await anyio.sleep(SOON_S)


async def _waited(settings: Settings, store: Store, key: Key, screen: Screen, number: int) -> int:
    view: shown.View | None
    seen = sight.Here(settings, store)
    if screen.live:
        view = await watching.live(settings, seen, key, screen, number=number, stop=_stops)
    else:
        view = await watching.until(seen, key, screen, number=number, stop=_stops)
    if view is None:
        watch = typed.text(Command("watch", key.application), settings.cluster)
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
