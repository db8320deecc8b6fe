"""
Who is told: who looks on, and places by the names of their secrets, with the way to reach them.

The light half of it, which commands need as well: the library that sends is another process's.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from serinus.adapters.local.secrets import Secrets
from serinus.adapters.notifiers import apprise
from serinus.app import messages
from serinus.app.telling import Wishes
from serinus.boot.settings import Settings
from serinus.core.spec import notify
from serinus.core.spec.application import Environment
from serinus.core.spec.topics import Topic
from serinus.core.state.notice import Event
from serinus.ports import failures
from serinus.ports.notifier import Notifier

if TYPE_CHECKING:
    from serinus.adapters.local.specs import Specs
    from serinus.app.turns import Turns
    from serinus.ports import Ports

ENVIRONMENT = "local"
"""The one environment of this machine."""

TOLD_S = 0.5
"""How long after a turn it is looked for new events, to be shown."""


class Tried(msgspec.Struct, frozen=True, rename="camel"):
    """What became of a test: ``problem`` is empty when the place took it."""

    place: str
    problem: str = ""
    why: str = ""
    hint: str = ""


def wishes(specs: "Specs") -> Wishes:
    """Return what each place wants to be told on this machine."""
    environments = specs.library().environments
    return wanted({name: environments[name] for name in environments if name == ENVIRONMENT})


def wanted(environments: Mapping[str, Environment]) -> Wishes:
    """Return what each place wants to be told of each environment."""
    found: dict[str, dict[str, frozenset[Topic]]] = {}
    for name, environment in environments.items():
        for place, topics in notify.wishes(environment.spec.notify).items():
            found.setdefault(place, {})[name] = topics
    return found


def notifier(secrets: Secrets, place: str) -> Notifier:
    """Return the way to a place."""
    return apprise.Notifier(place, secrets)


async def show(ports: "Ports", turns: "Turns", told: Callable[[Event], None]) -> None:
    """Show each event that comes from now on, until cancelled; there is none without a turn."""
    last = await ports.store.newest()
    while True:
        given = turns.given
        for event in await ports.store.events(after=last):
            last = event.sequence
            told(event)
        await given.wait()
        await ports.clock.sleep(TOLD_S)


async def trial(settings: Settings, place: str) -> Tried:
    """Send a place a message that says it is a test, once."""
    try:
        await notifier(Secrets(settings.home), place).send(messages.trial())
    except failures.PortFailure as failure:
        return Tried(place, str(failure), failure.why, failure.hint)
    return Tried(place)
