"""
The verbs: pause, resume, next, promote, rollback, retry, approve and reject.

Each leaves a wish and prints the controller's answer. A refusal is exit code 3.
"""

from collections.abc import Callable

import anyio
from msgspec.structs import replace

from serinus.app import intents
from serinus.boot.settings import Settings
from serinus.core.state.command import Command
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.interfaces.cli import options, sight
from serinus.interfaces.cli.options import (
    Actor,
    App,
    Environment,
    ExpectRelease,
    ExpectStep,
    Far,
    Output,
    Reason,
    Who,
)
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble


def _command(verb: Verb, promise: str) -> Callable[..., int]:
    """Make the command of a verb; ``promise`` is what its help says first."""

    def command(
        app: App,
        /,
        *,
        env: Environment = "local",
        who: Who = Who(),
        place: Far = Far(),
        output: Output = Output(),
    ) -> int:
        return _leave(verb, place.key(app, env), who, place, output)

    command.__name__ = command.__qualname__ = verb.value
    command.__doc__ = promise
    return command


pause = _command(
    Verb.PAUSE,
    "Stay at this step. The checks go on guarding: an alarm still takes the traffic away.",
)
resume = _command(Verb.RESUME, "End a pause: the release goes on where it was.")
next_ = _command(Verb.NEXT, "Skip the current wait: the next step begins now.")
rollback = _command(
    Verb.ROLLBACK,
    "Give all traffic back to stable. The change is not tried again until you say `retry`.",
)
retry = _command(
    Verb.RETRY, "Try a change again that failed, or probe one again that is held at 0."
)
approve = _command(Verb.APPROVE, "Open the gate that a release waits at.")
reject = _command(Verb.REJECT, "Refuse at the gate: the release is taken back.")


def promote(
    app: App,
    /,
    *,
    reason: Reason,
    env: Environment = "local",
    actor: Actor = None,
    expect_step: ExpectStep = None,
    expect_release: ExpectRelease = None,
    place: Far = Far(),
    output: Output = Output(),
) -> int:
    """Skip everything that is left: all traffic goes to the candidate, judged or not."""
    who = Who(reason, actor, expect_step, expect_release)
    return _leave(Verb.PROMOTE, place.key(app, env), who, place, output)


def _leave(verb: Verb, key: Key, who: Who, place: Far, output: Output) -> int:
    wish = intents.Wish(
        key=key,
        verb=verb,
        actor=who.actor or "",
        reason=who.reason,
        expect_release=who.expect_release,
        expect_step=who.expect_step,
    )
    return anyio.run(leave, place.settings(key.application), wish, Screen(output))


async def leave(settings: Settings, wish: intents.Wish, screen: Screen) -> int:
    """Leave a wish and print its answer; a refusal is trouble with exit code 3."""
    if settings.server is None:
        wish = replace(wish, actor=await options.signed(settings, wish.actor))
    async with sight.of(settings) as seen:
        answer = await seen.ask(wish)
    said = answer.sentence[:1].upper() + answer.sentence[1:]
    app = wish.key.application
    if not answer.done:
        raise Trouble(
            f"{wish.verb} of {app} is refused",
            why=said,
            next=(Command("explain", app),),
            code=Code.REFUSED,
        )
    if not screen.answered(answer, lambda: [answer.intent]):
        screen.say(f"{app}: {said}")
    return Code.OK
