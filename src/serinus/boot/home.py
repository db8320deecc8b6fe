"""
What lives in a home, for the commands: the store, and whether a controller works there.

``boot/local.py`` starts the controller itself; this is the light half that every command needs.
"""

import getpass
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from serinus.adapters.local import counters, database, lock
from serinus.adapters.local.clock import Clock
from serinus.adapters.local.database import Database
from serinus.adapters.local.store import Store as LocalStore
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.boot.settings import Settings
from serinus.ports import failures
from serinus.ports.metrics import Metrics
from serinus.ports.store import Store

if TYPE_CHECKING:
    from serinus.adapters.local.specs import Specs


def clock() -> Clock:
    """Return the clock that everything goes by."""
    return Clock()


def specs(settings: Settings) -> "Specs":
    """Return the directory of specs."""
    from serinus.adapters.local.specs import Specs  # noqa: PLC0415 - it brings the YAML reader
    from serinus.boot import catalogue, sources  # noqa: PLC0415 - the same

    return Specs(settings.specs, settings.home, catalogue.builtin(), sources.review)


def specs_of(settings: Settings, path: Path | None) -> "Specs":
    """Return specs to look at: a file alone, a directory, or (None) the directory in use."""
    used = specs(settings)
    if path is None:
        return used
    if path.is_dir():
        return specs(msgspec.structs.replace(settings, specs=path))
    return used.alone(path)


def metrics(settings: Settings) -> Metrics:
    """Return the metric sources of the environments in use."""
    from serinus.adapters.local.secrets import Secrets  # noqa: PLC0415 - few commands ask
    from serinus.boot import sources  # noqa: PLC0415 - the same

    used, secrets = specs(settings), Secrets(settings.home)
    return sources.Sources(lambda: used.library().environments, lambda name: secrets.get(name).text)


def controller(settings: Settings) -> int | None:
    """Return the process id of the controller that works here, None when there is none."""
    return lock.holder(settings.lock)


async def awake(settings: Settings) -> bool:
    """Tell whether a controller works here, or in the cluster that is meant."""
    if settings.cluster is None:
        return controller(settings) is not None
    from serinus.boot import visiting  # noqa: PLC0415 - the same

    return await visiting.awake(settings.cluster)


def owner() -> str:
    """Return the login name, or the number of the user where there is no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"


async def caller(settings: Settings) -> str:
    """Return who asks, as the cluster that is meant knows him; empty on this machine."""
    if settings.cluster is None:
        return ""
    from serinus.boot import visiting  # noqa: PLC0415 - the same

    return await visiting.caller(settings.cluster)


async def counted(settings: Settings, environment: str) -> Mapping[str, str]:
    """Return, by the kind of a check, what the router counts for it, for people."""
    if settings.cluster is None:
        return counters.COUNTED
    from serinus.boot import visiting  # noqa: PLC0415 - the same

    return await visiting.counted(settings.cluster, environment)


def wake(settings: Settings) -> str:
    """Return what to type where no controller works."""
    if settings.cluster is None:
        return "serinus up"
    return "serinus controller   or see why: kubectl -n serinus-system get pods"


@asynccontextmanager
async def store(settings: Settings) -> AsyncIterator[Store]:
    """
    Open the store for a command.

    Where nothing was ever started it is an empty one that knows the specs: looking leaves no trace.
    """
    if settings.cluster is not None:
        from serinus.boot import visiting  # noqa: PLC0415 - few commands are about a cluster

        async with visiting.store(settings.cluster) as reading:
            yield reading
        return
    if not settings.database.exists():
        yield MemoryStore(specs(settings))
        return
    opened = LocalStore(specs(settings), Database.open(settings.database))
    try:
        yield opened
    finally:
        await opened.close()


async def note_change(
    settings: Settings, application: str, version: str, actor: str, reason: str
) -> None:
    """Keep who deployed a version and why, if there is a store to keep it in."""
    async with store(settings) as opened:
        if isinstance(opened, LocalStore):
            await opened.note_change(application, version, actor, reason)


def recover(settings: Settings) -> Path | None:
    """
    Set a damaged database aside, keeping it, and return where it is now.

    None when it is not damaged: then nothing is touched. ``Rejected`` while a controller runs.
    """
    held = lock.Lock.take(settings.lock)
    try:
        Database.open(settings.database).close()
    except database.Damaged:
        return database.set_aside(settings.database)
    except failures.Missing:
        return None
    finally:
        held.release()
    return None
