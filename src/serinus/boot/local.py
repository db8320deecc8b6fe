"""
This machine: processes behind Envoy, specs in a directory, memory in SQLite.

:func:`run` is the controller. It may be killed at any moment: what serves goes on serving, and the
next one adopts it and goes on where this one was.
"""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial

import anyio

from serinus.adapters.gates import webhook
from serinus.adapters.local import platform as local_platform
from serinus.adapters.local.bookmarks import Bookmarks
from serinus.adapters.local.clock import Clock
from serinus.adapters.local.database import Database
from serinus.adapters.local.lock import Lock
from serinus.adapters.local.secrets import Secrets
from serinus.adapters.local.specs import Specs
from serinus.adapters.local.store import Store
from serinus.adapters.routers import envoy
from serinus.app.loop import Loop
from serinus.app.telling import Telling
from serinus.boot import catalogue, groups, notices, sources
from serinus.boot.settings import Settings
from serinus.core.state.notice import Event
from serinus.ports import Ports


async def run(
    settings: Settings,
    *,
    ready: Callable[[], None] | None = None,
    told: Callable[[Event], None] | None = None,
    beside: Callable[[Ports], AbstractAsyncContextManager[None]] = lambda _: nullcontext(),
) -> None:
    """
    Run the controller until SIGINT or SIGTERM, which leave everything serving.

    ``ready`` is called once Envoy listens and everything that ran before is adopted, ``told`` for
    each event from then on; what is ``beside`` it runs for as long. Raises the failures of ports: a
    second controller, a taken port, a damaged database.
    """
    async with controller(settings) as (ports, loop):
        if ready is not None:
            ready()
        async with beside(ports), anyio.create_task_group() as tasks:
            if told is not None:
                tasks.start_soon(notices.show, ports, loop.turns, told)
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                async for _signal in signals:
                    tasks.cancel_scope.cancel()
                    return


@asynccontextmanager
async def controller(settings: Settings) -> AsyncIterator[tuple[Ports, Loop]]:
    """Run the controller for the length of a block; leaving it leaves everything serving."""
    settings.save()
    lock = Lock.take(settings.lock)
    try:
        database = Database.open(settings.database, create=True)
        specs = Specs(settings.specs, settings.home, catalogue.builtin(), sources.review)
        secrets = Secrets(settings.home)
        metrics = sources.Sources(
            lambda: specs.library().environments, lambda name: secrets.get(name).text
        )
        store = Store(specs, database)
        platform = _platform(settings)
        try:
            await platform.start()
            clock = Clock()
            gate = webhook.Gate(secrets, clock)
            ports = Ports(platform, envoy.Router(), store, clock, metrics, gate)
            loop, told = Loop(ports), _telling(settings, specs, ports, secrets)
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(platform.run, loop.notify)
                    tasks.start_soon(loop.run)
                    tasks.start_soon(told.run)
                    try:
                        yield ports, loop
                    finally:
                        tasks.cancel_scope.cancel()
            except BaseExceptionGroup as group:
                raise groups.only(group) from None
        finally:
            with anyio.CancelScope(shield=True):
                await platform.close()
                await store.close()
    finally:
        lock.release()


async def down(settings: Settings) -> None:
    """Drain and stop everything of this home. The controller must not run any more."""
    lock = Lock.take(settings.lock)
    try:
        await _platform(settings).down()
    finally:
        lock.release()


def _telling(settings: Settings, specs: Specs, ports: Ports, secrets: Secrets) -> Telling:
    return Telling(
        ports.store,
        ports.clock,
        Bookmarks(settings.home),
        partial(notices.wishes, specs),
        partial(notices.notifier, secrets),
    )


def _platform(settings: Settings) -> local_platform.Platform:
    return local_platform.Platform(
        settings.home,
        local_platform.Settings(host=settings.listen, port=settings.port),
    )
