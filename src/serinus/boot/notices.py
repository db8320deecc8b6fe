"""
Who is told: places by the names of their secrets, and the way in which they are reached.

The light half of it, which commands need as well: the library that sends is another process's.
"""

from typing import TYPE_CHECKING

import msgspec

from serinus.adapters.local.secrets import Secrets
from serinus.adapters.notifiers import apprise
from serinus.app import messages
from serinus.app.telling import Wishes
from serinus.boot.settings import Settings
from serinus.core.spec import notify
from serinus.ports import failures
from serinus.ports.notifier import Notifier

if TYPE_CHECKING:
    from serinus.adapters.local.specs import Specs

ENVIRONMENT = "local"
"""The one environment of this machine."""


class Tried(msgspec.Struct, frozen=True, rename="camel"):
    """What became of a test: ``problem`` is empty when the place took it."""

    place: str
    problem: str = ""
    why: str = ""
    hint: str = ""


def wishes(specs: "Specs") -> Wishes:
    """Return what each place wants to be told."""
    environment = specs.library().environments.get(ENVIRONMENT)
    return notify.wishes(None if environment is None else environment.spec.notify)


def notifier(settings: Settings, place: str) -> Notifier:
    """Return the way to a place."""
    return apprise.Notifier(place, Secrets(settings.home))


async def trial(settings: Settings, place: str) -> Tried:
    """Send a place a message that says it is a test, once."""
    try:
        await notifier(settings, place).send(messages.trial())
    except failures.PortFailure as failure:
        return Tried(place, str(failure), failure.why, failure.hint)
    return Tried(place)
