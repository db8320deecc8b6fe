"""
The only door for people: a wish is left in the store, and the controller answers it.

CLI, API and page all come through here, so that every wish carries its actor, its reason and what
its author was looking at, and is answered in the same words.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta

import msgspec

from serinus.core.state.command import Command
from serinus.core.state.intent import Answer, Intent, Verb
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.clock import Clock
from serinus.ports.store import Store

TIMEOUT_S = 10.0
"""The controller answers at once; in ten seconds something is wrong with it."""

EVERY_S = 0.05
NEEDS_A_REASON = frozenset({Verb.PROMOTE})


class Wish(msgspec.Struct, frozen=True):
    """
    What one person wants of one application.

    ``id`` is the idempotency key; empty: a new one. ``expect_release`` and ``expect_step`` refuse
    the wish when the world has moved.
    """

    key: Key
    verb: Verb
    actor: str
    reason: str = ""
    expect_release: int | None = None
    expect_step: int | None = None
    id: str = ""


async def ask(
    wish: Wish,
    store: Store,
    clock: Clock,
    *,
    alive: Callable[[], bool],
    timeout_s: float = TIMEOUT_S,
    wake: str = "serinus up",
) -> Answer:
    """
    Leave a wish and wait for its answer.

    Args:
        wish: What is wanted.
        store: Where it is left.
        clock: What the waiting goes by.
        alive: Whether a controller works on the store. Without one nothing is left: a wish that is
            carried out hours later, in another situation, is not what its author meant.
        timeout_s: How long to wait for the answer.
        wake: What to type where no controller works.

    Raises:
        Missing: No such application.
        Unavailable: No controller, or no answer in time; then the wish is kept and answered later.
    """
    refusal = _refusal(wish)
    if refusal:
        return Answer(intent=wish.id, done=False, sentence=refusal)
    key = await known(wish.key, store)
    if not alive():
        raise failures.Unavailable(
            "the controller is not running, and only it can do that; the wish is not kept",
            hint=wake,
        )
    intent = Intent(
        id=wish.id or uuid.uuid4().hex,
        application=key.application,
        environment=key.environment,
        verb=wish.verb,
        actor=wish.actor,
        at=clock.now(),
        reason=wish.reason,
        expect_release=wish.expect_release,
        expect_step=wish.expect_step,
    )
    await store.ask(intent)
    return await _answer(intent, store, clock, timeout_s)


async def known(key: Key, store: Store) -> Key:
    """
    Return the key of an application; ``Missing``, naming the known ones, where nobody knows it.

    Without an environment the application's own is meant, and without a namespace the only one
    that is looked at: in a cluster an application is in one environment.
    """
    keys = await store.keys()
    if key in keys:
        return key
    meant = [other for other in keys if not key.environment and _meant(other, key.application)]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(str(other.application) for other in keys if other != key)
    raise failures.Missing(
        f"there is no application {key.application!r}"
        + (f" in environment {key.environment!r}" if key.environment else ""),
        why=f"known: {names}" if names else "there are no applications at all",
        next=(Command("status") if names else Command("deploy", rest="-f app.yaml"),),
    )


def _meant(key: Key, application: str) -> bool:
    return application in {key.application, key.application.rpartition("/")[2]}


def _refusal(wish: Wish) -> str:
    if wish.verb in NEEDS_A_REASON and not wish.reason.strip():
        return f"{wish.verb} skips every check and gate that is left, so it needs a reason."
    if not wish.actor.strip():
        return "nobody asked: a wish carries the name of its actor."
    return ""


async def _answer(intent: Intent, store: Store, clock: Clock, timeout_s: float) -> Answer:
    deadline = clock.now() + timedelta(seconds=timeout_s)
    while True:
        answer = await store.answer(intent.id)
        if answer is not None:
            return answer
        if clock.now() >= deadline:
            break
        await clock.sleep(EVERY_S)
    raise failures.Unavailable(
        f"the controller has not answered within {timeout_s:g} s; the wish is kept",
        why=f"{intent.verb} of {intent.application}/{intent.environment} has the id {intent.id}",
        next=(Command("history", intent.application, about="shows it once it is answered"),),
    )
